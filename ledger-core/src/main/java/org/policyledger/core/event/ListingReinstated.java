package org.policyledger.core.event;

import java.time.LocalDate;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.ListId;

/** A suspended listing came back into force. */
public record ListingReinstated(EntityId entityId, ListId listId, LocalDate effectiveDate, Circumstances circumstances)
        implements
            ListingAction {}
