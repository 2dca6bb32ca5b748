package org.policyledger.core;

import java.util.OptionalLong;
import org.axonframework.messaging.MetaData;

/** How a command message says which event its sender saw last in the stream. */
public final class ExpectedSequence {

    /** The metadata key; the value is a {@link Long}. */
    public static final String KEY = "expectedSequence";

    private ExpectedSequence() {}

    static OptionalLong in(MetaData metaData) {
        return metaData.get(KEY) instanceof Long expected ? OptionalLong.of(expected) : OptionalLong.empty();
    }
}
