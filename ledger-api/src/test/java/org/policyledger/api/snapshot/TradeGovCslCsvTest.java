package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.policyledger.api.snapshot.Refusals.assertRefused;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.policyledger.api.snapshot.SnapshotRefused.Code;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.Entry.Address;
import org.policyledger.core.Entry.Alias;
import org.policyledger.core.Entry.Identifier;
import org.policyledger.core.Entry.Vessel;

class TradeGovCslCsvTest {

    private static final String HEADER = "source,entity_number,type,programs,name,title,addresses,federal_register_notice,"
            + "start_date,end_date,standard_order,license_requirement,license_policy,call_sign,vessel_type,gross_tonnage,"
            + "gross_registered_tonnage,vessel_flag,vessel_owner,remarks,source_list_url,alt_names,citizenships,"
            + "dates_of_birth,nationalities,places_of_birth,source_information_url,ids";
    private static final String BANK = "Sectoral Sanctions Identifications List (SSI) - Treasury Department,17014,Entity,"
            + "UKRAINE-EO13662; RUSSIA-EO14024,EXAMPLE BANK, ,\"1 Harbour Road, Valletta, 7, MT; KY\",,,,,,,,,,,,,"
            + "\"For \"\"more\"\" see\",http://x,EB; EXAMPLE B,,,,,http://y,\"SWIFT, EXBKMTMT; Tax ID No., 7, MT\"";
    private static final String SHIP = "Specially Designated Nationals (SDN) - Treasury Department,8124,Vessel,CUBA,STAR,,"
            + ",,,,,,,5IM 3,Tanker,99,56,Malta,NITC,,http://x,,,,,,http://y,";
    private static final String PERSON = "Palestinian Legislative Council List (PLC) - Treasury Department,9659,Individual,"
            + "NS-PLC,\"EXAMPLE, Ann\",Dr.,,,,,,,,,,,,,,,http://x,,IL,1970-01-01,PS; IL,Gaza,http://y,";
    private static final String LISTED = "Entity List (EL) - Bureau of Industry and Security,,,, Example Trading Ltd.,,"
            + "\"1 Harbour Road, Kowloon, HK\",80 FR 69852,2015-11-12,,,For all items,Presumption of denial.,,,,,,,,"
            + "http://x,,,,,,http://y,";

    private static SnapshotFormat of(String source) {
        return SnapshotFormat.named("trade-gov-csl-csv-" + source).orElseThrow();
    }

    @Test
    void givenRecordsOfSeveralSources_whenOneSourceIsParsed_thenItsRecordsComeAndEveryColumnHasItsPlace() {
        byte[] file = file(lines(BANK, SHIP, PERSON, LISTED));

        SourceList banks = of("ssi").parse(file);
        assertThat(banks.statedDate()).isEmpty();
        assertThat(banks.entries()).containsOnlyKeys(new EntityId("ofac-sdn-17014"));
        Entry bank = entry(banks, "ofac-sdn-17014");
        assertThat(bank.subject().name()).isEqualTo("EXAMPLE BANK");
        assertThat(bank.subject().type()).contains(Entry.Type.ORGANISATION);
        assertThat(bank.subject().title()).isEmpty();
        assertThat(bank.subject().addresses()).containsExactly(
                new Address("1 Harbour Road, Valletta, 7, MT", Optional.of("MT")),
                new Address("KY", Optional.of("KY")));
        assertThat(bank.subject().aliases()).containsExactly(Alias.of("EB"), Alias.of("EXAMPLE B"));
        assertThat(bank.subject().identifiers()).containsExactly(new Identifier("OFAC ent_num", "17014"),
                new Identifier("CSL id", "SWIFT, EXBKMTMT"), new Identifier("CSL id", "Tax ID No., 7, MT"));
        assertThat(bank.subject().vessel()).isEmpty();
        assertThat(bank.terms().programs()).containsExactly("UKRAINE-EO13662", "RUSSIA-EO14024");
        assertThat(bank.remarks()).contains("For \"more\" see");
        Entry ship = entry(of("sdn").parse(file), "ofac-sdn-8124");
        assertThat(ship.subject().type()).contains(Entry.Type.VESSEL);
        assertThat(ship.subject().vessel()).contains(new Vessel(Optional.of("5IM 3"), Optional.of("Tanker"),
                Optional.of("99"), Optional.of("56"), Optional.of("Malta"), Optional.of("NITC")));
        Entry person = entry(of("plc").parse(file), "ofac-sdn-9659");
        assertThat(person.subject().type()).contains(Entry.Type.PERSON);
        assertThat(person.subject().title()).contains("Dr.");
        assertThat(person.subject().countries()).containsExactly("PS", "IL");
        assertThat(person.remarks()).contains(
                "Nationalities: PS; IL\nCitizenships: IL\nDates of birth: 1970-01-01\nPlaces of birth: Gaza");
        Entry listed = entry(of("el").parse(file), "csl-el-example-trading-ltd");
        assertThat(listed.subject().name()).isEqualTo("Example Trading Ltd.");
        assertThat(listed.subject().type()).isEmpty();
        assertThat(listed.terms().licenseRequirement()).contains("For all items");
        assertThat(listed.terms().licenseReviewPolicy()).contains("Presumption of denial.");
        assertThat(listed.remarks()).contains("Federal Register notice: 80 FR 69852\nStart date: 2015-11-12");
    }

    @Test
    void givenExtractsOfBothFiles_whenEverySourceIsParsed_thenEveryRecordIsRead() {
        assertThat(counts(Extracts.file("csl-2019-12-03.csv"))).isEqualTo(Map.of("cap", 1, "dpl", 4, "dtc", 2, "el", 7,
                "isn", 2, "plc", 2, "sdn", 2, "ssi", 2, "uvl", 2));
        byte[] file = Extracts.file("csl-2023-11-30.csv");
        assertThat(counts(file)).isEqualTo(Map.ofEntries(Map.entry("cap", 1), Map.entry("cmic", 1),
                Map.entry("dpl", 3), Map.entry("dtc", 3), Map.entry("el", 3), Map.entry("fse", 1), Map.entry("isn", 1),
                Map.entry("meu", 4), Map.entry("ns-mbs", 1), Map.entry("plc", 2), Map.entry("sdn", 3),
                Map.entry("ssi", 2), Map.entry("uvl", 1)));
        assertThat(of("ns-mbs").parse(file).entries().keySet()).as("one party on two lists")
                .isSubsetOf(of("ssi").parse(file).entries().keySet());
        assertThat(of("meu").parse(file).entries().values()).as("a line break within quotation marks")
                .anyMatch(entry -> entry.toString().contains("\n"));
    }

    private static Map<String, Integer> counts(byte[] file) {
        Map<String, Integer> counts = new TreeMap<>();
        for (String name : SnapshotFormat.names()) {
            if (name.startsWith("trade-gov-csl-csv-")) {
                try {
                    counts.put(name.substring("trade-gov-csl-csv-".length()),
                            SnapshotFormat.named(name).orElseThrow().parse(file).entries().size());
                } catch (SnapshotRefused none) {
                    assertThat(none.code()).as(none.detail()).isEqualTo(Code.EMPTY);
                }
            }
        }
        return counts;
    }

    @Test
    void givenTheSameNameTwice_whenParsed_thenTheFirstToStartHasThePlainIdentityWhateverTheOrder() {
        String later = LISTED.replace("2015-11-12", "2019-01-01").replace("Kowloon, HK", "Dubai, AE");
        String undated = LISTED.replace("2015-11-12", "").replace("80 FR 69852", "");
        List<String> records = new ArrayList<>(List.of(LISTED, later, undated));
        SourceList inOrder = of("el").parse(file(lines(records.toArray(String[]::new))));
        Collections.reverse(records);

        assertThat(of("el").parse(file(lines(records.toArray(String[]::new))))).isEqualTo(inOrder);
        assertThat(inOrder.entries()).hasSize(3);
        assertThat(entry(inOrder, "csl-el-example-trading-ltd").remarks().orElseThrow()).contains("2015-11-12");
        assertThat(inOrder.entries().keySet()).filteredOn(id -> !id.value().equals("csl-el-example-trading-ltd"))
                .hasSize(2).allMatch(id -> id.value().matches("csl-el-example-trading-ltd-[0-9a-f]{8}"));
        assertThat(of("el").parse(file(lines(LISTED))).entries().keySet())
                .isSubsetOf(inOrder.entries().keySet());
    }

    @Test
    void givenAnAmendedRecord_whenParsed_thenItKeepsItsIdentity() {
        assertThat(of("el").parse(file(lines(LISTED.replace("80 FR 69852", "80 FR 69852; 81 FR 1")
                .replace("For all items", "For some items")))).entries().keySet())
                .isEqualTo(of("el").parse(file(lines(LISTED))).entries().keySet());
    }

    @Test
    void givenCharactersOfWindows1252TakenForLatin1_whenParsed_thenTheyAreReadAsWhatTheyWere() {
        assertThat(of("el").parse(file(lines(LISTED.replace("Kowloon", "Xi\u0092an \u0093Park\u0094"))))).isEqualTo(
                of("el").parse(file(lines(LISTED.replace("Kowloon", "Xi\u2019an \u201CPark\u201D")))));
        assertRefused(of("el"), lines(LISTED.replace("Kowloon", "Xi\u0081an")), Code.BAD_VALUE, "Line 2", "U+0081");
    }

    @Test
    void givenIdsThatDriftOrAreMissing_whenParsed_thenTheListIsTheSame() {
        byte[] with = file(("_id," + HEADER + "\n" + "a1b2," + LISTED + "\n8124," + SHIP + "\n"));
        byte[] other = file(("_id," + HEADER + "\n" + "c3d4," + LISTED + "\n8124," + SHIP + "\n"));
        byte[] without = file(lines(LISTED, SHIP));
        for (String source : List.of("el", "sdn")) {
            assertThat(of(source).parse(with)).isEqualTo(of(source).parse(other))
                    .isEqualTo(of(source).parse(without));
        }
    }

    @Test
    void givenTheHeaderTwice_whenParsed_thenOnlyARepetitionOnTheSecondLineIsPassedOver() {
        assertThat(of("el").parse(file(HEADER + "\n" + lines(LISTED)))).isEqualTo(of("el").parse(file(lines(LISTED))));
        assertThat(of("el").parse(file(lines(LISTED).replace("\n", "\r\n"))))
                .isEqualTo(of("el").parse(file(lines(LISTED))));
        assertRefused(of("el"), HEADER + "\n" + HEADER + "\n" + lines(LISTED), Code.WRONG_FORMAT,
                "Line 3 is the header again", "several files");
        assertRefused(of("el"), lines(LISTED) + lines(SHIP), Code.WRONG_FORMAT, "Line 3 is the header again");
    }

    @Test
    void givenWhatIsAmbiguous_whenParsed_thenItIsRefused() {
        assertRefused(of("el"), lines(SHIP, LISTED, LISTED.replace("For all", "For some")), Code.DUPLICATE,
                "Lines 3 and 4", "'Example Trading Ltd.'", "cannot be told apart");
        assertRefused(of("sdn"), lines(SHIP, SHIP.replace("STAR", "MOON")), Code.DUPLICATE, "Lines 2 and 3",
                "entity_number 8124");
        assertRefused(of("el"), lines(LISTED.replace("Security,,", "Security,7,")), Code.WRONG_FORMAT, "Line 2",
                "entity_number is '7'", "EL have none");
        assertRefused(of("sdn"), lines(SHIP.replace("8124", "")), Code.WRONG_FORMAT, "Line 2", "entity_number ''");
        assertRefused(of("sdn"), lines(SHIP.replace("8124", "08124")), Code.WRONG_FORMAT, "'08124'");
        assertRefused(of("sdn"), "_id," + HEADER + "\n8125," + SHIP + "\n", Code.WRONG_FORMAT, "_id '8125'",
                "entity_number 8124");
        assertRefused(of("el"), lines(LISTED.replace("(EL)", "EL")), Code.WRONG_FORMAT, "Line 2",
                "no code in brackets");
        assertRefused(of("sdn"), lines(SHIP.replace("Vessel,", "Ship,")), Code.WRONG_FORMAT, "type 'Ship'");
    }

    @Test
    void givenNoRecordOfTheSource_whenParsed_thenTheFileIsRefusedAsEmpty() {
        assertRefused(of("el"), HEADER + "\n", Code.EMPTY, "no record at all", "delist everyone");
        assertRefused(of("el"), lines(SHIP, BANK), Code.EMPTY, "no record of the source EL",
                "it holds SDN, SSI");
    }

    @Test
    void givenAnotherKindOfFile_whenParsed_thenItIsRefusedAsTheWrongFormat() {
        assertRefused(of("el"), "<html>\n</html>\n", Code.WRONG_FORMAT, "begins with '<html>'", "source,entity_number");
        assertRefused(of("el"), HEADER.replace("start_date", "Effective Date") + "\n" + LISTED + "\n",
                Code.WRONG_FORMAT, "not with the header");
        assertRefused(of("el"), HEADER + ",more\n" + LISTED + ",\n", Code.WRONG_FORMAT, "not with the header");
        assertRefused(of("el"), LISTED + "\n", Code.WRONG_FORMAT, "not with the header");
        assertRefused(of("el"), HEADER.replace(',', ';') + "\n", Code.WRONG_FORMAT, "not with the header");
    }

    @Test
    void givenHostileColumns_whenParsed_thenTheLineIsRefused() {
        assertRefused(of("el"), lines(LISTED, LISTED + ","), Code.WRONG_FORMAT, "Line 3 has more than 28 columns");
        assertRefused(of("el"), lines(LISTED, "x,y"), Code.WRONG_FORMAT, "Line 3 has 2 columns, not 28");
        assertRefused(of("el"), lines(LISTED, ""), Code.WRONG_FORMAT, "Line 3 has 1 columns");
        assertRefused(of("sdn"), lines(SHIP.replace("Security", "x"), LISTED + ",,"), Code.WRONG_FORMAT, "Line 3");
        assertRefused(of("el"), lines(LISTED.replace("HK\"", "HK")), Code.WRONG_FORMAT,
                "Line 2 has a quotation mark that is never closed");
        assertRefused(of("el"), lines(LISTED.replace("HK\"", "HK\"x")), Code.WRONG_FORMAT,
                "Line 2 goes on after the closing quotation mark");
        assertRefused(of("el"), lines(LISTED.replace("For all", "For \"all\"")), Code.WRONG_FORMAT,
                "quotation mark inside the bare value 'For \"all\" items'");
        assertRefused(of("el"), lines(LISTED.replace("Kowloon", "\u0000")), Code.BAD_VALUE, "NUL byte");
        assertRefused(of("el"), lines(LISTED.replace("Kowloon", "\u0007")), Code.BAD_VALUE, "Line 2", "U+0007");
        assertRefused(of("el"), lines(LISTED.replace("Kowloon", "\n\nK"), LISTED.replace("Kowloon", "\u0007")),
                Code.BAD_VALUE, "Line 5", "U+0007");
        assertRefused(of("el"), lines(LISTED.replace("Kowloon", "K".repeat(5001))), Code.BAD_VALUE, "Line 2",
                "address.text has");
        assertRefused(of("el"), lines(LISTED.replace("Trading", "T".repeat(1001))), Code.BAD_VALUE,
                "entry.subject.name has");
        assertRefused(of("el"), lines(LISTED.replace(" Example Trading Ltd.", " ")), Code.BAD_VALUE,
                "entry.subject.name is missing");
        assertRefused(of("el"), lines(LISTED.replace("Kowloon", "K; ".repeat(2000))), Code.BAD_VALUE, "addresses has");
        assertRefused(of("el"), HEADER + "\n" + ",".repeat(1_000_000) + "\n", Code.WRONG_FORMAT, "Line 2");
        assertRefused(of("el"), HEADER + "\n" + "\"".repeat(1_000_001) + "\n", Code.WRONG_FORMAT, "never closed");
    }

    @Test
    void givenAFileCutOffAnywhere_whenParsed_thenItIsRefusedUnlessRecordsAreWhole() {
        byte[] whole = file(lines(LISTED, SHIP));
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            if (length > 0 && whole[length - 1] == '\n') {
                continue;
            }
            assertRefused(of("el"), part, length == 0 ? Code.EMPTY : Code.TRUNCATED);
        }
        assertRefused(of("el"), Arrays.copyOf(whole, HEADER.length() + 1), Code.EMPTY);
        assertThat(of("el").parse(Arrays.copyOf(whole, HEADER.length() + LISTED.length() + 2)).entries())
                .as("it cannot be told that a record is missing").hasSize(1);
    }

    @Test
    void givenRandomDamage_whenParsed_thenItIsReadOrRefusedAndNothingElse() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < 5000; round++) {
            byte[] file = file(lines(LISTED, SHIP, PERSON));
            for (int i = random.nextInt(3); i >= 0; i--) {
                file[random.nextInt(file.length)] = (byte) (random.nextBoolean()
                        ? random.nextInt(256)
                        : "\",\r\n();- 0".charAt(random.nextInt(10)));
            }
            try {
                assertThat(of("el").parse(file).entries()).as("seed " + seed).hasSizeBetween(1, 3);
            } catch (SnapshotRefused wrong) {
                refused++;
            }
        }
        assertThat(refused).as("seed " + seed).isBetween(500, 4999);
    }

    private static Entry entry(SourceList list, String entityId) {
        return Objects.requireNonNull(list.entries().get(new EntityId(entityId)), list.entries().keySet()::toString);
    }

    private static String lines(String... records) {
        return HEADER + "\n" + String.join("\n", records) + "\n";
    }

    private static byte[] file(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
