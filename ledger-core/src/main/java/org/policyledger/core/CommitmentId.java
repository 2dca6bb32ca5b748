package org.policyledger.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** Names one commitment for ever: 1 to 200 letters, digits, {@code . _ : -}, starting with a letter or digit. */
public record CommitmentId(@JsonValue String value) implements Comparable<CommitmentId> {

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,199}");
    private static final String STREAM_PREFIX = "commitment/";

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public CommitmentId {
        Check.form("commitmentId", value, FORM,
                "1 to 200 letters, digits, '.', '_', ':' or '-', starting with a letter or digit");
    }

    /** The name of the stream that holds this commitment's record. */
    public String stream() {
        return STREAM_PREFIX + value;
    }

    @Override
    public int compareTo(CommitmentId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
