package org.policyledger.core;

import java.util.OptionalLong;
import org.axonframework.messaging.MetaData;

/** How a command message says which event its sender saw last in the stream. */
public final class ExpectedSequence {

    /** The metadata key; the value is a {@link Long}. */
    public static final String KEY = "expectedSequence";

    private ExpectedSequence() {}

    static OptionalLong in(MetaData metaData) {
        Object expected = metaData.get(KEY);
        if (expected == null) {
            return OptionalLong.empty();
        }
        if (expected instanceof Long sequence) {
            return OptionalLong.of(sequence);
        }
        throw new IllegalArgumentException(
                KEY + " is of type " + expected.getClass().getSimpleName() + ": give a Long");
    }
}
