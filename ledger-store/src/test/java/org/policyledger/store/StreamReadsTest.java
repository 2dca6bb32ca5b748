package org.policyledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What threads that read streams at the same time share, and what they do not. */
class StreamReadsTest {

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<List<String>> asked = new CopyOnWriteArrayList<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final Semaphore mayAnswer = new Semaphore(0);
    private volatile UnaryOperator<Map<String, List<StoredEvent>>> outcome = found -> found;
    private final StreamReads reads = new StreamReads(this::query);

    private Map<String, List<StoredEvent>> query(Collection<String> streams) {
        asked.add(List.copyOf(streams));
        begun.incrementAndGet();
        mayAnswer.acquireUninterruptibly();
        Map<String, List<StoredEvent>> found = new HashMap<>();
        streams.forEach(stream -> found.put(stream, List.of(event(stream))));
        return outcome.apply(found);
    }

    private static StoredEvent event(String stream) {
        return new StoredEvent(0, stream, 0, UUID.randomUUID(), "Thing", 1, Instant.EPOCH, "{}",
                Sha256.ofLeaf("{}".getBytes(StandardCharsets.UTF_8)));
    }

    private CompletableFuture<List<StoredEvent>> read(String stream) {
        return CompletableFuture.supplyAsync(() -> reads.read(stream), threads);
    }

    /** The first reader, whose query has begun and does not come back yet. */
    private CompletableFuture<List<StoredEvent>> firstAsking() throws InterruptedException {
        CompletableFuture<List<StoredEvent>> first = read("first");
        awaitQueries(1);
        return first;
    }

    private void awaitQueries(int count) throws InterruptedException {
        while (begun.get() < count) {
            Thread.sleep(1);
        }
    }

    private List<CompletableFuture<List<StoredEvent>>> joining(int count) throws InterruptedException {
        List<CompletableFuture<List<StoredEvent>>> joining = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            joining.add(read("joining" + number));
        }
        while (reads.waiting() < count) {
            Thread.sleep(1);
        }
        return joining;
    }

    @AfterEach
    void end() {
        mayAnswer.release(1_000);
        threads.close();
    }

    @Test
    void givenNobodyElse_whenRead_thenOneQueryForThatStream() {
        mayAnswer.release(2);

        assertThat(reads.read("a")).extracting(StoredEvent::stream).containsExactly("a");
        assertThat(reads.read("b")).extracting(StoredEvent::stream).containsExactly("b");

        assertThat(asked).containsExactly(List.of("a"), List.of("b"));
    }

    @Test
    void givenAQueryOnItsWay_whenManyRead_thenTheyShareTheNextQueryAndEachGetsItsOwnStream() throws Exception {
        CompletableFuture<List<StoredEvent>> first = firstAsking();
        List<CompletableFuture<List<StoredEvent>>> joining = joining(10);

        mayAnswer.release(2);

        assertThat(first.join()).extracting(StoredEvent::stream).containsExactly("first");
        for (int number = 0; number < joining.size(); number++) {
            assertThat(joining.get(number).join()).extracting(StoredEvent::stream).containsExactly("joining" + number);
        }
        assertThat(asked).hasSize(2);
        assertThat(asked.get(1)).hasSize(10).doesNotHaveDuplicates();
    }

    @Test
    void givenOthersWait_whenTheFirstIsAnswered_thenItDoesNotStayToAskForThem() throws Exception {
        CompletableFuture<List<StoredEvent>> first = firstAsking();
        List<CompletableFuture<List<StoredEvent>>> joining = joining(3);

        mayAnswer.release(1);

        assertThat(first.join()).hasSize(1);
        assertThat(joining).noneMatch(CompletableFuture::isDone);
        mayAnswer.release(1);
        joining.forEach(CompletableFuture::join);
    }

    @Test
    void givenTheSameStreamAskedTwice_whenShared_thenItIsAskedForOnce() throws Exception {
        CompletableFuture<List<StoredEvent>> first = firstAsking();
        List<CompletableFuture<List<StoredEvent>>> twice = List.of(read("same"), read("same"));
        while (reads.waiting() < 2) {
            Thread.sleep(1);
        }

        mayAnswer.release(2);

        assertThat(first.join()).hasSize(1);
        assertThat(twice).allSatisfy(read -> assertThat(read.join()).hasSize(1));
        assertThat(asked).containsExactly(List.of("first"), List.of("same"));
    }

    @Test
    void givenOneStreamIsDamaged_whenShared_thenOnlyItsReaderIsToldSo() throws Exception {
        CompletableFuture<List<StoredEvent>> first = firstAsking();
        List<CompletableFuture<List<StoredEvent>>> joining = joining(3);
        outcome = found -> {
            if (found.containsKey("joining1")) {
                throw new LedgerDamaged("Stream joining1 lacks sequence 0.");
            }
            return found;
        };

        mayAnswer.release(10);

        assertThat(first.join()).hasSize(1);
        assertThat(joining.get(0).join()).hasSize(1);
        assertThatThrownBy(joining.get(1)::join).isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(LedgerDamaged.class);
        assertThat(joining.get(2).join()).hasSize(1);
    }

    @Test
    void givenTheDatabaseDoesNotAnswer_whenShared_thenEachIsToldSoAndTheNextAsksAgain() throws Exception {
        outcome = found -> {
            throw new LedgerUnreadable(new SQLException("away"));
        };
        CompletableFuture<List<StoredEvent>> first = firstAsking();
        List<CompletableFuture<List<StoredEvent>>> joining = joining(3);

        mayAnswer.release(2);

        assertThatThrownBy(first::join).hasCauseInstanceOf(LedgerUnreadable.class);
        assertThat(joining).allSatisfy(
                read -> assertThatThrownBy(read::join).hasCauseInstanceOf(LedgerUnreadable.class));
        outcome = found -> found;
        mayAnswer.release(1);
        assertThat(reads.read("later")).hasSize(1);
    }

    @Test
    void givenAnUnforeseenFailure_whenItsThreadIsGone_thenTheOthersAreServed() throws Exception {
        outcome = found -> {
            if (found.containsKey("first")) {
                throw new IllegalStateException("unforeseen");
            }
            return found;
        };
        CompletableFuture<List<StoredEvent>> first = firstAsking();
        List<CompletableFuture<List<StoredEvent>>> joining = joining(3);

        mayAnswer.release(10);

        assertThatThrownBy(first::join).hasCauseInstanceOf(IllegalStateException.class);
        assertThat(joining).allSatisfy(read -> assertThat(read.join()).hasSize(1));
    }
}
