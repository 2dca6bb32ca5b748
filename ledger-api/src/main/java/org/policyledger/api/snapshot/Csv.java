package org.policyledger.api.snapshot;

import static org.policyledger.api.snapshot.SnapshotRefused.quoted;

import java.util.ArrayList;
import java.util.List;
import org.policyledger.api.snapshot.SnapshotRefused.Code;

/**
 * Records of comma-separated values as RFC 4180 has them: columns parted by commas, each bare or in quotation marks, which are
 * doubled inside. Nothing is forgiven: a quotation mark in a bare value, text after a closing one and another number of columns
 * are refused with their line. Used by one thread, once.
 */
final class Csv {

    private static final int EXCERPT = 100;

    private final String text;
    private final boolean lineBreaksEnd;
    private final int columns;
    private final String wayOut;
    private int at;
    private int line;
    private int begun;

    private Csv(String text, boolean lineBreaksEnd, int line, int columns, String wayOut) {
        this.text = text;
        this.lineBreaksEnd = lineBreaksEnd;
        this.line = line;
        this.begun = line;
        this.columns = columns;
        this.wayOut = wayOut;
    }

    /** One record, which is the whole of the text: the line of that number. */
    static Csv ofLine(String text, int line, int columns, String wayOut) {
        return new Csv(text, false, line, columns, wayOut);
    }

    /** Records that end with LF or CR LF and may have such line ends within quotation marks. */
    static Csv ofText(String text, int columns, String wayOut) {
        return new Csv(text, true, 1, columns, wayOut);
    }

    boolean hasNext() {
        return at < text.length();
    }

    /** The line on which the record given last begins. */
    int line() {
        return begun;
    }

    /** The values of the next record, as many as there are columns. */
    List<String> next() {
        begun = line;
        List<String> values = new ArrayList<>(columns);
        while (true) {
            if (values.size() == columns) {
                throw refused("has more than " + columns + " columns");
            }
            values.add(text.startsWith("\"", at) ? takeQuoted() : takeBare());
            if (atEnd(at)) {
                break;
            }
            at++;
        }
        if (values.size() < columns) {
            throw refused("has " + values.size() + " columns, not " + columns);
        }
        if (at < text.length()) {
            at = text.indexOf('\n', at) + 1;
            line++;
        }
        return values;
    }

    private boolean atEnd(int place) {
        return place == text.length()
                || (lineBreaksEnd && (text.startsWith("\n", place) || text.startsWith("\r\n", place)));
    }

    private String takeBare() {
        int start = at;
        while (!atEnd(at) && text.charAt(at) != ',') {
            at++;
        }
        String value = text.substring(start, at);
        if (value.indexOf('"') >= 0) {
            throw refused("has a quotation mark inside the bare value " + quoted(value));
        }
        return value;
    }

    private String takeQuoted() {
        StringBuilder value = new StringBuilder();
        int from = at + 1;
        int start = from;
        while (true) {
            int quote = text.indexOf('"', start);
            if (quote < 0) {
                throw refused("has a quotation mark that is never closed, before "
                        + quoted(text.substring(from, Math.min(text.length(), from + EXCERPT))));
            }
            value.append(text, start, quote);
            if (!text.startsWith("\"", quote + 1)) {
                at = quote + 1;
                if (!atEnd(at) && text.charAt(at) != ',') {
                    throw refused("goes on after the closing quotation mark of " + quoted(value.toString()));
                }
                line += (int) value.chars().filter(c -> c == '\n').count();
                return value.toString();
            }
            value.append('"');
            start = quote + 2;
        }
    }

    private SnapshotRefused refused(String what) {
        return new SnapshotRefused(Code.WRONG_FORMAT, "Line " + begun + " " + what + ": " + wayOut);
    }
}
