package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.policyledger.api.snapshot.Refusals.assertRefused;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.policyledger.api.snapshot.SnapshotRefused.Code;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.Entry.Address;
import org.policyledger.core.Entry.Alias;

class BisEntityListJsonTest {

    private static final SnapshotFormat FORMAT = BisEntityListJson.FORMAT;

    @Test
    void givenARecord_whenParsed_thenEveryFieldHasItsPlace() {
        SourceList list = FORMAT.parse(file("""
                {"name": "Emal Bilal (EBCC)", "aliases": ["Imal", "Aimal"], "country": "Afghanistan",
                 "address": "Kolola Pushta; and Maidan Sahr.", "status": null, "effective_date": null,
                 "federal_register": "79 FR 44683, 8/1/14.\\n80 FR 1, 1/2/15", "notes": "For all items."}"""));

        assertThat(list.statedDate()).contains(LocalDate.of(2026, 7, 9));
        Entry entry = entry(list, "bis-afghanistan-emal-bilal-ebcc");
        assertThat(entry.subject().name()).isEqualTo("Emal Bilal (EBCC)");
        assertThat(entry.subject().aliases()).containsExactly(Alias.of("Imal"), Alias.of("Aimal"));
        assertThat(entry.subject().countries()).containsExactly("Afghanistan");
        assertThat(entry.subject().addresses()).containsExactly(Address.of("Kolola Pushta; and Maidan Sahr."));
        assertThat(entry.subject().type()).isEmpty();
        assertThat(entry.terms().licenseRequirement()).contains("For all items.");
        assertThat(entry.remarks())
                .contains("Federal Register citations: 79 FR 44683, 8/1/14.\n80 FR 1, 1/2/15");
    }

    @Test
    void givenNamesThatAsciiCannotSpell_whenParsed_thenAHashKeepsThemApart() {
        assertThat(ids(record("China", "Coöperatief “U.A.” Co., Ltd.", "1 FR 1", "a")))
                .containsExactly("bis-china-cooperatief-u-a-co-ltd");
        assertThat(ids(record("China", "华为", "1 FR 1", "a"), record("China", "中兴", "1 FR 1", "a")))
                .hasSize(2).allMatch(id -> id.matches("bis-china-[0-9a-f]{8}"));
        assertThat(ids(record("China", "x".repeat(300) + "y", "1 FR 1", "a"),
                record("China", "x".repeat(300) + "z", "1 FR 1", "a")))
                .hasSize(2).allMatch(id -> id.matches("bis-china-x{120}-[0-9a-f]{8}"));
        assertThat(ids(record("China", "***", "1 FR 1", "a"))).allMatch(id -> id.matches("bis-china-[0-9a-f]{8}"));
        assertThat(ids(record("Q".repeat(200), "Y".repeat(900), "1 FR 1", "a"))).hasSize(1);
    }

    @Test
    void givenTheSameNameTwice_whenParsed_thenTheFirstCitedHasThePlainIdentityWhateverTheOrder() {
        String first = record("Pakistan", "People's Steel Mills", "63 FR 64322, 11/19/98", "Karachi");
        String later = record("Pakistan", "Peoples' Steel Mills", "99 FR 1", "Lahore");
        String bare = record("Pakistan", "People's Steel Mills", "63 FR 64322, 11/19/98", null);
        String early = record("Pakistan", "People's Steel Mills", "9 FR 99999", "Quetta");

        assertThat(addressOfPlain(first, bare)).isEqualTo("Karachi").isEqualTo(addressOfPlain(bare, first));
        assertThat(addressOfPlain(first, early, bare)).isEqualTo("Quetta")
                .isEqualTo(addressOfPlain(bare, early, first));
        assertThat(ids(first, bare)).hasSize(2).isEqualTo(ids(bare, first))
                .anyMatch("bis-pakistan-people-s-steel-mills"::equals)
                .anyMatch(id -> id.matches("bis-pakistan-people-s-steel-mills-[0-9a-f]{8}"));
        assertThat(ids(first, bare, later)).containsAll(ids(first, bare));
    }

    @Test
    void givenAPartyThatStandsTwice_whenEitherRecordIsAmended_thenBothKeepTheirIdentities() {
        String first = record("China", "Wong", "75 FR 1701, 1/13/10", "Kowloon");
        String second = record("China", "Wong", "75 FR 1701, 1/13/10", null);
        String firstAmended = record("China", "Wong", "75 FR 1701, 1/13/10.\\n85 FR 83769, 12/23/20", "Kowloon");
        String secondAmended = record("China", "Wong", "75 FR 1701, 1/13/10.\\n85 FR 83769, 12/23/20", null);

        assertThat(ids(first, second)).hasSize(2).isEqualTo(ids(firstAmended, second))
                .isEqualTo(ids(first, secondAmended)).isEqualTo(ids(firstAmended, secondAmended));
    }

    @Test
    void givenTheRealFile_whenItsRecordsAreShuffled_thenTheSameListIsRead() {
        SourceList inOrder = FORMAT.parse(Samples.entityList());
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        String text = new String(Samples.entityList(), StandardCharsets.UTF_8);
        String start = "\"entities\": [";
        int begin = text.indexOf(start) + start.length();
        int end = text.lastIndexOf(']');
        List<String> records = new ArrayList<>(List.of(text.substring(begin, end).split("(?<=\\n  }),")));
        Collections.shuffle(records, new Random(seed));

        byte[] shuffled = (text.substring(0, begin) + String.join(",", records) + text.substring(end))
                .getBytes(StandardCharsets.UTF_8);

        assertThat(records).hasSize(3409);
        assertThat(FORMAT.parse(shuffled)).as("seed " + seed).isEqualTo(inOrder);
    }

    @Test
    void givenARealDuplicate_whenParsed_thenItIsRefused() {
        String record = record("China", "X", "1 FR 1, 1/1/01", "a");
        assertRefused(FORMAT, file(record, record("China", "Y", "1 FR 1", "a"), record), Code.DUPLICATE, "Entity 3",
                "'X' under 'China'", "'1 FR 1'");
        String amended = record.replace("[]", "[\"Z\"]").replace("1/1/01", "1/1/01\\n2 FR 2, 2/2/02");
        assertRefused(FORMAT, file(record, amended), Code.DUPLICATE, "Entity 2");
    }

    @Test
    void givenACountThatDiffers_whenParsed_thenTheFileIsNotWhole() {
        String record = record("China", "X", "1 FR 1", "a");
        assertRefused(FORMAT, text(2, record), Code.TRUNCATED, "has 2 entities but holds 1");
        assertRefused(FORMAT, text(0, record), Code.TRUNCATED, "has 0 entities but holds 1");
        assertRefused(FORMAT, text(0), Code.EMPTY, "no entity", "delist everyone");
    }

    @Test
    void givenAFileCutOffAnywhere_whenParsed_thenItIsRefusedAsTruncated() {
        byte[] whole = file(record("China", "X", "1 FR 1", "a"));
        for (int length = 1; length < whole.length; length++) {
            assertRefused(FORMAT, Arrays.copyOf(whole, length), Code.TRUNCATED, "cut off");
        }
        byte[] real = Samples.entityList();
        assertRefused(FORMAT, Arrays.copyOf(real, real.length - 1), Code.TRUNCATED);
        assertRefused(FORMAT, Arrays.copyOf(real, 1_000_003), Code.TRUNCATED);
    }

    @Test
    void givenAnotherStructure_whenParsed_thenThePlaceAndTheRuleAreNamed() {
        String record = record("China", "X", "1 FR 1", "a");
        assertRefused(FORMAT, "<html><body>Not found</body></html>", Code.WRONG_FORMAT, "line 1");
        assertRefused(FORMAT, "36,\"AEROCARIBBEAN AIRLINES\"\r\n\u001A", Code.WRONG_FORMAT);
        assertRefused(FORMAT, "[]", Code.WRONG_FORMAT, "The file is '[', not an object");
        assertRefused(FORMAT, "{}", Code.WRONG_FORMAT, "lacks count, entities, extracted, list_id, source_file");
        assertRefused(FORMAT, text(1, record) + "{}", Code.WRONG_FORMAT, "goes on after its end");
        assertRefused(FORMAT, text(1, record).replace("bis-entity-list", "un"), Code.WRONG_FORMAT, "list_id is 'un'");
        assertRefused(FORMAT, text(1, record).replace("2026-07-09", "July"), Code.WRONG_FORMAT, "'July'", "date");
        assertRefused(FORMAT, text(1, record).replace("\"count\": 1", "\"count\": \"1\""), Code.WRONG_FORMAT, "count");
        assertRefused(FORMAT, text(1, record).replace("\"count\": 1", "\"count\": 99999999999"), Code.WRONG_FORMAT);
        assertRefused(FORMAT, text(1, record).replace("\"count\"", "\"total\""), Code.WRONG_FORMAT,
                "unknown field 'total'", "known are count,");
        assertRefused(FORMAT, text(1, "\n 7"), Code.WRONG_FORMAT, "Entity 1 (line", "not an object");
    }

    @Test
    void givenARecordOfAnotherShape_whenParsed_thenItsNumberAndFieldAreNamed() {
        String record = record("China", "X", "1 FR 1", "a");
        String good = record("China", "Y", "1 FR 1", "a");
        assertRefused(FORMAT, file(good, record.replace("\"notes\"", "\"license\"")), Code.WRONG_FORMAT, "Entity 2",
                "unknown field 'license'");
        assertRefused(FORMAT, file(good, record.replace(", \"notes\": \"note\"", "")), Code.WRONG_FORMAT, "Entity 2",
                "lacks notes");
        assertRefused(FORMAT, file(good, record.replace("\"status\": null", "\"status\": \"removed\"")),
                Code.WRONG_FORMAT, "Entity 2", "status is 'removed'", "no other value than null");
        assertRefused(FORMAT, file(record.replace("\"effective_date\": null", "\"effective_date\": \"2026-01-01\"")),
                Code.WRONG_FORMAT, "effective_date is '2026-01-01'");
        assertRefused(FORMAT, file(record.replace("[]", "\"Z\"")), Code.WRONG_FORMAT, "aliases", "array of texts");
        assertRefused(FORMAT, file(record.replace("[]", "[7]")), Code.WRONG_FORMAT, "aliases is '7', not a text");
        assertRefused(FORMAT, file(record.replace("\"X\"", "null")), Code.WRONG_FORMAT, "name is 'null', not a text");
        assertRefused(FORMAT, file(record.replace("\"name\"", "\"name\": \"W\", \"name\"")), Code.WRONG_FORMAT,
                "name");
    }

    @Test
    void givenAValueThatCannotBeKept_whenParsed_thenItIsRefusedAndNotShortened() {
        String record = record("China", "X", "1 FR 1", "a");
        assertRefused(FORMAT, file(record.replace("\"X\"", "\"" + "X".repeat(1001) + "\"")), Code.BAD_VALUE,
                "Entity 1", "name has 1001 characters");
        assertRefused(FORMAT, file(record.replace("\"X\"", "\" \"")), Code.BAD_VALUE, "name is missing");
        assertRefused(FORMAT, file(record.replace("\"X\"", "\"X\\u0000\"")), Code.BAD_VALUE, "U+0000");
        assertRefused(FORMAT, file(record.replace("\"a\"", "\"" + "a".repeat(5001) + "\"")), Code.BAD_VALUE,
                "address.text has 5001");
        assertRefused(FORMAT, file(record.replace("\"note\"", "\"" + "n".repeat(10_001) + "\"")), Code.BAD_VALUE,
                "licenseRequirement");
        assertRefused(FORMAT, file(record.replace("1 FR 1", " ")), Code.BAD_VALUE, "federal_register is blank");
        assertRefused(FORMAT, file(record.replace("\"note\"", "\"" + "n".repeat(200_000) + "\"")), Code.WRONG_FORMAT,
                "100000");
        assertRefused(FORMAT, file(record.replace("[]", "[" + "\"z\",".repeat(1000) + "\"z\"]")), Code.BAD_VALUE,
                "aliases has 1001 elements");
    }

    @Test
    void givenDeepNesting_whenParsed_thenItIsRefusedAtOnce() {
        String record = record("China", "X", "1 FR 1", "a");
        assertRefused(FORMAT, "[".repeat(1_000_000), Code.WRONG_FORMAT);
        assertRefused(FORMAT, "{\"entities\":".repeat(500_000), Code.WRONG_FORMAT);
        assertRefused(FORMAT, file(record.replace("[]", "[".repeat(1_000_000))), Code.WRONG_FORMAT);
        assertRefused(FORMAT, text(1, record).replace("\"count\": 1", "\"count\": " + "9".repeat(100_000)),
                Code.WRONG_FORMAT);
    }

    @Test
    void givenRandomDamage_whenParsed_thenItIsReadOrRefusedAndNothingElse() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < 5000; round++) {
            byte[] file = file(record("China", "X", "1 FR 1", "a"), record("China", "X", "2 FR 1", null));
            for (int i = random.nextInt(3); i >= 0; i--) {
                file[random.nextInt(file.length)] = (byte) (random.nextBoolean()
                        ? random.nextInt(256)
                        : "\",:{}[]\\n0".charAt(random.nextInt(10)));
            }
            try {
                assertThat(FORMAT.parse(file).entries()).as("seed " + seed).hasSize(2);
            } catch (SnapshotRefused wrong) {
                refused++;
            }
        }
        assertThat(refused).as("seed " + seed).isBetween(500, 4999);
    }

    private static Entry entry(SourceList list, String entityId) {
        return Objects.requireNonNull(list.entries().get(new EntityId(entityId)));
    }

    private static String addressOfPlain(String... records) {
        return entry(FORMAT.parse(file(records)), "bis-pakistan-people-s-steel-mills").subject()
                .addresses().getFirst().text();
    }

    private static Set<String> ids(String... records) {
        return FORMAT.parse(file(records)).entries().keySet().stream().map(EntityId::value)
                .collect(Collectors.toSet());
    }

    private static String record(String country, String name, String citations, @Nullable String address) {
        return """
                {"name": "%s", "aliases": [], "country": "%s", "address": %s, "status": null, "effective_date": null, \
                "federal_register": "%s", "notes": "note"}"""
                .formatted(name, country, address == null ? "null" : "\"" + address + "\"", citations);
    }

    private static byte[] file(String... records) {
        return text(records.length, records).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(int count, String... records) {
        return """
                {"list_id": "bis-entity-list", "source_file": "S", "extracted": "2026-07-09", "count": %d, "entities": [%s]}"""
                .formatted(count, String.join(",\n", records));
    }
}
