package org.policyledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import com.zaxxer.hikari.HikariDataSource;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.store.AppendRefused.Kind;
import org.policyledger.store.TcpProxy.AtCommit;

/** A PostgreSQL server, or the way to it, goes away while the ledger writes. */
class PostgresOutageTest extends OpenedLogs {

    private static final LogSettings SETTINGS = LogSettings.defaults().withTimeouts(Duration.ofSeconds(2),
            Duration.ofMillis(500));
    /** Caller's time, then the writer's: a statement and a reconnection, each within the socket's timeout. */
    private static final long BOUND_SECONDS = 12;

    private TcpProxy proxy() throws IOException {
        create(Databases.POSTGRESQL);
        return closing(new TcpProxy(Databases.postgresPort()));
    }

    private LedgerLog openThrough(TcpProxy proxy, String options) {
        return openThrough(proxy, options, SETTINGS);
    }

    private LedgerLog openThrough(TcpProxy proxy, String options, LogSettings settings) {
        String url = database.url().replaceFirst(":[0-9]+/", ":" + proxy.port() + "/") + options;
        HikariDataSource pool = closing(Databases.pool(url, database.user()));
        return closing(LedgerLog.open(pool, Thing.CODEC, settings));
    }

    /** Writers that retry what may be retried, each demand under its own key, while the outage goes on. */
    private static final class Writers implements AutoCloseable {
        private static final int COUNT = 6;
        private final ExecutorService threads = Executors.newFixedThreadPool(COUNT);
        private final List<Future<Integer>> done = new ArrayList<>();
        private final Queue<Kind> refusals = new ConcurrentLinkedQueue<>();
        private final Queue<Duration> waits = new ConcurrentLinkedQueue<>();
        private volatile boolean stop;

        Writers(LedgerLog log) {
            for (int writer = 0; writer < COUNT; writer++) {
                String stream = "entity/" + writer;
                done.add(threads.submit(() -> {
                    int sequence = 0;
                    for (; !stop; sequence++) {
                        NewEvent event = Thing.event(stream, sequence);
                        WriterFaultTest.retrying(() -> append(log, event));
                    }
                    return sequence;
                }));
            }
        }

        private Appended append(LedgerLog log, NewEvent event) {
            long start = System.nanoTime();
            try {
                return log.append(List.of(event), Optional.of(Thing.key(event.eventId().toString())));
            } catch (AppendRefused e) {
                refusals.add(e.kind());
                throw e;
            } finally {
                waits.add(Duration.ofNanos(System.nanoTime() - start));
            }
        }

        void awaitMore(LedgerLog log, int events) throws InterruptedException {
            long target = log.figures().events() + events;
            while (log.figures().events() < target) {
                Thread.sleep(5);
            }
        }

        void awaitRefusals(int count) throws InterruptedException {
            while (refusals.size() < count) {
                Thread.sleep(5);
            }
        }

        /** Stops the writers and checks that each of their demands is recorded once, and none was left waiting. */
        void assertEachRecordedOnce(LedgerLog log) throws Exception {
            stop = true;
            Map<String, Long> expected = new HashMap<>();
            for (int writer = 0; writer < COUNT; writer++) {
                expected.put("entity/" + writer, (long) done.get(writer).get(60, TimeUnit.SECONDS));
            }
            Map<String, Long> found = LogAssertions.assertSound(log).stream()
                    .collect(Collectors.groupingBy(StoredEvent::stream, Collectors.counting()));
            assertThat(found).isEqualTo(expected);
            assertThat(refusals).isSubsetOf(Kind.UNAVAILABLE, Kind.OUTCOME_UNKNOWN, Kind.OVERLOADED);
            assertThat(waits).allSatisfy(wait -> assertThat(wait).isLessThan(Duration.ofSeconds(BOUND_SECONDS)));
        }

        @Override
        public void close() {
            stop = true;
            threads.shutdownNow();
        }
    }

    @Test
    void givenConnectionsCutAndRestored_whenWritersRetryWithTheirKeys_thenEachDemandIsRecordedOnce() throws Exception {
        TcpProxy proxy = proxy();
        LedgerLog log = openThrough(proxy, "");
        try (Writers writers = new Writers(log)) {
            for (int outage = 1; outage <= 3; outage++) {
                writers.awaitMore(log, 60);
                proxy.cut();
                writers.awaitRefusals(outage * 12);
                proxy.restore();
            }
            writers.awaitMore(log, 60);
            writers.assertEachRecordedOnce(log);
        }
    }

    @Test
    void givenNetworkThatSwallowsEverything_whenWritersRetry_thenRefusedInBoundedTimeAndRecordedOnce()
            throws Exception {
        TcpProxy proxy = proxy();
        LedgerLog log = openThrough(proxy, "");
        try (Writers writers = new Writers(log)) {
            writers.awaitMore(log, 60);
            proxy.freeze();
            writers.awaitRefusals(6);
            proxy.restore();
            writers.awaitMore(log, 60);
            writers.assertEachRecordedOnce(log);
        }
    }

    @Test
    void givenServerStoppedAndStarted_whenWritersRetryWithTheirKeys_thenEachDemandIsRecordedOnce(@TempDir Path folder)
            throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        EmbeddedPostgres server = start(data, 0);
        int port = server.getPort();
        HikariDataSource pool = closing(
                Databases.pool("jdbc:postgresql://localhost:" + port + "/postgres", "postgres"));
        LedgerLog log = closing(LedgerLog.open(pool, Thing.CODEC, SETTINGS));
        try (Writers writers = new Writers(log)) {
            writers.awaitMore(log, 60);
            server.close();
            writers.awaitRefusals(6);
            server = start(data, port);
            writers.awaitMore(log, 60);
            writers.assertEachRecordedOnce(log);
            log.close();
        } finally {
            server.close();
        }
    }

    private static EmbeddedPostgres start(Path data, int port) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder().setDataDirectory(data)
                .setCleanDataDirectory(false);
        return (port == 0 ? builder : builder.setPort(port)).start();
    }

    @ParameterizedTest
    @EnumSource(names = "PASS", mode = EnumSource.Mode.EXCLUDE)
    void givenConnectionCutAtCommit_whenLookedUp_thenRecordedOnce(AtCommit when) throws Exception {
        TcpProxy proxy = proxy();
        // Without server-side preparation each commit crosses the wire as text, where the proxy sees it.
        LedgerLog log = openThrough(proxy, "?prepareThreshold=0");
        Thing.append(log, "a", 0);
        for (int round = 0; round < 3; round++) {
            NewEvent event = Thing.event("a", log.head());
            Optional<IdempotencyKey> key = Optional.of(Thing.key(UUID.randomUUID().toString()));
            proxy.cutAtNextCommit(when);
            Appended appended = log.append(List.of(event), key);
            assertThat(appended.recordedBefore()).isFalse();
            assertThat(log.find(event.eventId())).contains(appended.events().getFirst());
            assertThat(log.append(List.of(event), key).recordedBefore()).isTrue();
            assertThat(proxy.commitWasCut()).isTrue();
        }
        assertThat(LogAssertions.assertSound(log)).hasSize(4);
    }

    @Test
    void givenCommitsHeldOnTheirWay_whenTheyArriveAfterTheRefusal_thenTheyRecordNothing() throws Exception {
        TcpProxy proxy = proxy();
        LedgerLog log = openThrough(proxy, "?prepareThreshold=0",
                LogSettings.defaults().withTimeouts(Duration.ofSeconds(30), Duration.ofMillis(200)));
        Thing.append(log, "a", 0);
        proxy.holdCommits();
        assertThat(refusal(() -> Thing.append(log, "a", 1)).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(proxy.letGo()).isEqualTo(2); // it was tried again over a new connection
        assertThat(log.head()).isEqualTo(1);
        Thing.append(log, "a", 1);
        assertThat(LogAssertions.assertSound(log)).hasSize(2);
    }

    @Test
    void givenServerStoppedInIdleness_whenItIsBackBeforeTheNextAppend_thenTheAppendSucceeds() throws Exception {
        TcpProxy proxy = proxy();
        LedgerLog log = openThrough(proxy, "");
        Thing.append(log, "a", 0);
        proxy.cut();
        proxy.restore();
        Thread.sleep(600); // the pool trusts a connection unseen for half a second after its last use

        assertThat(Thing.append(log, "a", 1).events().getFirst().position()).isEqualTo(1);
    }
}
