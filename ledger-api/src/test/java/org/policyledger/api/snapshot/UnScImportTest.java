package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.policyledger.api.Answer;
import org.policyledger.api.Demand;
import org.policyledger.api.RunningLedger;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.LedgerJson;
import tools.jackson.databind.JsonNode;

class UnScImportTest {

    private static final RunningLedger LEDGER = RunningLedger.shared();

    private static Answer imported(String list, String day, String more) {
        return LEDGER.file("/v1/lists/" + list + "/snapshots?format=un-sc-consolidated-xml&snapshotDate=" + day + more,
                Extracts.unSc(day));
    }

    private static List<String> told(JsonNode periods) {
        List<String> told = new ArrayList<>();
        periods.forEach(period -> told.add(period.get("from").asString() + " " + period.get("state").asString() + " "
                + period.at("/decidedBy/type").asString() + " "
                + period.at("/decidedBy/circumstances/basis").asString()));
        return told;
    }

    @Test
    void givenPartiesThatGoAndComeBackUnderTheirNumbers_whenTheIssuesAreImported_thenEachIsDelistedAndListedAgain() {
        LEDGER.record(Demand.register("un-back"));
        SortedSet<EntityId> first = new TreeSet<>(
                UnScConsolidatedXml.FORMAT.parse(Extracts.unSc("2023-03-27")).entries().keySet());
        SortedSet<EntityId> second = new TreeSet<>(
                UnScConsolidatedXml.FORMAT.parse(Extracts.unSc("2025-04-19")).entries().keySet());
        SortedSet<EntityId> back = new TreeSet<>(
                UnScConsolidatedXml.FORMAT.parse(Extracts.unSc("2025-11-15")).entries().keySet());
        back.retainAll(first);
        back.removeAll(second);
        assertThat(back).hasSize(84).allMatch(id -> id.value().startsWith("un-sc-IR"));

        assertThat(imported("un-back", "2023-03-27", "").status()).isEqualTo(201);
        assertThat(imported("un-back", "2025-04-19", "").code()).isEqualTo("snapshot-drop");
        assertThat(imported("un-back", "2025-04-19", "&maxDrop=1").status()).isEqualTo(201);
        Answer last = imported("un-back", "2025-11-15", "&limit=1000");

        assertThat(last.status()).as(last.text()).isEqualTo(201);
        SortedSet<EntityId> listed = new TreeSet<>();
        last.json().get("actions").forEach(action -> {
            if (action.get("type").asString().equals("EntityListed")) {
                listed.add(new EntityId(action.get("entityId").asString()));
            }
        });
        assertThat(listed).containsAll(back);
        for (EntityId id : back) {
            JsonNode timeline = LEDGER.json("/v1/entities/" + id + "/timeline?listId=un-back").at("/lists/un-back");
            assertThat(told(timeline)).as(id.toString()).containsExactly(
                    "2023-03-27 LISTED EntityListed OBSERVED", "2025-04-19 NOT_LISTED EntityDelisted OBSERVED",
                    "2025-11-15 LISTED EntityListed OBSERVED");
        }
    }

    @Test
    void givenEveryIssue_whenImported_thenTheListIsTheIssueOnItsDay() {
        LEDGER.record(Demand.register("un-days"));
        List<String> days = List.of("2023-03-27", "2025-04-19", "2025-11-15");
        for (String day : days) {
            assertThat(imported("un-days", day, "&maxDrop=1").status()).isEqualTo(201);
        }
        for (String day : days) {
            Map<EntityId, Entry> entries = new TreeMap<>();
            LEDGER.json("/v1/lists/un-days/entries?limit=1000&asOf=" + day).get("entries").forEach(entry -> entries.put(
                    new EntityId(entry.get("entityId").asString()),
                    LedgerJson.MAPPER.treeToValue(entry.get("entry"), Entry.class)));
            assertThat(entries.equals(UnScConsolidatedXml.FORMAT.parse(Extracts.unSc(day)).entries())).as(day).isTrue();
        }
    }

    @Test
    void givenFilesThatAreNotWhole_whenImported_thenNothingIsRecorded() {
        LEDGER.record(Demand.register("un-bad"));
        String whole = new String(Extracts.unSc("2025-04-19"), StandardCharsets.UTF_8);
        Map<String, String> files = Map.of("", "snapshot-empty", whole.substring(0, whole.length() / 2),
                "snapshot-truncated", whole.replace("CONSOLIDATED_LIST", "OTHER_LIST"), "snapshot-wrong-format",
                whole.replace("<REFERENCE_NUMBER>", "<REFERENCE_NUMBER><!-- --></REFERENCE_NUMBER><REFERENCE_NUMBER>"),
                "snapshot-wrong-format", whole.replaceAll("<REFERENCE_NUMBER>[^<]*", "<REFERENCE_NUMBER>"),
                "snapshot-wrong-format", whole.replaceAll("<REFERENCE_NUMBER>[^<]*", "<REFERENCE_NUMBER>QDi.001"),
                "snapshot-duplicate", whole.replace("?>", "?><!DOCTYPE x>"), "snapshot-wrong-format");
        long head = LEDGER.head();
        files.forEach((file, code) -> {
            Answer answer = LEDGER.file(
                    "/v1/lists/un-bad/snapshots?format=un-sc-consolidated-xml&snapshotDate=2025-04-19",
                    file.getBytes(StandardCharsets.UTF_8));
            assertThat(answer.code()).as(answer.toString()).isEqualTo(code);
            assertThat(answer.text()).doesNotContain("Exception", "org.policyledger");
        });
        assertThat(LEDGER.head()).isEqualTo(head);
    }
}
