package org.policyledger.core.event;

import org.policyledger.core.ListId;

/** A fact in a list's own record. */
public sealed interface ListEvent extends LedgerEvent permits ListRegistered, SnapshotImported {

    ListId listId();

    @Override
    default String stream() {
        return listId().stream();
    }
}
