package org.policyledger.core.event;

import java.util.List;
import java.util.Optional;
import org.policyledger.core.ActionId;
import org.policyledger.core.Commitment;
import org.policyledger.core.CommitmentId;

/**
 * A commitment was made.
 *
 * @param actionIds the listing actions it was given for, as far as they were recorded by then
 * @param dossier the label of the affair it belongs to
 */
public record CommitmentRecorded(CommitmentId commitmentId, Commitment commitment, List<ActionId> actionIds,
        Optional<String> dossier) implements CommitmentEvent {
    public CommitmentRecorded {
        actionIds = actionIds == null ? List.of() : List.copyOf(actionIds);
    }
}
