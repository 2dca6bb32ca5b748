package org.policyledger.core.event;

import java.util.List;
import org.policyledger.core.EntityPair;
import org.policyledger.core.Notice;

/** Two entities were found to be one party. Nothing about either of them changes. */
public record EntitiesLinked(EntityPair entityIds, String reason, List<Notice> evidence) implements LinkEvent {
    public EntitiesLinked {
        evidence = evidence == null ? List.of() : List.copyOf(evidence);
    }
}
