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
 * OFAC's {@code sdn.csv}, the Specially Designated Nationals list: an {@link OfacFile} of 12 columns.
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
 * characters cut off is no alias; nor are those of OFAC's separate file {@code alt.csv}, which {@link OfacSdnCsvZip} reads too.
 */
final class OfacSdnCsv implements SnapshotFormat {

    static final OfacSdnCsv FORMAT = new OfacSdnCsv();
    static final String IDENTIFIER = "OFAC ent_num";

    private static final OfacFile FILE = new OfacFile("sdn.csv", "an SDN file",
            List.of("ent_num", "SDN_Name", "SDN_Type",
                    "Program", "Title", "Call_Sign", "Vess_type", "Tonnage", "GRT", "Vess_flag", "Vess_owner",
                    "Remarks"),
            "delist everyone");
    private static final String PROGRAM_SEPARATOR = "] [";
    private static final Pattern ALIAS = Pattern.compile("[af]\\.k\\.a\\. '(.+)'");

    private OfacSdnCsv() {}

    /** The identity of the party to which OFAC gave the number: its numbers are the same on all its lists. */
    static EntityId identity(String entNum) {
        return new EntityId("ofac-sdn-" + entNum);
    }

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
        TreeMap<EntityId, Entry> entries = new TreeMap<>();
        Map<EntityId, Integer> lines = new HashMap<>();
        FILE.read(file, (line, columns) -> {
            String entNum = FILE.number(line, columns, 0);
            EntityId entityId = identity(entNum);
            Integer before = lines.putIfAbsent(entityId, line);
            if (before != null) {
                throw new SnapshotRefused(Code.DUPLICATE, "Lines " + before + " and " + line + " both have the ent_num "
                        + entNum + ", which is unique in an SDN file: retrieve the file again");
            }
            entries.put(entityId, entry(line, columns));
        });
        return new SourceList(entries, Optional.empty());
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
        return switch (sdnType.orElse(OfacFile.ABSENT)) {
            case OfacFile.ABSENT -> Entry.Type.ORGANISATION;
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
}
