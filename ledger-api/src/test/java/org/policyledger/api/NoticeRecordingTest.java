package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Notices over HTTP: recorded with their actions, and asked for. */
class NoticeRecordingTest {

    private static final String L = "notices";
    private static final RunningLedger LEDGER = RunningLedger.shared();

    @BeforeAll
    static void register() {
        LEDGER.record(Demand.register(L));
    }

    private static String notice(String reference, String fields, String... actions) {
        return """
                {"notice": {"publisher": "Notice Gazette", "reference": "%s", "publishedOn": "2022-10-13"}%s, "actions": [%s]}"""
                .formatted(reference, fields, String.join(", ", actions));
    }

    private static String citing(String command, String reference) {
        return Demand.with(command,
                "\"circumstances\": {\"notice\": {\"publisher\": \"Notice Gazette\", \"reference\": \""
                        + reference + "\"}}");
    }

    private static Answer recorded(String demand) {
        Answer answer = LEDGER.post("/v1/notices", demand);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        return answer;
    }

    private static List<String> actions(JsonNode answer) {
        List<String> told = new ArrayList<>();
        answer.get("actions").forEach(action -> told.add(action.path("effectiveDate").asString("") + " "
                + action.get("type").asString() + " " + action.get("entityId").asString()
                + (action.has("correctedBy") ? " corrected" : "") + (action.has("voidedBy") ? " voided" : "")));
        return told;
    }

    @Test
    void givenStaggeredDates_whenRecordedInOneCall_thenAllActionsCiteTheNoticeInTheOrderOfTheirDates() {
        Answer answer = recorded(notice("87 FR 62186",
                """
                        , "dossier": "n-staggered", "content": {"kinds": ["modification", "staggered-effective"], "effectiveDate": "2022-10-07", "otherDates": ["staggered: 2022-10-07, 10-12, 10-21"], "notTold": ["summary"]}""",
                Demand.list("n-late", L, "2022-10-21"), Demand.list("n-early", L, "2022-10-07"),
                Demand.list("n-middle", L, "2022-10-12")));
        assertThat(answer.header("Location")).isEqualTo("/v1/notices/notice-gazette:87-FR-62186");
        JsonNode receipt = answer.json();
        long first = receipt.at("/notice/position").asLong();
        assertThat(receipt.at("/actions/2/position").asLong()).isEqualTo(first + 3);

        JsonNode told = LEDGER.json("/v1/notices/notice-gazette:87-FR-62186");
        assertThat(actions(told)).containsExactly("2022-10-07 EntityListed n-early",
                "2022-10-12 EntityListed n-middle", "2022-10-21 EntityListed n-late");
        assertThat(told.at("/notice/recorded").asBoolean()).isTrue();
        assertThat(told.at("/notice/content/notTold/0").asString()).isEqualTo("summary");
        assertThat(told.at("/notice/notice/title").isMissingNode()).isTrue();
        JsonNode status = LEDGER.json("/v1/entities/n-late/status?asOf=2022-10-20");
        assertThat(status.at("/lists/0/state").asString("")).isNotEqualTo("LISTED");
        JsonNode affair = LEDGER.json("/v1/dossiers/n-staggered");
        List<String> chronology = new ArrayList<>();
        affair.get("chronology").forEach(
                item -> chronology.add(item.get("date").asString() + " " + item.get("type").asString()));
        assertThat(chronology).containsExactly("2022-10-07 EntityListed", "2022-10-12 EntityListed",
                "2022-10-13 NoticeRecorded", "2022-10-21 EntityListed");
        assertThat(LEDGER.get("/v1/dossiers/n-staggered", "Accept", "text/html").text())
                .contains("Notice 87 FR 62186 of Notice Gazette");
    }

    @Test
    void givenOneActionIsIllegal_whenSent_thenNothingIsRecordedAndTheActionIsNamed() {
        long before = LEDGER.head();
        Answer answer = LEDGER.post("/v1/notices", notice("No. 2", "", Demand.list("n-never", L, "2022-10-07"),
                Demand.delist("n-never-listed", L, "2022-10-07")));
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("not-listed");
        assertThat(answer.at("/errors/0/pointer")).isEqualTo("/actions/1");
        assertThat(answer.at("/detail")).startsWith("Action 2: ").endsWith("(nothing of the notice was recorded)");
        assertThat(LEDGER.head()).isEqualTo(before);
        assertThat(LEDGER.get("/v1/notices/notice-gazette:No.-2").status()).isEqualTo(404);
    }

    @Test
    void givenItIsRecorded_whenRecordedAgain_thenRefusedButFurtherActionsMayCiteIt() {
        recorded(notice("No. 3", ""));
        Answer again = LEDGER.post("/v1/notices", notice("No. 3", "", Demand.list("n-more", L, "2022-10-07")));
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.code()).isEqualTo("notice-already-recorded");
        LEDGER.record(citing(Demand.list("n-more", L, "2022-10-07"), "No. 3"));
        assertThat(actions(LEDGER.json("/v1/notices/notice-gazette:No.-3")))
                .containsExactly("2022-10-07 EntityListed n-more");
    }

    @Test
    void givenAnActionThatCannotStandInIt_whenSent_thenMalformedAtItsPlace() {
        Answer other = LEDGER.post("/v1/notices",
                notice("No. 4", "", citing(Demand.list("n-other", L, "2022-10-07"), "No. 5")));
        assertThat(other.status()).as(other.toString()).isEqualTo(400);
        assertThat(other.at("/errors/0/pointer")).isEqualTo("/actions/0/circumstances/notice");
        assertThat(other.at("/detail")).contains("Notice Gazette No. 5");
        Answer list = LEDGER.post("/v1/notices", notice("No. 4", "", Demand.register("n-list")));
        assertThat(list.status()).isEqualTo(400);
        assertThat(list.at("/detail")).contains("RegisterList, which no notice carries");
        Answer both = LEDGER.post("/v1/notices",
                notice("No. 4", ", \"content\": {\"notTold\": [\"publishedOn\"]}"));
        assertThat(both.code()).isEqualTo("malformed");
        assertThat(both.text()).contains("publishedOn, which is told");
        assertThat(LEDGER.post("/v1/notices", "{\"actions\": []}").code()).isEqualTo("malformed");
        assertThat(LEDGER.post("/v1/notices", "null").code()).isEqualTo("malformed");
        assertThat(LEDGER.get("/v1/notices/notice-gazette:No.-4").code()).isEqualTo("unknown-notice");
    }

    @Test
    void givenAnIdempotencyKey_whenSentTwice_thenTheFirstAnswerComesAgain() {
        String demand = notice("No. 6", "", Demand.list("n-once", L, "2022-10-07"));
        Answer first = LEDGER.post("/v1/notices", demand, "Idempotency-Key", "n-key");
        long head = LEDGER.head();
        Answer second = LEDGER.post("/v1/notices", demand, "Idempotency-Key", "n-key");
        assertThat(second.status()).isEqualTo(201);
        assertThat(second.text()).isEqualTo(first.text());
        assertThat(LEDGER.head()).isEqualTo(head);
        assertThat(LEDGER.post("/v1/notices", notice("No. 7", ""), "Idempotency-Key", "n-key").code())
                .isEqualTo("idempotency-key-reused");
    }

    @Test
    void givenACorrectionMovesAnActionAndAVoidingStrikesOneOut_whenAsked_thenBothAreToldAsKnown() {
        String moved = LEDGER.record(citing(Demand.list("n-moved", L, "2022-10-07"), "No. 8")).actionId();
        Answer struck = LEDGER.record(citing(Demand.list("n-struck", L, "2022-10-08"), "No. 8"));
        LEDGER.record(Demand.correct("n-moved", moved, citing(Demand.list("n-moved", L, "2022-10-06"), "No. 9")));
        Answer last = LEDGER.record(Demand.strike("n-struck", struck.actionId()));

        assertThat(actions(LEDGER.json("/v1/notices/notice-gazette:No.-8")))
                .containsExactly("2022-10-08 EntityListed n-struck voided");
        assertThat(actions(LEDGER.json("/v1/notices/notice-gazette:No.-9")))
                .containsExactly("2022-10-06 EntityListed n-moved corrected");
        Answer before = LEDGER
                .get("/v1/notices/notice-gazette:No.-8?asKnownAt=position:" + struck.position());
        assertThat(actions(before.json())).containsExactly("2022-10-07 EntityListed n-moved",
                "2022-10-08 EntityListed n-struck");
        assertThat(before.header("Cache-Control")).contains("immutable");
        assertThat(LEDGER.get("/v1/notices/notice-gazette:No.-9?asKnownAt=position:" + struck.position()).status())
                .isEqualTo(404);
        assertThat(LEDGER.json("/v1/notices/notice-gazette:No.-9?asKnownAt=position:" + last.position())
                .at("/notice/recorded").asBoolean()).isFalse();
    }

    @Test
    void givenNoticesOfAPublisher_whenListedInPages_thenTheyComeByDayAndPagesDoNotShift() {
        for (String each : List.of("B 2024-01-02", "A 2024-01-02", "C 2024-01-01")) {
            recorded("""
                    {"notice": {"publisher": "Paged Gazette", "reference": "%s", "publishedOn": "%s"}}"""
                    .formatted(each.charAt(0), each.substring(2)));
        }
        recorded("{\"notice\": {\"publisher\": \"Paged Gazette\", \"reference\": \"D\"}}");
        Answer page = LEDGER.get("/v1/notices?publisher=PAGED+gazette&limit=2");
        recorded("""
                {"notice": {"publisher": "Paged Gazette", "reference": "0", "publishedOn": "2023-12-31"}}""");
        List<String> told = new ArrayList<>();
        while (true) {
            page.json().get("notices").forEach(view -> told.add(view.get("noticeId").asString()));
            if (page.next().isEmpty()) {
                break;
            }
            page = LEDGER.get(page.next());
        }
        assertThat(told).containsExactly("paged-gazette:C", "paged-gazette:A", "paged-gazette:B", "paged-gazette:D");
        assertThat(LEDGER.json("/v1/notices?publisher=Paged+Gazette&from=2024-01-02&to=2024-01-02").get("notices"))
                .hasSize(2);
        assertThat(LEDGER.get("/v1/notices?from=2024-01-02&to=2024-01-01").code()).isEqualTo("malformed");
        assertThat(LEDGER.get("/v1/notices/not%20an%20id").code()).isEqualTo("malformed");
    }
}
