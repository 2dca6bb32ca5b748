package org.policyledger.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.policyledger.core.Sample.day;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.CommitmentAssessed;
import org.policyledger.core.event.CommitmentClosed;
import org.policyledger.core.event.CommitmentRecorded;
import org.policyledger.core.event.EntitiesLinked;
import org.policyledger.core.event.EntitiesUnlinked;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.ListRegistered;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingReinstated;
import org.policyledger.core.event.ListingSuspended;
import org.policyledger.core.event.SnapshotImported;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is stored stays readable: one file per stored name and revision, {@code golden/Name.revision.json} with every field there
 * is and {@code golden/Name.revision.minimal.json} with only those that must be there. These files are never edited; a shape that
 * no longer fits them is a new revision.
 */
class GoldenEventsTest {

    private static final EntityId ENTITY = new EntityId("cn-institute-of-forensic-science");
    private static final ListId LIST = new ListId("bis-entity-list");
    private static final CommitmentId COMMITMENT = new CommitmentId("cn-us-precursors");
    private static final EntityPair PAIR = new EntityPair(ENTITY, new EntityId("IFS-Beijing"));
    private static final ActionId ACTION = ActionId.of("3f0c1d9e-6f2a-4b58-9a77-0c5e8f1b2d34");

    private static final Circumstances FULL = new Circumstances(Circumstances.Basis.OBSERVED,
            Optional.of(new Notice("Federal Register", "85 FR 34503", Optional.of("Addition of Entities"),
                    Optional.of("https://www.federalregister.gov/citation/85-FR-34503"),
                    Optional.of(day("2020-06-05")), Optional.of("0123456789abcdef".repeat(4)))),
            Optional.of(day("2020-05-22")), Optional.of(day("2020-06-01")), Optional.of("proposal"),
            Optional.of(new Circumstances.Rationale("Contrary to foreign policy interests\nas § 744.11 says",
                    Optional.of("85 FR 34504"))),
            Optional.of("ifs"));
    private static final Entry FULL_ENTRY = new Entry(
            new Entry.Subject("Institute of Forensic Science", Optional.of(Entry.Type.ORGANISATION),
                    Optional.of("of the Ministry of Public Security"),
                    List.of(new Entry.Alias("公安部物证鉴定中心", Optional.of("good")), Entry.Alias.of("IFS")),
                    List.of(new Entry.Address("17 South Muxidi Lane, Beijing", Optional.of("China")),
                            Entry.Address.of("No. 2, Beijing")),
                    List.of("China"), List.of(new Entry.Identifier("reference", "QDe.115")),
                    Optional.of(new EntityId("cn-ministry-of-public-security")),
                    Optional.of(new Entry.Vessel(Optional.of("BABC"), Optional.of("tanker"), Optional.of("10,000"),
                            Optional.of("9,500"), Optional.of("PA"), Optional.of("The owner")))),
            new Entry.Terms(Optional.of("For all items subject to the EAR"), Optional.of("Case-by-case review"),
                    List.of("EAR-744", "NPWMD"), Optional.of("§ 744.11")),
            Optional.of("Remark with \"quotes\" and a back\\slash"));
    private static final Circumstances BARE = Circumstances.stated();
    private static final Entry BARE_ENTRY = new Entry(Entry.Subject.named("X"), Entry.Terms.NONE, Optional.empty());
    private static final ListingAmended FULL_AMENDMENT = new ListingAmended(ENTITY, LIST, day("2020-07-22"),
            Optional.of(day("2021-07-22")), FULL_ENTRY, List.of("/entry/terms/licenseReviewPolicy", "/until"), FULL);

    static List<LedgerEvent> full() {
        return List.of(
                new ListRegistered(LIST, new ListDetails("Entity List", "Bureau of Industry and Security",
                        Optional.of("US"), ZoneId.of("America/New_York"),
                        Optional.of("15 CFR Part 744, Supplement No. 4"),
                        Optional.of("https://www.bis.gov/entity-list"))),
                new SnapshotImported(LIST, day("2026-07-09"), "fedcba9876543210".repeat(4), "bis-json", 2, true, 3409,
                        11, 37, 1),
                new EntityListed(ENTITY, LIST, day("2020-06-05"), Optional.of(day("2021-06-05")), FULL_ENTRY, FULL),
                FULL_AMENDMENT,
                new ListingSuspended(ENTITY, LIST, day("2025-11-10"), Optional.of(day("2026-11-10")), FULL),
                new ListingReinstated(ENTITY, LIST, day("2026-01-01"), FULL),
                new EntityDelisted(ENTITY, LIST, day("2023-11-16"), FULL),
                new ActionCorrected(ENTITY, LIST, ACTION, FULL_AMENDMENT, FULL),
                new ActionVoided(ENTITY, LIST, ACTION, FULL),
                new StatementRecorded(Optional.of(ENTITY), Optional.of(ACTION), Optional.empty(),
                        new Statement(Optional.of("The spokesman"), Optional.of("The ministry"), day("2023-11-16"),
                                "explains", "纠正错误", Optional.of("zh"), FULL.notice()),
                        Optional.of("ifs")),
                new CommitmentRecorded(COMMITMENT,
                        new Commitment("China", "United States", "To act against precursors", Optional.of("en-GB"),
                                day("2023-11-15"), Optional.of(day("2024-11-15")), Optional.of(day("2024-02-15")),
                                FULL.notice()),
                        List.of(ACTION), Optional.of("ifs")),
                new CommitmentAssessed(COMMITMENT,
                        new Assessment(Assessment.Finding.PARTLY_KEPT, day("2024-01-30"), "The working group",
                                Optional.of("It was launched"), FULL.notice(), Optional.of(day("2024-07-31")))),
                new CommitmentClosed(COMMITMENT, new Closure(Closure.Outcome.SUPERSEDED, day("2025-11-10"),
                        Optional.of("By a wider one"), FULL.notice())),
                new EntitiesLinked(PAIR, "The same address,\nand 公安部 in both names", FULL.notice().stream().toList()),
                new EntitiesUnlinked(PAIR, "Two offices at one address", FULL.notice().stream().toList()),
                new NoticeRecorded(new NoticeId("federal-register:85-FR-34503"), FULL.notice().orElseThrow(),
                        new NoticeContent(List.of("addition", "modification"), Optional.of(day("2020-06-05")),
                                List.of("announced 2020-05-22"), Optional.of("Adds 9 entities"),
                                Optional.of("2020-10868"), Optional.of("The publisher's page"), List.of("url")),
                        Optional.of("ifs")));
    }

    static List<LedgerEvent> minimal() {
        EntityListed listed = new EntityListed(ENTITY, LIST, day("2020-06-05"), Optional.empty(), BARE_ENTRY, BARE);
        return List.of(
                new ListRegistered(LIST, new ListDetails("Entity List", "Bureau of Industry and Security",
                        Optional.empty(), ZoneOffset.UTC, Optional.empty(), Optional.empty())),
                new SnapshotImported(LIST, day("2026-07-09"), "0".repeat(64), "bis-json", 0, false, 0, 0, 0, 0), listed,
                new ListingAmended(ENTITY, LIST, day("2020-07-22"), Optional.empty(), BARE_ENTRY, List.of(), BARE),
                new ListingSuspended(ENTITY, LIST, day("2025-11-10"), Optional.empty(), BARE),
                new ListingReinstated(ENTITY, LIST, day("2026-01-01"), BARE),
                new EntityDelisted(ENTITY, LIST, day("2023-11-16"), BARE),
                new ActionCorrected(ENTITY, LIST, ACTION, listed, BARE), new ActionVoided(ENTITY, LIST, ACTION, BARE),
                new StatementRecorded(Optional.empty(), Optional.empty(), Optional.of(COMMITMENT),
                        new Statement(Optional.empty(), Optional.of("The ministry"), day("2023-11-16"), "denies", "No",
                                Optional.empty(), Optional.empty()),
                        Optional.empty()),
                new CommitmentRecorded(COMMITMENT,
                        new Commitment("China", "United States", "To act", Optional.empty(), day("2023-11-15"),
                                Optional.empty(), Optional.empty(), Optional.empty()),
                        List.of(), Optional.empty()),
                new CommitmentAssessed(COMMITMENT,
                        new Assessment(Assessment.Finding.UNDETERMINED, day("2024-01-30"), "The working group",
                                Optional.empty(), Optional.empty(), Optional.empty())),
                new CommitmentClosed(COMMITMENT, new Closure(Closure.Outcome.FULFILLED, day("2025-11-10"),
                        Optional.empty(), Optional.empty())),
                new EntitiesLinked(PAIR, "The same address", List.of()),
                new EntitiesUnlinked(PAIR, "Two offices", List.of()),
                new NoticeRecorded(new NoticeId("x:1"), Notice.of("X", "1"), NoticeContent.NONE, Optional.empty()));
    }

    static List<ListingAction> actions() {
        return Stream.concat(full().stream(), minimal().stream()).filter(ListingAction.class::isInstance)
                .map(ListingAction.class::cast).toList();
    }

    @ParameterizedTest
    @MethodSource("full")
    void givenAnEventWithEverything_whenWrittenAndRead_thenItIsTheGoldenFile(LedgerEvent event) {
        isTheGoldenFile(event, "");
    }

    @ParameterizedTest
    @MethodSource("minimal")
    void givenAnEventWithTheLeast_whenWrittenAndRead_thenItIsTheGoldenFile(LedgerEvent event) {
        isTheGoldenFile(event, ".minimal");
    }

    @Test
    void givenEveryStoredName_whenLookedFor_thenBothItsGoldenFilesAndItsSampleAreThere() {
        assertThat(EventNames.all()).isNotEmpty().allSatisfy(name -> {
            assertThat(GoldenEventsTest.class.getResource(resource(name, ""))).as("golden file of %s", name)
                    .isNotNull();
            assertThat(GoldenEventsTest.class.getResource(resource(name, ".minimal"))).as("minimal file of %s", name)
                    .isNotNull();
            assertThat(full()).as("sample of %s", name).anyMatch(event -> EventNames.of(event.getClass()).equals(name));
        });
    }

    @Test
    void givenEveryGoldenFile_whenItsNameIsLookedUp_thenThisVersionKnowsIt() throws IOException, URISyntaxException {
        URI directory = Objects.requireNonNull(GoldenEventsTest.class.getResource("/golden")).toURI();
        try (Stream<Path> files = Files.list(Path.of(directory))) {
            assertThat(files.map(file -> String.valueOf(file.getFileName()))).isNotEmpty().allSatisfy(file -> {
                assertThat(file).matches("[A-Za-z]+\\.[0-9]+(\\.minimal)?\\.json");
                String[] parts = file.split("\\.");
                assertThat(EventNames.find(new EventNames.Name(parts[0], Integer.parseInt(parts[1])))).as(file)
                        .isPresent();
            });
        }
    }

    @ParameterizedTest
    @MethodSource("full")
    void givenTheFullSamples_whenTheirComponentsAreLookedThrough_thenNoneIsLeftEmpty(LedgerEvent event) {
        // A statement is about an entity or about a commitment, never both; the minimal sample is about a commitment.
        assertThat(emptyComponents(event.getClass().getSimpleName(), event)).isEqualTo(
                event instanceof StatementRecorded ? List.of("StatementRecorded.commitmentId") : List.of());
    }

    @ParameterizedTest
    @MethodSource("full")
    void givenAFieldThatIsUnheardOf_whenRead_thenItIsRefusedByName(LedgerEvent event) {
        assertThat(objectsIn(LedgerJson.MAPPER.readTree(golden(EventNames.of(event.getClass()), "")))).isNotEmpty();
        int objects = objectsIn(LedgerJson.MAPPER.readTree(golden(EventNames.of(event.getClass()), ""))).size();
        for (int i = 0; i < objects; i++) {
            JsonNode tree = LedgerJson.MAPPER.readTree(golden(EventNames.of(event.getClass()), ""));
            objectsIn(tree).get(i).put("unheardOf", "x");
            assertThatThrownBy(() -> LedgerJson.MAPPER.readValue(tree.toString(), event.getClass()))
                    .as(tree.toString()).isInstanceOf(JacksonException.class).hasMessageContaining("unheardOf");
        }
    }

    @ParameterizedTest
    @MethodSource("actions")
    void givenACorrectionOfAnyKindOfAction_whenWritten_thenItsReplacementIsReadByItsStoredName(ListingAction action) {
        ActionCorrected corrected = new ActionCorrected(ENTITY, LIST, ACTION, action, BARE);
        String json = LedgerJson.MAPPER.writeValueAsString(corrected);
        assertThat(LedgerJson.MAPPER.readTree(json).path("replacement").path("type").asString())
                .isEqualTo(EventNames.of(action.getClass()).type());
        assertThat(LedgerJson.MAPPER.readValue(json, ActionCorrected.class)).isEqualTo(corrected);
    }

    @Test
    void givenAnAmendmentStoredWithoutChangedFields_whenRead_thenItHasNone() {
        ListingAmended read = LedgerJson.MAPPER
                .readValue(golden(new EventNames.Name("ListingAmended", 1), ".minimal"), ListingAmended.class);
        assertThat(read.changed()).isEmpty();
    }

    private static void isTheGoldenFile(LedgerEvent event, String variant) {
        EventNames.Name name = EventNames.of(event.getClass());
        String written = LedgerJson.MAPPER.writeValueAsString(event);
        String golden = golden(name, variant);
        // The file is laid out for people; what is stored has no spaces. The order of fields counts.
        assertThat(LedgerJson.MAPPER.readTree(golden).toString()).as("%s would now be stored as%n%s", name, written)
                .isEqualTo(written);
        LedgerEvent read = LedgerJson.MAPPER.readValue(golden, EventNames.find(name).orElseThrow());
        assertThat(read).isEqualTo(event);
    }

    private static String resource(EventNames.Name name, String variant) {
        return "/golden/" + name.type() + "." + name.revision() + variant + ".json";
    }

    private static String golden(EventNames.Name name, String variant) {
        try (InputStream file = GoldenEventsTest.class.getResourceAsStream(resource(name, variant))) {
            assertThat(file).as("golden file %s", resource(name, variant)).isNotNull();
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The paths of components that hold nothing, through records, lists and optionals. */
    private static List<String> emptyComponents(String path, Object value) {
        List<String> empty = new ArrayList<>();
        if (value instanceof Optional<?> optional) {
            optional.ifPresentOrElse(present -> empty.addAll(emptyComponents(path, present)), () -> empty.add(path));
        } else if (value instanceof Collection<?> collection) {
            if (collection.isEmpty()) {
                empty.add(path);
            }
            // The first element is the full one; others show what may be absent.
            collection.stream().limit(1).forEach(element -> empty.addAll(emptyComponents(path + "[]", element)));
        } else if (value instanceof Record) {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                String name = path + "." + component.getName();
                try {
                    Object held = component.getAccessor().invoke(value);
                    if (held == null) {
                        empty.add(name);
                    } else {
                        empty.addAll(emptyComponents(name, held));
                    }
                } catch (ReflectiveOperationException inaccessible) {
                    throw new IllegalStateException(name, inaccessible);
                }
            }
        }
        return empty;
    }

    private static List<ObjectNode> objectsIn(JsonNode tree) {
        List<ObjectNode> objects = new ArrayList<>();
        if (tree instanceof ObjectNode object) {
            objects.add(object);
        }
        tree.forEach(child -> objects.addAll(objectsIn(child)));
        return objects;
    }
}
