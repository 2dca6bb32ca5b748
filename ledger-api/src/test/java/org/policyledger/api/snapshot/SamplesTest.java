package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.policyledger.api.snapshot.Samples.IndexRow;
import org.policyledger.api.snapshot.Samples.Sample;
import org.policyledger.core.ActionId;
import org.policyledger.core.Command;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.Command.RegisterList;
import org.policyledger.core.Decide;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityState;
import org.policyledger.core.Entry;
import org.policyledger.core.Entry.Subject;
import org.policyledger.core.Entry.Vessel;
import org.policyledger.core.LedgerJson;
import org.policyledger.core.Timeline;
import org.policyledger.core.event.EntityEvent;
import tools.jackson.databind.JsonNode;

class SamplesTest {

    /** The first, the last and some between, each with the one before it; {@code -Dpolicyledger.samples=all} takes all. */
    private static final Set<Integer> SOME = Set.of(0, 1, 2, 3, 4, 48, 49, 98, 99);

    @Test
    void givenTheSdnSeries_whenItsFilesAreRead_thenCountsAndDifferencesAreThoseOfTheIndexAndEveryByteCanBeHadBack() {
        boolean all = "all".equals(System.getProperty("policyledger.samples"));
        List<IndexRow> index = Samples.index();
        List<Sample> taken = new ArrayList<>();
        SortedMap<EntityId, Entry> before = new TreeMap<>();
        AtomicInteger compared = new AtomicInteger();

        Samples.eachSdnSnapshot(sample -> {
            int at = taken.size();
            IndexRow expected = index.get(at);
            assertThat(sample.retrievedAt()).isEqualTo(expected.retrievedAt());
            assertThat(sample.fileName()).contains(expected.commit().substring(0, 8));
            if (all || SOME.contains(at)) {
                SortedMap<EntityId, Entry> now = OfacSdnCsv.FORMAT.parse(sample.content()).entries();
                assertThat(rendered(now).equals(new String(sample.content(), StandardCharsets.US_ASCII)))
                        .as(sample.fileName() + " can be written again from its entries").isTrue();
                assertThat(now).as(sample.fileName()).hasSize(expected.records());
                if (at == 0) {
                    before.putAll(now);
                }
                if (all || at == 0 || SOME.contains(at - 1)) {
                    assertThat(difference(expected, before, now)).as(sample.fileName()).isEqualTo(expected);
                    compared.incrementAndGet();
                }
                before.clear();
                before.putAll(now);
            }
            taken.add(new Sample(sample.fileName(), sample.retrievedAt(), sample.snapshotDate(), new byte[0]));
        });

        assertThat(compared).hasValue(all ? 100 : 7);
        assertThat(index).hasSize(100);
        assertThat(taken).hasSize(100).isSortedAccordingTo(Comparator.comparing(Sample::retrievedAt));
        assertThat(taken.getFirst().snapshotDate()).isEqualTo(LocalDate.of(2021, 8, 18));
        assertThat(taken.get(1).snapshotDate()).as("still the evening before in Washington")
                .isEqualTo(LocalDate.of(2021, 8, 19));
        assertThat(taken.getLast().snapshotDate()).isEqualTo(LocalDate.of(2022, 8, 8));
        assertThat(taken.stream().map(Sample::snapshotDate).distinct()).hasSize(98);
    }

    @Test
    void givenTheEntityList_whenRead_thenEveryFieldOfEveryRecordCanBeHadBack() {
        SourceList list = BisEntityListJson.FORMAT.parse(Samples.entityList());
        List<String> published = new ArrayList<>();
        JsonNode file = LedgerJson.MAPPER.readTree(new ByteArrayInputStream(Samples.entityList()));
        for (JsonNode record : file.get("entities")) {
            assertThat(record.size()).isEqualTo(8);
            assertThat(record.get("status").isNull() && record.get("effective_date").isNull()).isTrue();
            List<String> aliases = new ArrayList<>();
            record.get("aliases").forEach(alias -> aliases.add(alias.stringValue()));
            published.add(List.of(record.get("name").stringValue(), aliases, record.get("country").stringValue(),
                    record.get("address").isNull() ? List.of() : List.of(record.get("address").stringValue()),
                    record.get("federal_register").stringValue(), record.get("notes").stringValue()).toString());
        }
        List<String> kept = list.entries().values().stream()
                .map(entry -> List.of(entry.subject().name(),
                        entry.subject().aliases().stream().map(Entry.Alias::name).toList(),
                        entry.subject().countries().getFirst(),
                        entry.subject().addresses().stream().map(Entry.Address::text).toList(),
                        entry.remarks().orElseThrow().substring(BisEntityListJson.CITATIONS.length()),
                        entry.terms().licenseRequirement().orElseThrow()).toString())
                .toList();

        assertThat(kept).hasSize(3409).containsExactlyInAnyOrderElementsOf(published);
        assertThat(list.statedDate()).contains(Samples.ENTITY_LIST_DATE);
    }

    @Test
    void givenThePartiesThatStandTwice_whenTheEntityListIsRead_thenEachRecordHasAnIdentityOfItsOwn() {
        SortedMap<EntityId, Entry> entries = BisEntityListJson.FORMAT.parse(Samples.entityList()).entries();

        for (String twice : List.of("bis-china-wong-yung-fai", "bis-pakistan-people-s-steel-mills",
                "bis-united-arab-emirates-zurmat-general-trading", "bis-china-jadeshine-engineering-hk-co",
                "bis-pakistan-allied-trading-co")) {
            assertThat(entries.keySet().stream().map(EntityId::value)
                    .filter(id -> id.matches(twice + "(-[0-9a-f]{8})?"))).as(twice).hasSize(2).contains(twice);
        }
        assertThat(entries.keySet().stream().map(EntityId::value).filter(id -> id.matches(".*-[0-9a-f]{8}")).count())
                .as("identities with a hash: too long, letters lost, another there before").isEqualTo(22 + 1 + 5);
        assertThat(entries).containsKeys(new EntityId("bis-china-huawei-technologies-co-ltd"));
    }

    @Test
    void givenTheReferenceCase_whenDecidedInOrder_thenEveryCommandIsAcceptedAndTheExpectedAnswersFollow() {
        RegisterList list = (RegisterList) command(Samples.entityListRegistration());
        List<EntityCommand> commands = Samples.referenceCase().lines().map(line -> (EntityCommand) command(line))
                .toList();

        assertThat(Decide.list(0, list, OptionalLong.empty()).listId()).isEqualTo(list.listId());
        EntityState state = EntityState.EMPTY;
        List<EntityState> known = new ArrayList<>();
        for (EntityCommand command : commands) {
            EntityEvent event = Decide.entity(state, command, list.listId()::equals, OptionalLong.empty());
            known.add(state);
            state = state.after(event, ActionId.random());
        }

        assertThat(commands).hasSize(3);
        Timeline timeline = state.timeline(list.listId());
        assertThat(timeline.stateAt(LocalDate.of(2020, 6, 4))).isEqualTo(Timeline.State.NOT_LISTED);
        assertThat(timeline.stateAt(LocalDate.of(2020, 6, 5))).isEqualTo(Timeline.State.LISTED);
        assertThat(reference(timeline, LocalDate.of(2020, 7, 21))).isEqualTo("85 FR 34503");
        assertThat(reference(timeline, LocalDate.of(2020, 7, 22))).isEqualTo("85 FR 44159");
        assertThat(timeline.stateAt(LocalDate.of(2023, 11, 15))).isEqualTo(Timeline.State.LISTED);
        Timeline.Period last = timeline.at(LocalDate.of(2023, 11, 16)).orElseThrow();
        assertThat(last.state()).isEqualTo(Timeline.State.NOT_LISTED);
        assertThat(last.decidedBy().action().circumstances().cause()).contains("removal-proposal");
        assertThat(known.getLast().timeline(list.listId()).stateAt(LocalDate.of(2023, 11, 16)))
                .as("as known before the removal was recorded").isEqualTo(Timeline.State.LISTED);
    }

    @Test
    void givenTheSdnListsRegistration_whenRead_thenItsDaysAreWashingtons() {
        RegisterList list = (RegisterList) command(Samples.sdnListRegistration());

        assertThat(list.listId().value()).isEqualTo("us-ofac-sdn");
        assertThat(list.details().timeZone().getId()).isEqualTo("America/New_York");
    }

    @Test
    void givenTheProvenanceOfTheSamples_whenCompared_thenItsDigestsAreThoseOfTheFiles() throws Exception {
        String provenance = new String(resource("PROVENANCE.md"), StandardCharsets.UTF_8);

        for (String name : List.of("ofac-sdn/sdn-2021-08-18--2022-08-08.tar.xz", "ofac-sdn/INDEX.csv",
                "bis-entity-list/bis_entity_list_2026-07-09.json.gz")) {
            assertThat(provenance).contains("| `" + name + "` | `" + sha256(resource(name)) + "` |");
        }
        assertThat(provenance).contains("unpacked: `" + sha256(Samples.entityList()) + "`");
    }

    private static String reference(Timeline timeline, LocalDate asOf) {
        return timeline.at(asOf).orElseThrow().inForce().orElseThrow().action().circumstances().notice().orElseThrow()
                .reference();
    }

    private static Command command(String json) {
        return LedgerJson.MAPPER.readValue(json, Command.class);
    }

    private static IndexRow difference(IndexRow like, Map<EntityId, Entry> last, Map<EntityId, Entry> now) {
        int added = 0;
        int changed = 0;
        for (Map.Entry<EntityId, Entry> entry : now.entrySet()) {
            Entry old = last.get(entry.getKey());
            added += old == null ? 1 : 0;
            changed += old != null && !old.equals(entry.getValue()) ? 1 : 0;
        }
        int removed = (int) last.keySet().stream().filter(id -> !now.containsKey(id)).count();
        return new IndexRow(like.retrievedAt(), like.commit(), now.size(), added, removed, changed);
    }

    /** The file that OFAC would write of these entries: what it takes for nothing to be lost. */
    private static String rendered(Map<EntityId, Entry> entries) {
        TreeMap<Long, String> rows = new TreeMap<>();
        for (Entry entry : entries.values()) {
            String entNum = entry.subject().identifiers().getFirst().value();
            rows.put(Long.valueOf(entNum), row(entNum, entry));
        }
        return String.join("", rows.values()) + "\u001A";
    }

    private static String row(String entNum, Entry entry) {
        Subject subject = entry.subject();
        Optional<Vessel> vessel = subject.vessel();
        Optional<String> type = switch (subject.type().orElseThrow()) {
            case PERSON -> Optional.of("individual");
            case VESSEL -> Optional.of("vessel");
            case AIRCRAFT -> Optional.of("aircraft");
            case ORGANISATION -> Optional.empty();
            case ADDRESS -> throw new IllegalStateException("no SDN is an address");
        };
        List<Optional<String>> texts = List.of(Optional.of(subject.name()), type,
                Optional.of(String.join("] [", entry.terms().programs())).filter(p -> !p.isEmpty()), subject.title(),
                vessel.flatMap(Vessel::callSign), vessel.flatMap(Vessel::type), vessel.flatMap(Vessel::tonnage),
                vessel.flatMap(Vessel::grossRegisteredTonnage), vessel.flatMap(Vessel::flag),
                vessel.flatMap(Vessel::owner), entry.remarks());
        StringBuilder row = new StringBuilder(entNum);
        texts.forEach(text -> row.append(',')
                .append(text.map(t -> "\"" + t.replace("\"", "\"\"") + "\"").orElse("-0- ")));
        return row.append("\r\n").toString();
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Samples.class.getResourceAsStream("/samples/" + name)) {
            assertThat(in).as(name).isNotNull();
            return in.readAllBytes();
        }
    }

    private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
