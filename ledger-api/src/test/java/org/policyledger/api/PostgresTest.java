package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.policyledger.api.snapshot.Samples;
import org.policyledger.store.Databases;
import tools.jackson.databind.JsonNode;

/** The service on PostgreSQL: the same answers, and what it says when the database keeps it waiting or is away. */
class PostgresTest {

    private static Databases.Fresh database;
    private static RunningLedger ledger;

    @BeforeAll
    static void start() {
        database = Databases.POSTGRESQL.create();
        ledger = RunningLedger.start("--ledger.db.url=" + database.url(), "--ledger.db.user=" + database.user(),
                "--ledger.read-timeout=3s", "--ledger.write-timeout=20s", "--ledger.queue-limit=1");
        ledger.record(Demand.register("l"));
    }

    @AfterAll
    static void stop() {
        ledger.close();
        database.close();
    }

    @Test
    void givenPostgres_whenTheReferenceCaseAndAFileAreRecorded_thenTheAnswersAreTheSame() {
        ledger.record(Samples.entityListRegistration());
        List<Answer> receipts = Samples.referenceCase().lines().map(ledger::record).toList();
        String status = "/v1/entities/cn-mps-ifs/status?listId=us-bis-entity-list&asOf=";
        assertThat(ledger.json(status + "2020-06-04").at("/lists/0/state").asString()).isEqualTo("NOT_LISTED");
        assertThat(ledger.json(status + "2020-07-22").at("/lists/0/entry/terms/licenseReviewPolicy").asString())
                .contains("infectious");
        assertThat(ledger.json(status + "2023-11-16").at("/lists/0/cause").asString()).isEqualTo("removal-proposal");
        assertThat(ledger.json(status + "2023-11-16&asKnownAt=position:" + (receipts.get(2).position() - 1))
                .at("/lists/0/state").asString()).isEqualTo("LISTED");

        String snapshots = "/v1/lists/l/snapshots?format=ofac-sdn-csv&maxDrop=1&backfill=true&snapshotDate=";
        for (Map.Entry<String, byte[]> file : List.of(
                Map.entry("2021-01-01", SdnFile.of(Map.of(1, "a", 2, "b"))),
                Map.entry("2021-01-05", SdnFile.of(Map.of(1, "a", 3, "c"))),
                Map.entry("2021-01-03", SdnFile.of(Map.of(1, "z", 3, "c"))))) {
            Answer answer = ledger.file(snapshots + file.getKey(), file.getValue());
            assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        }
        assertThat(ledger.json("/v1/lists/l/entries?asOf=2021-01-02").get("entries")).hasSize(2);
        assertThat(ledger.json("/v1/lists/l/entries?asOf=2021-01-03").at("/entries/0/entry/remarks").asString())
                .isEqualTo("z");
        assertThat(ledger.json("/v1/lists/l/entries?asOf=2021-01-05").at("/entries/0/entry/remarks").asString())
                .isEqualTo("a");
        JsonNode page = ledger.json("/v1/lists/l/changes?from=2021-01-01&to=2021-01-05&limit=1");
        assertThat(page.at("/changes/0/entityId").asString()).isEqualTo("ofac-sdn-2");
        assertThat(ledger.get("/v1/lists/l/changes?from=2021-01-01&to=2021-01-05&limit=1").next()).isNotEmpty();
        Answer batch = ledger.batch("/v1/actions/batch?atomic=true", Demand.list("p-1", "l", "2020-01-01") + "\n"
                + Demand.delist("p-1", "l", "2020-02-01"), "Idempotency-Key", "p-batch");
        assertThat(batch.lines()).hasSize(2);
        assertThat(ledger.json("/v1/events?actor=anonymous&limit=1000")).hasSize(Math.toIntExact(ledger.head()));
        for (String odd : List.of("/v1/events?actor=%00", "/v1/events?actor=a%00b", "/v1/lists?asOf=9999-12-31")) {
            assertThat(ledger.get(odd).status()).as(odd).isEqualTo(400);
        }
    }

    @Test
    void givenTheLogHeldByAnother_whenReadOrWritten_thenUnavailableInTimeAndNothingIsRecorded() throws SQLException {
        long head = ledger.head();
        try (Connection other = database.dataSource().getConnection(); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE ledger_event IN ACCESS EXCLUSIVE MODE");
            for (Answer answer : List.of(ledger.get("/v1/events"), ledger.post("/v1/lists", Demand.register("held")),
                    ledger.post("/v1/actions", Demand.list("held", "l", "2020-01-01")))) {
                assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
                assertThat(answer.code()).isEqualTo("unavailable");
            }
            other.rollback();
        }
        assertThat(ledger.head()).isEqualTo(head);
        assertThat(ledger.json("/v1/events").isArray()).isTrue();
    }

    @Test
    void givenTheLogClosedToWriting_whenMoreWritesComeThanMayWait_thenRefusedAsOverloadedAndNothingIsHalfWritten()
            throws SQLException, InterruptedException, ExecutionException {
        long head = ledger.head();
        List<Answer> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(6);
                Connection other = database.dataSource().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE ledger_event IN EXCLUSIVE MODE");
            List<Future<Answer>> sent = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                String command = Demand.register("overload-" + i);
                sent.add(threads.submit(() -> ledger.post("/v1/lists", command)));
            }
            for (Future<Answer> answer : sent) {
                answers.add(answer.get());
            }
            other.rollback();
        }
        for (Answer answer : answers) {
            assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
            assertThat(answer.code()).isIn("overloaded", "unavailable");
            assertThat(answer.header("Retry-After")).isEqualTo("1");
            assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        }
        assertThat(answers.stream().map(Answer::code)).contains("overloaded", "unavailable");
        assertThat(ledger.head()).isEqualTo(head);
        assertThat(ledger.post("/v1/lists", Demand.register("overload-0")).status()).isEqualTo(201);
    }

    @Test
    void givenTheReadingHeldByAnother_whenSomethingIsRecorded_thenItIsAcceptedAndItsPositionAnsweredAsBehindUntilThen()
            throws SQLException, InterruptedException {
        Answer receipt;
        try (Connection other = database.dataSource().getConnection(); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT * FROM reading_position FOR UPDATE");
            receipt = ledger.post("/v1/lists", Demand.register("behind"));
            assertThat(receipt.status()).as(receipt.toString()).isEqualTo(202);
            assertThat(receipt.header("Preference-Applied")).isEmpty();
            Answer behind = ledger.get("/v1/lists?asKnownAt=position:" + receipt.position());
            assertThat(behind.status()).as(behind.toString()).isEqualTo(503);
            assertThat(behind.code()).isEqualTo("reading-behind");
            assertThat(behind.header("Retry-After")).isNotEmpty();
            assertThat(ledger.json("/v1/lists").get("position").asLong()).isLessThan(receipt.position());
            other.rollback();
        }
        while (ledger.get("/v1/lists/behind?asKnownAt=position:" + receipt.position()).status() == 503) {
            Thread.sleep(20);
        }
        assertThat(ledger.json("/v1/lists/behind").at("/list/listId").asString()).isEqualTo("behind");
    }

    @Test
    void givenTheDatabaseGoesAway_whenAsked_thenUnavailableAndNotReadyButAlive() throws IOException {
        EmbeddedPostgres server = Databases.startDurablePostgres();
        try (RunningLedger alone = RunningLedger.start("--ledger.db.url=" + server.getJdbcUrl("postgres", "postgres"),
                "--ledger.db.user=postgres", "--ledger.read-timeout=1s", "--ledger.write-timeout=3s")) {
            alone.record(Demand.register("l"));
            assertThat(alone.get("/actuator/health/readiness").status()).isEqualTo(200);
            server.close();

            for (Answer answer : List.of(alone.get("/v1/lists"), alone.get("/v1/entities/x"), alone.get("/v1/events"),
                    alone.get("/v1/lists/l/entries"), alone.post("/v1/actions", Demand.list("x", "l", "2020-01-01")),
                    alone.post("/v1/lists", Demand.register("m")),
                    alone.batch("/v1/actions/batch?atomic=true", Demand.list("x", "l", "2020-01-01")),
                    alone.file("/v1/lists/l/snapshots?format=ofac-sdn-csv&snapshotDate=2021-01-01",
                            SdnFile.of(Map.of(1, "a"))))) {
                assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
                assertThat(answer.code()).isIn("unavailable", "outcome-unknown");
                assertThat(answer.header("Retry-After")).isEqualTo("1");
                assertThat(answer.text()).doesNotContain("Exception", "postgresql", "Hikari");
            }
            Answer lines = alone.batch("/v1/actions/batch", Demand.list("x", "l", "2020-01-01"));
            assertThat(lines.status() + lines.text()).startsWith("20").contains("\"unavailable\"");
            assertThat(alone.get("/actuator/health").status()).isEqualTo(503);
            assertThat(alone.get("/actuator/health").at("/components/ledger/status")).isEqualTo("DOWN");
            assertThat(alone.get("/actuator/health/readiness").status()).isEqualTo(503);
            assertThat(alone.get("/actuator/health/liveness").status()).isEqualTo(200);
            assertThat(alone.get("/actuator/prometheus").status()).isEqualTo(200);
        } finally {
            server.close();
        }
    }
}
