package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.policyledger.api.Demand;
import org.policyledger.api.Edge;
import org.policyledger.api.Edge.PageRequest;
import org.policyledger.api.RunningLedger;
import org.policyledger.api.SdnFile;
import org.policyledger.api.action.Caller;
import org.policyledger.api.action.Recorder;
import org.policyledger.api.snapshot.SnapshotImport.Derived;
import org.policyledger.api.snapshot.SnapshotImport.Result;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.ListId;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.store.LedgerLog;
import tools.jackson.databind.JsonNode;

/** A file may be read by a later version of our reader than before: what differs then is no change of the list. */
class ParserChangeTest {

    private static final RunningLedger LEDGER = RunningLedger.shared();

    /** Reads {@code sdn.csv} as the product does, but tells names otherwise, and leaves out whoever has number 9. */
    private record SecondVersion() implements SnapshotFormat {

        @Override
        public String name() {
            return OfacSdnCsv.FORMAT.name();
        }

        @Override
        public int version() {
            return OfacSdnCsv.FORMAT.version() + 1;
        }

        @Override
        public SourceList parse(byte[] file) {
            SourceList list = OfacSdnCsv.FORMAT.parse(file);
            TreeMap<EntityId, Entry> entries = new TreeMap<>();
            list.entries().forEach((id, entry) -> entries.put(id, new Entry(
                    Entry.Subject.named(entry.subject().name() + ", read anew"), entry.terms(), entry.remarks())));
            entries.remove(new EntityId(SdnFile.id(9)));
            return new SourceList(entries, list.statedDate());
        }
    }

    private static Result imported(SnapshotFormat format, String list, String day, boolean dryRun, byte[] file) {
        SnapshotImport imports = new SnapshotImport(LEDGER.context().getBean(LedgerLog.class),
                LEDGER.context().getBean(Recorder.class), LEDGER.context().getBean(Edge.class),
                LEDGER.context().getBean(ListingReader.class), List.of(format));
        Result result = imports.run(new SnapshotImport.Request(new ListId(list), format.name(), LocalDate.parse(day),
                dryRun, true, 1), file, Caller.named("tester"), new PageRequest("", Optional.empty(), 100));
        assertThat(LEDGER.context().getBean(Edge.class).seen(result.position())).isTrue();
        return result;
    }

    private static List<String> told(Result result) {
        return result.actions().stream().map(ParserChangeTest::told).toList();
    }

    private static String told(Derived action) {
        return action.type() + " " + action.entityId() + " " + action.effectiveDate().orElseThrow() + " "
                + action.cause().orElse("-");
    }

    @Test
    void givenAnImportedFile_whenTheNextVersionReadsItAgain_thenWhatDiffersIsMarkedAsAChangeOfTheParser() {
        LEDGER.record(Demand.register("p-same"));
        byte[] file = SdnFile.of(Map.of(1, "a", 9, "b"));
        assertThat(told(imported(OfacSdnCsv.FORMAT, "p-same", "2021-01-01", false, file)))
                .containsExactly("EntityListed ofac-sdn-1 2021-01-01 -", "EntityListed ofac-sdn-9 2021-01-01 -");
        List<String> marked = List.of("ListingAmended ofac-sdn-1 2021-01-01 parser-change",
                "EntityDelisted ofac-sdn-9 2021-01-01 parser-change");
        assertThat(told(imported(new SecondVersion(), "p-same", "2021-01-01", true, file)))
                .containsExactlyElementsOf(marked);

        Result second = imported(new SecondVersion(), "p-same", "2021-01-01", false, file);

        assertThat(told(second)).containsExactlyElementsOf(marked);
        assertThat(second.snapshot().parserVersion()).isEqualTo(2);
        JsonNode events = LEDGER.get("/v1/events?listId=p-same&limit=100").json();
        JsonNode first = events.get(3);
        JsonNode last = events.get(events.size() - 1);
        assertThat(first.get("type").asString()).isEqualTo("SnapshotImported");
        assertThat(last.get("type").asString()).isEqualTo("SnapshotImported");
        assertThat(last.at("/data/sha256")).isEqualTo(first.at("/data/sha256"));
        assertThat(last.at("/data/parserVersion").asInt()).isEqualTo(2);
        assertThat(first.at("/data/parserVersion").asInt()).isEqualTo(1);
        JsonNode status = LEDGER.json("/v1/entities/ofac-sdn-1/status?listId=p-same&asOf=2021-01-01").at("/lists/0");
        assertThat(status.at("/decidedBy/circumstances/cause").asString()).isEqualTo("parser-change");
        assertThat(status.at("/decidedBy/circumstances/basis").asString()).isEqualTo("OBSERVED");
    }

    @Test
    void givenAnImportedFile_whenTheSameVersionReadsItAgain_thenNothingIsDerived() {
        LEDGER.record(Demand.register("p-again"));
        byte[] file = SdnFile.of(Map.of(1, "a"));
        imported(OfacSdnCsv.FORMAT, "p-again", "2021-01-01", false, file);
        assertThat(told(imported(OfacSdnCsv.FORMAT, "p-again", "2021-01-01", false, file))).isEmpty();
        imported(new SecondVersion(), "p-again", "2021-01-01", false, file);
        assertThat(told(imported(new SecondVersion(), "p-again", "2021-01-02", false, file))).isEmpty();
    }

    @Test
    void givenAnotherFile_whenItIsTheFirstThatTheNextVersionReads_thenEitherMayBeWhy() {
        LEDGER.record(Demand.register("p-both"));
        imported(OfacSdnCsv.FORMAT, "p-both", "2021-01-01", false, SdnFile.of(Map.of(1, "a")));

        Result both = imported(new SecondVersion(), "p-both", "2021-01-02", false, SdnFile.of(Map.of(1, "a", 2, "b")));

        assertThat(told(both)).containsExactly("ListingAmended ofac-sdn-1 2021-01-02 source-or-parser-change",
                "EntityListed ofac-sdn-2 2021-01-02 source-or-parser-change");
        assertThat(told(imported(new SecondVersion(), "p-both", "2021-01-03", false,
                SdnFile.of(Map.of(1, "c", 2, "b"))))).as("the version has been met before")
                .containsExactly("ListingAmended ofac-sdn-1 2021-01-03 -");
    }

    @Test
    void givenTheLastFileReadAgainFirst_whenTheNextFileIsImported_thenItsChangesAreThoseOfTheList() {
        LEDGER.record(Demand.register("p-apart"));
        byte[] file = SdnFile.of(Map.of(1, "a", 2, "b"));
        imported(OfacSdnCsv.FORMAT, "p-apart", "2021-01-01", false, file);
        imported(new SecondVersion(), "p-apart", "2021-01-01", false, file);

        assertThat(told(imported(new SecondVersion(), "p-apart", "2021-01-02", false,
                SdnFile.of(Map.of(1, "a", 2, "c"))))).containsExactly("ListingAmended ofac-sdn-2 2021-01-02 -");
    }

    @Test
    void givenAnEarlierFileReadAgain_whenALaterOneStands_thenTheLaterDayStaysAndWhatIsPutBackIsMarkedToo() {
        LEDGER.record(Demand.register("p-back"));
        byte[] earlier = SdnFile.of(Map.of(1, "a"));
        imported(OfacSdnCsv.FORMAT, "p-back", "2021-01-01", false, earlier);
        imported(OfacSdnCsv.FORMAT, "p-back", "2021-02-01", false, SdnFile.of(Map.of(1, "a", 2, "b")));

        Result again = imported(new SecondVersion(), "p-back", "2021-01-01", false, earlier);

        assertThat(told(again)).containsExactly("ListingAmended ofac-sdn-1 2021-01-01 parser-change",
                "ListingAmended ofac-sdn-1 2021-02-01 parser-change");
        assertThat(LEDGER.json("/v1/entities/ofac-sdn-1/status?listId=p-back&asOf=2021-02-01")
                .at("/lists/0/entry/subject/name").asString()).isEqualTo("NAME 1");
    }

    @Test
    void givenAStatedAction_whenTheNextVersionReadsTheFileAgain_thenWhatDiffersFromTheNoticeIsNotMarked() {
        LEDGER.record(Demand.register("p-stated"));
        byte[] file = SdnFile.of(Map.of(1, "a", 2, "b"));
        imported(OfacSdnCsv.FORMAT, "p-stated", "2021-01-01", false, file);
        LEDGER.record(Demand.amend("ofac-sdn-1", "p-stated", "2021-01-01", "as a notice says"));

        assertThat(told(imported(new SecondVersion(), "p-stated", "2021-01-05", false, file))).containsExactly(
                "ListingAmended ofac-sdn-1 2021-01-05 -", "ListingAmended ofac-sdn-2 2021-01-05 parser-change");
    }
}
