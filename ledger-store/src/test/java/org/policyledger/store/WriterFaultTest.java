package org.policyledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.store.AppendRefused.Kind;
import org.policyledger.store.FaultyDataSource.Fault;

/** What the writer does when the batch, the queue, the commit or the database goes wrong. */
class WriterFaultTest extends OpenedLogs {

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    /** Keeps the writer from beginning a batch, as another node's long transaction would. */
    private AutoCloseable holdHead() throws Exception {
        Connection connection = database.dataSource().getConnection();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.executeQuery("SELECT next_position FROM ledger_head FOR UPDATE");
        }
        return () -> {
            connection.rollback();
            connection.close();
        };
    }

    private Future<Appended> appending(LedgerLog log, Optional<IdempotencyKey> key, NewEvent... events) {
        return threads.submit(() -> log.append(List.of(events), key));
    }

    private static void awaitWaiting(LedgerLog log, int waiting) throws InterruptedException {
        until(() -> log.figures().waiting() == waiting);
    }

    private static void until(BooleanSupplier holds) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it does not come about within 30 s").isLessThan(end);
            Thread.sleep(2);
        }
    }

    private static void awaitInHand(LedgerLog log) throws InterruptedException {
        until(() -> log.figures().inHand() != 0);
    }

    /** Gives the writer one append to be stuck with, so that what comes next is one batch. */
    private Future<Appended> occupyWriter(LedgerLog log) throws InterruptedException {
        // Whoever was answered last may not be out of hand yet.
        until(() -> log.figures().inHand() == 0);
        Future<Appended> first = appending(log, Optional.empty(), Thing.event("occupied", 0));
        awaitInHand(log);
        return first;
    }

    private static Object outcome(Future<Appended> future) throws InterruptedException {
        try {
            return future.get().recordedBefore() ? "before" : "recorded";
        } catch (ExecutionException e) {
            return e.getCause() instanceof AppendRefused refused ? refused.kind() : e;
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenBadRequestsInABatch_whenCommitted_thenTheirNeighboursAreRecorded(Databases kind) throws Exception {
        LedgerLog log = open(kind);
        Thing.append(log, "taken", 0);
        NewEvent recorded = Thing.event("recorded", 0);
        log.append(List.of(recorded), Optional.of(Thing.key("used")));
        database.execute("ALTER TABLE ledger_event ADD CHECK (stream <> 'poison')");
        NewEvent doubled = Thing.event("doubled", 0);
        List<Future<Appended>> batch = new ArrayList<>();
        try (AutoCloseable held = holdHead()) {
            batch.add(occupyWriter(log));
            batch.add(appending(log, Optional.empty(), Thing.event("good/1", 0)));
            awaitWaiting(log, 1);
            batch.add(appending(log, Optional.empty(), Thing.event("taken", 0)));
            awaitWaiting(log, 2);
            batch.add(appending(log, Optional.of(Thing.key("used")), recorded));
            awaitWaiting(log, 3);
            batch.add(appending(log, Optional.of(new IdempotencyKey("used", "other")), Thing.event("x", 0)));
            awaitWaiting(log, 4);
            batch.add(appending(log, Optional.empty(),
                    new NewEvent("twin", 0, recorded.eventId(), recorded.payload(), Map.of())));
            awaitWaiting(log, 5);
            batch.add(appending(log, Optional.of(Thing.key("double")), doubled));
            awaitWaiting(log, 6);
            batch.add(appending(log, Optional.of(Thing.key("double")), doubled));
            awaitWaiting(log, 7);
            batch.add(appending(log, Optional.empty(), Thing.event("poison", 0)));
            awaitWaiting(log, 8);
            batch.add(appending(log, Optional.empty(), Thing.event("same", 0), Thing.event("same", 1)));
            awaitWaiting(log, 9);
            batch.add(appending(log, Optional.empty(), Thing.event("same", 0)));
            awaitWaiting(log, 10);
            batch.add(appending(log, Optional.empty(), Thing.event("same", 2)));
            awaitWaiting(log, 11);
            batch.add(appending(log, Optional.empty(), Thing.event("good/2", 0)));
            awaitWaiting(log, 12);
        }
        List<Object> outcomes = new ArrayList<>();
        for (Future<Appended> future : batch) {
            outcomes.add(outcome(future));
        }

        assertThat(outcomes).containsExactly("recorded", "recorded", Kind.CONFLICT, "before", Kind.KEY_REUSED,
                Kind.INVALID, "recorded", "before", Kind.INVALID, "recorded", Kind.CONFLICT, "recorded", "recorded");
        assertThat(LogAssertions.assertSound(log)).hasSize(9);
    }

    @ParameterizedTest
    @EnumSource
    void givenTwoAtomicAppendsThatOverlap_whenCommittedTogether_thenOneIsWhollyThereAndTheOtherNotAtAll(Databases kind)
            throws Exception {
        LedgerLog log = open(kind);
        Future<Appended> occupier;
        Future<Appended> first;
        Future<Appended> second;
        try (AutoCloseable held = holdHead()) {
            occupier = occupyWriter(log);
            first = appending(log, Optional.empty(), Thing.event("a", 0), Thing.event("shared", 0));
            awaitWaiting(log, 1);
            second = appending(log, Optional.empty(), Thing.event("b", 0), Thing.event("shared", 0),
                    Thing.event("c", 0));
            awaitWaiting(log, 2);
        }
        assertThat(outcome(occupier)).isEqualTo("recorded");
        assertThat(outcome(first)).isEqualTo("recorded");
        assertThat(outcome(second)).isEqualTo(Kind.CONFLICT);
        assertThat(LogAssertions.assertSound(log)).extracting(StoredEvent::stream).containsExactly("occupied", "a",
                "shared");
    }

    @ParameterizedTest
    @EnumSource
    void givenFullQueue_whenAppended_thenOverloadedAtOnceAndTheRestRecorded(Databases kind) throws Exception {
        LedgerLog log = open(kind, LogSettings.defaults().withQueue(2, 100));
        List<Future<Appended>> accepted = new ArrayList<>();
        try (AutoCloseable held = holdHead()) {
            accepted.add(occupyWriter(log));
            accepted.add(appending(log, Optional.empty(), Thing.event("a", 0)));
            accepted.add(appending(log, Optional.empty(), Thing.event("b", 0)));
            awaitWaiting(log, 2);

            AppendRefused refused = refusal(() -> Thing.append(log, "c", 0));
            assertThat(refused.kind()).isEqualTo(Kind.OVERLOADED);
            assertThat(refused.retryable()).isTrue();
        }
        for (Future<Appended> future : accepted) {
            assertThat(outcome(future)).isEqualTo("recorded");
        }
        assertThat(log.readStream("c", 0)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void givenCallerThatGaveUp_whenTheWriterGoesOn_thenItsAppendIsNeverRecorded(Databases kind) throws Exception {
        LedgerLog log = open(kind,
                LogSettings.defaults().withTimeouts(Duration.ofMillis(400), Duration.ofSeconds(5)));
        Future<Appended> taken;
        try (AutoCloseable held = holdHead()) {
            taken = occupyWriter(log);
            AppendRefused refused = refusal(() -> Thing.append(log, "given-up", 0));
            assertThat(refused.kind()).isEqualTo(Kind.OVERLOADED);
            assertThat(log.figures().waiting()).isZero();
        }
        assertThat(outcome(taken)).isEqualTo("recorded"); // taken up: waited for, beyond its time
        Thing.append(log, "later", 0);
        assertThat(LogAssertions.assertSound(log)).extracting(StoredEvent::stream).containsExactly("occupied", "later");
    }

    @ParameterizedTest
    @EnumSource
    void givenCallerThatGaveUpWhenItsAppendDidNotFitTheBatch_whenTheWriterGoesOn_thenItIsNeverRecorded(Databases kind)
            throws Exception {
        LedgerLog log = open(kind, LogSettings.defaults().withQueue(10, 1).withTimeouts(Duration.ofMillis(600),
                Duration.ofSeconds(5)));
        CountDownLatch goOn = new CountDownLatch(1);
        log.onCommit(events -> {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        Future<Appended> first = appending(log, Optional.empty(), Thing.event("first", 0));
        while (log.head() == 0) {
            Thread.sleep(2);
        }
        Future<Appended> taken;
        try (AutoCloseable held = holdHead()) {
            taken = appending(log, Optional.empty(), Thing.event("taken", 0));
            awaitWaiting(log, 1);
            Future<Appended> putOff = appending(log, Optional.empty(), Thing.event("put-off", 0));
            awaitWaiting(log, 2);
            goOn.countDown();
            awaitWaiting(log, 0); // one is in hand; the other has left the queue but did not fit
            assertThat(outcome(putOff)).isEqualTo(Kind.OVERLOADED);
        }
        assertThat(outcome(first)).isEqualTo("recorded");
        assertThat(outcome(taken)).isEqualTo("recorded");
        Thing.append(log, "later", 0);
        assertThat(LogAssertions.assertSound(log)).extracting(StoredEvent::stream).containsExactly("first", "taken",
                "later");
    }

    @ParameterizedTest
    @EnumSource
    void givenInterruptedCallers_whenWaitingOrTaken_thenRefusedOrAnsweredAndStillInterrupted(Databases kind)
            throws Exception {
        LedgerLog log = open(kind);
        AtomicBoolean interruptKept = new AtomicBoolean();
        AtomicBoolean waitingRefused = new AtomicBoolean();
        CountDownLatch waiterDone = new CountDownLatch(1);
        Thread waiter = new Thread(() -> {
            waitingRefused.set(refusal(() -> Thing.append(log, "waiting", 0)).kind() == Kind.UNAVAILABLE
                    && Thread.currentThread().isInterrupted());
            waiterDone.countDown();
        });
        Thread taken = new Thread(() -> {
            Thing.append(log, "taken", 0);
            interruptKept.set(Thread.currentThread().isInterrupted());
        });
        try (AutoCloseable held = holdHead()) {
            taken.start();
            awaitInHand(log);
            waiter.start();
            awaitWaiting(log, 1);
            waiter.interrupt();
            taken.interrupt();
            waiterDone.await();
        }
        taken.join();

        assertThat(waitingRefused).isTrue();
        assertThat(interruptKept).isTrue();
        Thing.append(log, "later", 0);
        assertThat(LogAssertions.assertSound(log)).extracting(StoredEvent::stream).containsExactly("taken", "later");
    }

    @ParameterizedTest
    @EnumSource
    void givenHeadHeldTooLong_whenAppended_thenUnavailableInBoundedTimeAndLaterFine(Databases kind) throws Exception {
        LedgerLog log = open(kind,
                LogSettings.defaults().withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(300)));
        Thing.append(log, "before", 0);
        try (AutoCloseable held = holdHead()) {
            assertThat(refusal(() -> Thing.append(log, "meanwhile", 0)).kind()).isEqualTo(Kind.UNAVAILABLE);
        }
        Thing.append(log, "after", 0);
        assertThat(LogAssertions.assertSound(log)).extracting(StoredEvent::stream).containsExactly("before", "after");
    }

    @ParameterizedTest
    @EnumSource
    void givenClosing_whenAppendsAreTakenOrWaiting_thenFinishedOrRefused(Databases kind) throws Exception {
        LedgerLog log = open(kind);
        Future<Appended> taken;
        Future<Appended> waiting;
        Future<?> closing;
        try (AutoCloseable held = holdHead()) {
            taken = occupyWriter(log);
            waiting = appending(log, Optional.empty(), Thing.event("waiting", 0));
            awaitWaiting(log, 1);
            closing = threads.submit(log::close);
            Thread.sleep(50);
        }
        closing.get();
        assertThat(outcome(taken)).isEqualTo("recorded");
        assertThat(outcome(waiting)).isEqualTo(Kind.UNAVAILABLE);
        assertThat(log.head()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void givenCommitPersistedButAnswerLost_whenLookedUp_thenAnsweredAsRecorded(Databases kind) {
        FaultyDataSource faulty = new FaultyDataSource(create(kind).dataSource());
        LedgerLog log = closing(LedgerLog.open(faulty.dataSource(), Thing.CODEC, LogSettings.defaults()));
        Thing.append(log, "a", 0);

        faulty.next(Fault.AFTER_COMMIT);
        assertThat(Thing.append(log, "a", 1).events().getFirst().position()).isEqualTo(1);
        assertThat(Thing.append(log, "a", 2).events().getFirst().position()).isEqualTo(2);
        LogAssertions.assertSound(log);
    }

    @ParameterizedTest
    @EnumSource
    void givenCommitNotPersisted_whenLookedUp_thenCommittedAgainOverANewConnection(Databases kind) {
        FaultyDataSource faulty = new FaultyDataSource(create(kind).dataSource());
        LedgerLog log = closing(LedgerLog.open(faulty.dataSource(), Thing.CODEC, LogSettings.defaults()));
        Thing.append(log, "a", 0);

        faulty.next(Fault.BEFORE_COMMIT);
        Appended appended = Thing.append(log, "a", 1);
        assertThat(appended.recordedBefore()).isFalse();
        assertThat(appended.events().getFirst().position()).isEqualTo(1);
        assertThat(LogAssertions.assertSound(log)).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource
    void givenCommitTwiceNotPersisted_whenLookedUp_thenRefusedAndNothingIsThere(Databases kind) {
        FaultyDataSource faulty = new FaultyDataSource(create(kind).dataSource());
        LedgerLog log = closing(LedgerLog.open(faulty.dataSource(), Thing.CODEC, LogSettings.defaults()));
        Thing.append(log, "a", 0);

        faulty.next(Fault.BEFORE_TWO_COMMITS);
        assertThat(refusal(() -> Thing.append(log, "a", 1)).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(log.head()).isEqualTo(1);
        assertThat(Thing.append(log, "a", 1).events().getFirst().position()).isEqualTo(1);
        LogAssertions.assertSound(log);
    }

    @ParameterizedTest
    @EnumSource
    void givenCommitInDoubtAndDatabaseAway_whenTimeIsUp_thenOutcomeUnknownAndTheRetryLearnsIt(Databases kind)
            throws Exception {
        FaultyDataSource faulty = new FaultyDataSource(create(kind).dataSource());
        LedgerLog log = closing(LedgerLog.open(faulty.dataSource(), Thing.CODEC,
                LogSettings.defaults().withTimeouts(Duration.ofMillis(300), Duration.ofSeconds(1))));
        long position = 0;
        for (Fault fault : List.of(Fault.AFTER_COMMIT_AND_AWAY, Fault.BEFORE_COMMIT_AND_AWAY)) {
            NewEvent event = Thing.event("stream/" + fault, 0);
            Optional<IdempotencyKey> key = Optional.of(Thing.key(fault.name()));
            faulty.next(fault);
            AppendRefused refused = refusal(() -> log.append(List.of(event), key));
            assertThat(refused.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
            assertThat(refused.retryable()).isTrue();
            assertThat(refusal(() -> Thing.append(log, "meanwhile", 0)).kind()).isEqualTo(Kind.UNAVAILABLE);

            faulty.next(Fault.NONE);
            Appended appended = retrying(() -> log.append(List.of(event), key));
            assertThat(appended.recordedBefore()).isEqualTo(fault == Fault.AFTER_COMMIT_AND_AWAY);
            assertThat(appended.events().getFirst().position()).isEqualTo(position++);
        }
        assertThat(LogAssertions.assertSound(log)).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource
    void givenCommitsThatKeepFailing_whenCallersRetryWithTheirKey_thenEachIsRecordedOnce(Databases kind)
            throws Exception {
        FaultyDataSource faulty = new FaultyDataSource(create(kind).dataSource());
        LedgerLog log = closing(LedgerLog.open(faulty.dataSource(), Thing.CODEC, LogSettings.defaults()));
        int writers = 4;
        int each = 25;
        List<Fault> faults = List.of(Fault.NONE, Fault.BEFORE_COMMIT, Fault.AFTER_COMMIT);
        List<Future<?>> done = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
            String stream = "stream/" + writer;
            done.add(threads.submit(() -> {
                for (int sequence = 0; sequence < each; sequence++) {
                    faulty.next(faults.get(sequence % 3));
                    NewEvent event = Thing.event(stream, sequence);
                    retrying(() -> log.append(List.of(event), Optional.of(Thing.key(event.eventId().toString()))));
                }
                return null;
            }));
        }
        for (Future<?> future : done) {
            future.get();
        }
        assertThat(LogAssertions.assertSound(log)).hasSize(writers * each);
    }

    static Appended retrying(Callable<Appended> append) throws Exception {
        while (true) {
            try {
                return append.call();
            } catch (AppendRefused e) {
                if (!e.retryable()) {
                    throw e;
                }
                Thread.sleep(10);
            }
        }
    }
}
