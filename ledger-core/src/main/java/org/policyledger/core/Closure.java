package org.policyledger.core;

import java.time.LocalDate;
import java.util.Optional;

/**
 * The end of a commitment.
 *
 * @param closedOn the day from which it no longer binds
 * @param text the end in words
 * @param source the document that tells it
 */
public record Closure(Outcome outcome, LocalDate closedOn, Optional<String> text, Optional<Notice> source) {

    /** What became of a commitment. */
    public enum Outcome {
        FULFILLED,
        ABANDONED,
        SUPERSEDED
    }

    public Closure {
        Check.required("closure.outcome", outcome);
        Check.date("closure.closedOn", closedOn);
        Check.optionalText("closure.text", text, 10_000);
    }
}
