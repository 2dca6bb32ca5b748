package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.policyledger.api.Answer;
import org.policyledger.api.Demand;
import org.policyledger.api.RunningLedger;
import org.policyledger.core.LedgerJson;
import tools.jackson.databind.JsonNode;

/** The citation chains of real entries, recorded over HTTP. */
class CitationBackfillTest {

    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static final String CHAIN = text("bis-citations-extract.csv");
    private static final String ENTRIES = text("bis-entries-extract.json");
    private static final String NOTICES = text("bis-notices.csv");
    private static final String HUAWEI = "bis-bolivia-huawei-technologies-bolivia-s-r-l";
    private static final String ACADEMY = "bis-china-chinese-academy-of-engineering-physics";

    private static String text(String file) {
        return new String(Extracts.file(file), StandardCharsets.UTF_8);
    }

    private static Answer backfill(String list, String chain, String entries, String notices, String query) {
        Map<String, String> files = new HashMap<>(Map.of("chain", chain, "entries", entries));
        if (!notices.isEmpty()) {
            files.put("notices", notices);
        }
        return LEDGER.post("/v1/lists/" + list + "/citations" + query, LedgerJson.MAPPER.writeValueAsString(files));
    }

    private static JsonNode recorded(String list) {
        LEDGER.record(Demand.register(list));
        Answer answer = backfill(list, CHAIN, ENTRIES, NOTICES, "");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        return answer.json();
    }

    private static String counts(JsonNode result) {
        return "%d listed, %d amended, %d corrected, %d before".formatted(result.get("listed").asInt(),
                result.get("amended").asInt(), result.get("corrected").asInt(), result.get("recordedBefore").asInt());
    }

    private static Answer snapshot(String list) {
        return LEDGER.file("/v1/lists/" + list + "/snapshots?format=bis-entity-list-json&snapshotDate=2026-07-09",
                ENTRIES.getBytes(StandardCharsets.UTF_8));
    }

    private static int entriesOn(String list, String day) {
        return LEDGER.json("/v1/lists/" + list + "/entries?limit=1000&asOf=" + day).get("entries").size();
    }

    private static JsonNode status(String list, String entity, String day) {
        return LEDGER.json("/v1/entities/" + entity + "/status?listId=" + list + "&asOf=" + day).at("/lists/0");
    }

    @Test
    void givenRealChains_whenRecorded_thenTheListCanBeAskedOfAnyDayAndTheSnapshotDerivesNothing() {
        JsonNode result = recorded("bf-whole");
        assertThat(counts(result)).isEqualTo("30 listed, 19 amended, 0 corrected, 0 before");
        assertThat(result.get("citations").asInt()).isEqualTo(50);
        assertThat(result.get("undated").toString()).isEqualTo("[\"bis-malaysia-mohd-ansari 74 FR 8184\"]");
        assertThat(entriesOn("bf-whole", "1997-06-29")).isZero();
        assertThat(entriesOn("bf-whole", "1997-06-30")).isEqualTo(1);
        // Three were published on 2019-05-21, by a notice that says that it has effect five days before.
        assertThat(entriesOn("bf-whole", "2019-05-15")).isEqualTo(16);
        assertThat(entriesOn("bf-whole", "2019-05-16")).isEqualTo(19);
        assertThat(entriesOn("bf-whole", "2019-06-01")).isEqualTo(19);
        assertThat(entriesOn("bf-whole", "2026-07-09")).isEqualTo(30);

        JsonNode snapshot = snapshot("bf-whole").json().get("snapshot");
        assertThat(snapshot.get("records").asInt()).isEqualTo(30);
        assertThat(snapshot.get("added").asInt() + snapshot.get("amended").asInt() + snapshot.get("removed").asInt())
                .isZero();
    }

    @Test
    void givenItIsRecorded_whenRecordedAgain_thenNothingIsRecordedTwice() {
        recorded("bf-again");
        long head = LEDGER.head();
        Answer again = backfill("bf-again", CHAIN, ENTRIES, NOTICES, "");
        assertThat(again.status()).isEqualTo(201);
        assertThat(counts(again.json())).isEqualTo("0 listed, 0 amended, 0 corrected, 49 before");
        assertThat(again.json().get("notices").asInt()).isZero();
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenADryRun_thenItCountsAndRecordsNothing() {
        LEDGER.record(Demand.register("bf-dry"));
        long head = LEDGER.head();
        Answer dry = backfill("bf-dry", CHAIN, ENTRIES, NOTICES, "?dryRun=true");
        assertThat(dry.status()).isEqualTo(200);
        assertThat(counts(dry.json())).isEqualTo("30 listed, 19 amended, 0 corrected, 0 before");
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenWhatTheSourcesDoNotTell_whenAsked_thenTheActionsSaySo() {
        recorded("bf-words");
        JsonNode huawei = status("bf-words", HUAWEI, "2019-05-16").at("/decidedBy/circumstances");
        assertThat(huawei.at("/basis").asString()).isEqualTo("OBSERVED");
        assertThat(huawei.at("/cause").asString()).isEqualTo("inferred-from-citation");
        assertThat(huawei.at("/notice/reference").asString()).isEqualTo("84 FR 22963");
        assertThat(huawei.at("/notice/publishedOn").asString()).isEqualTo("2019-05-21");
        assertThat(huawei.at("/rationale/text").asString()).contains("taken for its addition",
                "notice 84 FR 22961, which is taken to hold this page", "begins 2 pages before");
        assertThat(huawei.at("/rationale/source").asString()).contains("SHA-256");

        JsonNode old = status("bf-words", ACADEMY, "2005-01-01");
        assertThat(old.at("/entry/remarks").asString()).startsWith("Citation 2 of 7, 66 FR 24266: what the entry said")
                .contains("is not told");
        assertThat(old.at("/entry/terms/licenseRequirement").isMissingNode()).isTrue();
        assertThat(old.at("/decidedBy/circumstances/rationale/text").asString()).contains("taken for an amendment",
                "The day of effect is not told: the day of publication is taken for it");
        JsonNode today = status("bf-words", ACADEMY, "2026-07-09");
        assertThat(today.at("/entry/terms/licenseRequirement").asString()).isNotEmpty();

        JsonNode staggered = status("bf-words", "bis-malaysia-mohd-ansari", "2010-01-01");
        assertThat(staggered.at("/decidedBy/circumstances/rationale/text").asString())
                .contains("The chain also cites 74 FR 8184, of which no day is told");
        JsonNode blank = status("bf-words", "bis-malaysia-antcorp-system", "2008-09-22");
        assertThat(blank.at("/decidedBy/circumstances/rationale/text").asString())
                .contains("which other entries give for this citation");
        // A general licence of the same day comes before that page but changes no entry.
        assertThat(LEDGER.json("/v1/notices/federal-register:84-FR-43495").at("/actions/0/effectiveDate").asString())
                .isEqualTo("2019-08-21");
        JsonNode notice = LEDGER.json("/v1/notices/federal-register:84-FR-22961").get("notice");
        assertThat(notice.at("/content/effectiveDate").asString()).isEqualTo("2019-05-16");
        assertThat(notice.at("/content/notTold").toString()).contains("sha256");
    }

    @Test
    void givenANoticeCitedByItsFirstPageStatesItsDay_thenThatDayIsStated() {
        LEDGER.record(Demand.register("bf-stated"));
        String header = NOTICES.lines().findFirst().orElseThrow();
        Answer answer = backfill("bf-stated", CHAIN, ENTRIES,
                header + "\n88 FR 40085,,2023-06-21,2023-06-20,,addition,,made up for this test,\n", "");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        JsonNode decided = status("bf-stated", "bis-china-china-aviation-development-harbin-bearing-co-ltd",
                "2023-06-20").get("decidedBy");
        assertThat(decided.at("/circumstances/basis").asString()).isEqualTo("STATED");
        assertThat(decided.at("/effectiveDate").asString()).isEqualTo("2023-06-20");
    }

    @Test
    void givenTheSnapshotCameFirst_whenChainsAreRecorded_thenWhatWasObservedIsCorrected() {
        LEDGER.record(Demand.register("bf-after"));
        assertThat(snapshot("bf-after").json().at("/snapshot/added").asInt()).isEqualTo(30);
        JsonNode result = backfill("bf-after", CHAIN, ENTRIES, NOTICES, "").json();
        assertThat(counts(result)).isEqualTo("0 listed, 19 amended, 30 corrected, 0 before");
        assertThat(entriesOn("bf-after", "2019-06-01")).isEqualTo(19);
        assertThat(snapshot("bf-after").json().at("/actions")).isEmpty();
        assertThat(counts(backfill("bf-after", CHAIN, ENTRIES, NOTICES, "").json()))
                .isEqualTo("0 listed, 0 amended, 0 corrected, 49 before");
    }

    @Test
    void givenAnEntityWithOtherActions_thenItIsLeftAloneAndNamed() {
        LEDGER.record(Demand.register("bf-other"));
        LEDGER.record(Demand.list(HUAWEI, "bf-other", "2020-01-01"));
        JsonNode result = backfill("bf-other", CHAIN, ENTRIES, NOTICES, "").json();
        assertThat(result.get("leftAlone").toString()).isEqualTo("[\"" + HUAWEI + "\"]");
        assertThat(result.get("listed").asInt()).isEqualTo(29);
        assertThat(status("bf-other", HUAWEI, "2020-01-01").get("since").asString()).isEqualTo("2020-01-01");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "fr_date|day|snapshot-wrong-format|In chain: Line 1 has the columns",
            "84 FR 43495|84 FR x|snapshot-bad-value|has the fr_citation '84 FR x'",
            "2019-08-21|2019-02-30|snapshot-bad-value|has the fr_date '2019-02-30'",
            "2019-08-21|2919-02-21|snapshot-bad-value|has the fr_date '2919-02-21'",
            "2012-04-25|2009-04-25|snapshot-bad-value|which is not after 2010-01-13",
            "Bold Bridge International, LLC\",2,|Bold Bridge International, LLC\",3,|snapshot-wrong-format|count from 1",
            "78 FR 75463|77 FR 61249|snapshot-duplicate|a second time",
            "84 FR 43495|84 FR 43496|snapshot-bad-value|no entry left has that name",
            "\"Bold|Bold|snapshot-wrong-format|In chain: Line"})
    void givenADamagedChain_whenSent_thenRefusedWithItsPlaceAndNothingIsRecorded(String there, String instead,
            String code, String says) {
        LEDGER.batch("/v1/actions/batch", Demand.register("bf-refused"));
        assertThat(CHAIN).contains(there);
        long head = LEDGER.head();
        Answer answer = backfill("bf-refused", CHAIN.replaceFirst(Pattern.quote(there), instead),
                ENTRIES, NOTICES, "");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(422);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.at("/detail")).contains(says);
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenFilesThatAreNotWhole_whenSent_thenRefused() {
        LEDGER.batch("/v1/actions/batch", Demand.register("bf-refused"));
        String cut = CHAIN.substring(0, CHAIN.stripTrailing().lastIndexOf('\n') + 1);
        assertThat(backfill("bf-refused", cut, ENTRIES, "", "").code()).isEqualTo("snapshot-truncated");
        assertThat(backfill("bf-refused", "", ENTRIES, "", "").code()).isEqualTo("snapshot-empty");
        assertThat(backfill("bf-refused", CHAIN.lines().findFirst().orElseThrow(), ENTRIES, "", "").code())
                .isEqualTo("snapshot-empty");
        assertThat(backfill("bf-refused", CHAIN, ENTRIES.substring(0, 900), "", "").code())
                .isEqualTo("snapshot-truncated");
        assertThat(backfill("bf-refused", CHAIN, ENTRIES, NOTICES + NOTICES.lines().skip(1).findFirst().orElseThrow(),
                "").code()).isEqualTo("snapshot-duplicate");
        assertThat(backfill("bf-unheard-of", CHAIN, ENTRIES, "", "").code()).isEqualTo("unknown-list");
        assertThat(LEDGER.post("/v1/lists/bf-refused/citations", "{\"chain\": \"x\"}").code()).isEqualTo("malformed");
    }

    @Test
    void givenAnIdempotencyKey_whenSentTwice_thenTheFirstCountsComeAgain() {
        LEDGER.record(Demand.register("bf-key"));
        String body = LedgerJson.MAPPER.writeValueAsString(Map.of("chain", CHAIN, "entries", ENTRIES));
        Answer first = LEDGER.post("/v1/lists/bf-key/citations", body, "Idempotency-Key", "bf-key");
        Answer second = LEDGER.post("/v1/lists/bf-key/citations", body, "Idempotency-Key", "bf-key");
        assertThat(second.json().get("listed")).isEqualTo(first.json().get("listed"));
        assertThat(second.position()).isEqualTo(first.position());
    }
}
