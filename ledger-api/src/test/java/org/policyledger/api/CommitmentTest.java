package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Commitments, what is found and said about them, and the dossiers they belong to, over HTTP. */
class CommitmentTest {

    private static final String L = "commitments";
    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static String listing = "";
    private static Answer last = LEDGER.get("/v1/lists");

    private static String commit(String id, String fields) {
        return Demand
                .with("""
                        {"action": "RecordCommitment", "commitmentId": "%s", "dossier": "k-affair", "commitment": {"by": "A", "to": "B", "text": "To act", "madeOn": "2024-01-10"%s}}"""
                        .formatted(id, fields), "\"actionIds\": [\"" + listing + "\"]");
    }

    private static String assess(String id, String finding, String on, String fields) {
        return """
                {"action": "AssessCommitment", "commitmentId": "%s", "assessment": {"finding": "%s", "assessedOn": "%s", "assessedBy": "Group"%s}}"""
                .formatted(id, finding, on, fields);
    }

    private static String close(String id, String on) {
        return """
                {"action": "CloseCommitment", "commitmentId": "%s", "closure": {"outcome": "ABANDONED", "closedOn": "%s"}}"""
                .formatted(id, on);
    }

    private static String state(String about, String organisation, String on, String text) {
        return """
                {"action": "RecordStatement", %s, "statement": {"organisation": "%s", "saidOn": "%s", "stance": "opposes", "text": "%s"}}"""
                .formatted(about, organisation, on, text);
    }

    @BeforeAll
    static void record() {
        LEDGER.record(Demand.register(L));
        listing = LEDGER.record(Demand.with(Demand.list("k-1", L, "2024-01-01"),
                "\"circumstances\": {\"dossier\": \"k-affair\"}")).actionId();
        LEDGER.record(commit("k-due", ", \"dueOn\": \"2024-06-30\", \"reviewOn\": \"2024-03-01\""));
        LEDGER.record(assess("k-due", "PARTLY_KEPT", "2024-03-01", ", \"nextReviewOn\": \"2024-05-01\""));
        LEDGER.record(commit("k-ended", ", \"dueOn\": \"2024-06-30\""));
        LEDGER.record(close("k-ended", "2024-04-01"));
        LEDGER.record(state("\"commitmentId\": \"k-due\"", "Ministry <script>alert(1)</script>", "2024-02-01",
                "\\\"Never\\\" & <b>no</b>"));
        last = LEDGER.record(state("\"entityId\": \"k-1\", \"actionId\": \"" + listing + "\"", "Press", "2024-02-02",
                "Unjust"));
    }

    private static String pinned(String asOf) {
        return "asOf=" + asOf + "&asKnownAt=position:" + last.position();
    }

    private static List<String> ids(String query) {
        List<String> ids = new ArrayList<>();
        LEDGER.json("/v1/commitments?dossier=k-affair&" + query).get("commitments")
                .forEach(view -> ids.add(view.get("commitmentId").asString()));
        return ids;
    }

    @Test
    void givenCommitments_whenListedByStateDueDayAndReview_thenOnlyThoseThatStandSoOnTheDay() {
        assertThat(ids(pinned("2024-01-09"))).as("before they were made").isEmpty();
        assertThat(ids(pinned("2024-03-31") + "&state=OPEN")).containsExactly("k-due", "k-ended");
        assertThat(ids(pinned("2024-04-01") + "&state=OPEN")).containsExactly("k-due");
        assertThat(ids(pinned("2024-04-01") + "&state=CLOSED")).containsExactly("k-ended");
        assertThat(ids(pinned("2024-06-30") + "&overdue=true")).isEmpty();
        assertThat(ids(pinned("2024-07-01") + "&overdue=true")).containsExactly("k-due");
        assertThat(ids(pinned("2024-07-01") + "&overdue=false")).containsExactly("k-ended");
        assertThat(ids(pinned("2024-02-28") + "&reviewDueBy=2024-03-01")).containsExactly("k-due");
        assertThat(ids(pinned("2024-03-01") + "&reviewDueBy=2024-03-01")).as("settled by the assessment").isEmpty();
        assertThat(ids(pinned("2024-03-01") + "&reviewDueBy=2024-05-01")).containsExactly("k-due");
    }

    @Test
    void givenMoreThanAPage_whenPaged_thenTheSecondPageGoesOnWhereTheFirstEnds() {
        Answer first = LEDGER.get("/v1/commitments?dossier=k-affair&limit=1&" + pinned("2024-03-31"));
        assertThat(first.at("/commitments/0/commitmentId")).isEqualTo("k-due");
        Answer second = LEDGER.get(first.next());
        assertThat(second.at("/commitments/0/commitmentId")).isEqualTo("k-ended");
        assertThat(second.next()).isEmpty();
    }

    @Test
    void givenACommitment_whenAsked_thenItsFindingsAndStatementsUpToTheDayAndItsSequenceForIfMatch() {
        Answer answer = LEDGER.get("/v1/commitments/k-due?" + pinned("2024-07-01"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("ETag")).isEqualTo("\"2\"");
        assertThat(answer.header("Cache-Control")).contains("immutable");
        assertThat(answer.at("/commitment/latestAssessment/assessment/finding")).isEqualTo("PARTLY_KEPT");
        assertThat(answer.at("/commitment/reviewOn")).isEqualTo("2024-05-01");
        assertThat(answer.json().at("/commitment/overdue").asBoolean()).isTrue();
        assertThat(answer.at("/statements/0/statement/organisation")).startsWith("Ministry");
        JsonNode earlier = LEDGER.json("/v1/commitments/k-due?" + pinned("2024-01-31"));
        assertThat(earlier.get("statements")).isEmpty();
        assertThat(earlier.get("assessments")).isEmpty();
        Answer stale = LEDGER.post("/v1/actions", close("k-due", "2024-08-01"), "If-Match", "\"0\"");
        assertThat(stale.status()).isEqualTo(412);
        assertThat(stale.code()).isEqualTo("stale-sequence");
    }

    @Test
    void givenAReceipt_whenACommitmentOrAStatementIsRecorded_thenItNamesWhatItIsAbout() {
        assertThat(last.at("/entityId")).isEqualTo("k-1");
        assertThat(last.json().has("listId")).isFalse();
        Answer receipt = LEDGER.record(commit("k-receipt", ""));
        assertThat(receipt.at("/commitmentId")).isEqualTo("k-receipt");
        assertThat(receipt.json().get("sequence").asLong()).isZero();
        assertThat(receipt.header("Location")).isEqualTo("/v1/events/" + receipt.actionId());
        JsonNode event = LEDGER.json("/v1/events/" + receipt.actionId());
        assertThat(event.get("subject").asString()).isEqualTo("commitment/k-receipt");
        assertThat(event.get("type").asString()).isEqualTo("CommitmentRecorded");
    }

    @Test
    void givenTheSameKey_whenACommitmentIsRecordedAgain_thenTheFirstAnswerComesAgain() {
        Answer first = LEDGER.post("/v1/actions", commit("k-twice", ""), "Idempotency-Key", "k-twice");
        Answer second = LEDGER.post("/v1/actions", commit("k-twice", ""), "Idempotency-Key", "k-twice");
        assertThat(first.status()).isEqualTo(201);
        assertThat(second.text()).isEqualTo(first.text());
    }

    @Test
    void givenABatch_whenACommitmentIsMadeAssessedAndSpokenOfInIt_thenAllIsRecordedTogetherOrEachInOrder() {
        for (String atomic : List.of("true", "false")) {
            String id = "k-batch-" + atomic;
            Answer answer = LEDGER.batch("/v1/actions/batch?atomic=" + atomic, String.join("\n", commit(id, ""),
                    assess(id, "KEPT", "2024-02-01", ""),
                    state("\"commitmentId\": \"" + id + "\"", "Ministry", "2024-02-02", "Yes"),
                    close(id, "2024-03-01")));
            assertThat(answer.lines()).as(answer.toString()).hasSize(4)
                    .allMatch(receipt -> receipt.path("commitmentId").asString("").equals(id));
            assertThat(LEDGER.json("/v1/commitments/" + id + "?asOf=2024-03-01").at("/commitment/state").asString())
                    .isEqualTo("CLOSED");
        }
        long head = LEDGER.head();
        Answer refused = LEDGER.batch("/v1/actions/batch?atomic=true",
                commit("k-none", "") + "\n" + close("k-none", "2023-01-01"));
        assertThat(refused.code()).isEqualTo("commitment-not-made");
        assertThat(refused.at("/errors/0/pointer")).isEqualTo("/1");
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenTheRulesOfCommitments_whenBroken_thenEachHasItsCodeNamesTheThingAndRecordsNothing() {
        long head = LEDGER.head();
        String unknown = "d5e5a307-6cb6-4cc2-ab2c-9c8ea78e291a";
        refused(commit("k-due", ""), 409, "commitment-already-recorded", "k-due");
        refused(commit("k-new", "").replace(listing, unknown), 404, "unknown-action", unknown);
        refused(assess("k-unheard-of", "KEPT", "2024-02-01", ""), 404, "unknown-commitment", "k-unheard-of");
        refused(assess("k-due", "KEPT", "2024-01-09", ""), 409, "commitment-not-made", "2024-01-10");
        refused(assess("k-ended", "KEPT", "2024-04-02", ""), 409, "commitment-closed", "2024-04-01");
        refused(close("k-ended", "2024-05-01"), 409, "commitment-closed", "k-ended");
        refused(close("k-due", "2024-02-28"), 409, "timeline-conflict", "2024-03-01");
        refused(state("\"entityId\": \"k-unheard-of\"", "Press", "2024-02-02", "x"), 404, "unknown-entity",
                "k-unheard-of");
        refused(state("\"entityId\": \"k-1\", \"actionId\": \"" + unknown + "\"", "Press", "2024-02-02", "x"), 404,
                "unknown-action", unknown);
        refused(state("\"commitmentId\": \"k-unheard-of\"", "Press", "2024-02-02", "x"), 404, "unknown-commitment",
                "k-unheard-of");
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenMalformedDemands_whenSent_thenThePlaceAndTheRuleAreNamed() {
        long head = LEDGER.head();
        refused(state("\"entityId\": \"k-1\", \"commitmentId\": \"k-due\"", "Press", "2024-02-02", "x"), 400,
                "malformed", "both given");
        refused("""
                {"action": "RecordStatement", "statement": {"speaker": "A", "saidOn": "2024-02-02", "stance": "denies", "text": "x"}}""",
                400, "malformed", "both missing");
        refused(commit("k-bad", ", \"dueOn\": \"2023-01-01\""), 400, "malformed", "dueOn");
        refused(assess("k-due", "BROKEN", "2024-04-01", ""), 400, "malformed", "PARTLY_KEPT");
        refused(assess("k-due", "KEPT", "2024-04-01", ", \"mood\": \"x\""), 400, "malformed", "mood");
        refused(commit("two words", ""), 400, "malformed", "commitmentId");
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    private static void refused(String command, int status, String code, String told) {
        Answer answer = LEDGER.post("/v1/actions", command);
        assertThat(answer.status()).as(command + answer).isEqualTo(status);
        assertThat(answer.code()).as(command).isEqualTo(code);
        assertThat(answer.at("/detail")).contains(told);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    }

    @Test
    void givenBadQuestions_whenAsked_thenAProblemSaysWhatIsWrong() {
        asked("/v1/commitments/k-unheard-of", 404, "unknown-commitment", "k-unheard-of");
        asked("/v1/commitments/two%20words", 400, "malformed", "two words");
        asked("/v1/commitments?state=BROKEN", 400, "malformed", "OPEN or CLOSED");
        asked("/v1/commitments?overdue=perhaps", 400, "malformed", "overdue");
        asked("/v1/commitments?reviewDueBy=soon", 400, "malformed", "reviewDueBy");
        asked("/v1/commitments?limit=0", 400, "malformed", "limit");
        asked("/v1/commitments/k-due?asKnownAt=position:999999999", 400, "unknown-position", "999999999");
        asked("/v1/dossiers/k-unheard-of", 404, "unknown-dossier", "k-unheard-of");
        asked("/v1/dossiers/" + "x".repeat(101), 400, "malformed", "100");
        asked("/v1/dossiers/k-affair?asOf=never", 400, "malformed", "asOf");
        String another = LEDGER.get("/v1/commitments?limit=1&" + pinned("2024-03-31")).next();
        asked("/v1/dossiers/k-affair?" + another.substring(another.indexOf("cursor=")), 400, "malformed", "cursor");
        asked("/v1/events?dossier=" + "x".repeat(101), 400, "malformed", "100");
    }

    private static void asked(String path, int status, String code, String told) {
        Answer answer = LEDGER.get(path);
        assertThat(answer.status()).as(path + answer).isEqualTo(status);
        assertThat(answer.code()).as(path).isEqualTo(code);
        assertThat(answer.at("/detail")).contains(told);
    }

    @Test
    void givenADossier_whenPaged_thenTheItemsAreThoseOfTheWholeInOrder() {
        List<String> whole = items("/v1/dossiers/k-affair?" + pinned("2024-07-01"));
        assertThat(whole).containsExactly("2024-01-01 EntityListed", "2024-01-10 CommitmentRecorded",
                "2024-01-10 CommitmentRecorded", "2024-02-01 StatementRecorded", "2024-02-02 StatementRecorded",
                "2024-03-01 CommitmentAssessed", "2024-04-01 CommitmentClosed");
        assertThat(items("/v1/dossiers/k-affair?limit=2&" + pinned("2024-07-01"))).isEqualTo(whole);
    }

    private static List<String> items(String path) {
        List<String> items = new ArrayList<>();
        for (String next = path; !next.isEmpty();) {
            Answer page = LEDGER.get(next);
            page.json().get("chronology").forEach(
                    item -> items.add(item.get("date").asString() + " " + item.get("type").asString()));
            next = page.next();
        }
        return items;
    }

    @Test
    void givenTheLabel_whenEventsAreFiltered_thenThoseOfTheAffairComeInRecordedOrder() {
        List<String> types = new ArrayList<>();
        LEDGER.json("/v1/events?dossier=k-affair&through=" + last.position())
                .forEach(event -> types.add(event.get("type").asString()));
        assertThat(types).containsExactly("EntityListed", "CommitmentRecorded", "CommitmentAssessed",
                "CommitmentRecorded", "CommitmentClosed", "StatementRecorded", "StatementRecorded");
        assertThat(LEDGER.json("/v1/events?dossier=k-unheard-of")).isEmpty();
    }

    @Test
    void givenABrowser_whenTheDossierIsAsked_thenAPageWithEverythingEscapedAndNoScriptAllowed() {
        Answer page = LEDGER.get("/v1/dossiers/k-affair?" + pinned("2024-07-01"), "Accept", "text/html");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.header("Content-Security-Policy")).contains("default-src 'none'").doesNotContain("unsafe");
        assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(page.text()).contains("<h1>Dossier k-affair</h1>", "Ministry &lt;script&gt;alert(1)&lt;/script&gt;",
                "&quot;Never&quot; &amp; &lt;b&gt;no&lt;/b&gt;", "k-due", "partly kept", "overdue")
                .doesNotContain("<script", "<b>no");
        assertThat(LEDGER.get("/v1/dossiers/k-affair", "Accept", "*/*").header("Content-Type"))
                .startsWith("application/json");
        Answer refused = LEDGER.get("/v1/dossiers/k-unheard-of", "Accept", "text/html");
        assertThat(refused.status()).isEqualTo(404);
        assertThat(refused.header("Content-Type")).startsWith("application/problem+json");
    }
}
