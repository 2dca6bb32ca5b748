package org.policyledger.core.event;

import java.time.LocalDate;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.ListId;

/** An entity was taken off a list. */
public record EntityDelisted(EntityId entityId, ListId listId, LocalDate effectiveDate, Circumstances circumstances)
        implements
            ListingAction {}
