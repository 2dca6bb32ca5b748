package org.policyledger.api.snapshot;

import static org.policyledger.api.snapshot.SnapshotRefused.quoted;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.policyledger.api.snapshot.SnapshotRefused.Code;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.Entry.Alias;
import org.policyledger.core.Entry.Identifier;
import org.policyledger.core.Entry.Subject;
import org.policyledger.core.Entry.Terms;
import org.policyledger.core.Entry.Vessel;

/**
 * OFAC's {@code sdn.csv}, the Specially Designated Nationals list, as its data specification and its files have it: a record
 * a line of 12 columns without a header, texts in quotation marks, {@code -0- } for what is absent, lines ended by CR LF, and
 * a final byte 0x1A. That last byte is what tells a whole file from one cut off, so it is demanded.
 *
 * <p>Every column can be had back from the entry:
 *
 * <table>
 * <caption>Columns and where they are kept</caption>
 * <tr><td>ent_num</td><td>the identifier of type {@value #IDENTIFIER}, and the entity's identity {@code ofac-sdn-<ent_num>}:
 *     OFAC never uses a number again</td></tr>
 * <tr><td>SDN_Name</td><td>subject name</td></tr>
 * <tr><td>SDN_Type</td><td>subject type: {@code individual}, {@code vessel}, {@code aircraft}; absent is
 *     {@link Entry.Type#ORGANISATION}</td></tr>
 * <tr><td>Program</td><td>programs, in order, parted at {@code "] ["}</td></tr>
 * <tr><td>Title</td><td>subject title</td></tr>
 * <tr><td>Call_Sign, Vess_type, Tonnage, GRT, Vess_flag, Vess_owner</td><td>vessel particulars, verbatim</td></tr>
 * <tr><td>Remarks</td><td>remarks, verbatim</td></tr>
 * </table>
 *
 * The one liberty taken: blanks at the end of a column are dropped. Aliases are not columns of their own but read out of the
 * remarks besides: each part {@code a.k.a. '…'} or {@code f.k.a. '…'} between semicolons. A part that the column's 1,000
 * characters cut off is no alias; nor are those of OFAC's separate file {@code alt.csv}.
 */
final class OfacSdnCsv implements SnapshotFormat {

    static final OfacSdnCsv FORMAT = new OfacSdnCsv();
    static final String IDENTIFIER = "OFAC ent_num";

    private static final List<String> COLUMNS = List.of("ent_num", "SDN_Name", "SDN_Type", "Program", "Title",
            "Call_Sign", "Vess_type", "Tonnage", "GRT", "Vess_flag", "Vess_owner", "Remarks");
    private static final String ABSENT = "-0-";
    private static final String LINE_END = "\r\n";
    private static final String END = "\u001A";
    private static final String PROGRAM_SEPARATOR = "] [";
    private static final Pattern ENT_NUM = Pattern.compile("[1-9][0-9]{0,9}");
    private static final Pattern ALIAS = Pattern.compile("[af]\\.k\\.a\\. '(.+)'");

    private OfacSdnCsv() {}

    @Override
    public String name() {
        return "ofac-sdn-csv";
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public SourceList parse(byte[] file) {
        String text = SourceText.of(file);
        checkBeginning(text);
        if (!text.endsWith(LINE_END + END)) {
            throw new SnapshotRefused(Code.TRUNCATED, "The file does not end with CR LF and the byte 0x1A but with "
                    + quoted(text.substring(Math.max(0, text.length() - 20)))
                    + ": it was cut off or converted; retrieve it again, unconverted");
        }
        TreeMap<EntityId, Entry> entries = new TreeMap<>();
        Map<EntityId, Integer> lines = new HashMap<>();
        int line = 0;
        int end;
        for (int start = 0; start < text.length() - END.length(); start = end + LINE_END.length()) {
            line++;
            end = text.indexOf(LINE_END, start);
            List<Optional<String>> columns = new Line(line, text.substring(start, end)).columns();
            EntityId entityId = new EntityId("ofac-sdn-" + entNum(line, columns));
            Integer before = lines.putIfAbsent(entityId, line);
            if (before != null) {
                throw new SnapshotRefused(Code.DUPLICATE, "Lines " + before + " and " + line + " both have the ent_num "
                        + entNum(line, columns) + ", which is unique in an SDN file: retrieve the file again");
            }
            entries.put(entityId, entry(line, columns));
        }
        return new SourceList(entries, Optional.empty());
    }

    private static void checkBeginning(String text) {
        String beginning = text.strip();
        if (beginning.isEmpty() || beginning.equals(END)) {
            throw new SnapshotRefused(Code.EMPTY,
                    "The file holds no record, which would delist everyone: retrieve it again");
        }
        int comma = text.indexOf(',');
        if (comma < 0 || !ENT_NUM.matcher(text.substring(0, comma)).matches()) {
            String seen = beginning.startsWith("<")
                    ? "is HTML or XML"
                    : beginning.startsWith("{") || beginning.startsWith("[")
                            ? "is JSON"
                            : "begins with " + quoted(text.lines().findFirst().orElse(""));
            throw new SnapshotRefused(Code.WRONG_FORMAT, "The file " + seen
                    + "; an SDN file has no header and begins with the first record's ent_num, a number, and a comma:"
                    + " give OFAC's sdn.csv");
        }
    }

    private static String entNum(int line, List<Optional<String>> columns) {
        String value = columns.get(0).orElse(ABSENT);
        if (!ENT_NUM.matcher(value).matches()) {
            throw new SnapshotRefused(Code.WRONG_FORMAT, "Line " + line + ": the ent_num " + quoted(value)
                    + " is not a number of 1 to 10 digits without leading zeros: retrieve the file again");
        }
        return value;
    }

    private static Entry entry(int line, List<Optional<String>> columns) {
        try {
            Optional<String> remarks = columns.get(11);
            Subject subject = new Subject(columns.get(1).orElse(""), Optional.of(type(line, columns.get(2))),
                    columns.get(4), aliases(remarks), List.of(), List.of(),
                    List.of(new Identifier(IDENTIFIER, columns.get(0).orElseThrow())), Optional.empty(),
                    vessel(columns.subList(5, 11)));
            Terms terms = new Terms(Optional.empty(), Optional.empty(), programs(columns.get(3)), Optional.empty());
            return new Entry(subject, terms, remarks);
        } catch (IllegalArgumentException outOfLimits) {
            throw new SnapshotRefused(Code.BAD_VALUE, "Line " + line + ": " + outOfLimits.getMessage());
        }
    }

    private static Entry.Type type(int line, Optional<String> sdnType) {
        return switch (sdnType.orElse(ABSENT)) {
            case ABSENT -> Entry.Type.ORGANISATION;
            case "individual" -> Entry.Type.PERSON;
            case "vessel" -> Entry.Type.VESSEL;
            case "aircraft" -> Entry.Type.AIRCRAFT;
            default -> throw new SnapshotRefused(Code.WRONG_FORMAT, "Line " + line + ": the SDN_Type "
                    + quoted(sdnType.orElse("")) + " is none of individual, vessel, aircraft and -0-: give the file as"
                    + " published; a type that is new needs a new version of this format");
        };
    }

    private static List<String> programs(Optional<String> program) {
        return program.map(joined -> List.of(joined.split(Pattern.quote(PROGRAM_SEPARATOR), -1))).orElse(List.of());
    }

    private static Optional<Vessel> vessel(List<Optional<String>> columns) {
        return columns.stream().allMatch(Optional::isEmpty)
                ? Optional.empty()
                : Optional.of(new Vessel(columns.get(0), columns.get(1), columns.get(2), columns.get(3), columns.get(4),
                        columns.get(5)));
    }

    /** A whole remark ends with a full stop, which belongs to no part; one that does not was cut off in its last part. */
    private static List<Alias> aliases(Optional<String> remarks) {
        List<Alias> aliases = new ArrayList<>();
        String text = remarks.orElse("");
        String whole = text.endsWith(".")
                ? text.substring(0, text.length() - 1)
                : text.substring(0, Math.max(0, text.lastIndexOf("; ")));
        for (String part : whole.split("; ", -1)) {
            Matcher alias = ALIAS.matcher(part);
            if (alias.matches()) {
                aliases.add(Alias.of(alias.group(1)));
            }
        }
        return aliases;
    }

    /** One line of the file: columns parted by commas, each bare or in quotation marks, which are doubled inside. */
    private record Line(int number, String text) {

        List<Optional<String>> columns() {
            List<Optional<String>> columns = new ArrayList<>(COLUMNS.size());
            int at = 0;
            while (true) {
                if (columns.size() == COLUMNS.size()) {
                    throw refused("has more than 12 columns");
                }
                StringBuilder value = new StringBuilder();
                at = text.startsWith("\"", at) ? takeQuoted(at + 1, value) : takeBare(at, value);
                columns.add(present(COLUMNS.get(columns.size()), value.toString()));
                if (at == text.length()) {
                    break;
                }
                at++;
            }
            if (columns.size() < COLUMNS.size()) {
                throw refused("has " + columns.size() + " columns, not 12");
            }
            return columns;
        }

        private int takeBare(int from, StringBuilder value) {
            int comma = text.indexOf(',', from);
            int end = comma < 0 ? text.length() : comma;
            value.append(text, from, end);
            if (value.indexOf("\"") >= 0) {
                throw refused("has a quotation mark inside the bare value " + quoted(value.toString()));
            }
            return end;
        }

        private int takeQuoted(int from, StringBuilder value) {
            int start = from;
            while (true) {
                int quote = text.indexOf('"', start);
                if (quote < 0) {
                    throw refused("has a quotation mark that is never closed, before " + quoted(text.substring(from)));
                }
                value.append(text, start, quote);
                if (!text.startsWith("\"", quote + 1)) {
                    if (quote + 1 < text.length() && text.charAt(quote + 1) != ',') {
                        throw refused("goes on after the closing quotation mark of " + quoted(value.toString()));
                    }
                    return quote + 1;
                }
                value.append('"');
                start = quote + 2;
            }
        }

        private Optional<String> present(String column, String value) {
            int end = value.length();
            while (end > 0 && value.charAt(end - 1) == ' ') {
                end--;
            }
            String text = value.substring(0, end);
            if (text.isEmpty()) {
                throw refused("has an empty " + column + ", where -0- stands for what is absent");
            }
            if (text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0) {
                throw refused("has a line break other than CR LF in its " + column);
            }
            return text.equals(ABSENT) ? Optional.empty() : Optional.of(text);
        }

        private SnapshotRefused refused(String what) {
            return new SnapshotRefused(Code.WRONG_FORMAT, "Line " + number + " " + what
                    + ": give OFAC's sdn.csv as published, or retrieve it again");
        }
    }
}
