package org.policyledger.api.snapshot;

import java.time.LocalDate;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;

/**
 * The whole of a list as one official file shows it; never empty. The same bytes always give an equal list.
 *
 * @param entries every entry of the file, by the identity its format gives it
 * @param statedDate the day for which the file itself says that it shows the list; absent where it does not say
 */
public record SourceList(SortedMap<EntityId, Entry> entries, Optional<LocalDate> statedDate) {

    public SourceList {
        entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }
}
