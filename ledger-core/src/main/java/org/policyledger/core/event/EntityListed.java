package org.policyledger.core.event;

import java.time.LocalDate;
import java.util.Optional;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.ListId;

/** An entity was put on a list; {@code until} is the exclusive end of a fixed term. */
public record EntityListed(EntityId entityId, ListId listId, LocalDate effectiveDate, Optional<LocalDate> until,
        Entry entry,
        Circumstances circumstances) implements ListingAction {}
