package org.policyledger.projections.dossier;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.policyledger.core.ActionId;
import org.policyledger.core.CommitmentState;
import org.policyledger.core.event.CommitmentRecorded;

/**
 * One stretch of days on which a commitment stands in one way, as the readings keep it: days, positions and the label it is
 * looked up by; the content stays in the log.
 *
 * @param recordedPosition the event that made the commitment known
 * @param assessedPosition the assessment that stands
 */
record CommitmentRow(LocalDate validFrom, Optional<LocalDate> validTo, CommitmentState.State state,
        Optional<LocalDate> dueOn, Optional<LocalDate> reviewOn, Optional<String> dossier, long recordedPosition,
        Optional<Long> assessedPosition, Optional<Long> closedPosition) {

    /** The rows that follow from what is known of a commitment, given where its events lie. */
    static List<CommitmentRow> of(CommitmentState known, long recordedPosition, Map<ActionId, Long> positions) {
        if (known.recorded().isEmpty()) {
            return List.of();
        }
        CommitmentRecorded made = known.recorded().get();
        return known.standings().stream().map(standing -> new CommitmentRow(standing.from(), standing.to(),
                standing.state(), made.commitment().dueOn(), standing.reviewOn(), made.dossier(), recordedPosition,
                standing.latest().map(latest -> Objects.requireNonNull(positions.get(latest.actionId()))),
                standing.closure().map(end -> Objects.requireNonNull(positions.get(end.actionId()))))).toList();
    }
}
