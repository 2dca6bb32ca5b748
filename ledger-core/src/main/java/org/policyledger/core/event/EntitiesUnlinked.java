package org.policyledger.core.event;

import java.util.List;
import org.policyledger.core.EntityPair;
import org.policyledger.core.Notice;

/** The finding that two entities are one party was taken back. */
public record EntitiesUnlinked(EntityPair entityIds, String reason, List<Notice> evidence) implements LinkEvent {
    public EntitiesUnlinked {
        evidence = evidence == null ? List.of() : List.copyOf(evidence);
    }
}
