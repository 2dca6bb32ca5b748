package org.policyledger.core.event;

import java.time.LocalDate;
import java.util.Optional;
import org.policyledger.core.ListDetails;
import org.policyledger.core.ListId;

/** A restricted-party list was made known to the ledger. */
public record ListRegistered(ListId listId, ListDetails details) implements ListEvent {

    @Override
    public Optional<LocalDate> effectiveOn() {
        return Optional.empty();
    }
}
