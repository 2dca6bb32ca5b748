package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.policyledger.api.snapshot.Refusals.assertRefused;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.policyledger.api.snapshot.SnapshotRefused.Code;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.Entry.Alias;
import org.policyledger.core.Entry.Identifier;

class OfacSdnCsvTest {

    private static final SnapshotFormat FORMAT = OfacSdnCsv.FORMAT;

    private static final String BANK = "306,\"BANCO NACIONAL DE CUBA\",-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"
            + "\"a.k.a. 'BNC'.\"";
    private static final String PERSON = "2674,\"ABBAS, Abu\",\"individual\",\"SDGT] [NPWMD] [IFSR\","
            + "\"Director of \"\"X\"\", Inc.\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 10 Dec 1948.\"";
    private static final String SHIP = "15036,\"ARTAVIL\",\"vessel\",\"IRAN\",-0- ,\"5IM 316\",\"Crude Oil Tanker\","
            + "\"99,144\",\"56,068\",\"Malta\",\"NITC\",\"Vessel Registration Identification IMO 9187629.\"";

    @Test
    void givenTheKindsOfRecord_whenParsed_thenEveryColumnHasItsPlace() {
        SourceList list = FORMAT.parse(file(BANK, PERSON, SHIP));

        assertThat(list.statedDate()).isEmpty();
        assertThat(list.entries()).containsOnlyKeys(id("306"), id("2674"), id("15036"));
        Entry bank = entry(list, "306");
        assertThat(bank.subject().name()).isEqualTo("BANCO NACIONAL DE CUBA");
        assertThat(bank.subject().type()).contains(Entry.Type.ORGANISATION);
        assertThat(bank.subject().identifiers()).containsExactly(new Identifier("OFAC ent_num", "306"));
        assertThat(bank.subject().aliases()).containsExactly(Alias.of("BNC"));
        assertThat(bank.subject().vessel()).isEmpty();
        assertThat(bank.terms().programs()).containsExactly("CUBA");
        assertThat(bank.remarks()).contains("a.k.a. 'BNC'.");
        Entry person = entry(list, "2674");
        assertThat(person.subject().type()).contains(Entry.Type.PERSON);
        assertThat(person.subject().title()).contains("Director of \"X\", Inc.");
        assertThat(person.terms().programs()).containsExactly("SDGT", "NPWMD", "IFSR");
        Entry ship = entry(list, "15036");
        assertThat(ship.subject().type()).contains(Entry.Type.VESSEL);
        assertThat(ship.subject().vessel()).contains(new Entry.Vessel(Optional.of("5IM 316"),
                Optional.of("Crude Oil Tanker"), Optional.of("99,144"), Optional.of("56,068"), Optional.of("Malta"),
                Optional.of("NITC")));
    }

    @Test
    void givenBlanksAtTheEndOfColumns_whenParsed_thenTheyDoNotCountAndThoseAtTheBeginningDo() {
        Entry plain = entry(FORMAT.parse(file(BANK)), "306");
        Entry trailing = entry(FORMAT.parse(file(BANK.replace("CUBA\"", "CUBA  \"").replace("-0- ", "-0-"))), "306");
        Entry leading = entry(FORMAT.parse(file(BANK.replace("\"BANCO", "\" BANCO"))), "306");

        assertThat(trailing).isEqualTo(plain);
        assertThat(leading.subject().name()).isEqualTo(" BANCO NACIONAL DE CUBA");
    }

    @Test
    void givenRemarks_whenParsed_thenOnlyWholeQuotedNamesBecomeAliases() {
        assertThat(aliases("DOB 1970; a.k.a. 'ABU-'UMAR'; f.k.a. 'EL PATRON''; a.k.a. 'O'NINNO'."))
                .containsExactly("ABU-'UMAR", "EL PATRON'", "O'NINNO");
        assertThat(aliases("a.k.a. 'FIRST'; a.k.a. 'CUT O")).containsExactly("FIRST");
        assertThat(aliases("a.k.a. 'FIRST'; a.k.a. 'ABU'")).as("cut off after an apostrophe").containsExactly("FIRST");
        assertThat(aliases("a.k.a. 'X' (Arabic); see a.k.a. 'Y'; a.k.a. ''.")).isEmpty();
    }

    @Test
    void givenTextBeyondAscii_whenParsedAsUtf8_thenItIsKept() {
        Entry entry = entry(FORMAT.parse(file(BANK.replace("BANCO", "BÄNCO \uD83D\uDE00"))), "306");

        assertThat(entry.subject().name()).isEqualTo("BÄNCO \uD83D\uDE00 NACIONAL DE CUBA");
    }

    @Test
    void givenAnotherKindOfFile_whenParsed_thenItIsRefusedAsTheWrongFormat() {
        assertRefused(FORMAT, "<!DOCTYPE html><html>503 Service Unavailable</html>", Code.WRONG_FORMAT,
                "is HTML or XML", "give OFAC's sdn.csv");
        assertRefused(FORMAT, "{\"error\": 1, \"x\": 2}", Code.WRONG_FORMAT, "is JSON");
        assertRefused(FORMAT, "ent_num,SDN_Name\r\n36,\"X\"\r\n\u001A", Code.WRONG_FORMAT, "'ent_num,SDN_Name'",
                "no header");
        assertRefused(FORMAT, "36|\"AEROCARIBBEAN AIRLINES\"\r\n\u001A", Code.WRONG_FORMAT, "begins with '36|");
        assertRefused(FORMAT, file("36,1,\"aka\",\"AERO-CARIBBEAN\",-0- "), Code.WRONG_FORMAT,
                "Line 1 has 5 columns, not 12");
    }

    @Test
    void givenADamagedRecord_whenParsed_thenItsLineValueAndRuleAreNamed() {
        assertRefused(FORMAT, file(BANK, PERSON + ",-0- "), Code.WRONG_FORMAT, "Line 2 has more than 12 columns");
        assertRefused(FORMAT, file(BANK, ""), Code.WRONG_FORMAT, "Line 2");
        assertRefused(FORMAT, file(BANK, PERSON.replace("2674", "26-4")), Code.WRONG_FORMAT, "Line 2",
                "ent_num '26-4'");
        assertRefused(FORMAT, file(BANK, PERSON.replace("2674", "02674")), Code.WRONG_FORMAT, "'02674'");
        assertRefused(FORMAT, file(BANK, PERSON.replace("2674", "-0- ")), Code.WRONG_FORMAT, "ent_num '-0-'");
        assertRefused(FORMAT, file(BANK, PERSON.replace("individual", "entity")), Code.WRONG_FORMAT, "Line 2",
                "SDN_Type 'entity'", "none of individual, vessel, aircraft and -0-");
        assertRefused(FORMAT, file(BANK.replace("\"CUBA\"", "\"\"")), Code.WRONG_FORMAT, "Line 1",
                "empty Program", "-0-");
        assertRefused(FORMAT, file(BANK.replace("\"BANCO NACIONAL DE CUBA\"", "-0- ")), Code.BAD_VALUE,
                "Line 1: entry.subject.name is missing");
        assertRefused(FORMAT, file(PERSON.replace("SDGT] [", "SDGT] [] [")), Code.BAD_VALUE,
                "Line 1: terms.programs");
        assertRefused(FORMAT, file(BANK.replace("CUBA\"", "CU\nBA\"")), Code.WRONG_FORMAT, "line break", "SDN_Name");
        assertRefused(FORMAT, file(BANK.replace("CUBA\"", "CU\u001ABA\"")), Code.BAD_VALUE, "U+001A");
        assertRefused(FORMAT, file(BANK.replace("CUBA\"", "CU\u0007BA\"")), Code.BAD_VALUE, "Line 1", "U+0007");
    }

    @Test
    void givenHostileQuoting_whenParsed_thenTheLineIsRefused() {
        assertRefused(FORMAT, file(BANK, PERSON.replace("\"ABBAS, Abu\"", "\"ABBAS, Abu")), Code.WRONG_FORMAT,
                "Line 2 goes on after the closing quotation mark of 'ABBAS, Abu,'");
        assertRefused(FORMAT, file(BANK.replace("'BNC'.\"", "'BNC'.")), Code.WRONG_FORMAT,
                "Line 1 has a quotation mark that is never closed");
        assertRefused(FORMAT, file(BANK.replace("\"CUBA\"", "CU\"BA")), Code.WRONG_FORMAT,
                "quotation mark inside the bare value 'CU\"BA'");
        assertRefused(FORMAT, file(BANK.replace("\"CUBA\"", "\"CU\"BA\"")), Code.WRONG_FORMAT,
                "Line 1 goes on after the closing quotation mark of 'CU'");
        assertRefused(FORMAT, file("36," + "\"".repeat(200_001)), Code.WRONG_FORMAT, "never closed");
        assertRefused(FORMAT, file("36" + ",".repeat(200_000)), Code.WRONG_FORMAT, "Line 1");
    }

    @Test
    void givenAValueBeyondItsLimit_whenParsed_thenItIsRefusedAndNotShortened() {
        assertRefused(FORMAT, file(BANK.replace("BANCO", "B".repeat(1001))), Code.BAD_VALUE, "Line 1",
                "entry.subject.name has", "at most 1000");
        assertRefused(FORMAT, file(SHIP.replace("NITC", "N".repeat(1001))), Code.BAD_VALUE, "vessel.owner");
        assertRefused(FORMAT, file(PERSON.replace("Director", "D".repeat(2001))), Code.BAD_VALUE, "title");
        assertRefused(FORMAT, file(PERSON.replace("DOB", "D".repeat(30_001))), Code.BAD_VALUE, "entry.remarks");
        assertRefused(FORMAT, file(PERSON.replace("SDGT", "S] [".repeat(200) + "S")), Code.BAD_VALUE, "programs");
        assertRefused(FORMAT, file(BANK, PERSON.replace("2674", "12345678901")), Code.WRONG_FORMAT, "'12345678901'");
    }

    @Test
    void givenTheSameNumberTwice_whenParsed_thenBothLinesAreNamed() {
        assertRefused(FORMAT, file(BANK, PERSON, BANK.replace("CUBA", "IRAN")), Code.DUPLICATE, "Lines 1 and 3",
                "ent_num 306");
        assertRefused(FORMAT, file(BANK, BANK), Code.DUPLICATE, "Lines 1 and 2");
    }

    @Test
    void givenAFileCutOffAnywhere_whenParsed_thenItIsRefused() {
        byte[] whole = file(BANK, PERSON, SHIP);
        assertThat(FORMAT.parse(whole).entries()).hasSize(3);
        for (int length = 0; length < whole.length; length++) {
            Code code = length == 0 ? Code.EMPTY : length <= "306".length() ? Code.WRONG_FORMAT : Code.TRUNCATED;
            assertRefused(FORMAT, Arrays.copyOf(whole, length), code);
        }
        assertRefused(FORMAT, Arrays.copyOf(whole, whole.length - 1), Code.TRUNCATED, "byte 0x1A", "cut off",
                "retrieve it again");
    }

    @Test
    void givenConvertedLineEnds_whenParsed_thenTheFileIsRefused() {
        String unix = new String(file(BANK, PERSON), StandardCharsets.UTF_8).replace("\r\n", "\n");
        assertRefused(FORMAT, unix, Code.TRUNCATED, "converted");
        assertRefused(FORMAT, BANK + "\n" + PERSON + "\r\n\u001A", Code.WRONG_FORMAT, "Line 1");
    }

    @Test
    void givenRandomDamage_whenParsed_thenItIsReadOrRefusedAndNothingElse() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < 5000; round++) {
            byte[] file = file(BANK, PERSON, SHIP);
            for (int i = random.nextInt(3); i >= 0; i--) {
                file[random.nextInt(file.length)] = (byte) (random.nextBoolean()
                        ? random.nextInt(256)
                        : "\",\r\n\u001A-0[]'.".charAt(random.nextInt(11)));
            }
            try {
                assertThat(FORMAT.parse(file).entries()).as("seed " + seed).hasSizeBetween(1, 4);
            } catch (SnapshotRefused wrong) {
                refused++;
            }
        }
        assertThat(refused).as("seed " + seed).isBetween(500, 4999);
    }

    private static Entry entry(SourceList list, String entNum) {
        return Objects.requireNonNull(list.entries().get(id(entNum)));
    }

    private static EntityId id(String entNum) {
        return new EntityId("ofac-sdn-" + entNum);
    }

    private static List<String> aliases(String remarks) {
        return entry(FORMAT.parse(file(BANK.replace("a.k.a. 'BNC'.", remarks))), "306").subject().aliases()
                .stream().map(Alias::name).toList();
    }

    private static byte[] file(String... lines) {
        return (String.join("\r\n", lines) + "\r\n\u001A").getBytes(StandardCharsets.UTF_8);
    }
}
