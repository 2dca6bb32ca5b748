package org.policyledger.core;

import java.util.Optional;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.EntitiesLinked;
import org.policyledger.core.event.EntitiesUnlinked;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.ListEvent;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;

/**
 * The record of one pair of entities as known after its first {@link #nextSequence} events. Immutable.
 *
 * @param nextSequence the sequence the pair's next event will have; the number of those recorded
 * @param linkedBy the event that links the two, while they are linked
 */
public record LinkState(long nextSequence, Optional<ActionId> linkedBy) {

    /** A pair of which nothing is recorded. */
    public static final LinkState EMPTY = new LinkState(0, Optional.empty());

    /** The record with one more event; an event that follows from no decision on this record is refused, never skipped. */
    public LinkState after(LedgerEvent event, ActionId recordedAs) {
        return switch (event) {
            case EntitiesLinked linked -> {
                if (linkedBy.isPresent()) {
                    throw new IllegalStateException(event.stream() + ": event " + nextSequence
                            + " links what is linked");
                }
                yield new LinkState(nextSequence + 1, Optional.of(recordedAs));
            }
            case EntitiesUnlinked unlinked -> {
                if (linkedBy.isEmpty()) {
                    throw new IllegalStateException(event.stream() + ": event " + nextSequence
                            + " unlinks what is not linked");
                }
                yield new LinkState(nextSequence + 1, Optional.empty());
            }
            case EntityEvent misplaced -> throw misplaced(misplaced);
            case NoticeRecorded misplaced -> throw misplaced(misplaced);
            case ListEvent misplaced -> throw misplaced(misplaced);
            case CommitmentEvent misplaced -> throw misplaced(misplaced);
            case StatementRecorded misplaced -> throw misplaced(misplaced);
        };
    }

    private IllegalStateException misplaced(LedgerEvent event) {
        return new IllegalStateException(event.stream() + ": event " + nextSequence + " is not about a link");
    }
}
