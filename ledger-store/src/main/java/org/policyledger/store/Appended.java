package org.policyledger.store;

import java.util.List;

/**
 * What an append recorded.
 *
 * @param events the events of this append, at consecutive positions
 * @param recordedBefore true if an earlier append under the same idempotency key recorded them, and this one nothing
 */
public record Appended(List<StoredEvent> events, boolean recordedBefore) {
    public Appended {
        events = List.copyOf(events);
    }
}
