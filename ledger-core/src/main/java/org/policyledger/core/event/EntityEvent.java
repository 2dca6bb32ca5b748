package org.policyledger.core.event;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.LocalDate;
import java.util.Optional;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.ListId;

/** A fact in one entity's record, about one of its listings. */
public sealed interface EntityEvent extends LedgerEvent permits ListingAction, ActionCorrected, ActionVoided {

    EntityId entityId();

    ListId listId();

    /** What surrounds the action, correction or voiding itself. */
    Circumstances circumstances();

    /** The content of an action that the event states: its own, or a correction's replacement; none when it voids one. */
    @JsonIgnore
    default Optional<ListingAction> content() {
        return switch (this) {
            case ListingAction action -> Optional.of(action);
            case ActionCorrected corrected -> Optional.of(corrected.replacement());
            case ActionVoided voided -> Optional.empty();
        };
    }

    @Override
    default Optional<LocalDate> effectiveOn() {
        return content().map(ListingAction::effectiveDate);
    }

    @Override
    default String stream() {
        return entityId().stream();
    }
}
