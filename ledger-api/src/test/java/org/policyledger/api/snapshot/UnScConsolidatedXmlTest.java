package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.policyledger.api.snapshot.Refusals.assertRefused;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.policyledger.api.snapshot.SnapshotRefused.Code;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.Entry.Address;
import org.policyledger.core.Entry.Alias;
import org.policyledger.core.Entry.Identifier;

class UnScConsolidatedXmlTest {

    private static final SnapshotFormat FORMAT = UnScConsolidatedXml.FORMAT;

    private static final String PERSON = """
            <INDIVIDUAL><DATAID>1</DATAID><VERSIONNUM>1</VERSIONNUM>
            <FIRST_NAME>ANN</FIRST_NAME><SECOND_NAME> MARY </SECOND_NAME><THIRD_NAME/><FOURTH_NAME>EXAMPLE</FOURTH_NAME>
            <UN_LIST_TYPE>DRC</UN_LIST_TYPE><REFERENCE_NUMBER>CDi.001 </REFERENCE_NUMBER><LISTED_ON>2012-12-31</LISTED_ON>
            <GENDER>Female</GENDER><SUBMITTED_BY>A State</SUBMITTED_BY>
            <NAME_ORIGINAL_SCRIPT>آن</NAME_ORIGINAL_SCRIPT><COMMENTS1>Known for "this" &amp; that.</COMMENTS1>
            <NATIONALITY2>Malta</NATIONALITY2>
            <TITLE><VALUE>Dr.</VALUE><VALUE>General</VALUE></TITLE>
            <DESIGNATION><VALUE>Minister</VALUE><VALUE>Governor</VALUE></DESIGNATION>
            <NATIONALITY><VALUE>Chad</VALUE><VALUE>Mali</VALUE></NATIONALITY>
            <LIST_TYPE><VALUE>UN List</VALUE></LIST_TYPE>
            <LAST_DAY_UPDATED><VALUE>2016-10-13</VALUE><VALUE>2020-02-19</VALUE></LAST_DAY_UPDATED>
            <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Annie</ALIAS_NAME></INDIVIDUAL_ALIAS>
            <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Marie</ALIAS_NAME><DATE_OF_BIRTH>1970</DATE_OF_BIRTH><NOTE>as a student</NOTE></INDIVIDUAL_ALIAS>
            <INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
            <INDIVIDUAL_ADDRESS><STREET>1 Harbour Road</STREET><CITY>Goma</CITY><STATE_PROVINCE>North Kivu</STATE_PROVINCE><ZIP_CODE>7</ZIP_CODE><COUNTRY>Congo</COUNTRY><NOTE>since 2019</NOTE></INDIVIDUAL_ADDRESS>
            <INDIVIDUAL_ADDRESS><COUNTRY>Rwanda</COUNTRY></INDIVIDUAL_ADDRESS>
            <INDIVIDUAL_ADDRESS><COUNTRY/></INDIVIDUAL_ADDRESS>
            <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1970</FROM_YEAR><TO_YEAR>1973</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
            <INDIVIDUAL_PLACE_OF_BIRTH><CITY>Goma</CITY><COUNTRY>Congo</COUNTRY></INDIVIDUAL_PLACE_OF_BIRTH>
            <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>A1</NUMBER><ISSUING_COUNTRY>Chad</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT>
            <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT2>Card</TYPE_OF_DOCUMENT2><NOTE>lost</NOTE></INDIVIDUAL_DOCUMENT>
            <INDIVIDUAL_DOCUMENT/>
            <SORT_KEY/><SORT_KEY_LAST_MOD/></INDIVIDUAL>
            """;
    private static final String COMPANY = """
            <ENTITY><DATAID>2</DATAID><VERSIONNUM>1</VERSIONNUM><FIRST_NAME>EXAMPLE TRADING</FIRST_NAME>
            <UN_LIST_TYPE>DPRK</UN_LIST_TYPE><REFERENCE_NUMBER>KPe.001</REFERENCE_NUMBER><LISTED_ON>2009-04-24</LISTED_ON>
            <COMMENTS1/><LIST_TYPE><VALUE>UN List</VALUE></LIST_TYPE><LAST_DAY_UPDATED><VALUE/></LAST_DAY_UPDATED>
            <ENTITY_ALIAS><QUALITY>f.k.a.</QUALITY><ALIAS_NAME>Old Trading</ALIAS_NAME></ENTITY_ALIAS>
            <ENTITY_ADDRESS><CITY>Pyongyang</CITY><COUNTRY>North Korea</COUNTRY></ENTITY_ADDRESS><SORT_KEY/><SORT_KEY_LAST_MOD/></ENTITY>
            """;

    @Test
    void givenAPersonAndACompany_whenParsed_thenEveryElementHasItsPlace() {
        SourceList list = FORMAT.parse(file(PERSON, COMPANY));

        assertThat(list.statedDate()).contains(LocalDate.of(2018, 8, 24));
        assertThat(list.entries()).containsOnlyKeys(id("CDi.001"), id("KPe.001"));
        Entry person = entry(list, "CDi.001");
        assertThat(person.subject().name()).isEqualTo("ANN MARY EXAMPLE");
        assertThat(person.subject().type()).contains(Entry.Type.PERSON);
        assertThat(person.subject().title()).contains("Dr.; General");
        assertThat(person.subject().aliases()).containsExactly(new Alias("Annie", Optional.of("Good")),
                new Alias("Marie", Optional.of("Low")), Alias.of("آن"));
        assertThat(person.subject().addresses()).containsExactly(
                new Address("1 Harbour Road, Goma, North Kivu, 7 (since 2019)", Optional.of("Congo")),
                new Address("Rwanda", Optional.of("Rwanda")));
        assertThat(person.subject().countries()).containsExactly("Chad", "Mali", "Malta");
        assertThat(person.subject().identifiers()).containsExactly(new Identifier("UN reference number", "CDi.001"),
                new Identifier("Passport", "A1"));
        assertThat(person.terms().programs()).containsExactly("DRC");
        assertThat(person.remarks()).contains("""
                Known for "this" & that.
                Name parts: ANN | MARY | EXAMPLE
                Name in original script: آن
                Designation: Minister
                Designation: Governor
                Gender: Female
                Alias: quality Low; alias name Marie; date of birth 1970; note as a student
                Date of birth: type of date BETWEEN; from year 1970; to year 1973
                Place of birth: city Goma; country Congo
                Document: type of document Passport; number A1; issuing country Chad
                Document: type of document2 Card; note lost
                Submitted by: A State
                Listed on: 2012-12-31
                Updated on: 2016-10-13, 2020-02-19""");
        Entry company = entry(list, "KPe.001");
        assertThat(company.subject().type()).contains(Entry.Type.ORGANISATION);
        assertThat(company.subject().name()).isEqualTo("EXAMPLE TRADING");
        assertThat(company.subject().aliases()).containsExactly(new Alias("Old Trading", Optional.of("f.k.a.")));
        assertThat(company.subject().addresses())
                .containsExactly(new Address("Pyongyang", Optional.of("North Korea")));
        assertThat(company.remarks()).contains("Listed on: 2009-04-24");
    }

    @Test
    void givenADriftingDataId_whenParsed_thenTheEntryIsTheSame() {
        assertThat(FORMAT.parse(file(PERSON.replace("<DATAID>1<", "<DATAID>999<"), COMPANY)).entries())
                .isEqualTo(FORMAT.parse(file(PERSON, COMPANY)).entries());
    }

    @Test
    void givenTheStatedTime_whenParsed_thenTheDayIsThatOfNewYork() {
        assertThat(FORMAT.parse(bytes(text(PERSON, COMPANY).replace("2018-08-24T19:40:35.913-04:00",
                "2025-11-16T03:00:02.690Z"))).statedDate()).contains(LocalDate.of(2025, 11, 15));
    }

    @Test
    void givenExtractsOfThreeIssues_whenParsed_thenEveryRecordIsRead() {
        assertThat(FORMAT.parse(Extracts.unSc("2023-03-27")).entries()).hasSize(135);
        assertThat(FORMAT.parse(Extracts.unSc("2025-04-19")).entries()).hasSize(48);
        SourceList last = FORMAT.parse(Extracts.unSc("2025-11-15"));
        assertThat(last.entries()).hasSize(138);
        assertThat(last.statedDate()).contains(LocalDate.of(2025, 11, 15));
        Entry entry = entry(last, "IRi.001");
        assertThat(entry.subject().name()).isEqualTo("FEREIDOUN ABBASI-DAVANI");
        assertThat(entry.terms().programs()).containsExactly("Iran");
        assertThat(entry.remarks().orElseThrow()).contains("Date of birth: type of date EXACT; year 1958",
                "Place of birth: city Abadan; country Iran (Islamic Republic of)", "Listed on: 2007-03-24");
    }

    @Test
    void givenAnotherKindOfFile_whenParsed_thenItIsRefusedAsTheWrongFormat() {
        assertRefused(FORMAT, "<!DOCTYPE html><html><body>503</body></html>", Code.WRONG_FORMAT, "document type");
        assertRefused(FORMAT, "<html><body>503</body></html>", Code.WRONG_FORMAT, "root element is 'html'");
        assertRefused(FORMAT, "{\"entities\": []}", Code.WRONG_FORMAT, "not well-formed XML", "line 1");
        assertRefused(FORMAT, "<sdnList xmlns='http://x'/>", Code.WRONG_FORMAT, "'{http://x}sdnList'");
        assertRefused(FORMAT, text(PERSON, COMPANY).replace("CONSOLIDATED_LIST", "x:CONSOLIDATED_LIST")
                .replace("xmlns:xsi", "xmlns:x='http://x' xmlns:xsi"), Code.WRONG_FORMAT, "{http://x}");
    }

    @Test
    void givenNoRecords_whenParsed_thenTheFileIsRefusedAsEmpty() {
        assertRefused(FORMAT, file("", ""), Code.EMPTY, "no record", "delist everyone");
        assertRefused(FORMAT, text(PERSON, "").replace("<ENTITIES></ENTITIES>", ""), Code.WRONG_FORMAT,
                "has INDIVIDUALS only");
    }

    @Test
    void givenAReferenceNumberTwice_whenParsed_thenBothRecordsAreNamed() {
        assertRefused(FORMAT, file(PERSON + PERSON, COMPANY), Code.DUPLICATE, "INDIVIDUAL 1 (line ",
                "INDIVIDUAL 2 (line ",
                "REFERENCE_NUMBER CDi.001");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("KPe.001", "CDi.001")), Code.DUPLICATE, "INDIVIDUAL 1",
                "ENTITY 1");
    }

    @Test
    void givenADamagedRecord_whenParsed_thenItsPlaceValueAndRuleAreNamed() {
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("<REFERENCE_NUMBER>KPe.001</REFERENCE_NUMBER>", "")),
                Code.WRONG_FORMAT, "ENTITY 1 (line ", "lacks its REFERENCE_NUMBER");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("KPe.001", " ")), Code.WRONG_FORMAT,
                "lacks its REFERENCE_NUMBER");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("KPe.001", "../KP")), Code.WRONG_FORMAT, "'../KP'",
                "QDi.001");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("<UN_LIST_TYPE>DPRK</UN_LIST_TYPE>", "")),
                Code.WRONG_FORMAT, "KPe.001 lacks its UN_LIST_TYPE");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("EXAMPLE TRADING", " ")), Code.BAD_VALUE, "KPe.001",
                "entry.subject.name is missing");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("<SORT_KEY/>", "<DELISTED_ON>2020-01-01</DELISTED_ON>")),
                Code.WRONG_FORMAT, "KPe.001 has DELISTED_ON '2020-01-01'");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("<SORT_KEY/>", "<STATUS>x</STATUS>")), Code.WRONG_FORMAT,
                "ENTITY 1", "unknown element 'STATUS'");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("<COMMENTS1/>", "<COMMENTS1/><COMMENTS1/>")),
                Code.WRONG_FORMAT, "COMMENTS1 twice");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("<COMMENTS1/>", "<COMMENTS1><B>x</B></COMMENTS1>")),
                Code.WRONG_FORMAT, "COMMENTS1 holds the element 'B'");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("<COMMENTS1/>", "stray<COMMENTS1/>")), Code.WRONG_FORMAT,
                "has the text 'stray'");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("<COMMENTS1/>", "<COMMENTS1 a='1'/>")), Code.WRONG_FORMAT,
                "unknown attribute 'a'");
        assertRefused(FORMAT, text(PERSON, COMPANY).replace("dateGenerated=", "generated="), Code.WRONG_FORMAT,
                "unknown attribute 'generated'");
        assertRefused(FORMAT, text(PERSON, COMPANY).replaceAll("dateGenerated='[^']*'", ""), Code.WRONG_FORMAT,
                "lacks its attribute dateGenerated");
        assertRefused(FORMAT, text(PERSON, COMPANY).replaceAll("dateGenerated='[^']*'", "dateGenerated='today'"),
                Code.WRONG_FORMAT, "'today'");
        assertRefused(FORMAT, file(COMPANY, PERSON), Code.WRONG_FORMAT, "unknown element 'ENTITY'");
        assertRefused(FORMAT,
                text(PERSON, COMPANY).replace("<INDIVIDUALS>", "<INDIVIDUALS></INDIVIDUALS><INDIVIDUALS>"),
                Code.WRONG_FORMAT, "INDIVIDUALS twice");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("TRADING", "TRADING &#x85;")), Code.BAD_VALUE, "U+0085");
        assertRefused(FORMAT, text(PERSON, COMPANY).replace("encoding='UTF-8'", "encoding='ISO-8859-1'"),
                Code.WRONG_FORMAT, "'ISO-8859-1'");
    }

    @Test
    void givenADocumentTypeOrAnEntity_whenParsed_thenItIsRefusedAndNothingIsFetchedOrExpanded() {
        String laughs = "<!DOCTYPE l [<!ENTITY a '" + "x".repeat(1000) + "'>"
                + "<!ENTITY b '" + "&a;".repeat(1000) + "'><!ENTITY c '" + "&b;".repeat(1000) + "'>]>";
        assertRefused(FORMAT, withProlog(laughs, COMPANY.replace("TRADING", "&c;")), Code.WRONG_FORMAT,
                "document type");
        assertRefused(FORMAT, withProlog("<!DOCTYPE l SYSTEM 'file:///etc/hostname'>", COMPANY), Code.WRONG_FORMAT,
                "document type");
        assertRefused(FORMAT, withProlog("<!DOCTYPE l [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/'> %p;]>", COMPANY),
                Code.WRONG_FORMAT, "document type");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("TRADING", "&c;")), Code.WRONG_FORMAT);
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("TRADING", "<xi:include xmlns:xi="
                + "'http://www.w3.org/2001/XInclude' href='file:///etc/hostname'/>")), Code.WRONG_FORMAT, "include");
    }

    @Test
    void givenMoreThanAnEntryMayHold_whenParsed_thenItIsRefusedAndNotShortened() {
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("<COMMENTS1/>", "<COMMENTS1>" + "x".repeat(30_001)
                + "</COMMENTS1>")), Code.BAD_VALUE, "COMMENTS1 has more than 30000 characters");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("<COMMENTS1/>", "<COMMENTS1><![CDATA["
                + "x]".repeat(20_000) + "]]></COMMENTS1>")), Code.BAD_VALUE, "30000 characters");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("TRADING", "T".repeat(1001))), Code.BAD_VALUE,
                "entry.subject.name has");
        assertRefused(FORMAT, file(PERSON, COMPANY.replace("<VALUE/>", "<VALUE/>".repeat(5_001))), Code.BAD_VALUE,
                "more than 5000 elements");
        StringBuilder attributes = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            attributes.append(" a").append(i).append("='x'");
        }
        assertRefused(FORMAT, text(PERSON, COMPANY).replace("<INDIVIDUALS>", "<INDIVIDUALS" + attributes + ">"),
                Code.WRONG_FORMAT);
        assertRefused(FORMAT, text(PERSON, COMPANY).replace("<INDIVIDUALS>",
                "<INDIVIDUALS a='" + "x".repeat(1_000_000) + "'>"), Code.WRONG_FORMAT, "unknown attribute 'a'");
        assertRefused(FORMAT, text(PERSON, COMPANY).replace("<INDIVIDUALS>", "<" + "N".repeat(1_000_000) + ">"),
                Code.WRONG_FORMAT);
        assertRefused(FORMAT, text(PERSON, COMPANY).replace("<COMMENTS1/>", "<a>".repeat(100_000)),
                Code.WRONG_FORMAT, "unknown element 'a'");
    }

    @Test
    void givenAFileCutOffAnywhere_whenParsed_thenItIsRefused() {
        byte[] whole = file(PERSON, COMPANY);
        assertThat(FORMAT.parse(whole).entries()).hasSize(2);
        for (int length = 0; length < whole.length; length += 1 + length % 3) {
            byte[] part = Arrays.copyOf(whole, length);
            boolean insideCharacter = length > 0 && (whole[length] & 0xC0) == 0x80;
            assertRefused(FORMAT, part,
                    length == 0 ? Code.EMPTY : insideCharacter ? Code.BAD_VALUE : Code.TRUNCATED);
        }
        assertRefused(FORMAT, Arrays.copyOf(whole, whole.length - 1), Code.TRUNCATED, "</CONSOLIDATED_LIST>",
                "cut off", "retrieve it again");
    }

    @Test
    void givenRandomDamage_whenParsed_thenItIsReadOrRefusedAndNothingElse() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < 3000; round++) {
            byte[] file = file(PERSON, COMPANY);
            for (int i = random.nextInt(3); i >= 0; i--) {
                file[random.nextInt(file.length)] = (byte) (random.nextBoolean()
                        ? random.nextInt(256)
                        : "<>&;'\"/![]-?x ".charAt(random.nextInt(14)));
            }
            try {
                assertThat(FORMAT.parse(file).entries()).as("seed " + seed).hasSizeBetween(1, 2);
            } catch (SnapshotRefused wrong) {
                refused++;
            }
        }
        assertThat(refused).as("seed " + seed).isBetween(500, 2999);
    }

    private static Entry entry(SourceList list, String reference) {
        return Objects.requireNonNull(list.entries().get(id(reference)));
    }

    private static EntityId id(String reference) {
        return new EntityId("un-sc-" + reference);
    }

    private static byte[] withProlog(String documentType, String company) {
        return bytes(text(PERSON, company).replace("?>", "?>" + documentType));
    }

    private static byte[] file(String individuals, String entities) {
        return bytes(text(individuals, entities));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(String individuals, String entities) {
        return "<?xml version='1.0' encoding='UTF-8'?><CONSOLIDATED_LIST xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
                + " xsi:noNamespaceSchemaLocation='https://www.un.org/sc/resources/sc-sanctions.xsd'"
                + " dateGenerated='2018-08-24T19:40:35.913-04:00'><INDIVIDUALS>" + individuals
                + "</INDIVIDUALS><ENTITIES>" + entities + "</ENTITIES></CONSOLIDATED_LIST>";
    }
}
