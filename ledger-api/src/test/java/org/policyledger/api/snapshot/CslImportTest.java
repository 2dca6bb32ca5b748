package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.policyledger.api.Answer;
import org.policyledger.api.Demand;
import org.policyledger.api.RunningLedger;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.LedgerJson;
import tools.jackson.databind.JsonNode;

class CslImportTest {

    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static final String FORMAT = "trade-gov-csl-csv-";

    private static Answer imported(String list, String source, String day, byte[] file) {
        return LEDGER.file("/v1/lists/" + list + "/snapshots?maxDrop=1&format=" + FORMAT + source + "&snapshotDate="
                + day, file);
    }

    @Test
    void givenFilesOfTwoYears_whenOneSourceIsImported_thenTheListIsWhatEachShowsOfItOnItsDay() {
        LEDGER.record(Demand.register("csl-el"));
        for (String day : List.of("2019-12-03", "2023-11-30")) {
            byte[] file = Extracts.file("csl-" + day + ".csv");
            Answer answer = imported("csl-el", "el", day, file);
            assertThat(answer.status()).as(answer.text()).isEqualTo(201);
            assertThat(answer.json().at("/snapshot/parser").asString()).isEqualTo("trade-gov-csl-csv-el");
            Map<EntityId, Entry> entries = new TreeMap<>();
            LEDGER.json("/v1/lists/csl-el/entries?limit=1000&asOf=" + day).get("entries").forEach(
                    entry -> entries.put(new EntityId(entry.get("entityId").asString()),
                            LedgerJson.MAPPER.treeToValue(entry.get("entry"), Entry.class)));
            assertThat(entries).isEqualTo(SnapshotFormat.named(FORMAT + "el").orElseThrow().parse(file).entries());
        }
    }

    @Test
    void givenAPartyInTwoSources_whenBothAreImported_thenItIsOneEntityOnTwoLists() {
        LEDGER.record(Demand.register("csl-ssi"));
        LEDGER.record(Demand.register("csl-ns-mbs"));
        byte[] file = Extracts.file("csl-2023-11-30.csv");
        for (String source : List.of("ssi", "ns-mbs")) {
            assertThat(imported("csl-" + source, source, "2023-11-30", file).status()).isEqualTo(201);
        }

        JsonNode lists = LEDGER.json("/v1/entities/ofac-sdn-17014/status?asOf=2023-11-30").get("lists");

        assertThat(lists).anyMatch(list -> list.get("listId").asString().equals("csl-ssi")
                && list.get("state").asString().equals("LISTED"));
        assertThat(lists).anyMatch(list -> list.get("listId").asString().equals("csl-ns-mbs")
                && list.get("state").asString().equals("LISTED"));
    }

    @Test
    void givenNoSourceOrAFileThatIsNotWhole_whenImported_thenNothingIsRecorded() {
        LEDGER.record(Demand.register("csl-bad"));
        String whole = new String(Extracts.file("csl-2023-11-30.csv"), StandardCharsets.UTF_8);
        String header = whole.substring(0, whole.indexOf('\n') + 1);
        Map<String, String> files = Map.of("", "snapshot-empty", header, "snapshot-empty",
                whole.substring(0, whole.length() - 100), "snapshot-truncated", whole + header,
                "snapshot-wrong-format", whole + "\"unbalanced\n", "snapshot-wrong-format", whole.substring(5),
                "snapshot-wrong-format", whole.replace("Entity List (EL)", "Entity List \u0000"),
                "snapshot-bad-value", whole + whole.substring(2 * header.length()), "snapshot-duplicate");
        long head = LEDGER.head();
        files.forEach((file, code) -> {
            Answer answer = imported("csl-bad", "el", "2023-11-30", file.getBytes(StandardCharsets.UTF_8));
            assertThat(answer.code()).as(answer.toString()).isEqualTo(code);
            assertThat(answer.text()).doesNotContain("Exception", "org.policyledger");
        });
        Answer which = LEDGER.file("/v1/lists/csl-bad/snapshots?format=trade-gov-csl-csv&snapshotDate=2023-11-30",
                whole.getBytes(StandardCharsets.UTF_8));
        assertThat(which.code()).isEqualTo("unknown-format");
        assertThat(which.at("/detail")).contains("trade-gov-csl-csv-el");
        assertThat(LEDGER.head()).isEqualTo(head);
    }
}
