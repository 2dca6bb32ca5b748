package org.policyledger.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** Names one restricted-party list for ever: 1 to 100 lower-case letters, digits and {@code -}. */
public record ListId(@JsonValue String value) implements Comparable<ListId> {

    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,99}");
    private static final String STREAM_PREFIX = "list/";

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public ListId {
        Check.form("listId", value, FORM,
                "1 to 100 lower-case letters, digits or '-', starting with a letter or digit");
    }

    /** The name of the stream that holds this list's own record. */
    public String stream() {
        return STREAM_PREFIX + value;
    }

    @Override
    public int compareTo(ListId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
