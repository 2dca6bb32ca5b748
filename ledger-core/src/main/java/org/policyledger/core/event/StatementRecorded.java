package org.policyledger.core.event;

import java.time.LocalDate;
import java.util.Optional;
import org.policyledger.core.ActionId;
import org.policyledger.core.CommitmentId;
import org.policyledger.core.EntityId;
import org.policyledger.core.Statement;

/**
 * Somebody took a position on an entity, on one action on it, or on a commitment. Stands in the record of what it is about and
 * changes no status.
 *
 * @param entityId the entity it is about; exactly one of this and {@code commitmentId} is there
 * @param actionId the listing action it is about, where it is about one
 * @param commitmentId the commitment it is about
 * @param dossier the label of the affair it belongs to
 */
public record StatementRecorded(Optional<EntityId> entityId, Optional<ActionId> actionId,
        Optional<CommitmentId> commitmentId, Statement statement, Optional<String> dossier) implements LedgerEvent {

    @Override
    public String stream() {
        return entityId.map(EntityId::stream).or(() -> commitmentId.map(CommitmentId::stream))
                .orElseThrow(() -> new IllegalStateException("a statement about nothing"));
    }

    @Override
    public Optional<LocalDate> effectiveOn() {
        return Optional.empty();
    }
}
