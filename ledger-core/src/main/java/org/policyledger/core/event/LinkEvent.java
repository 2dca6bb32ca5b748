package org.policyledger.core.event;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.policyledger.core.EntityPair;
import org.policyledger.core.Notice;

/** A fact in the record of a pair of entities: somebody's finding on whether the two are one party. */
public sealed interface LinkEvent extends LedgerEvent permits EntitiesLinked, EntitiesUnlinked {

    EntityPair entityIds();

    /** Why it was found so. */
    String reason();

    /** The documents on which the finding rests. */
    List<Notice> evidence();

    /** A finding on who is who has no legal force, and so no day from which it has any. */
    @Override
    default Optional<LocalDate> effectiveOn() {
        return Optional.empty();
    }

    @Override
    default String stream() {
        return entityIds().stream();
    }
}
