package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ListReadingTest {

    private static final String L = "list-reading";
    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static final int MEMBERS = 25;

    @BeforeAll
    static void record() {
        LEDGER.record(Demand.register(L));
        Answer batch = LEDGER.batch("/v1/actions/batch?atomic=true", IntStream.range(0, MEMBERS)
                .mapToObj(i -> Demand.list(member(i), L, "2020-01-01", "wording " + i))
                .collect(Collectors.joining("\n")));
        assertThat(batch.status()).isEqualTo(201);
        LEDGER.record(Demand.amend(member(3), L, "2020-02-01", "another wording"));
        LEDGER.record(Demand.delist(member(4), L, "2020-02-01"));
        LEDGER.record(Demand.suspend(member(5), L, "2020-02-01"));
        LEDGER.record(Demand.list("l-new", L, "2020-02-01"));
        LEDGER.record(Demand.delist(member(6), L, "2020-01-15"));
        LEDGER.record(Demand.list(member(6), L, "2020-01-20", "wording 6"));
    }

    private static String member(int number) {
        return "l-%02d".formatted(number);
    }

    /** Every item of every page, by following the links to their end. */
    private static List<JsonNode> follow(String path, String items) {
        List<JsonNode> all = new ArrayList<>();
        String next = path;
        while (!next.isEmpty()) {
            Answer page = LEDGER.get(next);
            assertThat(page.status()).as(next + page).isEqualTo(200);
            page.json().get(items).forEach(all::add);
            assertThat(page.json().has("cursor")).isEqualTo(!page.next().isEmpty());
            next = page.next();
        }
        return all;
    }

    private static List<String> ids(List<JsonNode> items) {
        return items.stream().map(item -> item.get("entityId").asString()).toList();
    }

    @Test
    void givenLists_whenAsked_thenEachComesWithItsFiguresOfTheDay() {
        JsonNode list = LEDGER.json("/v1/lists/" + L + "?asOf=2020-01-31").get("list");
        assertThat(list.get("entries").asInt()).isEqualTo(MEMBERS);
        assertThat(list.get("actions").asInt()).isEqualTo(MEMBERS + 6);
        assertThat(list.at("/details/timeZone").asString()).isEqualTo("America/New_York");
        assertThat(list.has("latestSnapshot")).isFalse();
        assertThat(LEDGER.json("/v1/lists/" + L + "?asOf=2019-12-31").at("/list/entries").asInt()).isZero();
        assertThat(LEDGER.json("/v1/lists/" + L + "?asOf=2020-02-01").at("/list/entries").asInt())
                .isEqualTo(MEMBERS);
        List<String> all = new ArrayList<>();
        LEDGER.json("/v1/lists").get("lists").forEach(each -> all.add(each.get("listId").asString()));
        assertThat(all).contains(L).isSorted();
    }

    @Test
    void givenAList_whenItsEntriesAreAskedOnADay_thenTheyAreThoseOfThatDayInOrder() {
        List<JsonNode> entries = follow("/v1/lists/" + L + "/entries?asOf=2020-02-01&limit=1000", "entries");
        List<String> expected = new ArrayList<>(IntStream.range(0, MEMBERS).filter(i -> i != 4)
                .mapToObj(ListReadingTest::member).toList());
        expected.add("l-new");
        assertThat(ids(entries)).containsExactlyElementsOf(expected);
        assertThat(entries.get(3).at("/entry/remarks").asString()).isEqualTo("another wording");
        assertThat(entries.get(4).get("state").asString()).isEqualTo("SUSPENDED");
        assertThat(entries.get(4).at("/entry/remarks").asString()).isEqualTo("wording 5");
        assertThat(follow("/v1/lists/" + L + "/entries?asOf=2019-12-31", "entries")).isEmpty();
        assertThat(ids(follow("/v1/lists/" + L + "/entries?asOf=2020-01-17", "entries"))).hasSize(MEMBERS - 1)
                .doesNotContain(member(6));
    }

    @Test
    void givenPagesOfEverySize_whenFollowedToTheEnd_thenTogetherTheyAreTheWhole() {
        for (String path : List.of("/v1/lists/" + L + "/entries?asOf=2020-02-01",
                "/v1/lists/" + L + "/changes?from=2019-12-31&to=2020-02-01")) {
            String items = path.contains("changes") ? "changes" : "entries";
            List<JsonNode> whole = follow(path + "&limit=1000", items);
            assertThat(whole).hasSize(MEMBERS);
            for (int limit : List.of(1, 2, 7, MEMBERS - 1, MEMBERS, MEMBERS + 1)) {
                assertThat(follow(path + "&limit=" + limit, items)).as(path + limit).isEqualTo(whole);
            }
        }
    }

    @Test
    void givenAFirstPage_whenMoreIsRecordedBeforeTheNext_thenThePagesDoNotShift() {
        String list = "list-paging";
        LEDGER.record(Demand.register(list));
        for (int i = 0; i < 6; i++) {
            LEDGER.record(Demand.list("p-" + i, list, "2020-01-01"));
        }
        for (String path : List.of("/v1/lists/" + list + "/entries?asOf=2020-01-01&limit=2",
                "/v1/lists/" + list + "/changes?from=2019-01-01&to=2020-01-01&limit=2")) {
            String items = path.contains("changes") ? "changes" : "entries";
            List<JsonNode> whole = follow(path.replace("limit=2", "limit=100"), items);
            Answer first = LEDGER.get(path);
            String added = "p-0-" + items;
            LEDGER.record(Demand.list("p-3-" + items, list, "2020-01-01"));
            LEDGER.record(Demand.list(added, list, "2020-01-01"));
            LEDGER.record(Demand.delist(ids(whole).get(3), list, "2020-01-01"));

            List<JsonNode> paged = new ArrayList<>();
            first.json().get(items).forEach(paged::add);
            paged.addAll(follow(first.next(), items));

            assertThat(paged).isEqualTo(whole);
            assertThat(LEDGER.json(first.next()).get("position")).isEqualTo(first.json().get("position"));
            assertThat(ids(follow(path, items))).contains(added, "p-3-" + items);
        }
    }

    @Test
    void givenTwoDays_whenTheChangesAreAsked_thenEachKindComesOnceWithItsFields() {
        List<JsonNode> changes = follow("/v1/lists/" + L + "/changes?from=2020-01-31&to=2020-02-01", "changes");
        assertThat(changes.stream().map(change -> change.get("entityId").asString() + " "
                + change.get("change").asString()).toList()).containsExactly(member(3) + " AMENDED",
                        member(4) + " REMOVED", member(5) + " SUSPENDED", "l-new ADDED");
        assertThat(changes.getFirst().at("/fields/0/field").asString()).isEqualTo("/remarks");
        assertThat(changes.getFirst().at("/fields/0/before").asString()).isEqualTo("wording 3");
        assertThat(changes.getFirst().at("/fields/0/after").asString()).isEqualTo("another wording");
        assertThat(changes.get(1).has("after")).isFalse();
        assertThat(changes.get(3).has("before")).isFalse();
        assertThat(changes.get(3).get("decidedBy").get("type").asString()).isEqualTo("EntityListed");
        assertThat(follow("/v1/lists/" + L + "/changes?from=2020-01-10&to=2020-01-31", "changes"))
                .as("taken off and put back as it was").isEmpty();
        assertThat(follow("/v1/lists/" + L + "/changes?from=2020-02-01&to=2020-02-01", "changes")).isEmpty();
    }

    @Test
    void givenDaysThatCannotBeCompared_whenTheChangesAreAsked_thenMalformed() {
        for (String query : List.of("", "?from=2020-01-01", "?to=2020-01-01", "?from=2020-02-01&to=2020-01-01",
                "?from=2021-02-30&to=2021-03-01", "?from=&to=")) {
            Answer answer = LEDGER.get("/v1/lists/" + L + "/changes" + query);
            assertThat(answer.status()).as(query + answer).isEqualTo(400);
            assertThat(answer.code()).isEqualTo("malformed");
        }
    }

    /** A list on which one entity each was corrected, voided, recorded late and recorded in time after a position. */
    private static final class Revised {
        static final String LIST = "list-revised";
        static final long BEFORE;
        static final long AFTER;
        static final Map<String, String> ACTIONS = new HashMap<>();

        static {
            LEDGER.record(Demand.register(LIST));
            for (String entity : List.of("v-corrected", "v-voided", "v-moved", "v-untouched")) {
                ACTIONS.put(entity, LEDGER.record(Demand.list(entity, LIST, "2020-01-01", "as first told")).actionId());
            }
            BEFORE = LEDGER.head() - 1;
            LEDGER.record(Demand.correct("v-corrected", action("v-corrected"),
                    Demand.list("v-corrected", LIST, "2020-01-01", "as told rightly")));
            LEDGER.record(Demand.strike("v-voided", action("v-voided")));
            LEDGER.record(Demand.correct("v-moved", action("v-moved"),
                    Demand.list("v-moved", LIST, daysAhead(40), "as first told")));
            LEDGER.record(Demand.list("v-late", LIST, "2020-06-01"));
            LEDGER.record(Demand.amend("v-late", LIST, daysAhead(30), "a wording to come"));
            LEDGER.record(Demand.list("v-in-time", LIST, daysAhead(20)));
            AFTER = LEDGER.head() - 1;
            LEDGER.record(Demand.delist("v-late", LIST, daysAhead(50)));
        }

        /** In the zone of the list's authority, and that many days on. */
        static String daysAhead(int days) {
            return LocalDate.now(ZoneId.of("America/New_York")).plusDays(days).toString();
        }

        static String action(String entity) {
            return java.util.Objects.requireNonNull(ACTIONS.get(entity));
        }

        static String path(String asOf) {
            return "/v1/lists/" + LIST + "/revisions?asOf=" + asOf + "&knownFrom=position:" + BEFORE
                    + "&knownTo=position:" + AFTER;
        }

        static List<String> told(String asOf) {
            return follow(path(asOf), "revisions").stream().map(revision -> revision.get("entityId").asString() + " "
                    + revision.get("change").asString() + " "
                    + String.join(" ",
                            revision.get("origins").valueStream().map(o -> o.get("kind").asString()).toList()))
                    .toList();
        }
    }

    @Test
    void givenTwoPositions_whenTheRevisionsOfADayAreAsked_thenEachDifferenceComesWithWhatMadeIt() {
        assertThat(Revised.told("2020-03-01")).containsExactly("v-corrected AMENDED correction",
                "v-moved REMOVED correction", "v-voided REMOVED voiding");
        assertThat(Revised.told("2020-07-01")).containsExactly("v-corrected AMENDED correction",
                "v-late ADDED late-recording", "v-moved REMOVED correction", "v-voided REMOVED voiding");
        assertThat(Revised.told(Revised.daysAhead(35))).containsExactly(
                "v-corrected AMENDED correction", "v-in-time ADDED new-action",
                "v-late ADDED late-recording new-action", "v-moved REMOVED correction", "v-voided REMOVED voiding");
        assertThat(Revised.told("2019-12-31")).isEmpty();

        List<JsonNode> revisions = follow(Revised.path("2020-03-01"), "revisions");
        JsonNode corrected = revisions.getFirst();
        assertThat(corrected.at("/before/remarks").asString()).isEqualTo("as first told");
        assertThat(corrected.at("/after/remarks").asString()).isEqualTo("as told rightly");
        assertThat(corrected.at("/fields/0/field").asString()).isEqualTo("/remarks");
        assertThat(corrected.at("/origins/0/corrects").asString()).isEqualTo(Revised.action("v-corrected"));
        assertThat(corrected.at("/origins/0/position").asLong()).isEqualTo(Revised.BEFORE + 1);
        assertThat(corrected.at("/origins/0/actor").asString()).isEqualTo("anonymous");
        JsonNode voided = revisions.get(2);
        assertThat(voided.has("after")).isFalse();
        assertThat(voided.at("/origins/0/voids").asString()).isEqualTo(Revised.action("v-voided"));
        assertThat(voided.at("/origins/0/type").asString()).isEqualTo("ActionVoided");
    }

    @Test
    void givenInstants_whenTheRevisionsAreAsked_thenTheAnswerNamesThePositionsTheyCameTo() {
        String path = "/v1/lists/" + Revised.LIST + "/revisions?asOf=2020-03-01";
        JsonNode answer = LEDGER.json(path + "&knownFrom=1970-01-01T00:00:00Z&knownTo=position:" + Revised.AFTER);
        assertThat(answer.get("knownFrom").asLong()).isEqualTo(-1);
        assertThat(answer.get("knownTo").asLong()).isEqualTo(Revised.AFTER);
        assertThat(ids(List.copyOf(answer.get("revisions").valueStream().toList()))).as("against an empty ledger")
                .containsExactly("v-corrected", "v-untouched");
        JsonNode toNow = LEDGER.json(path + "&knownFrom=position:" + Revised.BEFORE);
        assertThat(toNow.get("knownTo").asLong()).isGreaterThan(Revised.AFTER);
        assertThat(toNow.get("revisions")).hasSize(3);
        Answer pinned = LEDGER.get(Revised.path("2020-03-01"));
        assertThat(pinned.header("Cache-Control")).contains("immutable");
        assertThat(LEDGER.get(path + "&knownFrom=position:" + Revised.BEFORE).header("Cache-Control"))
                .isEqualTo("no-cache");
    }

    @Test
    void givenPagesOfRevisions_whenFollowedWhileMoreIsRecorded_thenTogetherTheyAreTheWholeOfTheFirstPagesViews() {
        String path = "/v1/lists/" + Revised.LIST + "/revisions?asOf=2020-07-01&knownFrom=position:" + Revised.BEFORE;
        List<JsonNode> whole = follow(path + "&limit=1000", "revisions");
        for (int limit : List.of(1, 2, 3, 4, 5)) {
            assertThat(follow(path + "&limit=" + limit, "revisions")).isEqualTo(whole);
        }
        Answer first = LEDGER.get(path + "&limit=1");
        LEDGER.record(Demand.list("v-during", Revised.LIST, "2020-02-01"));
        List<JsonNode> paged = new ArrayList<>();
        first.json().get("revisions").forEach(paged::add);
        paged.addAll(follow(first.next(), "revisions"));
        assertThat(paged).isEqualTo(whole);
        assertThat(ids(follow(path, "revisions"))).contains("v-during");
    }

    @Test
    void givenViewsThatCannotBeCompared_whenTheRevisionsAreAsked_thenTheProblemNamesThem() {
        String path = "/v1/lists/" + Revised.LIST + "/revisions?asOf=2020-03-01&";
        for (String query : List.of("", "knownTo=position:1", "knownFrom=", "knownFrom=yesterday",
                "knownFrom=position:-1", "knownFrom=position:1&knownTo=x", "knownFrom=position:5&knownTo=position:4",
                "knownFrom=position:5&knownTo=1970-01-01T00:00:00Z",
                "knownFrom=1971-01-01T00:00:00Z&knownTo=1970-01-01T00:00:00Z")) {
            Answer answer = LEDGER.get(path + query);
            assertThat(answer.status()).as(query + answer).isEqualTo(400);
            assertThat(answer.code()).isEqualTo("malformed");
            assertThat(answer.at("/detail")).contains("known");
        }
        for (String query : List.of("knownFrom=position:999999999999", "knownFrom=2199-01-01T00:00:00Z",
                "knownFrom=position:0&knownTo=position:" + LEDGER.head())) {
            assertThat(LEDGER.get(path + query).code()).as(query).isEqualTo("unknown-position");
        }
        assertThat(LEDGER.get(path.replace("2020-03-01", "2020-02-30") + "knownFrom=position:0").code())
                .isEqualTo("malformed");
        assertThat(LEDGER.get(path + "knownFrom=1970-01-01T00:00:00Z&knownTo=1970-01-01T00:00:00Z").code())
                .isEqualTo("unknown-list");
        String cursor = LEDGER.get("/v1/lists/" + L + "/entries?limit=1").json().get("cursor").asString();
        assertThat(LEDGER.get(path + "knownFrom=position:0&cursor=" + cursor).at("/detail"))
                .contains("another address");
    }

    @Test
    void givenALimitOrACursorThatIsNotOurs_whenAPageIsAsked_thenMalformed() {
        String good = LEDGER.get("/v1/lists/" + L + "/entries?limit=1").json().get("cursor").asString();
        String events = LEDGER.get("/v1/events?limit=1").next();
        assertThat(events).contains("cursor=");
        for (String path : List.of("/v1/lists/" + L + "/entries?", "/v1/events?",
                "/v1/lists/" + L + "/changes?from=2020-01-01&to=2020-02-01&",
                "/v1/lists/" + L + "/revisions?knownFrom=position:0&")) {
            for (String wrong : List.of("limit=0", "limit=-1", "limit=1001", "limit=x", "limit=1.5",
                    "limit=99999999999",
                    "cursor=", "cursor=x", "cursor=" + good.substring(2), "cursor=%00",
                    "cursor=" + forged("5 2020-01-01"),
                    "cursor=" + forged("-5 2020-01-01 a"), "cursor=" + forged("5 2021-02-30 a"),
                    "cursor=" + forged("5 2020-01-01 "), "cursor=" + forged("5 2020-01-01 a\u0000b"),
                    "cursor=" + forged("5 2020-01-01 a' OR 1=1"), "cursor=" + forged("5 1066-01-01 a"),
                    "cursor=" + forged("999999999999999 2020-01-01 a"),
                    "cursor=" + forged("999999999999999999999 2020-01-01 a"))) {
                Answer answer = LEDGER.get(path + wrong);
                assertThat(answer.status()).as(path + wrong + answer).isEqualTo(400);
                assertThat(answer.code()).isEqualTo("malformed");
                assertThat(answer.at("/detail")).contains(wrong.substring(0, wrong.indexOf('=')));
            }
        }
        Answer foreign = LEDGER.get("/v1/events?cursor=" + good);
        assertThat(foreign.code()).as("a cursor over entries at the address of events").isEqualTo("malformed");
        assertThat(LEDGER.get("/v1/lists/" + L + "/entries?limit=1000").status()).isEqualTo(200);
    }

    private static String forged(String cursor) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(cursor.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void givenAListNotRegistered_whenAsked_thenUnknown() {
        for (String path : List.of("", "/entries", "/changes?from=2020-01-01&to=2020-01-02",
                "/revisions?knownFrom=position:0")) {
            Answer answer = LEDGER.get("/v1/lists/unheard-of" + path);
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.code()).isEqualTo("unknown-list");
            assertThat(answer.at("/detail")).contains("unheard-of");
        }
    }
}
