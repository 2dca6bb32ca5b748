package org.policyledger.api.snapshot;

import static org.policyledger.api.snapshot.SnapshotRefused.quoted;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.policyledger.api.snapshot.SnapshotRefused.Code;

/**
 * One of the files in which OFAC publishes its lists, as its data specification and its files have it: a record a line without a
 * header, texts in quotation marks, {@code -0- } for what is absent, lines ended by CR LF, and a final byte 0x1A. That last byte
 * is what tells a whole file from one cut off, so it is demanded. Blanks at the end of a column are dropped.
 *
 * @param name the file's name, for example {@code sdn.csv}
 * @param kind what it is, in plain words
 * @param columns the names of its columns, the first of which is {@code ent_num}
 * @param loss what an empty file would do
 */
record OfacFile(String name, String kind, List<String> columns, String loss) {

    /** What stands for an absent value. */
    static final String ABSENT = "-0-";

    private static final String LINE_END = "\r\n";
    private static final String END = "\u001A";
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,9}");

    /** Takes one record. */
    interface Taker {
        /** The record on the line; as many values as the file has columns, without what is absent. */
        void take(int line, List<Optional<String>> values);
    }

    /** Gives the records one after the other. */
    void read(byte[] file, Taker taker) {
        String text = SourceText.of(file);
        checkBeginning(text);
        if (!text.endsWith(LINE_END + END)) {
            throw new SnapshotRefused(Code.TRUNCATED, "The file does not end with CR LF and the byte 0x1A but with "
                    + quoted(text.substring(Math.max(0, text.length() - 20)))
                    + ": it was cut off or converted; retrieve it again, unconverted");
        }
        int line = 0;
        int end;
        for (int start = 0; start < text.length() - END.length(); start = end + LINE_END.length()) {
            line++;
            end = text.indexOf(LINE_END, start);
            List<String> values = Csv.ofLine(text.substring(start, end), line, columns.size(), wayOut()).next();
            List<Optional<String>> present = new ArrayList<>(columns.size());
            for (int column = 0; column < columns.size(); column++) {
                present.add(present(line, columns.get(column), values.get(column)));
            }
            taker.take(line, present);
        }
    }

    /** The number in the column, which must be one. */
    String number(int line, List<Optional<String>> values, int column) {
        String value = values.get(column).orElse(ABSENT);
        if (!NUMBER.matcher(value).matches()) {
            throw new SnapshotRefused(Code.WRONG_FORMAT, "Line " + line + ": the " + columns.get(column) + " "
                    + quoted(value) + " is not a number of 1 to 10 digits without leading zeros: retrieve the file"
                    + " again");
        }
        return value;
    }

    private void checkBeginning(String text) {
        String beginning = text.strip();
        if (beginning.isEmpty() || beginning.equals(END)) {
            throw new SnapshotRefused(Code.EMPTY, "The file holds no record, which would " + loss
                    + ": retrieve it again");
        }
        int comma = text.indexOf(',');
        if (comma < 0 || !NUMBER.matcher(text.substring(0, comma)).matches()) {
            String seen = beginning.startsWith("<")
                    ? "is HTML or XML"
                    : beginning.startsWith("{") || beginning.startsWith("[")
                            ? "is JSON"
                            : "begins with " + quoted(text.lines().findFirst().orElse(""));
            throw new SnapshotRefused(Code.WRONG_FORMAT, "The file " + seen + "; " + kind
                    + " has no header and begins with the first record's ent_num, a number, and a comma: give OFAC's "
                    + name);
        }
    }

    private Optional<String> present(int line, String column, String value) {
        int end = value.length();
        while (end > 0 && value.charAt(end - 1) == ' ') {
            end--;
        }
        String text = value.substring(0, end);
        if (text.isEmpty()) {
            throw refused(line, "has an empty " + column + ", where -0- stands for what is absent");
        }
        if (text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0) {
            throw refused(line, "has a line break other than CR LF in its " + column);
        }
        return text.equals(ABSENT) ? Optional.empty() : Optional.of(text);
    }

    private SnapshotRefused refused(int line, String what) {
        return new SnapshotRefused(Code.WRONG_FORMAT, "Line " + line + " " + what + ": " + wayOut());
    }

    private String wayOut() {
        return "give OFAC's " + name + " as published, or retrieve it again";
    }
}
