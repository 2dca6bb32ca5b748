package org.policyledger.core.event;

import org.policyledger.core.EntityId;
import org.policyledger.core.ListId;

/** A fact in one entity's record, about one of its listings. */
public sealed interface EntityEvent extends LedgerEvent permits ListingAction, ActionCorrected, ActionVoided {

    EntityId entityId();

    ListId listId();

    @Override
    default String stream() {
        return entityId().stream();
    }
}
