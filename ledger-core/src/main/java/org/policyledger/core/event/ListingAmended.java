package org.policyledger.core.event;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.ListId;

/**
 * A listing's entry and fixed term were replaced by complete new ones.
 *
 * @param changed the fields that differed from the entry in force before, as known then: JSON pointers (RFC 6901) into the
 *     action, such as {@code /entry/remarks} or {@code /until}
 */
public record ListingAmended(EntityId entityId, ListId listId, LocalDate effectiveDate, Optional<LocalDate> until,
        Entry entry,
        List<String> changed, Circumstances circumstances) implements ListingAction {
    public ListingAmended {
        changed = changed == null ? List.of() : List.copyOf(changed);
    }
}
