package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class EntityReadingTest {

    private static final String L = "reading";
    private static final String M = "reading-2";
    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static final List<Answer> RECEIPTS = new ArrayList<>();

    @BeforeAll
    static void record() {
        for (String command : List.of(Demand.register(L), Demand.register(M),
                Demand.until(Demand.list("e-1", L, "2020-01-01", "first"), "2022-01-01"),
                Demand.list("e-1", M, "2021-06-01", "on the other list"),
                Demand.until(Demand.suspend("e-1", L, "2020-06-01"), "2020-09-01"),
                Demand.until(Demand.amend("e-1", L, "2020-07-01", "second"), "2022-01-01"))) {
            RECEIPTS.add(LEDGER.record(command));
        }
    }

    private static String at(int receipt) {
        return "position:" + RECEIPTS.get(receipt).position();
    }

    private static JsonNode status(String query) {
        return LEDGER.json("/v1/entities/e-1/status?" + query);
    }

    @Test
    void givenTwoLists_whenTheStatusIsAsked_thenItComesPerListAndTheFilterTakesOne() {
        JsonNode both = status("asOf=2021-07-01&asKnownAt=" + at(5));
        assertThat(both.get("lists")).hasSize(2);
        assertThat(both.at("/lists/0/listId").asString()).isEqualTo(L);
        assertThat(both.at("/lists/1/listId").asString()).isEqualTo(M);
        assertThat(both.at("/lists/1/entry/remarks").asString()).isEqualTo("on the other list");
        assertThat(both.get("position").asLong()).isEqualTo(RECEIPTS.get(5).position());
        JsonNode one = status("listId=" + M + "&asOf=2021-07-01").get("lists");
        assertThat(one).hasSize(1);
        assertThat(one.at("/0/listId").asString()).isEqualTo(M);
        JsonNode never = LEDGER.json("/v1/entities/e-1/status?listId=" + L + "&asOf=2019-12-31").get("lists");
        assertThat(never.at("/0/state").asString()).isEqualTo("NOT_LISTED");
        assertThat(never.at("/0/nextChange/on").asString()).isEqualTo("2020-01-01");
    }

    @Test
    void givenAFixedTermAndASuspension_whenAskedAlongTheDays_thenEachStateComesWithItsNextChange() {
        List<String> told = new ArrayList<>();
        for (String day : List.of("2019-12-31", "2020-01-01", "2020-05-31", "2020-06-01", "2020-07-01", "2020-08-31",
                "2020-09-01", "2021-12-31", "2022-01-01")) {
            JsonNode status = status("listId=" + L + "&asOf=" + day + "&asKnownAt=" + at(5)).at("/lists/0");
            told.add(day + " " + status.get("state").asString() + " since " + status.path("since").asString("-")
                    + " until "
                    + status.path("until").asString("-") + " entry " + status.at("/entry/remarks").asString("-")
                    + " cause " + status.path("cause").asString("-") + " next "
                    + status.at("/nextChange/on").asString("-") + " " + status.at("/nextChange/state").asString("-"));
        }
        assertThat(told).containsExactly(
                "2019-12-31 NOT_LISTED since - until - entry - cause - next 2020-01-01 LISTED",
                "2020-01-01 LISTED since 2020-01-01 until 2022-01-01 entry first cause - next 2020-06-01 SUSPENDED",
                "2020-05-31 LISTED since 2020-01-01 until 2022-01-01 entry first cause - next 2020-06-01 SUSPENDED",
                "2020-06-01 SUSPENDED since 2020-06-01 until 2020-09-01 entry first cause - next 2020-07-01 SUSPENDED",
                "2020-07-01 SUSPENDED since 2020-06-01 until 2020-09-01 entry second cause - next 2020-09-01 LISTED",
                "2020-08-31 SUSPENDED since 2020-06-01 until 2020-09-01 entry second cause - next 2020-09-01 LISTED",
                "2020-09-01 LISTED since 2020-09-01 until 2022-01-01 entry second cause expiry next 2022-01-01 NOT_LISTED",
                "2021-12-31 LISTED since 2020-09-01 until 2022-01-01 entry second cause expiry next 2022-01-01 NOT_LISTED",
                "2022-01-01 NOT_LISTED since 2022-01-01 until - entry - cause expiry next - -");
    }

    @Test
    void givenEachPosition_whenTheStatusIsAskedThere_thenOnlyWhatWasKnownCounts() {
        String day = "&listId=" + L + "&asOf=2020-08-01";
        assertThat(status("asKnownAt=" + at(1) + day).at("/lists/0/state").asString()).isEqualTo("NOT_LISTED");
        assertThat(status("asKnownAt=" + at(2) + day).at("/lists/0/state").asString()).isEqualTo("LISTED");
        assertThat(status("asKnownAt=" + at(4) + day).at("/lists/0/state").asString()).isEqualTo("SUSPENDED");
        assertThat(status("asKnownAt=" + at(4) + day).at("/lists/0/entry/remarks").asString()).isEqualTo("first");
        assertThat(status("asKnownAt=" + at(5) + day).at("/lists/0/entry/remarks").asString()).isEqualTo("second");
        String instant = RECEIPTS.get(4).at("/recordedAt");
        assertThat(status("asKnownAt=" + instant + day).get("position").asLong())
                .isGreaterThanOrEqualTo(RECEIPTS.get(4).position());
        assertThat(status("asKnownAt=" + Instant.parse(instant).minusNanos(1000) + day).get("position").asLong())
                .isLessThan(RECEIPTS.get(4).position());
    }

    @Test
    void givenNothing_whenNeitherDayNorKnowledgeIsNamed_thenTodayInUtcAndAllThatIsRecorded() {
        JsonNode answer = LEDGER.json("/v1/entities/e-1/status");
        assertThat(answer.get("asOf").asString()).isEqualTo(LocalDate.now(ZoneOffset.UTC).toString());
        assertThat(answer.get("position").asLong()).isEqualTo(LEDGER.head() - 1);
    }

    @Test
    void givenTheEntity_whenItsProfileIsAsked_thenNameSequenceAndStatusOnEveryList() {
        JsonNode profile = LEDGER.json("/v1/entities/e-1?asOf=2021-07-01&asKnownAt=" + at(5));
        assertThat(profile.get("entityId").asString()).isEqualTo("e-1");
        assertThat(profile.get("name").asString()).isEqualTo("X Institute");
        assertThat(profile.get("sequence").asLong()).isEqualTo(3);
        assertThat(profile.get("lists")).hasSize(2);
        assertThat(LEDGER.json("/v1/entities/e-1?asKnownAt=" + at(2)).get("lists")).hasSize(1);
        assertThat(LEDGER.get("/v1/entities/e-1?asKnownAt=" + at(1)).code()).isEqualTo("unknown-entity");
    }

    @Test
    void givenTheEntity_whenItsTimelineIsAsked_thenPeriodsOfEachListJoin() {
        JsonNode lists = LEDGER.json("/v1/entities/e-1/timeline?asKnownAt=" + at(5)).get("lists");
        assertThat(lists.propertyNames()).containsExactly(L, M);
        String before = "2020-01-01";
        for (JsonNode period : lists.get(L)) {
            assertThat(period.get("from").asString()).isEqualTo(before);
            before = period.path("to").asString("end");
        }
        assertThat(before).isEqualTo("end");
        assertThat(lists.get(L)).hasSize(5);
        assertThat(lists.get(L).get(4).get("expired").asBoolean()).isTrue();
        assertThat(LEDGER.json("/v1/entities/e-1/timeline?listId=" + M).get("lists").propertyNames())
                .containsExactly(M);
    }

    @Test
    void givenTheEntity_whenItsHistoryIsAskedAtAPosition_thenItEndsThere() {
        assertThat(LEDGER.json("/v1/entities/e-1/history?asKnownAt=" + at(5)).get("actions")).hasSize(4);
        assertThat(LEDGER.json("/v1/entities/e-1/history?asKnownAt=" + at(3)).get("actions")).hasSize(2);
        assertThat(LEDGER.json("/v1/entities/e-1/history?asKnownAt=" + at(1)).get("actions")).isEmpty();
        assertThat(
                LEDGER.json("/v1/entities/e-1/history?asKnownAt=" + at(5)).at("/actions/3/changes/0/field").asString())
                .isEqualTo("/remarks");
    }

    @Test
    void givenAnAnswer_whenBothCoordinatesArePinned_thenItMayBeKeptForEverAndElseNot() {
        String asOf = "asOf=2020-01-01";
        String known = "asKnownAt=" + at(5);
        for (String path : List.of("/v1/entities/e-1?", "/v1/entities/e-1/status?", "/v1/lists?",
                "/v1/lists/" + L + "?",
                "/v1/lists/" + L + "/entries?")) {
            assertThat(LEDGER.get(path + asOf + "&" + known).header("Cache-Control")).as(path)
                    .contains("immutable", "max-age=31536000");
            for (String loose : List.of("", asOf, known, asOf + "&asKnownAt=" + RECEIPTS.get(5).at("/recordedAt"))) {
                assertThat(LEDGER.get(path + loose).header("Cache-Control")).as(path + loose).isEqualTo("no-cache");
            }
        }
        for (String path : List.of("/v1/entities/e-1/history?", "/v1/entities/e-1/timeline?")) {
            assertThat(LEDGER.get(path + known).header("Cache-Control")).contains("immutable");
            assertThat(LEDGER.get(path).header("Cache-Control")).isEqualTo("no-cache");
        }
        String changes = "/v1/lists/" + L + "/changes?from=2020-01-01&to=2020-02-01";
        assertThat(LEDGER.get(changes + "&" + known).header("Cache-Control")).contains("immutable");
        assertThat(LEDGER.get(changes).header("Cache-Control")).isEqualTo("no-cache");
        assertThat(LEDGER.get("/v1/entities/e-nobody?" + asOf + "&" + known).header("Cache-Control"))
                .doesNotContain("immutable");
    }

    @Test
    void givenDaysAndKnowledgeInWrongForms_whenAsked_thenTheProblemNamesTheValueAndTheForm() {
        for (String path : List.of("/v1/entities/e-1", "/v1/entities/e-1/status", "/v1/lists", "/v1/lists/" + L,
                "/v1/lists/" + L + "/entries")) {
            for (String wrong : List.of("", "2021-02-30", "20200101", "2020-01-01T00:00:00Z", "today", "1899-12-31",
                    "2200-01-01", "%2B10000-01-01", "2020-1-1", "-1")) {
                Answer answer = LEDGER.get(path + "?asOf=" + wrong);
                assertThat(answer.status()).as(path + wrong + answer).isEqualTo(400);
                assertThat(answer.code()).isEqualTo("malformed");
                assertThat(answer.at("/detail")).contains("asOf");
            }
        }
        for (String path : List.of("/v1/entities/e-1", "/v1/entities/e-1/status", "/v1/entities/e-1/history",
                "/v1/entities/e-1/timeline", "/v1/lists", "/v1/lists/" + L, "/v1/lists/" + L + "/entries",
                "/v1/lists/" + L + "/changes?from=2020-01-01&to=2020-01-02")) {
            String query = path + (path.contains("?") ? "&" : "?") + "asKnownAt=";
            for (String wrong : List.of("", "2020-01-01", "position:", "position:-1", "position:x", "position:1.0",
                    "position:9999999999999999999", "42", "now", "2020-01-01T25:00:00Z", "2020-01-01T00:00:00",
                    "position:%D9%A1")) {
                Answer answer = LEDGER.get(query + wrong);
                assertThat(answer.status()).as(query + wrong + answer).isEqualTo(400);
                assertThat(answer.code()).isEqualTo("malformed");
                assertThat(answer.at("/detail")).contains("asKnownAt", "position:42");
            }
            for (String notYet : List.of("position:" + LEDGER.head(), "position:999999999999999999",
                    "2199-01-01T00:00:00Z", "%2B1000000000-12-31T23:59:59.999999999Z")) {
                Answer answer = LEDGER.get(query + notYet);
                assertThat(answer.status()).as(query + notYet + answer).isEqualTo(400);
                assertThat(answer.code()).isEqualTo("unknown-position");
            }
        }
        assertThat(LEDGER.json("/v1/lists?asKnownAt=-1000000000-01-01T00:00:00Z").get("lists")).isEmpty();
        assertThat(LEDGER.json("/v1/lists?asKnownAt=1970-01-01T00:00:00Z").get("position").asLong()).isEqualTo(-1);
        assertThat(LEDGER.json("/v1/lists?asKnownAt=2026-01-01T00:00:00%2B02:00").get("lists")).isNotNull();
    }

    @Test
    void givenWhatIsNotThere_whenAsked_thenTheProblemNamesIt() {
        for (String path : List.of("", "/status", "/history", "/timeline")) {
            Answer answer = LEDGER.get("/v1/entities/e-nobody" + path);
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.code()).isEqualTo("unknown-entity");
            assertThat(answer.at("/detail")).contains("e-nobody");
        }
        for (String path : List.of("/status", "/timeline")) {
            Answer answer = LEDGER.get("/v1/entities/e-1" + path + "?listId=unheard-of");
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.code()).isEqualTo("unknown-list");
            assertThat(LEDGER.get("/v1/entities/e-1" + path + "?listId=A%20B").code()).isEqualTo("malformed");
        }
        assertThat(LEDGER.get("/v1/entities/e-1/status?listId=" + L + "&asKnownAt=position:"
                + (RECEIPTS.get(0).position() - 1)).code()).isEqualTo("unknown-list");
    }
}
