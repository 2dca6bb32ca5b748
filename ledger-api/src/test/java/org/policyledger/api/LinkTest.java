package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.policyledger.core.LedgerJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Links between entities, and the parties they make, over HTTP. */
class LinkTest {

    private static final String L = "links";
    private static final String ACTIONS = "/v1/actions";
    private static final Set<String> DIFFER_FROM_RUN_TO_RUN = Set.of("actionId", "unlinkedBy", "recordedAt",
            "position");
    private static final RunningLedger LEDGER = RunningLedger.shared();

    @BeforeAll
    static void registerTheList() {
        LEDGER.record(Demand.register(L));
    }

    private static void listed(String... entityIds) {
        for (String entityId : entityIds) {
            LEDGER.record(Demand.list(entityId, L, "2020-01-01"));
        }
    }

    private static List<String> members(String entityId, String query) {
        List<String> members = new ArrayList<>();
        LEDGER.json("/v1/entities/" + entityId + "/party?" + query).get("members")
                .forEach(member -> members.add(member.get("entityId").asString()));
        return members;
    }

    @Test
    void givenLinks_whenThePartyIsAsked_thenTheyTieThroughOthersAndHoldOnTheRecordedAxisAlone() {
        listed("l-a", "l-b", "l-c");
        LEDGER.record(Demand.delist("l-c", L, "2021-01-01"));
        long first = LEDGER.record(Demand.link("l-b", "l-a", "Same address")).position();
        long second = LEDGER.record(Demand.link("l-b", "l-c", "Same owner")).position();

        assertThat(members("l-a", "asKnownAt=position:" + (first - 1))).containsExactly("l-a");
        assertThat(members("l-a", "asKnownAt=position:" + first)).containsExactly("l-a", "l-b");
        for (String one : List.of("l-a", "l-b", "l-c")) {
            assertThat(members(one, "asKnownAt=position:" + second)).containsExactly("l-a", "l-b", "l-c");
        }
        assertThat(members("l-c", "asOf=1950-01-01")).as("a link has no day").containsExactly("l-a", "l-b", "l-c");
        JsonNode party = LEDGER.json("/v1/entities/l-c/party?asOf=2021-01-01");
        assertThat(party.at("/members/0/lists/0/state").asString()).isEqualTo("LISTED");
        assertThat(party.at("/members/2/lists/0/state").asString()).isEqualTo("NOT_LISTED");
        assertThat(party.at("/links/0/reason").asString()).isEqualTo("Same address");
        assertThat(party.at("/links/1/reason").asString()).isEqualTo("Same owner");
    }

    @Test
    void givenALink_whenItIsTakenBack_thenTheAnswerIsTheOneBeforeAndTheOldOneStaysByteForByte() {
        listed("l-1", "l-2");
        String address = "/v1/entities/l-1/party?asOf=2020-06-01&asKnownAt=position:";
        long before = LEDGER.head() - 1;
        Answer alone = LEDGER.get(address + before);
        long linked = LEDGER.record(Demand.link("l-1", "l-2", "Perhaps")).position();
        Answer together = LEDGER.get(address + linked);
        long unlinked = LEDGER.record(Demand.unlink("l-2", "l-1", "Not so")).position();

        JsonNode after = LEDGER.json(address + unlinked);
        assertThat(after.get("members")).isEqualTo(alone.json().get("members"));
        assertThat(after.get("links")).isEmpty();
        assertThat(LEDGER.get(address + linked).text()).isEqualTo(together.text());
        assertThat(LEDGER.get(address + before).text()).isEqualTo(alone.text());
        assertThat(together.json().get("members")).hasSize(2);
    }

    @Test
    void givenLinks_whenAskedForWhoLinkedWhatAndWhy_thenEveryLinkAndUnlinkingInRecordedOrder() {
        listed("l-h", "l-i", "l-j");
        Answer link = LEDGER.record(Demand.with(Demand.link("l-h", "l-i", "Same address"),
                "\"evidence\": [{\"publisher\": \"Gazette\", \"reference\": \"2024/9\"}]"));
        LEDGER.record(Demand.link("l-j", "l-i", "Same owner"));
        Answer unlink = LEDGER.record(Demand.unlink("l-h", "l-i", "Two doors"));

        JsonNode links = LEDGER.json("/v1/entities/l-i/links").get("links");
        assertThat(links).hasSize(3);
        assertThat(links.at("/0/actionId").asString()).isEqualTo(link.actionId());
        assertThat(links.at("/0/evidence/0/reference").asString()).isEqualTo("2024/9");
        assertThat(links.at("/0/unlinkedBy").asString()).isEqualTo(unlink.actionId());
        assertThat(links.at("/1/entityIds").toString()).isEqualTo("[\"l-i\",\"l-j\"]");
        assertThat(links.at("/2/type").asString()).isEqualTo("EntitiesUnlinked");
        assertThat(links.at("/2/actor").asString()).isEqualTo("anonymous");
        JsonNode earlier = LEDGER.json("/v1/entities/l-i/links?asKnownAt=position:" + link.position()).get("links");
        assertThat(earlier).hasSize(1);
        assertThat(earlier.get(0).has("unlinkedBy")).as("not known by then").isFalse();
        assertThat(LEDGER.json("/v1/events?type=EntitiesUnlinked&after=" + link.position()).at("/0/subject").asString())
                .isEqualTo("link/l-h/l-i");
    }

    @Test
    void givenALink_whenItIsRecorded_thenTheReceiptNamesBothAndNeitherEntitysRecordMovesOn() {
        listed("l-r", "l-s");
        Answer receipt = LEDGER.record(Demand.link("l-s", "l-r", "r"));
        assertThat(receipt.json().get("entityIds").toString()).isEqualTo("[\"l-r\",\"l-s\"]");
        assertThat(receipt.json().has("entityId")).isFalse();
        assertThat(receipt.header("ETag")).isEqualTo("\"0\"");
        assertThat(LEDGER.json("/v1/entities/l-r").get("sequence").asLong()).isZero();
        assertThat(LEDGER.json("/v1/entities/l-r/history").get("actions")).hasSize(1);
        JsonNode event = LEDGER.json("/v1/events/" + receipt.actionId());
        assertThat(event.get("subject").asString()).isEqualTo("link/l-r/l-s");
        assertThat(event.has("effectivedate")).isFalse();
    }

    @Test
    void givenDemandsTheLawRefuses_whenSent_thenTheCodeSaysWhy() {
        listed("l-x", "l-y");
        refused(Demand.link("l-x", "l-unheard-of", "r"), 404, "unknown-entity", "l-unheard-of");
        refused(Demand.unlink("l-x", "l-y", "r"), 409, "not-linked", "l-x and l-y");
        String link = LEDGER.record(Demand.link("l-x", "l-y", "r")).actionId();
        refused(Demand.link("l-y", "l-x", "another"), 409, "already-linked", link);
        refused(Demand.link("l-x", "l-x", "r"), 400, "malformed", "l-x twice");
        refused(Demand.link("l-x", "l-y", ""), 400, "malformed", "reason");
        Answer stale = LEDGER.post(ACTIONS, Demand.unlink("l-x", "l-y", "r"), "If-Match", "\"3\"");
        assertThat(stale.status()).isEqualTo(412);
        Answer fresh = LEDGER.post(ACTIONS, Demand.unlink("l-x", "l-y", "r"), "If-Match", "\"0\"");
        assertThat(fresh.status()).as(fresh.toString()).isEqualTo(201);
        assertThat(LEDGER.get("/v1/entities/l-unheard-of/party").code()).isEqualTo("unknown-entity");
        assertThat(LEDGER.get("/v1/entities/l-unheard-of/links").code()).isEqualTo("unknown-entity");
    }

    private static void refused(String demand, int status, String code, String named) {
        long before = LEDGER.head();
        Answer answer = LEDGER.post(ACTIONS, demand);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.at("/detail")).contains(named);
        assertThat(LEDGER.head()).isEqualTo(before);
    }

    @Test
    void givenAKey_whenTheLinkIsSentAgain_thenItIsRecordedOnceAndAnsweredAsBefore() {
        listed("l-k", "l-l");
        String demand = Demand.link("l-k", "l-l", "r");
        Answer first = LEDGER.post(ACTIONS, demand, "Idempotency-Key", "l-key");
        Answer again = LEDGER.post(ACTIONS, demand, "Idempotency-Key", "l-key");
        assertThat(again.text()).isEqualTo(first.text());
        Answer other = LEDGER.post(ACTIONS, Demand.link("l-l", "l-k", "r"), "Idempotency-Key", "l-key");
        assertThat(other.code()).isEqualTo("idempotency-key-reused");
        assertThat(LEDGER.json("/v1/entities/l-k/links").get("links")).hasSize(1);
    }

    @Test
    void givenEntitiesListedInABatch_whenLaterLinesLinkThem_thenTheyAreKnownInBothModes() {
        for (String mode : List.of("false", "true")) {
            String[] ids = {"l-batch-1-" + mode, "l-batch-2-" + mode, "l-batch-3-" + mode};
            Answer answer = LEDGER.batch("/v1/actions/batch?atomic=" + mode,
                    String.join("\n", Demand.list(ids[0], L, "2020-01-01"), Demand.list(ids[1], L, "2020-01-01"),
                            Demand.link(ids[1], ids[0], "r"), Demand.list(ids[2], L, "2020-01-01"),
                            Demand.link(ids[1], ids[2], "r"), Demand.unlink(ids[0], ids[1], "r"),
                            Demand.link(ids[0], ids[1], "r")));
            assertThat(answer.lines()).as(answer.toString()).hasSize(7).allMatch(line -> line.has("actionId"));
            assertThat(answer.lines().get(6).get("sequence").asLong()).isEqualTo(2);
            assertThat(members(ids[0], "")).containsExactly(ids);
        }
        Answer refused = LEDGER.batch("/v1/actions/batch?atomic=true", String.join("\n",
                Demand.list("l-batch-4", L, "2020-01-01"), Demand.link("l-batch-4", "l-batch-1-true", "r"),
                Demand.link("l-batch-4", "l-batch-1-true", "r")));
        assertThat(refused.code()).isEqualTo("already-linked");
        assertThat(refused.at("/detail")).startsWith("Line 3: ");
        assertThat(LEDGER.get("/v1/entities/l-batch-4/links").status()).as("nothing was recorded").isEqualTo(404);
    }

    @Test
    void givenManyWriters_whenTheyAllLinkTheSameTwo_thenOneOfThemDoes() throws Exception {
        listed("l-race-1", "l-race-2");
        List<Callable<Answer>> writers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String demand = i % 2 == 0
                    ? Demand.link("l-race-1", "l-race-2", "r")
                    : Demand.link("l-race-2", "l-race-1", "r");
            writers.add(() -> LEDGER.post(ACTIONS, demand));
        }
        List<String> outcomes = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(writers.size())) {
            for (Future<Answer> answer : threads.invokeAll(writers)) {
                outcomes.add(answer.get().status() == 201 ? "recorded" : answer.get().code());
            }
        }
        assertThat(outcomes).containsOnlyOnce("recorded");
        assertThat(outcomes.stream().filter(outcome -> !outcome.equals("recorded")))
                .containsOnly("already-linked");
        assertThat(LEDGER.json("/v1/entities/l-race-1/links").get("links")).hasSize(1);
    }

    @Test
    void givenAParty_whenItIsAskedFor_thenItsPastAndItsCachingAreThoseOfTheOtherReadsOfAnEntity() {
        listed("l-m", "l-n");
        long linked = LEDGER.record(Demand.link("l-m", "l-n", "r")).position();
        for (String address : List.of("/v1/entities/l-m/party?asOf=2020-06-01&asKnownAt=position:" + linked,
                "/v1/entities/l-m/links?asKnownAt=position:" + linked)) {
            Answer pinned = LEDGER.get(address);
            assertThat(pinned.header("Cache-Control")).as(address).contains("immutable");
            assertThat(pinned.header("Memento-Datetime")).as(address).isNotEmpty();
            assertThat(pinned.response().headers().allValues("Link")).as(address)
                    .anyMatch(link -> link.endsWith("; rel=\"original timegate\""));
        }
        Answer now = LEDGER.get("/v1/entities/l-m/party");
        assertThat(now.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(now.header("Content-Location")).contains("asKnownAt=position:");
        Answer past = LEDGER.get("/v1/entities/l-m/party", "Accept-Datetime", "Thu, 16 Nov 2023 12:00:00 GMT");
        assertThat(past.status()).as(past.toString()).isEqualTo(200);
        assertThat(past.json().get("members")).hasSize(1);
        assertThat(past.json().get("members").get(0).get("lists")).isEmpty();
        assertThat(past.json().get("position").asLong()).isEqualTo(-1);
    }

    @Test
    void givenAPartyLargerThanTheLimit_whenAsked_thenItIsRefusedAndNotCutShort() {
        try (RunningLedger small = RunningLedger.start("--ledger.limits.party=3")) {
            small.record(Demand.register(L));
            for (String id : List.of("p-1", "p-2", "p-3", "p-4")) {
                small.record(Demand.list(id, L, "2020-01-01"));
            }
            small.record(Demand.link("p-1", "p-2", "r"));
            long three = small.record(Demand.link("p-2", "p-3", "r")).position();
            assertThat(small.json("/v1/entities/p-1/party").get("members")).hasSize(3);
            small.record(Demand.link("p-3", "p-4", "r"));
            Answer refused = small.get("/v1/entities/p-1/party");
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.code()).isEqualTo("party-too-large");
            assertThat(refused.at("/detail")).contains("More than 3 entities", "p-1");
            assertThat(small.json("/v1/entities/p-1/party?asKnownAt=position:" + three).get("members")).hasSize(3);
            assertThat(small.json("/v1/entities/p-3/links").get("links")).hasSize(2);
        }
    }

    @Test
    void givenTheLinkedExamplesOfTheDescription_whenTheSameIsRecorded_thenTheAnswersAreTheSame() {
        LEDGER.record(Demand.register("party-eu"));
        LEDGER.record(Demand.register("party-us"));
        LEDGER.record(named("party-eu-17", "party-eu", "2024-01-10", "Trial Shipping SA"));
        LEDGER.record(named("party-us-204", "party-us", "2024-02-01", "Trial Shipping S.A."));
        long linked = LEDGER.record(Demand.with(
                Demand.link("party-us-204", "party-eu-17", "Same registration number"),
                "\"evidence\": [{\"publisher\": \"Trial Gazette\", \"reference\": \"2024/9\"}]")).position();
        LEDGER.record(Demand.unlink("party-eu-17", "party-us-204", "The number was given again to another company"));
        sameAsDescribed("party", LEDGER.json("/v1/entities/party-eu-17/party?asOf=2024-03-01&asKnownAt=position:"
                + linked));
        sameAsDescribed("links", LEDGER.json("/v1/entities/party-eu-17/links"));
    }

    @Test
    void givenTheDescription_whenTheCommandIsLookedUp_thenThePairIsAnArrayOfIdentifiers() {
        JsonNode pair = LEDGER.json("/v3/api-docs").at("/components/schemas/LinkEntities/properties/entityIds");
        assertThat(pair.get("type").asString()).as(pair.toString()).isEqualTo("array");
    }

    private static String named(String entityId, String listId, String date, String name) {
        return """
                {"action": "ListEntity", "entityId": "%s", "listId": "%s", "effectiveDate": "%s", "entry": {"subject": {"name": "%s"}}}"""
                .formatted(entityId, listId, date, name);
    }

    private static void sameAsDescribed(String call, JsonNode answer) {
        JsonNode shown = LEDGER.json("/v3/api-docs").at("/paths/~1v1~1entities~1{entityId}~1" + call
                + "/get/responses/200/content/application~1json/examples/Linked/value");
        assertThat(shown.isObject()).isTrue();
        assertThat(alike(answer)).isEqualTo(alike(shown));
    }

    /** The tree without the values that differ from run to run. */
    private static JsonNode alike(JsonNode tree) {
        if (tree.isObject()) {
            ObjectNode same = LedgerJson.MAPPER.createObjectNode();
            tree.properties().forEach(field -> same.set(field.getKey(),
                    DIFFER_FROM_RUN_TO_RUN.contains(field.getKey())
                            ? LedgerJson.MAPPER.getNodeFactory().stringNode("")
                            : alike(field.getValue())));
            return same;
        }
        if (tree.isArray()) {
            ArrayNode same = LedgerJson.MAPPER.createArrayNode();
            tree.forEach(element -> same.add(alike(element)));
            return same;
        }
        return tree;
    }
}
