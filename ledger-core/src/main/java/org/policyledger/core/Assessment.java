package org.policyledger.core;

import java.time.LocalDate;
import java.util.Optional;

/**
 * A finding on whether a commitment is being kept, as whoever assessed it states it.
 *
 * @param assessedOn the day of the finding
 * @param assessedBy who found it
 * @param text the finding in words
 * @param source the document that carries it
 * @param nextReviewOn the day on which the commitment is to be looked at again; absent when none is set
 */
public record Assessment(Finding finding, LocalDate assessedOn, String assessedBy, Optional<String> text,
        Optional<Notice> source, Optional<LocalDate> nextReviewOn) {

    /** Whether a commitment is being kept. */
    public enum Finding {
        KEPT,
        PARTLY_KEPT,
        BREACHED,
        UNDETERMINED
    }

    public Assessment {
        Check.required("assessment.finding", finding);
        Check.date("assessment.assessedOn", assessedOn);
        Check.text("assessment.assessedBy", assessedBy, 300);
        Check.optionalText("assessment.text", text, 10_000);
        Check.notBefore("assessment.nextReviewOn", nextReviewOn, "assessedOn", assessedOn);
    }
}
