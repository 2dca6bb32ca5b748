package org.policyledger.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Two different entities, in no order: {@code (a, b)} and {@code (b, a)} are one pair. Held, and written as JSON, in the order of
 * their identifiers.
 */
public record EntityPair(EntityId first, EntityId second) {

    private static final String STREAM_PREFIX = "link/";
    /** The longest stream that is named by both identifiers, so that a name fits its place in the log. */
    private static final int LONGEST_STREAM = 300;

    public EntityPair {
        Check.required("entityIds", first);
        Check.required("entityIds", second);
        int order = first.compareTo(second);
        if (order == 0) {
            throw new IllegalArgumentException(
                    "entityIds names " + first + " twice: a link is between two different entities");
        }
        if (order > 0) {
            EntityId given = first;
            first = second;
            second = given;
        }
    }

    /** The pair as JSON has it: an array of two identifiers, in whatever order. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static EntityPair of(@Nullable List<EntityId> entityIds) {
        List<EntityId> given = Check.list("entityIds", entityIds, 2);
        if (given.size() != 2) {
            throw new IllegalArgumentException("entityIds has " + given.size()
                    + " elements: give the two entities that the link is between");
        }
        return new EntityPair(given.getFirst(), given.getLast());
    }

    /** Both, in the order of their identifiers. */
    @JsonValue
    public List<EntityId> entityIds() {
        return List.of(first, second);
    }

    /** The one of the two that is not the given one. */
    public EntityId other(EntityId one) {
        if (!one.equals(first) && !one.equals(second)) {
            throw new IllegalArgumentException(one + " is none of " + this);
        }
        return one.equals(first) ? second : first;
    }

    /**
     * The name of the stream that holds the pair's record: both identifiers, or a digest of them where that would be too long. No
     * identifier holds a slash, so that no two pairs share a name.
     */
    public String stream() {
        String named = STREAM_PREFIX + first + "/" + second;
        return named.length() <= LONGEST_STREAM ? named : STREAM_PREFIX + Digest.sha256(first + "/" + second);
    }

    @Override
    public String toString() {
        return first + " and " + second;
    }
}
