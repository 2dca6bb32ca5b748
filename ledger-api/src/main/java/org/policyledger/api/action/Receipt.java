package org.policyledger.api.action;

import java.time.Instant;
import java.util.Optional;
import org.policyledger.core.ActionId;
import org.policyledger.core.EntityId;
import org.policyledger.core.ListId;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.ListEvent;
import org.policyledger.store.StoredEvent;

/** What the ledger answers to a demand it has recorded: where the event stands. */
public record Receipt(ActionId actionId, Optional<EntityId> entityId, Optional<ListId> listId, long sequence,
        long position,
        Instant recordedAt) {

    static Receipt of(StoredEvent stored, LedgerEvent event) {
        return switch (event) {
            case EntityEvent entity -> of(stored, Optional.of(entity.entityId()), entity.listId());
            case ListEvent list -> of(stored, Optional.empty(), list.listId());
        };
    }

    static Receipt of(StoredEvent stored, Optional<EntityId> entityId, ListId listId) {
        return new Receipt(new ActionId(stored.eventId()), entityId, Optional.of(listId), stored.sequence(),
                stored.position(), stored.recordedAt());
    }
}
