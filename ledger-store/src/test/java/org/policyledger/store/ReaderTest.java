package org.policyledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

import org.axonframework.common.stream.BlockingStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.store.AppendRefused.Kind;

/** Reading by position: nothing is passed over, nothing comes twice, and unreadable things stop the reader. */
class ReaderTest extends OpenedLogs {

    private static GlobalSequenceTrackingToken token(long position) {
        return new GlobalSequenceTrackingToken(position);
    }

    private static long position(EventMessage<?> message) {
        TrackingToken token = ((TrackedEventMessage<?>) message).trackingToken();
        return token.position().orElseThrow();
    }

    private static List<Long> next(BlockingStream<TrackedEventMessage<?>> stream, int count) throws Exception {
        List<Long> positions = new ArrayList<>();
        while (positions.size() < count) {
            positions.add(position(stream.nextAvailable()));
        }
        return positions;
    }

    private static List<Long> positions(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    @ParameterizedTest
    @EnumSource
    void givenOneThreadTakingEvents_whenAnotherAsksForNextOnes_thenNoneComesTwiceOrIsPassedOver(Databases kind)
            throws Exception {
        LedgerLog log = open(kind);
        try (ExecutorService threads = Executors.newCachedThreadPool();
                BlockingStream<TrackedEventMessage<?>> stream = log.openStream(null)) {
            Future<List<Long>> taken = threads.submit(() -> next(stream, 300));
            Future<?> asking = threads.submit(() -> {
                while (!taken.isDone()) {
                    stream.hasNextAvailable();
                }
                return null;
            });
            for (int sequence = 0; sequence < 300; sequence++) {
                Thing.append(log, "a", sequence);
            }
            assertThat(taken.get(1, TimeUnit.MINUTES)).isEqualTo(positions(0, 300));
            asking.get();
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenStreamAtTheHead_whenAppended_thenWokenAtOnceAndResumesFromItsToken(Databases kind) throws Exception {
        // With polls an hour apart, only the commit itself can wake the stream.
        LedgerLog log = open(kind, LogSettings.defaults().withPollInterval(Duration.ofHours(1)));
        Thing.append(log, "a", 0);
        CountDownLatch called = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newCachedThreadPool();
                BlockingStream<TrackedEventMessage<?>> stream = log.openStream(null)) {
            assertThat(stream.setOnAvailableCallback(called::countDown)).isTrue();
            assertThat(next(stream, 1)).containsExactly(0L);
            assertThat(stream.hasNextAvailable()).isFalse();
            assertThat(stream.peek()).isEmpty();

            Future<List<Long>> waiting = threads.submit(() -> next(stream, 1));
            Thing.append(log, "a", 1);
            assertThat(waiting.get()).containsExactly(1L);
            // The stream may have been read before the commit told of itself.
            assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();

            Thing.append(log, "a", 2);
            assertThat(stream.hasNextAvailable(1, TimeUnit.MINUTES)).isTrue();
            assertThat(position(stream.peek().orElseThrow())).isEqualTo(2);
        }
        try (BlockingStream<TrackedEventMessage<?>> resumed = log.openStream(token(1))) {
            assertThat(next(resumed, 1)).containsExactly(2L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenOtherNode_whenItAppends_thenSeenByPolling(Databases kind) throws Exception {
        LedgerLog here = open(kind, LogSettings.defaults().withPollInterval(Duration.ofMillis(20)));
        LedgerLog there = openAgain(LogSettings.defaults());
        try (BlockingStream<TrackedEventMessage<?>> stream = here.openStream(here.createHeadToken())) {
            Thing.append(there, "a", 0);
            assertThat(next(stream, 1)).containsExactly(0L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenWritersAtWork_whenStreamed_thenEverythingOnceAndInOrder(Databases kind) throws Exception {
        LedgerLog log = open(kind);
        log.append(LongStream.range(0, 2_500).mapToObj(i -> Thing.event("bulk", i)).toList(), Optional.empty());
        int writers = 4;
        int each = 30;
        try (ExecutorService threads = Executors.newCachedThreadPool();
                BlockingStream<TrackedEventMessage<?>> stream = log.openStream(log.createTailToken())) {
            for (int writer = 0; writer < writers; writer++) {
                String name = "entity/" + writer;
                var unused = threads.submit(() -> {
                    for (int sequence = 0; sequence < each; sequence++) {
                        Thing.append(log, name, sequence);
                    }
                });
            }
            assertThat(next(stream, 2_500 + writers * each)).isEqualTo(positions(0, 2_500 + writers * each));
        }
        assertThat(log.readEvents(token(99), false).map(ReaderTest::position).toList())
                .isEqualTo(positions(100, 2_500 + writers * each));
    }

    @ParameterizedTest
    @EnumSource
    void givenTransactionsHeldOpenElsewhere_whenStreamed_thenNothingIsSkippedOrHeldBack(Databases kind)
            throws Exception {
        LedgerLog log = open(kind,
                LogSettings.defaults().withTimeouts(Duration.ofSeconds(10), Duration.ofMillis(300)));
        Thing.append(log, "a", 0);
        try (BlockingStream<TrackedEventMessage<?>> stream = log.openStream(null);
                Connection elsewhere = database.dataSource().getConnection();
                Statement statement = elsewhere.createStatement()) {
            elsewhere.setAutoCommit(false);
            // An old snapshot and a lock on an unrelated row hold nothing back.
            statement.execute("SELECT COUNT(*) FROM ledger_event");
            statement.execute("INSERT INTO ledger_idempotency_key VALUES ('elsewhere', 'x', 0, 1)");
            Thing.append(log, "a", 1);
            assertThat(next(stream, 2)).isEqualTo(positions(0, 2));

            // A row at the next position that is not committed: the writer cannot pass it, so no reader can.
            insertAt(elsewhere, 2);
            assertThat(refusal(() -> Thing.append(log, "a", 2)).kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(stream.hasNextAvailable()).isFalse();

            elsewhere.rollback();
            Thing.append(log, "a", 2);
            Thing.append(log, "a", 3);
            assertThat(next(stream, 2)).isEqualTo(positions(2, 4));
            elsewhere.setAutoCommit(true);
        }
        LogAssertions.assertSound(log);
    }

    private static void insertAt(Connection connection, long position) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO ledger_event (position, stream, sequence, event_id, type, revision,"
                    + " recorded_at, event, leaf_hash) SELECT " + position + ", 'elsewhere', 0, '" + UUID.randomUUID()
                    + "', type, revision, recorded_at, event, leaf_hash FROM ledger_event WHERE position = 0");
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenPositionMissing_whenRead_thenDamageIsNamed(Databases kind) throws Exception {
        LedgerLog log = open(kind);
        Thing.append(log, "a", 0);
        Thing.append(log, "a", 1);
        try (Connection connection = database.dataSource().getConnection()) {
            insertAt(connection, 3);
        }
        assertThatThrownBy(() -> log.read(-1, 10)).isInstanceOf(LedgerDamaged.class).hasMessageContaining("Position 2");
        assertThatThrownBy(() -> log.read(1, 10)).isInstanceOf(LedgerDamaged.class).hasMessageContaining("Position 2");
        assertThat(log.read(0, 1)).hasSize(1);
        assertThatThrownBy(() -> log.readEvents(null, false).forEach(event -> {})).isInstanceOf(LedgerDamaged.class);
    }

    @ParameterizedTest
    @EnumSource
    void givenUnknownType_whenItsPayloadIsRead_thenTheReaderStopsLoudly(Databases kind) throws Exception {
        LedgerLog log = open(kind);
        log.append(List.of(new NewEvent("entity/1", 0, UUID.randomUUID(), "{\"raw\":true}", Map.of())),
                Optional.empty());

        try (BlockingStream<TrackedEventMessage<?>> stream = log.openStream(null)) {
            TrackedEventMessage<?> message = stream.nextAvailable();
            assertThatThrownBy(message::getPayload).isInstanceOf(UnknownEventType.class).hasMessageContaining("Raw");
            assertThatThrownBy(message::getPayloadType).isInstanceOf(UnknownEventType.class);
        }
        DomainEventMessage<?> message = log.readEvents("entity/1").next();
        assertThatThrownBy(message::getPayload).isInstanceOf(UnknownEventType.class);
    }

    @ParameterizedTest
    @EnumSource
    void givenWaitingReader_whenStreamIsClosed_thenItStopsWaiting(Databases kind) throws Exception {
        LedgerLog log = open(kind);
        BlockingStream<TrackedEventMessage<?>> stream = log.openStream(null);
        CountDownLatch ended = new CountDownLatch(1);
        Thread.ofPlatform().start(() -> {
            assertThatThrownBy(stream::nextAvailable).isInstanceOf(IllegalStateException.class);
            ended.countDown();
        });
        stream.close();
        assertThat(ended.await(1, TimeUnit.MINUTES)).isTrue();
    }
}
