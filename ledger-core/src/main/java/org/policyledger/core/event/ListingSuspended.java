package org.policyledger.core.event;

import java.time.LocalDate;
import java.util.Optional;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.ListId;

/** A listing was suspended; with {@code until} it comes back into force by itself on that day. */
public record ListingSuspended(EntityId entityId, ListId listId, LocalDate effectiveDate, Optional<LocalDate> until,
        Circumstances circumstances) implements ListingAction {}
