package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.policyledger.api.Answer;
import org.policyledger.api.Demand;
import org.policyledger.api.RunningLedger;
import org.policyledger.api.SdnFile;
import org.policyledger.api.snapshot.Samples.IndexRow;
import org.policyledger.api.snapshot.Samples.Sample;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.LedgerJson;
import tools.jackson.databind.JsonNode;

class SnapshotImportTest {

    private static final RunningLedger LEDGER = RunningLedger.shared();

    private static String address(String list, String date) {
        return "/v1/lists/" + list + "/snapshots?format=ofac-sdn-csv&snapshotDate=" + date;
    }

    private static Answer imported(String list, String date, Map<Integer, String> records) {
        Answer answer = LEDGER.file(address(list, date), SdnFile.of(records));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        return answer;
    }

    private static String counts(Answer answer) {
        JsonNode snapshot = answer.json().get("snapshot");
        return snapshot.get("records").asInt() + " records, " + snapshot.get("added").asInt() + " added, "
                + snapshot.get("amended").asInt() + " amended, " + snapshot.get("removed").asInt() + " removed";
    }

    private static List<String> actions(JsonNode result) {
        List<String> told = new ArrayList<>();
        result.get("actions").forEach(action -> told.add(action.get("type").asString() + " "
                + action.get("entityId").asString()));
        return told;
    }

    /** The list's entries on a day, by all pages. */
    private static SortedMap<EntityId, Entry> entries(String list, String date) {
        SortedMap<EntityId, Entry> entries = new TreeMap<>();
        String next = "/v1/lists/" + list + "/entries?limit=1000&asOf=" + date;
        while (!next.isEmpty()) {
            Answer page = LEDGER.get(next);
            assertThat(page.status()).as(page.toString()).isEqualTo(200);
            page.json().get("entries").forEach(entry -> {
                assertThat(entry.get("state").asString()).isEqualTo("LISTED");
                entries.put(new EntityId(entry.get("entityId").asString()),
                        LedgerJson.MAPPER.treeToValue(entry.get("entry"), Entry.class));
            });
            next = page.next();
        }
        return entries;
    }

    @Test
    void givenAListAndItsNextFile_whenImported_thenTheDifferenceIsRecordedFieldByFieldWithTheImport() {
        LEDGER.record(Demand.register("s-diff"));
        Answer first = imported("s-diff", "2021-01-01", Map.of(1, "a", 2, "b", 3, "c", 4, "d", 5, "e", 6, "f"));
        assertThat(counts(first)).isEqualTo("6 records, 6 added, 0 amended, 0 removed");
        long before = LEDGER.head();

        Answer second = imported("s-diff", "2021-01-02", Map.of(1, "a", 2, "changed", 3, "c", 4, "d", 5, "e", 7, "g"));

        assertThat(counts(second)).isEqualTo("6 records, 1 added, 1 amended, 1 removed");
        assertThat(actions(second.json())).containsExactly("ListingAmended ofac-sdn-2", "EntityDelisted ofac-sdn-6",
                "EntityListed ofac-sdn-7");
        assertThat(second.json().at("/actions/0/changed/0").asString()).isEqualTo("/entry/remarks");
        assertThat(second.json().at("/actions/0/effectiveDate").asString()).isEqualTo("2021-01-02");
        assertThat(second.json().get("position").asLong()).isEqualTo(before + 3);
        assertThat(LEDGER.head()).isEqualTo(before + 4);
        JsonNode fact = LEDGER.get("/v1/events/" + second.at("/importId")).json();
        assertThat(fact.get("type").asString()).isEqualTo("SnapshotImported");
        assertThat(fact.at("/data/parser").asString()).isEqualTo("ofac-sdn-csv");
        assertThat(fact.at("/data/parserVersion").asInt()).isEqualTo(1);
        assertThat(fact.at("/data/sha256").asString()).matches("[0-9a-f]{64}");
        assertThat(fact.at("/data/backfill").asBoolean()).isFalse();
        JsonNode status = LEDGER.json("/v1/entities/ofac-sdn-6/status?listId=s-diff&asOf=2021-01-02").at("/lists/0");
        assertThat(status.get("state").asString()).isEqualTo("NOT_LISTED");
        assertThat(status.at("/decidedBy/circumstances/basis").asString()).isEqualTo("OBSERVED");
        JsonNode list = LEDGER.json("/v1/lists/s-diff?asOf=2021-01-02").get("list");
        assertThat(list.get("entries").asInt()).isEqualTo(6);
        assertThat(list.at("/latestSnapshot/snapshot/snapshotDate").asString()).isEqualTo("2021-01-02");
        assertThat(list.at("/latestSnapshot/actionId").asString()).isEqualTo(second.at("/importId"));
        String correlation = fact.get("correlationid").asString();
        for (long position = before; position < before + 3; position++) {
            JsonNode event = LEDGER.get("/v1/events?after=" + (position - 1) + "&through=" + position).json().get(0);
            assertThat(event.get("correlationid").asString()).isEqualTo(correlation);
        }
    }

    @Test
    void givenAnImportedFile_whenItIsImportedAgain_thenNoActionButTheImportIsRecorded() {
        LEDGER.record(Demand.register("s-again"));
        Map<Integer, String> records = Map.of(11, "a", 12, "b");
        imported("s-again", "2021-01-01", records);
        for (String date : List.of("2021-01-01", "2021-01-09")) {
            long head = LEDGER.head();
            Answer again = imported("s-again", date, records);
            assertThat(counts(again)).isEqualTo("2 records, 0 added, 0 amended, 0 removed");
            assertThat(again.json().get("actions")).isEmpty();
            assertThat(LEDGER.head()).isEqualTo(head + 1);
        }
    }

    @Test
    void givenADryRun_whenItsPagesAreAsked_thenTheActionsComeAndNothingIsRecorded() {
        LEDGER.record(Demand.register("s-dry"));
        Map<Integer, String> records = new HashMap<>();
        for (int i = 100; i < 125; i++) {
            records.put(i, "r" + i);
        }
        long head = LEDGER.head();
        byte[] file = SdnFile.of(records);
        List<String> told = new ArrayList<>();
        String cursor = "";
        int pages = 0;
        do {
            Answer page = LEDGER.file(address("s-dry", "2021-01-01") + "&dryRun=true&limit=10" + cursor, file);
            assertThat(page.status()).as(page.toString()).isEqualTo(200);
            assertThat(page.json().get("dryRun").asBoolean()).isTrue();
            assertThat(page.json().has("importId")).isFalse();
            assertThat(counts(page)).isEqualTo("25 records, 25 added, 0 amended, 0 removed");
            told.addAll(actions(page.json()));
            cursor = page.json().has("next") ? "&cursor=" + page.at("/next") : "";
            pages++;
        } while (!cursor.isEmpty());

        assertThat(pages).isEqualTo(3);
        assertThat(told).hasSize(25).isSorted().allMatch(action -> action.startsWith("EntityListed ofac-sdn-1"));
        assertThat(LEDGER.head()).isEqualTo(head);
        assertThat(LEDGER.file(address("s-dry", "2021-01-01") + "&dryRun=true&cursor=x", file).code())
                .isEqualTo("malformed");
    }

    @Test
    void givenMoreActionsThanAPage_whenRecorded_thenTheLinkLeadsThroughTheRestOfThem() {
        LEDGER.record(Demand.register("s-pages"));
        Map<Integer, String> records = new HashMap<>();
        for (int i = 200; i < 225; i++) {
            records.put(i, "r" + i);
        }
        Answer answer = LEDGER.file(address("s-pages", "2021-01-01") + "&limit=10", SdnFile.of(records));

        assertThat(answer.json().get("actions")).hasSize(10);
        List<String> rest = new ArrayList<>();
        String next = answer.at("/next");
        assertThat(answer.header("Link")).isEqualTo("<" + next + ">; rel=\"next\"");
        while (!next.isEmpty()) {
            Answer page = LEDGER.get(next + (next.contains("limit") ? "" : "&limit=10"));
            page.json().forEach(event -> rest.add(event.get("subject").asString()));
            next = page.next();
        }
        assertThat(rest).hasSize(15).first().isEqualTo("entity/ofac-sdn-210");
        assertThat(rest).last().isEqualTo("entity/ofac-sdn-224");
    }

    @Test
    void givenAnImportUnderAKey_whenItIsSentAgain_thenTheFirstAnswerComesAndNothingIsRecorded() {
        LEDGER.record(Demand.register("s-key"));
        byte[] file = SdnFile.of(Map.of(31, "a", 32, "b"));
        Answer first = LEDGER.file(address("s-key", "2021-01-01"), file, "Idempotency-Key", "s-key");
        assertThat(first.status()).isEqualTo(201);
        imported("s-key", "2021-01-02", Map.of(31, "a", 32, "b", 33, "c"));
        long head = LEDGER.head();

        Answer again = LEDGER.file(address("s-key", "2021-01-01"), file, "Idempotency-Key", "s-key");

        assertThat(again.status() + again.text()).isEqualTo(201 + first.text());
        Answer other = LEDGER.file(address("s-key", "2021-01-03"), file, "Idempotency-Key", "s-key");
        assertThat(other.code()).as(other.toString()).isEqualTo("idempotency-key-reused");
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenAFileSentAsCurlSendsIt_whenImported_thenItIsReadAsItIs() {
        LEDGER.record(Demand.register("s-curl"));
        byte[] file = SdnFile.of(Map.of(41, "100% & more = x"));
        for (String type : List.of("application/x-www-form-urlencoded", "text/csv", "application/octet-stream")) {
            Answer answer = LEDGER.file(address("s-curl", "2021-01-01"), file, "Content-Type", type);
            assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        }
        assertThat(entries("s-curl", "2021-01-01").values()).singleElement()
                .satisfies(entry -> assertThat(entry.remarks()).contains("100% & more = x"));
    }

    @Test
    void givenFilesThatAreNotWhatTheyPromise_whenImported_thenEachIsRefusedByItsCodeAndNothingIsRecorded() {
        LEDGER.record(Demand.register("s-bad"));
        Map<Integer, String> records = new HashMap<>();
        for (int i = 50; i < 60; i++) {
            records.put(i, "r" + i);
        }
        imported("s-bad", "2021-01-10", records);
        String whole = new String(SdnFile.of(records), java.nio.charset.StandardCharsets.UTF_8);
        Map<String, String> files = new HashMap<>();
        files.put("", "snapshot-empty");
        files.put("\u001A", "snapshot-empty");
        files.put("\r\n", "snapshot-empty");
        files.put(whole.substring(0, whole.length() - 1), "snapshot-truncated");
        files.put(whole.substring(0, whole.length() / 2), "snapshot-truncated");
        files.put("<html><body>Not found</body></html>", "snapshot-wrong-format");
        files.put("{\"entities\": []}", "snapshot-wrong-format");
        files.put(whole.replace("\"individual\"", "\"planet\""), "snapshot-wrong-format");
        files.put(whole.replace(",-0- ,-0- ,", ",-0- ,"), "snapshot-wrong-format");
        files.put(whole.replace("51,\"NAME 51\"", "50,\"NAME 51\""), "snapshot-duplicate");
        files.put(whole.replace("NAME 51", "NAME \u0000 51"), "snapshot-bad-value");
        files.put(whole.replace("NAME 51", "N".repeat(1001)), "snapshot-bad-value");
        long head = LEDGER.head();
        files.forEach((file, code) -> {
            for (String dryRun : List.of("", "&dryRun=true")) {
                Answer answer = LEDGER.file(address("s-bad", "2021-01-11") + dryRun, SdnFile.bytes(file));
                assertThat(answer.status()).as(code + answer).isEqualTo(422);
                assertThat(answer.code()).as(answer.toString()).isEqualTo(code);
                assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
                assertThat(answer.text()).doesNotContain("Exception", "org.policyledger");
            }
        });
        Answer json = LEDGER.file("/v1/lists/s-bad/snapshots?format=bis-entity-list-json&snapshotDate=2021-01-11",
                SdnFile.bytes("[".repeat(5_000)));
        assertThat(json.code()).isEqualTo("snapshot-wrong-format");
        assertThat(json.text()).doesNotContain("StreamRead", "Exception");
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenAFileThatLacksTooMuch_whenImported_thenRefusedUnlessTheShareIsRaised() {
        LEDGER.record(Demand.register("s-drop"));
        Map<Integer, String> records = new HashMap<>();
        for (int i = 60; i < 70; i++) {
            records.put(i, "r" + i);
        }
        imported("s-drop", "2021-01-01", records);
        records.keySet().removeIf(number -> number > 66);
        long head = LEDGER.head();

        Answer refused = LEDGER.file(address("s-drop", "2021-01-02"), SdnFile.of(records));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("snapshot-drop");
        assertThat(refused.at("/detail")).contains("3 of the 10", "0.2", "s-drop");
        assertThat(LEDGER.file(address("s-drop", "2021-01-02") + "&maxDrop=0.29", SdnFile.of(records)).code())
                .isEqualTo("snapshot-drop");
        for (String wrong : List.of("-0.1", "1.1", "NaN", "Infinity", "x")) {
            Answer answer = LEDGER.file(address("s-drop", "2021-01-02") + "&maxDrop=" + wrong, SdnFile.of(records));
            assertThat(answer.code()).as(wrong + answer).isEqualTo("malformed");
            assertThat(answer.at("/detail")).contains("maxDrop");
        }
        assertThat(LEDGER.head()).isEqualTo(head);
        Answer raised = LEDGER.file(address("s-drop", "2021-01-02") + "&maxDrop=0.3", SdnFile.of(records));
        assertThat(counts(raised)).isEqualTo("7 records, 0 added, 0 amended, 3 removed");
    }

    @Test
    void givenALaterSnapshot_whenAnEarlierComesWithoutBackfill_thenRefusedAndNothingIsRecorded() {
        LEDGER.record(Demand.register("s-order"));
        imported("s-order", "2021-02-01", Map.of(71, "a"));
        long head = LEDGER.head();
        byte[] file = SdnFile.of(Map.of(71, "b"));

        Answer refused = LEDGER.file(address("s-order", "2021-01-31"), file);

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("snapshot-out-of-order");
        assertThat(refused.at("/detail")).contains("2021-02-01", "2021-01-31", "backfill=true");
        assertThat(LEDGER.head()).isEqualTo(head);
        Answer backfill = LEDGER.file(address("s-order", "2021-01-31") + "&backfill=true", file);
        assertThat(backfill.status()).as(backfill.toString()).isEqualTo(201);
        assertThat(backfill.json().at("/snapshot/backfill").asBoolean()).isTrue();
        Answer later = LEDGER.file(address("s-order", "2021-02-02") + "&backfill=true", file);
        assertThat(later.json().at("/snapshot/backfill").asBoolean()).as("allowed, but it is none").isFalse();
    }

    @Test
    void givenAnUnknownListFormatOrDate_whenImported_thenRefusedAndNothingIsRecorded() {
        LEDGER.record(Demand.register("s-unknown"));
        byte[] file = SdnFile.of(Map.of(81, "a"));
        long head = LEDGER.head();
        Map<String, String> addresses = Map.of(
                "/v1/lists/s-nowhere/snapshots?format=ofac-sdn-csv&snapshotDate=2021-01-01", "unknown-list",
                "/v1/lists/s-unknown/snapshots?format=sdn&snapshotDate=2021-01-01", "unknown-format",
                "/v1/lists/s-unknown/snapshots?format=ofac-sdn-csv", "malformed",
                "/v1/lists/s-unknown/snapshots?snapshotDate=2021-01-01", "malformed",
                "/v1/lists/s-unknown/snapshots", "malformed",
                "/v1/lists/s-unknown/snapshots?format=ofac-sdn-csv&snapshotDate=2021-02-30", "malformed",
                "/v1/lists/s-unknown/snapshots?format=ofac-sdn-csv&snapshotDate=2021-01-01&dryRun=perhaps", "malformed",
                "/v1/lists/S%20x/snapshots?format=ofac-sdn-csv&snapshotDate=2021-01-01", "malformed");
        addresses.forEach((path, code) -> {
            Answer answer = LEDGER.file(path, file);
            assertThat(answer.code()).as(path + answer).isEqualTo(code);
        });
        assertThat(LEDGER.file("/v1/lists/s-unknown/snapshots?format=sdn&snapshotDate=2021-01-01", file).at("/detail"))
                .contains("ofac-sdn-csv", "bis-entity-list-json");
        Answer expecting = LEDGER.file(address("s-unknown", "2021-01-01"), file, "If-Match", "\"0\"");
        assertThat(expecting.code()).isEqualTo("malformed");
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenTheFirstTwoShippedSdnFiles_whenImported_thenCountsAreThoseOfTheIndexAndTheListIsTheFileOnItsDay() {
        LEDGER.record(Samples.sdnListRegistration());
        List<Sample> two = new ArrayList<>();
        Samples.eachSdnSnapshot(sample -> {
            if (two.size() < 2) {
                two.add(sample);
            }
        });
        for (int i = 0; i < 2; i++) {
            IndexRow row = Samples.index().get(i);
            Sample sample = two.get(i);
            Answer answer = LEDGER.file(address("us-ofac-sdn", sample.snapshotDate().toString()), sample.content());
            assertThat(answer.status()).as(answer.text()).isEqualTo(201);
            assertThat(counts(answer)).isEqualTo(row.records() + " records, " + (i == 0 ? row.records() : row.added())
                    + " added, " + row.changed() + " amended, " + row.removed() + " removed");
        }
        for (Sample sample : two) {
            assertThat(entries("us-ofac-sdn", sample.snapshotDate().toString())
                    .equals(OfacSdnCsv.FORMAT.parse(sample.content()).entries())).as(sample.fileName()).isTrue();
        }
        long head = LEDGER.head();
        Answer again = LEDGER.file(address("us-ofac-sdn", two.get(1).snapshotDate().toString()), two.get(1).content());
        assertThat(counts(again)).endsWith("0 added, 0 amended, 0 removed");
        assertThat(LEDGER.head()).isEqualTo(head + 1);
        JsonNode changes = LEDGER.json("/v1/lists/us-ofac-sdn/changes?from=" + two.get(0).snapshotDate() + "&to="
                + two.get(1).snapshotDate()).get("changes");
        assertThat(changes).hasSize(3).allMatch(change -> change.get("change").asString().equals("ADDED"));
    }
}
