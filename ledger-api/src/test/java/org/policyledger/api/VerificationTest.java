package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VerificationTest {

    private static final String L = "verified";

    private final Path data = RunningLedger.folder();

    @AfterEach
    void delete() {
        RunningLedger.delete(data);
    }

    private static Answer ended(RunningLedger ledger) {
        long end = System.nanoTime() + 60_000_000_000L;
        Answer answer = ledger.get("/v1/verification");
        while (answer.at("/verification/state").equals("RUNNING")) {
            assertThat(System.nanoTime()).as("the verification does not end").isLessThan(end);
            answer = ledger.get("/v1/verification");
        }
        return answer;
    }

    private static void record(RunningLedger ledger) {
        ledger.record(Demand.register(L));
        for (int i = 0; i < 20; i++) {
            ledger.record(Demand.list("e-" + i, L, "2020-01-01"));
        }
    }

    /** Changes the database as one who owns it can. */
    private void tamper(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:file:" + data.resolve("ledger"), "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TRIGGER ledger_event_append_only");
            statement.execute(sql);
        }
    }

    @Test
    void givenALogThatHolds_whenTheServiceIsStartedAndAsked_thenItHasVerifiedItBothTimesAndTheReadingsToo() {
        try (RunningLedger ledger = RunningLedger.on(data)) {
            record(ledger);
        }
        try (RunningLedger ledger = RunningLedger.on(data)) {
            Answer atStart = ledger.get("/v1/verification");
            assertThat(atStart.at("/verification/state")).isEqualTo("VERIFIED");
            assertThat(atStart.json().at("/verification/events").asLong()).isEqualTo(21);
            assertThat(atStart.at("/verification/root"))
                    .isEqualTo(ledger.get("/log/checkpoint").text().lines().toList().get(2));
            Answer begun = ledger.post("/v1/verification?readings=true", "");
            assertThat(begun.status()).isEqualTo(202);
            Answer ended = ended(ledger);
            assertThat(ended.at("/verification/state")).as(ended.text()).isEqualTo("VERIFIED");
            assertThat(ended.json().at("/verification/readings")).hasSize(2);
            assertThat(ended.json().at("/verification/checkpoints").asLong()).isPositive();
            assertThat(ended.json().at("/verification/findings")).isEmpty();
            assertThat(ledger.post("/v1/verification?readings=perhaps", "").code()).isEqualTo("malformed");
        }
    }

    @Test
    void givenAnEventThatWasAltered_whenTheServiceIsStarted_thenItRefusesAndSaysWhere() throws Exception {
        try (RunningLedger ledger = RunningLedger.on(data)) {
            record(ledger);
        }
        tamper("UPDATE ledger_event SET event = REPLACE(event, '2020-01-01', '2021-01-01') WHERE position = 7");
        assertThatThrownBy(() -> RunningLedger.on(data)).rootCause()
                .hasMessageContaining("position 7: the event has the leaf hash");
        assertThatThrownBy(() -> RunningLedger.on(data)).hasStackTraceContaining("the log does not verify");
    }

    @Test
    void givenARunningServiceOnAnAlteredLog_whenItVerifiesItself_thenItAnswersNothingMoreFromItAndSaysWhy()
            throws Exception {
        try (RunningLedger ledger = RunningLedger.on(data)) {
            record(ledger);
        }
        tamper("UPDATE ledger_event SET type = 'EntityDelisted' WHERE position = 7");
        try (RunningLedger ledger = RunningLedger.on(data, "--ledger.verify-at-start=false")) {
            assertThat(ledger.get("/v1/verification").json().has("verification")).isFalse();
            assertThat(ledger.get("/v1/entities/e-1").status()).isEqualTo(200);
            ledger.post("/v1/verification", "");
            Answer ended = ended(ledger);
            assertThat(ended.at("/verification/state")).isEqualTo("DAMAGED");
            assertThat(ended.at("/verification/findings/0/where")).isEqualTo("position 7");
            assertThat(ended.at("/verification/findings/0/what")).contains("the column type holds EntityDelisted",
                    "EntityListed");
            for (String path : java.util.List.of("/v1/entities/e-1", "/v1/events", "/log/checkpoint", "/v1/lists")) {
                Answer refused = ledger.get(path);
                assertThat(refused.status()).as(path).isEqualTo(503);
                assertThat(refused.code()).isEqualTo("ledger-damaged");
                assertThat(refused.at("/detail")).contains("position 7");
            }
            Answer write = ledger.post("/v1/actions", Demand.list("e-99", L, "2020-01-01"));
            assertThat(write.code()).isEqualTo("ledger-damaged");
            assertThat(ledger.get("/v1/export").text().lines()).hasSize(21);
            assertThat(ledger.get("/actuator/health/readiness").status()).isEqualTo(503);
            assertThat(ledger.get("/actuator/health").text()).contains("position 7");
        }
    }
}
