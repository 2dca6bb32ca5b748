package org.policyledger.api.snapshot;

import static org.policyledger.api.snapshot.SnapshotRefused.quoted;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.policyledger.api.snapshot.SnapshotRefused.Code;
import org.policyledger.api.snapshot.WordIdentity.Part;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.Entry.Address;
import org.policyledger.core.Entry.Alias;
import org.policyledger.core.Entry.Identifier;
import org.policyledger.core.Entry.Subject;
import org.policyledger.core.Entry.Terms;
import org.policyledger.core.Entry.Vessel;

/**
 * One source of the Consolidated Screening List of trade.gov as CSV. The file holds the lists of several authorities, each record
 * with its {@code source}; a list of the ledger is one of them, so there is a format for each source, and each reads the records
 * of its own. All records must have the right columns; of those of other sources nothing else is looked at.
 *
 * <table>
 * <caption>Columns and where they are kept</caption>
 * <tr><td>source</td><td>chooses the records, by the code in brackets: {@code Entity List (EL) - …} is EL</td></tr>
 * <tr><td>entity_number</td><td>of OFAC's sources, the identifier of type {@value OfacSdnCsv#IDENTIFIER} and the identity
 *     {@code ofac-sdn-<number>}, as OFAC numbers its parties across all its lists; other sources must have none</td></tr>
 * <tr><td>_id</td><td>nowhere: older files have none, and nothing promises that one stays; of OFAC's sources it must be the
 *     entity_number</td></tr>
 * <tr><td>type, name, title</td><td>subject</td></tr>
 * <tr><td>alt_names, addresses, programs</td><td>aliases, addresses and programs, parted at {@code "; "}; two letters at the end
 *     of an address are its country</td></tr>
 * <tr><td>nationalities, citizenships</td><td>countries, and the remarks</td></tr>
 * <tr><td>ids</td><td>identifiers of type {@value #IDENTIFIER}, parted at {@code "; "} and otherwise as they are</td></tr>
 * <tr><td>license_requirement, license_policy</td><td>licence requirement and review policy</td></tr>
 * <tr><td>call_sign, vessel_type, gross_tonnage, gross_registered_tonnage, vessel_flag, vessel_owner</td><td>vessel
 *     particulars</td></tr>
 * <tr><td>remarks</td><td>the beginning of the remarks, verbatim</td></tr>
 * <tr><td>federal_register_notice, start_date, end_date, standard_order, dates_of_birth, places_of_birth</td><td>remarks, a line
 *     each after a label; no date becomes an effective date or a fixed term</td></tr>
 * <tr><td>source_list_url, source_information_url</td><td>nowhere: they are about the list, not the record</td></tr>
 * </table>
 *
 * Blanks around a value are dropped. The files hold control characters such as U+0092, where a text in Windows-1252 was once taken
 * for Latin-1: each is read as the character that its number is in Windows-1252, and refused where it is none.
 *
 * <p>Sources without numbers are keyed by (name, start_date, federal_register_notice, addresses). The identity is
 * {@code csl-<source>-<name>} in ASCII letters and digits, with a short hash of the name when letters were lost. Where several
 * records come to the same, the one that started first keeps it (then by notice, addresses and name; one without a day comes last)
 * and each other gets a short hash of its whole key; so an identity never depends on the order of the file.
 *
 * <p>The first line is the header. trade.gov has published files with it twice: one repetition on the second line is passed over; any
 * other is refused, as two files were put together then. The format has no end mark: a file that does not end with a line
 * end was cut off, but one cut off between two records cannot be told from a whole one.
 */
final class TradeGovCslCsv implements SnapshotFormat {

    static final String IDENTIFIER = "CSL id";

    private static final String NAME = "trade-gov-csl-csv-";
    private static final List<String> COLUMNS = List.of("source", "entity_number", "type", "programs", "name", "title",
            "addresses", "federal_register_notice", "start_date", "end_date", "standard_order", "license_requirement",
            "license_policy", "call_sign", "vessel_type", "gross_tonnage", "gross_registered_tonnage", "vessel_flag",
            "vessel_owner", "remarks", "source_list_url", "alt_names", "citizenships", "dates_of_birth",
            "nationalities", "places_of_birth", "source_information_url", "ids");
    private static final List<String> COLUMNS_WITH_ID = Stream.concat(Stream.of("_id"), COLUMNS.stream()).toList();
    private static final Pattern SOURCE = Pattern.compile("\\(([A-Z]{2,5}(?:-[A-Z]{2,5})?)(?: List)?\\)");
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,9}");
    private static final Pattern COUNTRY = Pattern.compile("(?:.*, )?([A-Z]{2})", Pattern.DOTALL);
    private static final List<Map.Entry<String, String>> LABELLED = List.of(
            Map.entry("Federal Register notice", "federal_register_notice"), Map.entry("Start date", "start_date"),
            Map.entry("End date", "end_date"), Map.entry("Standard order", "standard_order"),
            Map.entry("Nationalities", "nationalities"), Map.entry("Citizenships", "citizenships"),
            Map.entry("Dates of birth", "dates_of_birth"), Map.entry("Places of birth", "places_of_birth"));
    private static final Charset WINDOWS = Charset.forName("windows-1252");
    private static final char NO_CHARACTER = '\uFFFD';
    private static final int MAX_NAME_SLUG = 120;
    private static final String WAY_OUT = "give the Consolidated Screening List in CSV as published, or retrieve it"
            + " again";

    /** The sources, by their codes; whether their records have OFAC's numbers. */
    private enum Source {
        CAP(true),
        CMIC(true),
        DPL(false),
        DTC(false),
        EL(false),
        FSE(true),
        ISN(false),
        MEU(false),
        NS_MBS(true),
        PLC(
                true),
        SDN(true),
        SSI(true),
        UVL(false);

        private final boolean numbered;

        Source(boolean numbered) {
            this.numbered = numbered;
        }

        String code() {
            return name().replace('_', '-');
        }
    }

    private final Source source;

    private TradeGovCslCsv(Source source) {
        this.source = source;
    }

    /** A format for each source. */
    static List<SnapshotFormat> formats() {
        return Arrays.stream(Source.values()).<SnapshotFormat>map(TradeGovCslCsv::new).toList();
    }

    @Override
    public String name() {
        return NAME + source.code().toLowerCase(Locale.ROOT);
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public SourceList parse(byte[] file) {
        String text = asMeant(SourceText.of(file));
        String header = header(text);
        List<String> columns = header.startsWith("_id") ? COLUMNS_WITH_ID : COLUMNS;
        if (!text.endsWith("\n")) {
            throw new SnapshotRefused(Code.TRUNCATED, "The file does not end with a line end but with "
                    + quoted(text.substring(Math.max(0, text.length() - 20)))
                    + ": it was cut off; retrieve it again");
        }
        Csv csv = Csv.ofText(text, columns.size(), WAY_OUT);
        csv.next();
        Records records = new Records();
        TreeSet<String> others = new TreeSet<>();
        while (csv.hasNext()) {
            List<String> values = csv.next();
            if (values.equals(columns)) {
                if (csv.line() == 2) {
                    continue;
                }
                throw wrong("Line " + csv.line() + " is the header again: several files were put together");
            }
            Map<String, String> record = new HashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                record.put(columns.get(i), values.get(i).strip());
            }
            String code = code(csv.line(), record.getOrDefault("source", ""));
            if (code.equals(source.code())) {
                records.add(csv.line(), record);
            } else {
                others.add(code);
            }
        }
        if (records.isEmpty()) {
            throw new SnapshotRefused(Code.EMPTY, "The file holds no record of the source " + source.code()
                    + ", which would delist everyone on its list; it holds "
                    + (others.isEmpty() ? "no record at all" : String.join(", ", others))
                    + ": retrieve it again, or choose another format");
        }
        return new SourceList(records.identified(), Optional.empty());
    }

    private static String asMeant(String text) {
        StringBuilder meant = new StringBuilder(text);
        for (int i = 0; i < meant.length(); i++) {
            char c = meant.charAt(i);
            if (c >= 0x80 && c <= 0x9F) {
                char told = new String(new byte[]{(byte) c}, WINDOWS).charAt(0);
                meant.setCharAt(i, told == NO_CHARACTER ? c : told);
            }
        }
        return meant.toString();
    }

    private static String header(String text) {
        String beginning = text.strip();
        if (beginning.isEmpty() || beginning.equals("\u001A")) {
            throw new SnapshotRefused(Code.EMPTY,
                    "The file holds no record, which would delist everyone: retrieve it again");
        }
        String first = text.lines().findFirst().orElse("");
        String header = first.replace("\"", "");
        if (header.equals(String.join(",", COLUMNS)) || header.equals(String.join(",", COLUMNS_WITH_ID))) {
            return header;
        }
        boolean begun = !text.contains("\n") && (String.join(",", COLUMNS).startsWith(header)
                || String.join(",", COLUMNS_WITH_ID).startsWith(header));
        throw begun
                ? new SnapshotRefused(Code.TRUNCATED,
                        "The file ends within its header: it was cut off; retrieve it again")
                : wrong("The file begins with " + quoted(first) + ", not with the header source,entity_number,type,… or"
                        + " _id,source,entity_number,type,…");
    }

    private static String code(int line, String source) {
        Matcher code = SOURCE.matcher(source);
        if (!code.find()) {
            throw wrong("Line " + line + ": the source " + quoted(source) + " has no code in brackets such as (EL)");
        }
        return code.group(1);
    }

    private static SnapshotRefused wrong(String what) {
        return new SnapshotRefused(Code.WRONG_FORMAT, what + ": " + WAY_OUT);
    }

    /** What identifies a record without a number among those of its source. */
    private record Key(String name, String start, String notice, String addresses) {

        static final Comparator<Key> ORDER = Comparator.comparing((Key key) -> key.start().isEmpty())
                .thenComparing(Key::start).thenComparing(Key::notice).thenComparing(Key::addresses)
                .thenComparing(Key::name);
    }

    /** The records of the one source. */
    private final class Records {

        private final SortedMap<EntityId, Entry> numbered = new TreeMap<>();
        private final Map<Key, Entry> named = new HashMap<>();
        private final Map<Object, Integer> lines = new HashMap<>();

        boolean isEmpty() {
            return lines.isEmpty();
        }

        void add(int line, Map<String, String> record) {
            String number = record.getOrDefault("entity_number", "");
            if (source.numbered) {
                checkNumber(line, number, record.getOrDefault("_id", number));
                EntityId entityId = OfacSdnCsv.identity(number);
                once(line, entityId, "the entity_number " + number);
                numbered.put(entityId, entry(line, record));
                return;
            }
            if (!number.isEmpty()) {
                throw wrong("Line " + line + ": the entity_number is " + quoted(number) + ", but records of "
                        + source.code() + " have none; version 1 of this format knows them by their names");
            }
            Key key = new Key(record.getOrDefault("name", ""), record.getOrDefault("start_date", ""),
                    record.getOrDefault("federal_register_notice", ""), record.getOrDefault("addresses", ""));
            once(line, key, "the name " + quoted(key.name()) + " with the same start_date, federal_register_notice and"
                    + " addresses");
            named.put(key, entry(line, record));
        }

        private void checkNumber(int line, String number, String id) {
            if (!NUMBER.matcher(number).matches()) {
                throw wrong("Line " + line + ": the entity_number " + quoted(number)
                        + " is not a number of 1 to 10 digits without leading zeros, which records of "
                        + source.code() + " have");
            }
            if (!id.equals(number)) {
                throw wrong("Line " + line + ": the _id " + quoted(id) + " is not the entity_number " + number
                        + ", so it is not certain whom the record is about");
            }
        }

        private void once(int line, Object key, String what) {
            Integer before = lines.putIfAbsent(key, line);
            if (before != null) {
                throw new SnapshotRefused(Code.DUPLICATE, "Lines " + before + " and " + line + " both have " + what
                        + ", so they cannot be told apart: retrieve the file again");
            }
        }

        SortedMap<EntityId, Entry> identified() {
            for (Key key : named.keySet().stream().sorted(Key.ORDER).toList()) {
                String plain = WordIdentity.of("csl-" + source.code().toLowerCase(Locale.ROOT),
                        new Part(key.name(), MAX_NAME_SLUG));
                EntityId entityId = numbered.containsKey(new EntityId(plain))
                        ? new EntityId(WordIdentity.beside(plain, key.name(), key.start(), key.notice(),
                                key.addresses()))
                        : new EntityId(plain);
                Entry entry = named.get(key);
                if (entry == null || numbered.put(entityId, entry) != null) {
                    throw new SnapshotRefused(Code.DUPLICATE, "Two records come to the identity " + entityId
                            + ", one of them " + quoted(key.name())
                            + ": the file cannot be imported with this version of its format");
                }
            }
            return numbered;
        }
    }

    // ---- what a record says ----

    private static Entry entry(int line, Map<String, String> record) {
        try {
            List<Identifier> identifiers = new ArrayList<>();
            text(record, "entity_number")
                    .ifPresent(number -> identifiers.add(new Identifier(OfacSdnCsv.IDENTIFIER, number)));
            parts(record, "ids").forEach(id -> identifiers.add(new Identifier(IDENTIFIER, id)));
            List<String> countries = Stream.of("nationalities", "citizenships")
                    .flatMap(column -> parts(record, column).stream()).distinct().toList();
            Subject subject = new Subject(text(record, "name").orElse(""), type(line, text(record, "type")),
                    text(record, "title"), parts(record, "alt_names").stream().map(Alias::of).toList(),
                    parts(record, "addresses").stream().map(TradeGovCslCsv::address).toList(), countries, identifiers,
                    Optional.empty(), vessel(record));
            Terms terms = new Terms(text(record, "license_requirement"), text(record, "license_policy"),
                    parts(record, "programs"), Optional.empty());
            return new Entry(subject, terms, remarks(record));
        } catch (IllegalArgumentException outOfLimits) {
            throw new SnapshotRefused(Code.BAD_VALUE, "Line " + line + ": " + outOfLimits.getMessage());
        }
    }

    private static Optional<String> text(Map<String, String> record, String column) {
        return Optional.of(record.getOrDefault(column, "")).filter(value -> !value.isEmpty());
    }

    private static List<String> parts(Map<String, String> record, String column) {
        return Arrays.stream(record.getOrDefault(column, "").split("; ", -1)).filter(part -> !part.isBlank()).toList();
    }

    private static Optional<Entry.Type> type(int line, Optional<String> type) {
        return type.map(told -> switch (told) {
            case "Individual" -> Entry.Type.PERSON;
            case "Entity" -> Entry.Type.ORGANISATION;
            case "Vessel" -> Entry.Type.VESSEL;
            case "Aircraft" -> Entry.Type.AIRCRAFT;
            default -> throw wrong("Line " + line + ": the type " + quoted(told)
                    + " is none of Individual, Entity, Vessel and Aircraft");
        });
    }

    private static Address address(String text) {
        Matcher country = COUNTRY.matcher(text);
        return new Address(text, country.matches() ? Optional.of(country.group(1)) : Optional.empty());
    }

    private static Optional<Vessel> vessel(Map<String, String> record) {
        Vessel vessel = new Vessel(text(record, "call_sign"), text(record, "vessel_type"),
                text(record, "gross_tonnage"), text(record, "gross_registered_tonnage"), text(record, "vessel_flag"),
                text(record, "vessel_owner"));
        Vessel none = new Vessel(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty());
        return Optional.of(vessel).filter(told -> !told.equals(none));
    }

    private static Optional<String> remarks(Map<String, String> record) {
        Remarks remarks = new Remarks().own(record.getOrDefault("remarks", ""));
        LABELLED.forEach(field -> remarks.line(field.getKey(), record.getOrDefault(field.getValue(), "")));
        return remarks.text();
    }
}
