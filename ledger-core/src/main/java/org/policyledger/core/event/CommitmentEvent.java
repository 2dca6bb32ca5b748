package org.policyledger.core.event;

import java.time.LocalDate;
import java.util.Optional;
import org.policyledger.core.CommitmentId;

/** A fact in one commitment's record, about the commitment itself. */
public sealed interface CommitmentEvent extends LedgerEvent
        permits CommitmentRecorded, CommitmentAssessed, CommitmentClosed {

    CommitmentId commitmentId();

    /** An undertaking has no legal force of its own. */
    @Override
    default Optional<LocalDate> effectiveOn() {
        return Optional.empty();
    }

    @Override
    default String stream() {
        return commitmentId().stream();
    }
}
