package org.policyledger.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.UUID;

/** Names one recorded action: the identifier of the event that records it. */
public record ActionId(@JsonValue UUID value) {

    /** Reads the canonical text form of RFC 9562; anything else is refused. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static ActionId of(String text) {
        try {
            UUID value = UUID.fromString(text);
            if (value.toString().equalsIgnoreCase(text)) {
                return new ActionId(value);
            }
        } catch (IllegalArgumentException notAnIdentifier) {
            // falls through to the one refusal below
        }
        throw new IllegalArgumentException(
                "'" + Check.excerpt(text)
                        + "' is not an actionId: give the identifier from the action's receipt, a UUID of 36 characters");
    }

    /** A fresh identifier. */
    public static ActionId random() {
        return new ActionId(UUID.randomUUID());
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
