package org.policyledger.api.snapshot;

import org.policyledger.core.Check;

/**
 * A file that is not what its format promises. It is refused as a whole: an incomplete file read leniently would delist
 * everyone it does not show.
 */
public final class SnapshotRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Why a file is refused; part of the public interface. */
    public enum Code {
        /** The file shows no entry at all. */
        EMPTY("snapshot-empty"),
        /** The file is longer than is read. */
        TOO_LARGE("snapshot-too-large"),
        /** The file is of another format, or its structure departs from the format's. */
        WRONG_FORMAT("snapshot-wrong-format"),
        /** The file stops before its end. */
        TRUNCATED("snapshot-truncated"),
        /** Two records have the same key. */
        DUPLICATE("snapshot-duplicate"),
        /** A value cannot be kept as it stands. */
        BAD_VALUE("snapshot-bad-value");

        private final String text;

        Code(String text) {
            this.text = text;
        }

        /** The code as callers see it. */
        public String text() {
            return text;
        }
    }

    private final Code code;

    SnapshotRefused(Code code, String detail) {
        super(detail, null, false, false);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** The refusal in plain words: the line or record, the value, the rule and the way out. */
    public String detail() {
        return String.valueOf(getMessage());
    }

    /** A value in quotation marks, shortened so that it can stand in a refusal. */
    static String quoted(String value) {
        return "'" + Check.excerpt(value) + "'";
    }
}
