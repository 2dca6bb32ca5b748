package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What follows from the events alone, over HTTP. */
class ReplayTest {

    private static final RunningLedger LEDGER = RunningLedger.shared();

    @Test
    void givenAListWithACorrection_whenReplayedToAPosition_thenBothSidesAreToldAndEqual() {
        LEDGER.record(Demand.register("replayed"));
        LEDGER.record(Demand.list("replayed-1", "replayed", "2020-01-01", "kept"));
        Answer second = LEDGER.record(Demand.list("replayed-2", "replayed", "2020-01-01"));
        LEDGER.record(Demand.correct("replayed-2", second.actionId(),
                Demand.list("replayed-2", "replayed", "2021-01-01", "corrected")));

        JsonNode list = LEDGER.json("/v1/lists/replayed/replay?asOf=2020-06-01");
        assertThat(list.get("equal").asBoolean()).as(list.toString()).isTrue();
        assertThat(list.get("replayed")).isEqualTo(list.get("reading"));
        assertThat(list.at("/replayed/entries").asLong()).isEqualTo(1);
        assertThat(list.at("/replayed/entities").asLong()).isEqualTo(2);
        assertThat(list.at("/replayed/events").asLong()).isEqualTo(3);
        assertThat(LEDGER.json("/v1/lists/replayed/replay?asOf=2020-06-01&asKnownAt=position:" + second.position())
                .at("/replayed/entries").asLong()).isEqualTo(2);

        JsonNode entity = LEDGER.json("/v1/entities/replayed-2/replay?asOf=2021-06-01");
        assertThat(entity.get("equal").asBoolean()).as(entity.toString()).isTrue();
        assertThat(entity.at("/replayed/replayed/state").asString()).isEqualTo("LISTED");
        assertThat(entity.at("/replayed/replayed/entry/remarks").asString()).isEqualTo("corrected");
        assertThat(entity.get("replayed")).isEqualTo(entity.get("reading"));
        assertThat(LEDGER.json("/v1/entities/replayed-2/replay?asOf=2020-06-01").at("/replayed/replayed/state")
                .asString()).isEqualTo("NOT_LISTED");
        assertThat(LEDGER.get("/v1/entities/replayed-2/replay").header("Cache-Control")).contains("no-store");
    }

    @Test
    void givenAReadingThatWasTamperedWith_whenReplayed_thenUnequalWithThePeriodOfBothSides() {
        LEDGER.record(Demand.register("tampered"));
        LEDGER.record(Demand.list("tampered-1", "tampered", "2020-01-01"));
        LEDGER.record(Demand.list("tampered-2", "tampered", "2020-01-01"));
        JdbcClient jdbc = JdbcClient.create(LEDGER.context().getBean(DataSource.class));
        assertThat(jdbc.sql("UPDATE reading_period SET state = 'SUSPENDED' WHERE entity_id = 'tampered-2'").update())
                .isEqualTo(1);

        for (String path : new String[]{"/v1/lists/tampered/replay?asOf=2020-06-01",
                "/v1/entities/tampered-2/replay?asOf=2020-06-01"}) {
            JsonNode answer = LEDGER.json(path);
            assertThat(answer.get("equal").asBoolean()).as(path).isFalse();
            assertThat(answer.get("differences")).as(path).hasSize(1);
            assertThat(answer.at("/differences/0/entityId").asString()).isEqualTo("tampered-2");
            assertThat(answer.at("/differences/0/replayed/state").asString()).isEqualTo("LISTED");
            assertThat(answer.at("/differences/0/reading/state").asString()).isEqualTo("SUSPENDED");
        }
        assertThat(LEDGER.json("/v1/entities/tampered-1/replay").get("equal").asBoolean()).isTrue();
    }

    @Test
    void givenWhatIsNotRecorded_whenReplayed_thenRefusedAsUnknown() {
        Answer entity = LEDGER.get("/v1/entities/never-heard-of/replay");
        assertThat(entity.status()).isEqualTo(404);
        assertThat(entity.code()).isEqualTo("unknown-entity");
        Answer list = LEDGER.get("/v1/lists/never-heard-of/replay");
        assertThat(list.status()).isEqualTo(404);
        assertThat(list.code()).isEqualTo("unknown-list");
        assertThat(LEDGER.get("/v1/entities/never-heard-of/replay?asOf=tomorrow").code()).isEqualTo("malformed");
    }
}
