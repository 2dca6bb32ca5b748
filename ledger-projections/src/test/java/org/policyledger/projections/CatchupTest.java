package org.policyledger.projections;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.core.Histories;
import org.policyledger.core.Histories.Recorded;
import org.policyledger.store.Databases;
import org.policyledger.store.EventCodec;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

class CatchupTest {

    private static final long SEED = 7;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ParameterizedTest
    @EnumSource
    void givenABatchThatCannotBeWritten_whenItCanAgain_thenNoRowWasLostOrDoubled(Databases kind) throws Exception {
        List<Recorded> history = Histories.generate(SEED, 5, 1, 60);
        try (Databases.Fresh database = kind.create();
                LedgerLog log = open(database, new LedgerCodec());
                Catchup catchup = new Catchup(log, database.dataSource())) {
            // One of the last tables that a batch writes is missing: what went before it must go with it.
            database.execute("ALTER TABLE reading_list RENAME TO reading_list_away");
            append(log, history);
            catchup.start();
            waitUntil(() -> !catchup.isHealthy());
            assertThat(catchup.position()).isEqualTo(-1);
            assertThat(rows(database, "reading_period")).isZero();
            assertThat(rows(database, "reading_event")).isZero();
            assertThat(catchup.await(0, Duration.ofMillis(100))).isFalse();

            database.execute("ALTER TABLE reading_list_away RENAME TO reading_list");
            assertThat(catchup.await(history.size() - 1, PATIENCE)).isTrue();
            assertThat(rows(database, "reading_event")).isEqualTo(history.size());
            waitUntil(catchup::isHealthy);
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenAnEventOfAnUnknownType_whenTheReadingComesToIt_thenItStopsThereAndSaysSo(Databases kind)
            throws Exception {
        List<Recorded> history = Histories.generate(SEED, 2, 1, 10);
        try (Databases.Fresh database = kind.create()) {
            try (LedgerLog log = open(database, new LedgerCodec())) {
                append(log, history);
            }
            try (LedgerLog log = open(database, new FromTheFuture())) {
                log.append(List.of(new NewEvent("entity/unheard-of", 0, UUID.randomUUID(), "anything", Map.of())),
                        Optional.empty());
            }
            try (LedgerLog log = open(database, new LedgerCodec());
                    Catchup catchup = new Catchup(log, database.dataSource())) {
                catchup.start();
                waitUntil(() -> !catchup.isHealthy());
                assertThat(catchup.await(history.size(), Duration.ofMillis(200))).isFalse();
                assertThat(catchup.lag()).isPositive();
                assertThat(catchup.position()).isLessThan(history.size());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = "POSTGRESQL")
    void givenTwoProcessesOnOneDatabase_whenOneGoes_thenTheOtherTakesOver(Databases kind) throws Exception {
        List<Recorded> history = Histories.generate(SEED, 5, 1, 60);
        int half = history.size() / 2;
        try (Databases.Fresh database = kind.create();
                LedgerLog log = open(database, new LedgerCodec());
                Catchup second = new Catchup(log, database.dataSource())) {
            try (Catchup first = new Catchup(log, database.dataSource())) {
                first.start();
                second.start();
                append(log, history.subList(0, half));
                assertThat(first.await(half - 1L, PATIENCE)).isTrue();
                // Only one of the two moves the reading; the other sees it all the same.
                assertThat(second.await(half - 1L, PATIENCE)).isTrue();
            }
            append(log, history.subList(half, history.size()));
            assertThat(second.await(history.size() - 1, PATIENCE)).isTrue();
            assertThat(rows(database, "reading_event")).isEqualTo(history.size());
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenReadingsOfTheFirstVersion_whenTheNewOneOpensThem_thenAllOfTheLogIsReadAgain(Databases kind)
            throws Exception {
        List<Recorded> history = Histories.generate(SEED, 5, 1, 60);
        try (Databases.Fresh database = kind.create(); LedgerLog log = open(database, new LedgerCodec())) {
            append(log, history);
            long commitments;
            long citations;
            try (Catchup now = new Catchup(log, database.dataSource())) {
                now.start();
                assertThat(now.await(history.size() - 1, PATIENCE)).isTrue();
                commitments = rows(database, "reading_commitment");
                assertThat(commitments).isPositive();
                citations = rows(database, "reading_citation");
                assertThat(citations).isPositive();
            }
            // As the first version left them: its rows, and nothing of dossiers, links and notices.
            database.execute("DROP TABLE reading_commitment");
            database.execute("DROP TABLE reading_dossier");
            database.execute("DROP TABLE reading_link");
            database.execute("DROP TABLE reading_citation");
            database.execute("DROP TABLE reading_notice");
            database.execute("ALTER TABLE reading_position DROP COLUMN consumed");
            JdbcClient.create(database.dataSource())
                    .sql("DELETE FROM \"reading_schema\" WHERE \"version\" NOT IN ('0', '1')").update();
            try (Catchup upgraded = new Catchup(log, database.dataSource())) {
                assertThat(upgraded.position()).isEqualTo(-1);
                upgraded.start();
                assertThat(upgraded.await(history.size() - 1, PATIENCE)).isTrue();
                assertThat(rows(database, "reading_commitment")).isEqualTo(commitments);
                assertThat(rows(database, "reading_citation")).isEqualTo(citations);
                assertThat(rows(database, "reading_event")).isEqualTo(history.size());
            }
        }
    }

    private static LedgerLog open(Databases.Fresh database, EventCodec codec) {
        return LedgerLog.open(database.dataSource(), codec, LogSettings.defaults());
    }

    private static void append(LedgerLog log, List<Recorded> events) {
        log.append(events.stream()
                .map(each -> new NewEvent(each.stream(), each.sequence(), each.actionId().value(), each.event(),
                        Map.of("actor", "generator")))
                .toList(), Optional.empty());
    }

    private static long rows(Databases.Fresh database, String table) {
        return JdbcClient.create(database.dataSource()).sql("SELECT COUNT(*) FROM " + table).query(Long.class).single();
    }

    private static void waitUntil(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited for long enough").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /** Writes what this version cannot read. */
    private static final class FromTheFuture implements EventCodec {
        @Override
        public Encoded encode(Object payload) {
            return new Encoded("EntityTransferred", 1, "{}", Map.of("actor", "future"));
        }

        @Override
        public Object decode(String type, int revision, String data) {
            return data;
        }
    }
}
