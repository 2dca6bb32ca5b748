package org.policyledger.core.event;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.LocalDate;
import java.util.Optional;

/** A fact the ledger has recorded. Who recorded it, when and at which position is kept beside it, not in it. */
public sealed interface LedgerEvent
        permits EntityEvent, ListEvent, CommitmentEvent, LinkEvent, StatementRecorded, NoticeRecorded {

    /** The stream that holds the event. */
    @JsonIgnore
    String stream();

    /** The day from which what the event says has legal force, where it says so. */
    @JsonIgnore
    Optional<LocalDate> effectiveOn();
}
