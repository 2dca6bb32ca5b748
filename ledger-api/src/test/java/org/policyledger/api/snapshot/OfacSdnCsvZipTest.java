package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.policyledger.api.snapshot.Refusals.assertRefused;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.policyledger.api.Answer;
import org.policyledger.api.Demand;
import org.policyledger.api.RunningLedger;
import org.policyledger.api.snapshot.SnapshotRefused.Code;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.Entry.Address;
import org.policyledger.core.Entry.Alias;

/** The three files here are made up, in the layout that OFAC documents for them. */
class OfacSdnCsvZipTest {

    private static final SnapshotFormat FORMAT = OfacSdnCsvZip.FORMAT;

    private static final String SDN = lines(
            "306,\"MADE UP BANK\",-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"a.k.a. 'MUB'.\"",
            "424,\"MADE UP, Ann\",\"individual\",\"SDGT\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ",
            "7001,\"MADE UP STAR\",\"vessel\",\"IRAN\",-0- ,\"5IM 3\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ");
    private static final String ALT = lines("306,220,\"fka\",\"MADE UP SAVINGS\",-0- ",
            "306,219,\"aka\",\"BANCO \"\"FICTICIO\"\"\",\"as of 1999\"", "424,9,\"aka\",\"FICTITIOUS, Anna\",-0- ");
    private static final String ADD = lines(
            "306,199,\"1 Calle Inventada\",\"Madrid 28001\",\"Spain\",\"branch\"", "306,198,-0- ,-0- ,\"Panama\",-0- ",
            "424,25,-0- ,-0- ,-0- ,-0- ", "7001,26,-0- ,\"Zona Franca\",-0- ,-0- ");

    @Test
    void givenTheThreeFiles_whenParsed_thenAlternateNamesAndAddressesAreTheEntities() {
        SourceList list = FORMAT.parse(zip(SDN, ALT, ADD));

        assertThat(list.statedDate()).isEmpty();
        assertThat(list.entries().keySet()).containsExactlyElementsOf(
                OfacSdnCsv.FORMAT.parse(bytes(SDN)).entries().keySet());
        Entry bank = entry(list, "306");
        assertThat(bank.subject().name()).isEqualTo("MADE UP BANK");
        assertThat(bank.subject().aliases()).containsExactly(new Alias("BANCO \"FICTICIO\"", Optional.of("aka")),
                new Alias("MADE UP SAVINGS", Optional.of("fka")), Alias.of("MUB"));
        assertThat(bank.subject().addresses()).containsExactly(new Address("Panama", Optional.of("Panama")),
                new Address("1 Calle Inventada, Madrid 28001", Optional.of("Spain")));
        assertThat(bank.remarks()).contains("a.k.a. 'MUB'.\nAlternate name BANCO \"FICTICIO\": as of 1999\n"
                + "Address 1 Calle Inventada, Madrid 28001: branch");
        Entry person = entry(list, "424");
        assertThat(person.subject().aliases()).containsExactly(new Alias("FICTITIOUS, Anna", Optional.of("aka")));
        assertThat(person.subject().addresses()).isEmpty();
        assertThat(person.remarks()).isEmpty();
        Entry ship = entry(list, "7001");
        assertThat(ship.subject().addresses()).containsExactly(Address.of("Zona Franca"));
        assertThat(ship.subject().vessel()).isPresent();
    }

    @Test
    void givenUpperCaseNamesInAnyOrder_whenParsed_thenTheListIsTheSame() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("ADD.CSV", bytes(ADD));
        files.put("SDN.CSV", bytes(SDN));
        files.put("ALT.CSV", bytes(ALT));
        assertThat(FORMAT.parse(zip(files))).isEqualTo(FORMAT.parse(zip(SDN, ALT, ADD)));
    }

    @Test
    void givenRowsInAnotherOrder_whenParsed_thenTheListIsTheSame() {
        String reversed = lines("424,9,\"aka\",\"FICTITIOUS, Anna\",-0- ",
                "306,219,\"aka\",\"BANCO \"\"FICTICIO\"\"\",\"as of 1999\"",
                "306,220,\"fka\",\"MADE UP SAVINGS\",-0- ");
        assertThat(FORMAT.parse(zip(SDN, reversed, ADD))).isEqualTo(FORMAT.parse(zip(SDN, ALT, ADD)));
    }

    @Test
    void givenFilesThatDoNotBelongTogether_whenParsed_thenTheRowIsNamed() {
        assertRefused(FORMAT, zip(SDN, lines("999,1,\"aka\",\"NOBODY\",-0- "), ADD), Code.BAD_VALUE,
                "alt.csv: Line 1: the ent_num 999 is not in sdn.csv", "different publications");
        assertRefused(FORMAT, zip(SDN, ALT, lines("306,1,-0- ,-0- ,\"Spain\",-0- ", "999,2,-0- ,-0- ,\"Spain\",-0- ")),
                Code.BAD_VALUE, "add.csv: Line 2", "999");
        assertRefused(FORMAT, zip(ALT, SDN, ADD), Code.WRONG_FORMAT, "sdn.csv: Line 1 has 5 columns, not 12");
        assertRefused(FORMAT, zip(SDN, ADD, ALT), Code.WRONG_FORMAT, "alt.csv: Line 1 has more than 5 columns");
    }

    @Test
    void givenADamagedFileInside_whenParsed_thenItIsNamedWithItsLine() {
        assertRefused(FORMAT, zip("", ALT, ADD), Code.EMPTY, "sdn.csv: The file is empty");
        assertRefused(FORMAT, zip(SDN, "\u001A", ADD), Code.EMPTY, "alt.csv", "take every alternate name away");
        assertRefused(FORMAT, zip(SDN, ALT, ADD.substring(0, ADD.length() - 1)), Code.TRUNCATED, "add.csv");
        assertRefused(FORMAT, zip(SDN, lines("306,219,\"aka\",-0- ,-0- "), ADD), Code.BAD_VALUE, "ofac-sdn-306",
                "alias.name is missing");
        assertRefused(FORMAT, zip(SDN, lines("306,x,\"aka\",\"A\",-0- "), ADD), Code.WRONG_FORMAT,
                "alt.csv: Line 1: the alt_num 'x'");
        assertRefused(FORMAT, zip(SDN, lines("306,1,\"aka\",\"A\",-0- ", "424,1,\"aka\",\"B\",-0- "), ADD),
                Code.DUPLICATE, "alt.csv: Lines 1 and 2 both have the alt_num 1");
        assertRefused(FORMAT, zip(SDN, lines("306,1,\"aka\",\"A,-0- "), ADD), Code.WRONG_FORMAT, "alt.csv: Line 1",
                "never closed");
        assertRefused(FORMAT, zip(SDN, ALT.replace("FICTITIOUS", "F\u0000"), ADD), Code.BAD_VALUE, "alt.csv",
                "NUL byte");
        assertRefused(FORMAT, zip(SDN, ALT.replace("FICTITIOUS", "F".repeat(1001)), ADD), Code.BAD_VALUE,
                "ofac-sdn-424", "alias.name has");
    }

    @Test
    void givenAnArchiveWithOtherThanTheThreeFiles_whenParsed_thenItIsRefused() {
        assertRefused(FORMAT, bytes(SDN), Code.WRONG_FORMAT, "not a zip archive", "sdn.csv, alt.csv and add.csv");
        assertRefused(FORMAT, zip(Map.of("sdn.csv", bytes(SDN))), Code.WRONG_FORMAT, "holds 1 files, not 3");
        assertRefused(FORMAT, zip(Map.of("sdn.csv", bytes(SDN), "alt.csv", bytes(ALT), "add.csv", bytes(ADD),
                "notes.txt", bytes("x"))), Code.WRONG_FORMAT, "holds 4 files, not 3");
        for (String name : List.of("../sdn.csv", "lists/sdn.csv", "sdn.csv/", "sdn.csv ", "SDN_comments.csv",
                "sdn.csv\u0000", "C:sdn.csv")) {
            assertRefused(FORMAT, zip(Map.of(name, bytes(SDN), "alt.csv", bytes(ALT), "add.csv", bytes(ADD))),
                    Code.WRONG_FORMAT, "give a zip archive");
        }
        assertRefused(FORMAT, zip(Map.of("sdn.csv", bytes(SDN), "SDN.csv", bytes(SDN), "add.csv", bytes(ADD))),
                Code.WRONG_FORMAT, "sdn.csv twice");
    }

    @Test
    void givenAnArchiveThatUnpacksToTooMuch_whenParsed_thenItIsRefusedBeforeItIsWholeInMemory() {
        byte[] blanks = new byte[SnapshotFormat.MAX_BYTES];
        Arrays.fill(blanks, (byte) ' ');
        byte[] bomb = zip(Map.of("sdn.csv", blanks, "alt.csv", blanks, "add.csv", blanks));
        assertThat(bomb.length).isLessThan(200_000);
        assertRefused(FORMAT, bomb, Code.TOO_LARGE, "unpacks to more than 33554432 bytes");
    }

    @Test
    void givenAnArchiveCutOffAnywhere_whenParsed_thenItIsRefused() {
        byte[] whole = zip(SDN, ALT, ADD);
        assertThat(FORMAT.parse(whole).entries()).hasSize(3);
        for (int length = 0; length < whole.length; length++) {
            assertRefused(FORMAT, Arrays.copyOf(whole, length),
                    length == 0 ? Code.EMPTY : length < 4 ? Code.WRONG_FORMAT : Code.TRUNCATED);
        }
    }

    @Test
    void givenRandomDamage_whenParsed_thenItIsReadOrRefusedAndNothingElse() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        SourceList undamaged = FORMAT.parse(zip(SDN, ALT, ADD));
        int refused = 0;
        for (int round = 0; round < 3000; round++) {
            byte[] file = zip(SDN, ALT, ADD);
            file[random.nextInt(file.length)] = (byte) random.nextInt(256);
            try {
                assertThat(FORMAT.parse(file)).as("what is read is what was packed, seed " + seed)
                        .isEqualTo(undamaged);
            } catch (SnapshotRefused wrong) {
                refused++;
            }
        }
        assertThat(refused).as("seed " + seed).isBetween(500, 2999);
    }

    @Test
    void givenAListImportedWithoutThem_whenTheArchiveIsImported_thenWhoHasAnyIsAmendedAndTheFormatsAreToldApart() {
        RunningLedger ledger = RunningLedger.shared();
        ledger.record(Demand.register("zip-list"));
        String address = "/v1/lists/zip-list/snapshots?snapshotDate=";
        assertThat(ledger.file(address + "2021-01-01&format=ofac-sdn-csv", bytes(SDN)).status()).isEqualTo(201);

        Answer answer = ledger.file(address + "2021-01-02&format=ofac-sdn-csv-zip", zip(SDN, ALT, ADD));

        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(answer.json().at("/snapshot/parser").asString()).isEqualTo("ofac-sdn-csv-zip");
        assertThat(answer.json().at("/snapshot/amended").asInt()).isEqualTo(3);
        answer.json().get("actions").forEach(action -> assertThat(action.get("cause").asString())
                .isEqualTo("source-or-parser-change"));
        assertThat(ledger.file(address + "2021-01-03&format=ofac-sdn-csv-zip", zip(SDN, ALT, ADD)).json()
                .get("actions")).isEmpty();
        assertThat(ledger.file(address + "2021-01-04&format=ofac-sdn-csv-zip", zip(SDN, ALT, lines("306,1,x"))).code())
                .isEqualTo("snapshot-wrong-format");
    }

    private static Entry entry(SourceList list, String entNum) {
        return Objects.requireNonNull(list.entries().get(new EntityId("ofac-sdn-" + entNum)));
    }

    private static byte[] zip(String sdn, String alt, String add) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("sdn.csv", bytes(sdn));
        files.put("alt.csv", bytes(alt));
        files.put("add.csv", bytes(add));
        return zip(files);
    }

    private static byte[] zip(Map<String, byte[]> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream archive = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                archive.putNextEntry(new ZipEntry(file.getKey()));
                archive.write(file.getValue());
                archive.closeEntry();
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n\u001A";
    }
}
