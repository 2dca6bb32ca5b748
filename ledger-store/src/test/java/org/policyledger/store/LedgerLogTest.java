package org.policyledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.store.AppendRefused.Kind;

class LedgerLogTest extends OpenedLogs {

    @ParameterizedTest
    @EnumSource
    void givenEmptyLog_whenAppended_thenReadBackAtPositionZero(Databases kind) {
        LedgerLog log = open(kind);
        NewEvent event = Thing.event("entity/1", 0, "first");

        Appended appended = log.append(List.of(event), Optional.empty());

        assertThat(appended.recordedBefore()).isFalse();
        StoredEvent stored = appended.events().getFirst();
        assertThat(stored.position()).isZero();
        assertThat(stored.stream()).isEqualTo("entity/1");
        assertThat(stored.data()).isEqualTo("{\"text\":\"first\"}");
        assertThat(stored.attributes()).isEqualTo(Map.of("actor", "clerk"));
        assertThat(log.payload(stored)).isEqualTo(new Thing("first"));
        assertThat(log.head()).isEqualTo(1);
        assertThat(log.read(-1, 10)).containsExactly(stored);
        assertThat(log.at(0)).contains(stored);
        assertThat(log.at(1)).isEmpty();
        assertThat(log.find(event.eventId())).contains(stored);
        assertThat(log.find(UUID.randomUUID())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void givenManyStreams_whenReadByStream_thenEachInSequenceOrder(Databases kind) {
        LedgerLog log = open(kind);
        for (int sequence = 0; sequence < 3; sequence++) {
            for (String stream : List.of("a", "b", "c")) {
                Thing.append(log, stream, sequence);
            }
        }

        assertThat(log.readStream("b", 1)).extracting(StoredEvent::sequence).containsExactly(1L, 2L);
        assertThat(log.readStream("none", 0)).isEmpty();
        Map<String, List<StoredEvent>> streams = log.readStreams(List.of("c", "a", "none"));
        assertThat(streams.keySet()).containsExactly("c", "a", "none");
        assertThat(streams.get("c")).extracting(StoredEvent::position).containsExactly(2L, 5L, 8L);
        assertThat(streams.get("none")).isEmpty();
        assertThat(log.read(2, 3)).extracting(StoredEvent::position).containsExactly(3L, 4L, 5L);
    }

    @ParameterizedTest
    @EnumSource
    void givenThousandsOfStreams_whenReadTogether_thenNoneIsMissing(Databases kind) {
        LedgerLog log = open(kind);
        List<NewEvent> events = IntStream.range(0, 1_300).mapToObj(i -> Thing.event("entity/" + i, 0)).toList();
        log.append(events, Optional.empty());

        Map<String, List<StoredEvent>> streams = log.readStreams(events.stream().map(NewEvent::stream).toList());

        assertThat(streams).hasSize(1_300).allSatisfy((name, found) -> assertThat(found).hasSize(1));
    }

    @ParameterizedTest
    @EnumSource
    void givenStream_whenAppendedAtWrongSequence_thenConflictNamesBoth(Databases kind) {
        LedgerLog log = open(kind);
        Thing.append(log, "entity/1", 0);
        Thing.append(log, "entity/1", 1);

        for (long wrong : new long[]{0, 1, 3}) {
            AppendRefused refused = refusal(() -> Thing.append(log, "entity/1", wrong));
            assertThat(refused.kind()).isEqualTo(Kind.CONFLICT);
            assertThat(refused.retryable()).isFalse();
            assertThat(refused).hasMessageContaining("entity/1").hasMessageContaining("sequence " + wrong)
                    .hasMessageContaining("next one is 2");
        }
        assertThat(refusal(() -> Thing.append(log, "entity/2", 1)).kind()).isEqualTo(Kind.CONFLICT);
        assertThat(Thing.append(log, "entity/1", 2).events().getFirst().position()).isEqualTo(2);
        assertThat(log.head()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void givenReopenedLog_whenAppendedToKnownStreams_thenSequencesAreLearntFromTheDatabase(Databases kind) {
        LedgerLog log = open(kind);
        Thing.append(log, "entity/1", 0);
        log.close();

        LedgerLog again = openAgain(LogSettings.defaults());
        assertThat(refusal(() -> Thing.append(again, "entity/1", 0)).kind()).isEqualTo(Kind.CONFLICT);
        assertThat(refusal(() -> Thing.append(again, "entity/1", 2)).kind()).isEqualTo(Kind.CONFLICT);
        assertThat(Thing.append(again, "entity/1", 1).events().getFirst().position()).isEqualTo(1);
        assertThat(again.origin()).isEqualTo(log.origin()).startsWith("localhost/policy-ledger/");
    }

    @ParameterizedTest
    @EnumSource
    void givenAtomicAppendOverStreams_whenOneConflicts_thenNothingOfItIsRecorded(Databases kind) {
        LedgerLog log = open(kind);
        Thing.append(log, "b", 0);

        AppendRefused refused = refusal(() -> log.append(
                List.of(Thing.event("a", 0), Thing.event("b", 0), Thing.event("c", 0)), Optional.empty()));
        assertThat(refused.kind()).isEqualTo(Kind.CONFLICT);
        assertThat(log.head()).isEqualTo(1);

        Appended appended = log.append(
                List.of(Thing.event("a", 0), Thing.event("b", 1), Thing.event("a", 1)), Optional.empty());
        assertThat(appended.events()).extracting(StoredEvent::position).containsExactly(1L, 2L, 3L);
    }

    @ParameterizedTest
    @EnumSource
    void givenKeyRecorded_whenRetriedAfterReopening_thenFirstAnswerAgain(Databases kind) {
        LedgerLog log = open(kind);
        NewEvent event = Thing.event("entity/1", 0);
        Appended first = log.append(List.of(event, Thing.event("entity/2", 0)), Optional.of(Thing.key("k")));
        log.close();

        LedgerLog again = openAgain(LogSettings.defaults());
        Appended second = again.append(List.of(event), Optional.of(Thing.key("k")));
        Appended third = again.append(List.of(Thing.event("entity/9", 0)), Optional.of(Thing.key("k")));

        assertThat(second.recordedBefore()).isTrue();
        assertThat(second.events()).isEqualTo(first.events());
        assertThat(third).isEqualTo(second);
        assertThat(again.findRecorded(Thing.key("k"))).contains(second);
        assertThat(again.findRecorded(Thing.key("other"))).isEmpty();
        assertThat(again.head()).isEqualTo(2);
        IdempotencyKey reused = new IdempotencyKey("k", "another demand");
        assertThat(refusal(() -> again.append(List.of(Thing.event("entity/3", 0)), Optional.of(reused))).kind())
                .isEqualTo(Kind.KEY_REUSED);
        assertThat(refusal(() -> again.findRecorded(reused)).kind()).isEqualTo(Kind.KEY_REUSED);
    }

    @ParameterizedTest
    @EnumSource
    void givenEventIdRecorded_whenAppendedElsewhere_thenInvalid(Databases kind) {
        LedgerLog log = open(kind);
        NewEvent event = Thing.event("entity/1", 0);
        log.append(List.of(event), Optional.empty());

        NewEvent twin = new NewEvent("entity/2", 0, event.eventId(), event.payload(), Map.of());
        AppendRefused refused = refusal(() -> log.append(List.of(twin), Optional.empty()));

        assertThat(refused.kind()).isEqualTo(Kind.INVALID);
        assertThat(refused).hasMessageContaining(event.eventId().toString()).hasMessageContaining("position 0");
        assertThat(log.head()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void givenEventBeyondLimit_whenAppended_thenRefusedWithoutTrace(Databases kind) {
        LedgerLog log = open(kind);
        int overhead = Thing.append(log, "entity/1", 0).events().getFirst().event().length()
                - "happened to entity/1".length();

        NewEvent tooLarge = Thing.event("entity/1", 1, "x".repeat(65_535 - overhead + 1));
        AppendRefused refused = refusal(
                () -> log.append(List.of(tooLarge, Thing.event("entity/2", 0)), Optional.empty()));
        assertThat(refused.kind()).isEqualTo(Kind.TOO_LARGE);
        assertThat(refused).hasMessageContaining(tooLarge.eventId().toString()).hasMessageContaining("65536")
                .hasMessageContaining("65535");
        assertThat(log.head()).isEqualTo(1);

        NewEvent largest = Thing.event("entity/1", 1, "x".repeat(65_535 - overhead));
        assertThat(log.append(List.of(largest), Optional.empty()).events().getFirst().event()).hasSize(65_535);
        assertThat(log.read(0, 1).getFirst().event()).hasSize(65_535);
    }

    @ParameterizedTest
    @EnumSource
    void givenClockGoingBack_whenAppended_thenRecordedAtStays(Databases kind) {
        Instant[] now = {Instant.parse("2026-11-24T03:22:58.123456789Z")};
        LedgerLog log = open(kind, LogSettings.defaults().withClock(new Clock() {
            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now[0];
            }
        }));
        StoredEvent first = Thing.append(log, "a", 0).events().getFirst();
        now[0] = now[0].minus(Duration.ofHours(1));
        StoredEvent second = Thing.append(log, "b", 0).events().getFirst();
        now[0] = Instant.parse("2026-11-25T00:00:00Z");
        Thing.append(log, "c", 0);

        assertThat(first.recordedAt()).isEqualTo("2026-11-24T03:22:58.123456Z");
        assertThat(first.event()).contains("\"time\":\"2026-11-24T03:22:58.123456Z\"");
        assertThat(second.recordedAt()).isEqualTo(first.recordedAt());
        assertThat(log.positionAt(Instant.parse("2026-11-24T03:22:58.123455Z"))).isEmpty();
        assertThat(log.positionAt(Instant.parse("2026-11-24T03:22:58.123456Z"))).isEqualTo(OptionalLong.of(1));
        assertThat(log.positionAt(Instant.MAX)).isEqualTo(OptionalLong.of(2));
        assertThat(log.positionAt(Instant.MIN)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void givenRecordedEvents_whenChangedOrRemovedInTheDatabase_thenTheDatabaseRefuses(Databases kind) {
        LedgerLog log = open(kind);
        log.append(List.of(Thing.event("entity/1", 0)), Optional.of(Thing.key("k")));

        for (String table : List.of("ledger_event", "ledger_idempotency_key")) {
            String column = table.equals("ledger_event") ? "type" : "fingerprint";
            assertThatThrownBy(() -> database.execute("UPDATE " + table + " SET " + column + " = 'x'"))
                    .hasMessageContaining("append-only");
            assertThatThrownBy(() -> database.execute("DELETE FROM " + table)).hasMessageContaining("append-only");
            assertThatThrownBy(() -> database.execute("TRUNCATE TABLE " + table))
                    .hasMessageMatching("(?s).*(append-only|Cannot truncate).*");
        }
        assertThat(log.read(-1, 10)).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void givenManyWriters_whenTheyAppendTogether_thenPositionsAndSequencesAreDense(Databases kind) throws Exception {
        LedgerLog log = open(kind);
        int writers = 16;
        long each = 40;
        try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            List<Future<?>> done = new ArrayList<>();
            for (int writer = 0; writer < writers; writer++) {
                String stream = "entity/" + writer;
                done.add(threads.submit(() -> {
                    for (int sequence = 0; sequence < each; sequence++) {
                        Thing.append(log, stream, sequence);
                    }
                }));
            }
            for (Future<?> future : done) {
                future.get();
            }
        }

        List<StoredEvent> all = log.read(-1, 10_000);
        assertThat((long) all.size()).isEqualTo(writers * each);
        LogAssertions.assertSound(log);
        assertThat(log.figures().events()).isEqualTo(writers * each);
        assertThat(log.figures().batches()).isLessThan(writers * each);
    }

    @ParameterizedTest
    @EnumSource
    void givenTwoLogsOnOneDatabase_whenBothAppend_thenPositionsAreDense(Databases kind) throws Exception {
        LedgerLog one = open(kind);
        LedgerLog other = openAgain(LogSettings.defaults());
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> done = new ArrayList<>();
            for (int writer = 0; writer < 8; writer++) {
                LedgerLog log = writer % 2 == 0 ? one : other;
                String stream = "entity/" + writer;
                done.add(threads.submit(() -> {
                    for (int sequence = 0; sequence < 50; sequence++) {
                        Thing.append(log, stream, sequence);
                    }
                }));
            }
            for (Future<?> future : done) {
                future.get();
            }
        }
        assertThat(one.head()).isEqualTo(400);
        LogAssertions.assertSound(one);

        assertThat(refusal(() -> Thing.append(one, "entity/1", 49)).kind()).isEqualTo(Kind.CONFLICT);
        assertThat(Thing.append(one, "entity/1", 50).events().getFirst().position()).isEqualTo(400);
        assertThat(Thing.append(other, "entity/1", 51).events().getFirst().position()).isEqualTo(401);
    }

    @ParameterizedTest
    @EnumSource
    void givenMisplacedHead_whenOpened_thenDamageIsNamed(Databases kind) throws Exception {
        LedgerLog log = open(kind);
        Thing.append(log, "entity/1", 0);
        log.close();
        database.execute("UPDATE ledger_head SET next_position = 7");

        assertThatThrownBy(() -> openAgain(LogSettings.defaults())).isInstanceOf(LedgerDamaged.class)
                .hasMessageContaining("next position is 7").hasMessageContaining("before position 1");
    }

    @ParameterizedTest
    @EnumSource
    void givenOriginSet_whenReopenedUnderAnother_thenRefused(Databases kind) {
        LedgerLog log = open(kind, LogSettings.defaults().withOrigin("ledger.example.org/main"));
        assertThat(Thing.append(log, "entity/1", 0).events().getFirst().event())
                .contains("\"source\":\"https://ledger.example.org/main\"");
        log.close();

        assertThatThrownBy(() -> openAgain(LogSettings.defaults().withOrigin("elsewhere")))
                .hasMessageContaining("ledger.example.org/main").hasMessageContaining("elsewhere");
    }

    @ParameterizedTest
    @EnumSource
    void givenClosedLog_whenAppended_thenRefusedAsUnavailable(Databases kind) {
        LedgerLog log = open(kind);
        log.close();

        assertThat(refusal(() -> Thing.append(log, "entity/1", 0)).kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    @ParameterizedTest
    @EnumSource
    void givenOpenedLog_whenDurabilityIsAsked_thenCommitsAreDurable(Databases kind) throws Exception {
        create(kind);
        if (kind == Databases.POSTGRESQL) {
            database.execute("ALTER ROLE postgres IN DATABASE "
                    + database.url().substring(database.url().lastIndexOf('/') + 1) + " SET synchronous_commit = off");
        }
        Database store = Database.open(database.dataSource(), "test");
        try (Connection connection = store.connectWriter(1_000);
                Statement statement = connection.createStatement()) {
            try (var rows = statement.executeQuery(kind == Databases.H2
                    ? "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'WRITE_DELAY'"
                    : "SHOW synchronous_commit")) {
                rows.next();
                assertThat(rows.getString(1)).isEqualTo(kind == Databases.H2 ? "0" : "on");
            }
        }
    }

    @Test
    void givenAnotherDatabase_whenOpened_thenRefusedByName() {
        DatabaseMetaData product = answering(DatabaseMetaData.class, "getDatabaseProductName", "Oracle");
        Connection connection = answering(Connection.class, "getMetaData", product);
        DataSource other = answering(DataSource.class, "getConnection", connection);

        assertThatThrownBy(() -> LedgerLog.open(other, Thing.CODEC, LogSettings.defaults()))
                .hasMessageContaining("H2 and PostgreSQL, not on Oracle");
    }

    private static <T> T answering(Class<T> type, String method, Object answer) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type},
                (self, called, arguments) -> called.getName().equals(method) ? answer : null));
    }
}
