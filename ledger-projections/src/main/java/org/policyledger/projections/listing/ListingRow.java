package org.policyledger.projections.listing;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.policyledger.core.ActionId;
import org.policyledger.core.EntityState;
import org.policyledger.core.ListId;
import org.policyledger.core.Timeline;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;

/**
 * One period of a listing as the readings keep it: days and positions only, the content stays in the log.
 *
 * @param entryPosition the event whose entry is in force; absent when not listed
 * @param decidedPosition the event with the content of the deciding action: the action's own, or its latest correction
 */
record ListingRow(LocalDate validFrom, Optional<LocalDate> validTo, Timeline.State state, LocalDate since,
        Optional<LocalDate> until, boolean expired, Optional<Long> entryPosition, long decidedPosition) {

    /** What is known of one entity after some of its events, with the rows that follow from it. Immutable. */
    record Known(EntityState state, Map<ActionId, Long> contentPositions, Map<ListId, List<ListingRow>> rows) {

        static final Known NOTHING = new Known(EntityState.EMPTY, Map.of(), Map.of());

        Known after(LedgerEvent recorded, ActionId recordedAs, long position) {
            EntityState next = state.after(recorded, recordedAs);
            if (!(recorded instanceof EntityEvent event)) {
                return new Known(next, contentPositions, rows);
            }
            Map<ActionId, Long> positions = new HashMap<>(contentPositions);
            positions.put(event instanceof ActionCorrected corrected ? corrected.actionId() : recordedAs, position);
            List<ListingRow> listing = new ArrayList<>();
            for (Timeline.Period period : next.timeline(event.listId()).periods()) {
                listing.add(new ListingRow(period.from(), period.to(), period.state(), period.since(), period.until(),
                        period.expired(), period.inForce().map(step -> contentPosition(positions, step)),
                        contentPosition(positions, period.decidedBy())));
            }
            Map<ListId, List<ListingRow>> nextRows = new HashMap<>(rows);
            nextRows.put(event.listId(), List.copyOf(listing));
            return new Known(next, positions, nextRows);
        }

        List<ListingRow> rowsOf(ListId listId) {
            return rows.getOrDefault(listId, List.of());
        }

        private static long contentPosition(Map<ActionId, Long> positions, Timeline.Step step) {
            Long position = positions.get(step.actionId());
            if (position == null) {
                throw new IllegalStateException("action " + step.actionId() + " has no recorded content");
            }
            return position;
        }
    }
}
