package org.policyledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.IntStream;

import org.axonframework.common.transaction.NoTransactionManager;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.SimpleEventHandlerInvoker;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.pooled.PooledStreamingEventProcessor;
import org.axonframework.eventhandling.tokenstore.inmemory.InMemoryTokenStore;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.store.AppendRefused.Kind;

/** The log as Axon's storage engine and message source. */
class AxonTest extends OpenedLogs {

    private static DomainEventMessage<?> message(String stream, long sequence, Map<String, ?> metaData) {
        return new GenericDomainEventMessage<>("Entity", stream, sequence, new Thing(stream + sequence), metaData);
    }

    private static Map<String, String> keyed(String key, String hash) {
        return Map.of("actor", "clerk", LedgerLog.IDEMPOTENCY_KEY, key, LedgerLog.REQUEST_HASH, hash);
    }

    @ParameterizedTest
    @EnumSource
    void givenUnitOfWork_whenEventsArePublished_thenRecordedAtCommitAndLeftInItsResources(Databases kind) {
        LedgerLog log = open(kind);
        EmbeddedEventStore store = EmbeddedEventStore.builder().storageEngine(log).build();
        UnitOfWork<?> unit = DefaultUnitOfWork.startAndGet(GenericEventMessage.asEventMessage("request"));
        DomainEventMessage<?> first = message("entity/1", 0, keyed("k", "h"));
        store.publish(first, message("entity/2", 0, keyed("k", "h")));
        assertThat(log.head()).isZero();
        unit.commit();

        Appended appended = unit.getResource(LedgerLog.APPENDED);
        assertThat(appended.recordedBefore()).isFalse();
        assertThat(appended.events()).extracting(StoredEvent::position).containsExactly(0L, 1L);
        assertThat(appended.events().getFirst().eventId()).hasToString(first.getIdentifier());
        assertThat(appended.events().getFirst().attributes()).isEqualTo(keyed("k", "h"));

        DomainEventStream stream = store.readEvents("entity/1");
        DomainEventMessage<?> read = stream.next();
        assertThat(stream.hasNext()).isFalse();
        assertThat(stream.getLastSequenceNumber()).isZero();
        assertThat(read.getPayload()).isEqualTo(new Thing("entity/10"));
        assertThat(read.getPayloadType()).isEqualTo(Thing.class);
        assertThat(read.getType()).isEqualTo("entity");
        assertThat(read.getAggregateIdentifier()).isEqualTo("entity/1");
        assertThat(read.getIdentifier()).isEqualTo(first.getIdentifier());
        assertThat(read.getMetaData()).isEqualTo(MetaData.from(keyed("k", "h")));
        assertThat(read.getTimestamp()).isEqualTo(appended.events().getFirst().recordedAt());
        assertThat(log.lastSequenceNumberFor("entity/1")).contains(0L);
        assertThat(log.lastSequenceNumberFor("entity/3")).isEmpty();
        assertThat(log.readSnapshot("entity/1")).isEmpty();
        assertThatThrownBy(() -> log.storeSnapshot(first)).isInstanceOf(UnsupportedOperationException.class);
    }

    @ParameterizedTest
    @EnumSource
    void givenKeyRecorded_whenPublishedAgain_thenRolledBackWithTheFirstAnswer(Databases kind) {
        LedgerLog log = open(kind);
        log.appendEvents(message("entity/1", 0, keyed("k", "h")));
        UnitOfWork<?> unit = DefaultUnitOfWork.startAndGet(GenericEventMessage.asEventMessage("retry"));

        Throwable ended = unit.executeWithResult(() -> {
            log.appendEvents(message("entity/1", 0, keyed("k", "h")));
            return "";
        }).exceptionResult();

        assertThat(ended).isInstanceOfSatisfying(AlreadyRecorded.class, e -> {
            assertThat(e.appended().recordedBefore()).isTrue();
            assertThat(e.appended().events()).extracting(StoredEvent::position).containsExactly(0L);
        });
        assertThat(unit.isRolledBack()).isTrue();
        assertThat(refusal(() -> log.appendEvents(message("entity/2", 0, keyed("k", "other")))).kind())
                .isEqualTo(Kind.KEY_REUSED);
        assertThat(log.head()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void givenMetadataOfAxonItself_whenAppended_thenItIsLeftOutAndAnyOtherBadNameIsRefused(Databases kind) {
        LedgerLog log = open(kind);
        log.appendEvents(
                message("entity/1", 0, Map.of("traceId", "t", "correlationId", "c", "actor", "clerk", "n", 1)));
        assertThat(log.at(0).orElseThrow().attributes()).isEqualTo(Map.of("actor", "clerk"));

        for (EventMessage<?> bad : List.of(message("entity/2", 0, Map.of("someThing", "x")),
                new GenericDomainEventMessage<>("Entity", "entity/2", 0, new Thing("x"), Map.of(), "no uuid",
                        Instant.EPOCH),
                GenericEventMessage.asEventMessage(new Thing("of no aggregate")))) {
            assertThat(refusal(() -> log.appendEvents(bad)).kind()).isEqualTo(Kind.INVALID);
        }
        assertThat(refusal(() -> log.appendEvents(message("entity/2", 0, keyed("k1", "h")),
                message("entity/2", 1, keyed("k2", "h")))).kind()).isEqualTo(Kind.INVALID);
        assertThat(log.head()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void givenUnitOfWorkThatAppended_whenItAppendsAgain_thenRefused(Databases kind) {
        LedgerLog log = open(kind);
        UnitOfWork<?> unit = DefaultUnitOfWork.startAndGet(GenericEventMessage.asEventMessage("request"));
        log.appendEvents(message("entity/1", 0, Map.of()));
        assertThat(refusal(() -> log.appendEvents(message("entity/2", 0, Map.of()))).kind()).isEqualTo(Kind.INVALID);
        unit.rollback();
    }

    @ParameterizedTest
    @EnumSource
    void givenRecordedTimes_whenTokensAreMade_thenTheyStandBeforeWhatIsToBeRead(Databases kind) {
        Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
        LedgerLog log = open(kind, LogSettings.defaults().withClock(new Clock() {
            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now[0];
            }
        }));
        for (int day = 0; day < 3; day++) {
            Thing.append(log, "entity/1", day);
            now[0] = now[0].plusSeconds(86_400);
        }
        assertThat(log.createTailToken()).isEqualTo(new GlobalSequenceTrackingToken(-1));
        assertThat(log.createHeadToken()).isEqualTo(new GlobalSequenceTrackingToken(2));
        assertThat(log.createTokenAt(Instant.parse("2026-01-02T00:00:00Z")))
                .isEqualTo(new GlobalSequenceTrackingToken(0));
        assertThat(log.createTokenAt(Instant.parse("2026-01-02T00:00:00.000001Z")))
                .isEqualTo(new GlobalSequenceTrackingToken(1));
        assertThat(log.createTokenAt(Instant.EPOCH)).isEqualTo(new GlobalSequenceTrackingToken(-1));
    }

    @ParameterizedTest
    @EnumSource
    void givenPooledProcessor_whenItStreamsTheLog_thenEachEventIsHandledOnceInOrder(Databases kind) throws Exception {
        LedgerLog log = open(kind);
        Handled handled = new Handled();
        ScheduledExecutorService threads = closing(Executors.newScheduledThreadPool(2));
        PooledStreamingEventProcessor processor = PooledStreamingEventProcessor.builder().name("test")
                .eventHandlerInvoker(SimpleEventHandlerInvoker.builder().eventHandlers(handled).build())
                .messageSource(log).tokenStore(new InMemoryTokenStore())
                .transactionManager(NoTransactionManager.INSTANCE)
                .coordinatorExecutor(threads)
                .workerExecutor(threads).initialSegmentCount(1)
                .build();
        for (int sequence = 0; sequence < 50; sequence++) {
            Thing.append(log, "entity/1", sequence);
        }
        processor.start();
        for (int sequence = 50; sequence < 100; sequence++) {
            Thing.append(log, "entity/1", sequence);
        }
        while (handled.sequences.size() < 100) {
            Thread.sleep(5);
        }
        processor.shutDown();

        assertThat(handled.sequences).isEqualTo(IntStream.range(0, 100).mapToObj(i -> (long) i).toList());
    }

    static final class Handled {
        final List<Long> sequences = new CopyOnWriteArrayList<>();

        @EventHandler
        void on(Thing thing, DomainEventMessage<?> message) {
            sequences.add(message.getSequenceNumber());
        }
    }
}
