package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.projections.Catchup;
import org.policyledger.store.Databases;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Readings are told of and rebuilt over HTTP, beside those that answer. */
class ProjectionTest {

    private static final String REBUILD = "/v1/projections/listings/rebuild";
    private static final int ENTITIES = 20;

    private interface Trial {
        void on(RunningLedger ledger) throws Exception;
    }

    private static void on(Databases kind, Trial trial) throws Exception {
        try (Databases.Fresh database = kind.create();
                RunningLedger ledger = kind == Databases.H2
                        ? RunningLedger.start()
                        : RunningLedger.start("--ledger.db.url=" + database.url(),
                                "--ledger.db.user=" + database.user())) {
            ledger.record(Demand.register("l"));
            for (int n = 0; n < ENTITIES; n++) {
                ledger.record(Demand.list("x-" + n, "l", "2020-01-01", "wording " + n));
            }
            trial.on(ledger);
        }
    }

    private static JsonNode ended(RunningLedger ledger) throws InterruptedException {
        JsonNode rebuild = ledger.json(REBUILD).get("rebuild");
        while (List.of("FILLING", "COMPARING", "SWITCHING").contains(rebuild.get("state").asString())) {
            Thread.sleep(10);
            rebuild = ledger.json(REBUILD).get("rebuild");
        }
        return rebuild;
    }

    @ParameterizedTest
    @EnumSource
    void givenRequestsAllTheTime_whenTheListingsAreRebuilt_thenNoneFailsAndEveryAnswerIsRight(Databases kind)
            throws Exception {
        on(kind, ledger -> {
            assertThat(ledger.json(REBUILD).has("rebuild")).isFalse();
            List<String> paths = List.of("/v1/lists/l/entries?asOf=2020-06-01&asKnownAt=position:" + ENTITIES,
                    "/v1/entities/x-7/status?asOf=2020-06-01&asKnownAt=position:" + ENTITIES,
                    "/v1/lists/l/replay?asOf=2020-06-01&asKnownAt=position:" + ENTITIES);
            List<String> right = paths.stream().map(path -> ledger.get(path).text()).toList();
            assertThat(ledger.json(paths.getFirst()).get("entries")).hasSize(ENTITIES);
            ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger answered = new AtomicInteger();
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < paths.size(); i++) {
                String path = paths.get(i);
                String expected = right.get(i);
                readers.add(Thread.ofPlatform().start(() -> {
                    while (!over.get()) {
                        Answer came = ledger.get(path);
                        if (came.status() != 200 || !came.text().equals(expected)) {
                            wrong.add(came.toString());
                        }
                        answered.incrementAndGet();
                    }
                }));
            }
            for (int round = 1; round <= 3; round++) {
                Answer begun = ledger.send("POST", REBUILD, new byte[0]);
                assertThat(begun.status()).as(begun.toString()).isEqualTo(202);
                assertThat(begun.header("Location")).isEqualTo(REBUILD);
                // What is recorded while it runs is seen when that is answered, on whichever generation.
                Answer recorded = ledger.record(Demand.list("y-" + round, "l", "2021-01-01"));
                assertThat(ledger.get("/v1/entities/y-" + round).status()).isEqualTo(200);
                JsonNode end = ended(ledger);
                assertThat(end.get("state").asString()).as(end.toString()).isEqualTo("DONE");
                assertThat(end.get("switched").asBoolean()).isTrue();
                assertThat(end.at("/comparison/differing").asLong()).isZero();
                assertThat(end.at("/comparison/rebuiltSha256")).isEqualTo(end.at("/comparison/liveSha256"));
                assertThat(ledger.json("/v1/entities/y-" + round + "/status?asOf=2021-01-01").get("position").asLong())
                        .isGreaterThanOrEqualTo(recorded.position());
            }
            int before = answered.get();
            while (answered.get() < before + 6 && wrong.isEmpty()) {
                Thread.sleep(5);
            }
            over.set(true);
            for (Thread reader : readers) {
                reader.join();
            }
            assertThat(wrong).isEmpty();
            JsonNode projections = ledger.json("/v1/projections");
            assertThat(projections.get("head").asLong()).isEqualTo(ledger.head());
            assertThat(projections.at("/projections/0/name").asString()).isEqualTo("listings");
            assertThat(projections.at("/projections/0/state").asString()).isEqualTo("CURRENT");
            assertThat(projections.at("/projections/0/lag").asLong()).isZero();
            assertThat(projections.at("/projections/0/rebuild/state").asString()).isEqualTo("DONE");
        });
    }

    @ParameterizedTest
    @EnumSource
    void givenALiveRowThatWasTamperedWith_whenRebuilt_thenItIsToldAndTheCallerDecidesWhetherToSwitch(Databases kind)
            throws Exception {
        on(kind, ledger -> {
            JdbcClient jdbc = JdbcClient.create(ledger.context().getBean(Catchup.class).generations().dataSource());
            assertThat(ledger.context().getBeansOfType(DataSource.class)).hasSize(1);
            assertThat(jdbc.sql("UPDATE reading_period SET state = 'SUSPENDED' WHERE entity_id = 'x-3'").update())
                    .isEqualTo(1);
            String status = "/v1/entities/x-3/status?asOf=2020-06-01";
            assertThat(ledger.json("/v1/entities/x-3/replay").get("equal").asBoolean()).isFalse();

            assertThat(ledger.send("POST", REBUILD, new byte[0]).status()).isEqualTo(202);
            JsonNode end = ended(ledger);
            assertThat(end.get("state").asString()).as(end.toString()).isEqualTo("DIFFERS");
            assertThat(end.get("switched").asBoolean()).isFalse();
            assertThat(end.at("/comparison/differing").asLong()).isEqualTo(1);
            assertThat(end.at("/comparison/differences/0/table").asString()).isEqualTo("reading_period");
            assertThat(end.at("/comparison/differences/0/live/entity_id").asString()).isEqualTo("x-3");
            assertThat(end.at("/comparison/differences/0/live/state").asString()).isEqualTo("SUSPENDED");
            assertThat(end.at("/comparison/differences/0/rebuilt/state").asString()).isEqualTo("LISTED");
            assertThat(ledger.json(status).at("/lists/0/state").asString()).isEqualTo("SUSPENDED");

            assertThat(ledger.send("POST", REBUILD + "?switchIfDifferent=true", new byte[0]).status()).isEqualTo(202);
            JsonNode forced = ended(ledger);
            assertThat(forced.get("state").asString()).as(forced.toString()).isEqualTo("DONE");
            assertThat(forced.at("/comparison/differing").asLong()).isEqualTo(1);
            assertThat(ledger.json(status).at("/lists/0/state").asString()).isEqualTo("LISTED");
            assertThat(ledger.json("/v1/entities/x-3/replay").get("equal").asBoolean()).isTrue();
        });
    }

    private static JsonNode projection(RunningLedger ledger, String name) {
        for (JsonNode projection : ledger.json("/v1/projections").get("projections")) {
            if (projection.get("name").asString().equals(name)) {
                return projection;
            }
        }
        throw new AssertionError("no projection " + name);
    }

    /** Until what is told of a reading was compared. */
    private static JsonNode compared(RunningLedger ledger, String name, boolean agrees) throws InterruptedException {
        JsonNode told = projection(ledger, name);
        while (told.at("/compared/position").asLong(-2) != told.get("position").asLong()
                || told.at("/compared/agrees").asBoolean() != agrees) {
            Thread.sleep(20);
            told = projection(ledger, name);
        }
        return told;
    }

    @ParameterizedTest
    @EnumSource
    void givenRecordedEvents_whenTheProjectionsAreAskedFor_thenEachPublishesTheRootThatTheLogSigned(Databases kind)
            throws Exception {
        on(kind, ledger -> {
            for (String name : List.of("listings", "search")) {
                JsonNode told = compared(ledger, name, true);
                assertThat(told.at("/consumed/treeSize").asLong()).isEqualTo(ledger.head());
                assertThat(told.at("/compared/consumedRootHash")).isEqualTo(told.at("/consumed/rootHash"));
                assertThat(told.at("/compared/logRootHash")).isEqualTo(told.at("/consumed/rootHash"));
                assertThat(told.get("state").asString()).isEqualTo("CURRENT");
                List<String> checkpoint = ledger.get("/log/checkpoint").text().lines().toList();
                assertThat(checkpoint.get(1)).isEqualTo(Long.toString(ledger.head()));
                assertThat(told.at("/consumed/rootHash").asString()).isEqualTo(checkpoint.get(2));
            }
            assertThat(ledger.json("/actuator/health").at("/components/ledger/details/incomplete")).isEmpty();
            assertThat(ledger.get("/actuator/prometheus").text()).contains("\nledger_reading_incomplete 0.0");
        });
    }

    @ParameterizedTest
    @EnumSource
    void givenAReadingThatDidNotConsumeTheLog_whenAskedFor_thenItIsRefusedAndAlarmedUntilRebuilt(Databases kind)
            throws Exception {
        on(kind, ledger -> {
            JdbcClient jdbc = JdbcClient.create(ledger.context().getBean(Catchup.class).generations().dataSource());
            String right = compared(ledger, "listings", true).at("/consumed/rootHash").asString();
            assertThat(jdbc.sql("UPDATE reading_position SET consumed = NULL WHERE name = 'listings'").update())
                    .isEqualTo(1);
            // What is consumed from now on does not make up for it.
            Answer recorded = ledger.record(Demand.list("y", "l", "2021-01-01"));
            JsonNode told = compared(ledger, "listings", false);
            assertThat(told.get("state").asString()).isEqualTo("INCOMPLETE");
            assertThat(told.get("healthy").asBoolean()).isFalse();
            assertThat(told.get("position").asLong()).isEqualTo(recorded.position());
            assertThat(told.at("/consumed/treeSize").asLong()).isEqualTo(1);
            assertThat(told.at("/compared/logRootHash").asString()).isNotEqualTo(right)
                    .isEqualTo(compared(ledger, "search", true).at("/consumed/rootHash").asString());

            for (String path : List.of("/v1/entities/x-7", "/v1/entities/x-7/history", "/v1/lists",
                    "/v1/lists/l/entries",
                    "/v1/lists/l/revisions?knownFrom=position:1", "/v1/entities?name=x", "/v1/commitments",
                    "/v1/notices",
                    "/v1/events?entityId=x-7")) {
                Answer refused = ledger.get(path);
                assertThat(refused.status()).as(refused.toString()).isEqualTo(503);
                assertThat(refused.code()).isEqualTo("reading-incomplete");
                assertThat(refused.text()).contains("The reading listings", "/v1/projections/listings/rebuild");
            }
            for (String path : List.of("/v1/events", "/v1/entities/x-7/replay", "/log/checkpoint",
                    "/v1/projections/listings/state-hash", "/actuator/health/liveness")) {
                assertThat(ledger.get(path).status()).as(path).isEqualTo(200);
            }
            assertThat(ledger.record(Demand.list("z", "l", "2021-01-01")).status()).isEqualTo(201);
            assertThat(ledger.get("/actuator/health/readiness").status()).isEqualTo(503);
            JsonNode health = ledger.get("/actuator/health").json();
            assertThat(health.get("status").asString()).isEqualTo("DOWN");
            assertThat(health.at("/components/ledger/details/incomplete/0").asString()).isEqualTo("listings");
            assertThat(ledger.get("/actuator/prometheus").text()).contains("\nledger_reading_incomplete 1.0");

            assertThat(ledger.send("POST", REBUILD, new byte[0]).status()).isEqualTo(202);
            JsonNode end = ended(ledger);
            assertThat(end.get("state").asString()).as(end.toString()).isEqualTo("DONE");
            JsonNode mended = compared(ledger, "listings", true);
            assertThat(mended.get("state").asString()).isEqualTo("CURRENT");
            assertThat(mended.at("/consumed/treeSize").asLong()).isEqualTo(ledger.head());
            assertThat(ledger.get("/v1/entities/x-7").status()).isEqualTo(200);
            assertThat(ledger.get("/actuator/health/readiness").status()).isEqualTo(200);
        });
    }

    @ParameterizedTest
    @EnumSource
    void givenAReading_whenItsStateIsHashed_thenItIsToldWithItsPositionAndChangedRowsGiveAnother(Databases kind)
            throws Exception {
        on(kind, ledger -> {
            String hash = "/v1/projections/listings/state-hash";
            assertThat(projection(ledger, "listings").has("stateHash")).isFalse();
            JsonNode first = ledger.json(hash).get("stateHash");
            assertThat(first.get("position").asLong()).isEqualTo(ENTITIES);
            assertThat(first.get("rows").asLong()).isGreaterThan(ENTITIES);
            assertThat(projection(ledger, "listings").get("stateHash")).isEqualTo(first);
            JsonNode early = ledger.json(hash + "?asKnownAt=position:5").get("stateHash");
            assertThat(early.get("position").asLong()).isEqualTo(5);
            ledger.record(Demand.list("y", "l", "2021-01-01"));
            assertThat(ledger.json(hash).at("/stateHash/sha256")).isNotEqualTo(first.get("sha256"));
            assertThat(ledger.json(hash + "?asKnownAt=position:" + ENTITIES).at("/stateHash/sha256"))
                    .isEqualTo(first.get("sha256"));
            assertThat(ledger.send("POST", REBUILD, new byte[0]).status()).isEqualTo(202);
            assertThat(ended(ledger).at("/comparison/liveSha256")).isEqualTo(ledger.json(hash).at("/stateHash/sha256"));

            JdbcClient jdbc = JdbcClient.create(ledger.context().getBean(Catchup.class).generations().dataSource());
            assertThat(jdbc.sql("UPDATE reading_period SET state = 'SUSPENDED' WHERE entity_id = 'x-3'").update())
                    .isEqualTo(1);
            assertThat(ledger.json(hash + "?asKnownAt=position:" + ENTITIES).at("/stateHash/sha256"))
                    .isNotEqualTo(first.get("sha256"));
            assertThat(ledger.json(hash + "?asKnownAt=position:3").at("/stateHash/position").asLong()).isEqualTo(3);

            String names = "/v1/projections/search/state-hash";
            compared(ledger, "search", true);
            long reflected = ledger.head() - 1;
            while (ledger.json(names).at("/stateHash/position").asLong() < reflected) {
                Thread.sleep(10);
            }
            assertThat(ledger.get(names + "?asKnownAt=position:" + reflected).status()).isEqualTo(200);
            Answer past = ledger.get(names + "?asKnownAt=position:3");
            assertThat(past.status()).isEqualTo(400);
            assertThat(past.code()).isEqualTo("unknown-position");
            assertThat(ledger.get("/v1/projections/dreams/state-hash").code()).isEqualTo("unknown-projection");
            assertThat(ledger.get(hash + "?asKnownAt=position:999").code()).isEqualTo("unknown-position");
        });
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenNoSuchReadingOrNothingToCancel_whenAsked_thenRefusedOrTold(Databases kind) throws Exception {
        on(kind, ledger -> {
            for (String method : List.of("GET", "POST", "DELETE")) {
                Answer unknown = ledger.send(method, "/v1/projections/dreams/rebuild", new byte[0]);
                assertThat(unknown.status()).as(unknown.toString()).isEqualTo(404);
                assertThat(unknown.code()).isEqualTo("unknown-projection");
                assertThat(unknown.text()).contains("listings");
            }
            Answer idle = ledger.send("DELETE", REBUILD, new byte[0]);
            assertThat(idle.status()).isEqualTo(200);
            assertThat(idle.json().has("rebuild")).isFalse();
            assertThat(ledger.send("POST", REBUILD + "?switchIfDifferent=perhaps", new byte[0]).code())
                    .isEqualTo("malformed");
        });
    }
}
