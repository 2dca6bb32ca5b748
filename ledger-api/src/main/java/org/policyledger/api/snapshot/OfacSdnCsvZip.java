package org.policyledger.api.snapshot;

import static org.policyledger.api.snapshot.SnapshotRefused.quoted;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.policyledger.api.snapshot.SnapshotRefused.Code;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.Entry.Address;
import org.policyledger.core.Entry.Alias;
import org.policyledger.core.Entry.Subject;

/**
 * OFAC's {@code sdn.csv} with its {@code alt.csv} and {@code add.csv}, all of one publication, in one zip archive that holds these
 * three and nothing else (upper-case names will do). Entries and identities are those of {@link OfacSdnCsv}, and besides:
 *
 * <table>
 * <caption>Columns of the other two files and where they are kept</caption>
 * <tr><td>alt_name, alt_type</td><td>an alias with the type ({@code aka}, {@code fka}, {@code nka}) as its quality; in the order
 *     of alt_num, before those from the remarks</td></tr>
 * <tr><td>Address, City/State/Province/Postal Code, Country</td><td>an address: the first two joined by a comma, and the
 *     country apart; where there is nothing else, the country is the text too; in the order of Add_num</td></tr>
 * <tr><td>alt_remarks, Add_remarks</td><td>the remarks, after those of {@code sdn.csv}, a line each with what they are about</td></tr>
 * <tr><td>alt_num, Add_num</td><td>nowhere, as they number the rows of a file</td></tr>
 * </table>
 *
 * A row about an ent_num that {@code sdn.csv} does not have is refused: the files are of different publications then.
 */
final class OfacSdnCsvZip implements SnapshotFormat {

    static final OfacSdnCsvZip FORMAT = new OfacSdnCsvZip();

    private static final String SDN = "sdn.csv";
    private static final OfacFile ALT = new OfacFile("alt.csv", "an alternate-name file",
            List.of("ent_num", "alt_num", "alt_type", "alt_name", "alt_remarks"), "take every alternate name away");
    private static final OfacFile ADD = new OfacFile("add.csv", "an address file",
            List.of("ent_num", "Add_num", "Address", "City/State/Province/Postal Code", "Country", "Add_remarks"),
            "take every address away");
    private static final List<String> NAMES = List.of(SDN, ALT.name(), ADD.name());
    private static final String WAY_OUT = ": give a zip archive with OFAC's sdn.csv, alt.csv and add.csv and nothing"
            + " else";
    /** The end record of a zip archive: 22 bytes and a comment of which it tells the length. */
    private static final int END_RECORD = 22;
    private static final int END_SIGNATURE = 0x06054b50;

    private OfacSdnCsvZip() {}

    @Override
    public String name() {
        return "ofac-sdn-csv-zip";
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public SourceList parse(byte[] file) {
        SourceText.checkSize(file);
        Map<String, byte[]> files = unpacked(file);
        SortedMap<EntityId, Entry> entries = new TreeMap<>();
        in(SDN, files, content -> entries.putAll(OfacSdnCsv.FORMAT.parse(content).entries()));
        Rows alternates = new Rows(ALT, entries);
        in(ALT.name(), files, content -> ALT.read(content, alternates));
        Rows addresses = new Rows(ADD, entries);
        in(ADD.name(), files, content -> ADD.read(content, addresses));
        entries.replaceAll((id, entry) -> whole(id, entry, alternates.of(id), addresses.of(id)));
        return new SourceList(entries, Optional.empty());
    }

    /** Reads one of the files; a refusal says which it was. */
    private static void in(String name, Map<String, byte[]> files, Consumer<byte[]> reading) {
        try {
            reading.accept(files.getOrDefault(name, new byte[0]));
        } catch (SnapshotRefused refused) {
            throw new SnapshotRefused(refused.code(), name + ": " + refused.detail());
        }
    }

    // ---- the archive ----

    private static Map<String, byte[]> unpacked(byte[] file) {
        if (file.length < 4 || file[0] != 'P' || file[1] != 'K') {
            throw new SnapshotRefused(Code.WRONG_FORMAT, "The file is not a zip archive" + WAY_OUT);
        }
        int told = filesTold(file);
        if (told != NAMES.size()) {
            throw new SnapshotRefused(Code.WRONG_FORMAT, "The archive holds " + told + " files, not 3" + WAY_OUT);
        }
        Map<String, byte[]> files = new HashMap<>();
        int left = MAX_BYTES;
        try (ZipInputStream archive = new ZipInputStream(new ByteArrayInputStream(file))) {
            for (ZipEntry entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
                String name = entry.getName().toLowerCase(Locale.ROOT);
                if (!NAMES.contains(name)) {
                    throw new SnapshotRefused(Code.WRONG_FORMAT,
                            "The archive holds " + quoted(entry.getName()) + WAY_OUT);
                }
                byte[] content = upTo(archive, left, name);
                left -= content.length;
                if (files.put(name, content) != null) {
                    throw new SnapshotRefused(Code.WRONG_FORMAT, "The archive holds " + name + " twice" + WAY_OUT);
                }
            }
        } catch (IOException | IllegalArgumentException damaged) {
            throw new SnapshotRefused(Code.WRONG_FORMAT, "The archive is damaged or encrypted ("
                    + quoted(String.valueOf(damaged.getMessage())) + "): make it again, or retrieve it again");
        }
        List<String> missing = NAMES.stream().filter(name -> !files.containsKey(name)).toList();
        if (!missing.isEmpty()) {
            throw new SnapshotRefused(Code.WRONG_FORMAT, "The archive lacks " + String.join(", ", missing) + WAY_OUT);
        }
        return files;
    }

    private static byte[] upTo(InputStream in, int most, String name) throws IOException {
        byte[] content = in.readNBytes(most);
        if (in.read() >= 0) {
            throw new SnapshotRefused(Code.TOO_LARGE, "The archive unpacks to more than " + MAX_BYTES
                    + " bytes, at " + name + ": give the list files themselves, nothing more");
        }
        return content;
    }

    /** How many files the archive's end record tells of; an archive that was cut off has none. */
    private static int filesTold(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = file.length - END_RECORD; at >= 0 && at >= file.length - END_RECORD - 0xFFFF; at--) {
            if (bytes.getInt(at) == END_SIGNATURE
                    && at + END_RECORD + Short.toUnsignedInt(bytes.getShort(at + 20)) == file.length) {
                return Short.toUnsignedInt(bytes.getShort(at + 10));
            }
        }
        throw new SnapshotRefused(Code.TRUNCATED,
                "The archive has no end: it was cut off; make it again, or retrieve it again");
    }

    // ---- the rows of the other two files ----

    /** The rows about each entity, in the order of their numbers. */
    private static final class Rows implements OfacFile.Taker {

        private final OfacFile of;
        private final SortedMap<EntityId, Entry> entries;
        private final Map<EntityId, SortedMap<Long, List<Optional<String>>>> rows = new HashMap<>();
        private final Map<String, Integer> lines = new HashMap<>();

        Rows(OfacFile of, SortedMap<EntityId, Entry> entries) {
            this.of = of;
            this.entries = entries;
        }

        @Override
        public void take(int line, List<Optional<String>> values) {
            String entNum = of.number(line, values, 0);
            String number = of.number(line, values, 1);
            EntityId entityId = OfacSdnCsv.identity(entNum);
            if (!entries.containsKey(entityId)) {
                throw new SnapshotRefused(Code.BAD_VALUE, "Line " + line + ": the ent_num " + entNum
                        + " is not in sdn.csv: the files are of different publications; retrieve all three again");
            }
            Integer before = lines.putIfAbsent(number, line);
            if (before != null) {
                throw new SnapshotRefused(Code.DUPLICATE, "Lines " + before + " and " + line + " both have the "
                        + of.columns().get(1) + " " + number + ", which is unique in the file: retrieve it again");
            }
            rows.computeIfAbsent(entityId, id -> new TreeMap<>()).put(Long.valueOf(number), values);
        }

        List<List<Optional<String>>> of(EntityId entityId) {
            SortedMap<Long, List<Optional<String>>> of = rows.get(entityId);
            return of == null ? List.of() : List.copyOf(of.values());
        }
    }

    private static Entry whole(EntityId id, Entry entry, List<List<Optional<String>>> alternates,
            List<List<Optional<String>>> places) {
        try {
            Remarks remarks = new Remarks().own(entry.remarks().orElse(""));
            List<Alias> aliases = new ArrayList<>();
            for (List<Optional<String>> row : alternates) {
                Alias alias = new Alias(row.get(3).orElse(""), row.get(2));
                aliases.add(alias);
                remarks.line("Alternate name " + alias.name(), row.get(4).orElse(""));
            }
            aliases.addAll(entry.subject().aliases());
            List<Address> addresses = new ArrayList<>();
            for (List<Optional<String>> row : places) {
                Optional<Address> address = address(row);
                address.ifPresent(addresses::add);
                remarks.line("Address" + address.map(told -> " " + told.text()).orElse(""), row.get(5).orElse(""));
            }
            Subject was = entry.subject();
            return new Entry(new Subject(was.name(), was.type(), was.title(), aliases, addresses, was.countries(),
                    was.identifiers(), was.parent(), was.vessel()), entry.terms(), remarks.text());
        } catch (IllegalArgumentException outOfLimits) {
            throw new SnapshotRefused(Code.BAD_VALUE, "The alternate names and addresses of " + id + ": "
                    + outOfLimits.getMessage());
        }
    }

    /** The address a row tells; there are rows that tell none. */
    private static Optional<Address> address(List<Optional<String>> row) {
        String place = String.join(", ", Stream.of(row.get(2), row.get(3)).flatMap(Optional::stream).toList());
        Optional<String> country = row.get(4);
        String text = place.isEmpty() ? country.orElse("") : place;
        return text.isEmpty() ? Optional.empty() : Optional.of(new Address(text, country));
    }
}
