package org.policyledger.core;

import java.time.LocalDate;
import java.util.Optional;

/**
 * What surrounds an action: how its effective date is known, the further dates, the notice, and why it was taken.
 * Nothing here is used to compute status.
 *
 * @param basis how the effective date is known; absent in a demand means {@link Basis#STATED}
 * @param announcedOn the day the authority announced the action
 * @param applicableAsOf the day from which the notice says the action applies retroactively
 * @param cause why the action was taken, from an open set: {@code request}, {@code proposal}, {@code review}, {@code expiry} …;
 *     {@link #PARSER_CHANGE} and {@link #SOURCE_OR_PARSER_CHANGE} where it was inferred from a file that is read differently now
 * @param rationale the stated reason
 * @param dossier the label of the affair the action belongs to
 */
public record Circumstances(Basis basis, Optional<Notice> notice, Optional<LocalDate> announcedOn,
        Optional<LocalDate> applicableAsOf, Optional<String> cause, Optional<Rationale> rationale,
        Optional<String> dossier) {

    /** How an effective date is known. */
    public enum Basis {
        /** A notice states it. */
        STATED,
        /** It was inferred from a list snapshot that states no date. */
        OBSERVED
    }

    /** A stated reason as text, with the source that gives it. */
    public record Rationale(String text, Optional<String> source) {
        public Rationale {
            Check.text("rationale.text", text, 10_000);
            Check.optionalText("rationale.source", source, 1000);
        }
    }

    /** The cause of what differs only because the same file is read by another version of our reader: nothing happened. */
    public static final String PARSER_CHANGE = "parser-change";

    /** The cause of what differs while both the file and our reader are others than before: either may be why. */
    public static final String SOURCE_OR_PARSER_CHANGE = "source-or-parser-change";

    private static final Circumstances STATED = bare(Basis.STATED);
    private static final Circumstances OBSERVED = bare(Basis.OBSERVED);

    public Circumstances {
        basis = basis == null ? Basis.STATED : basis;
        Check.optionalDate("announcedOn", announcedOn);
        Check.optionalDate("applicableAsOf", applicableAsOf);
        Check.optionalText("cause", cause, 100);
        Check.optionalText("dossier", dossier, 100);
    }

    /** A stated effective date and nothing else. */
    public static Circumstances stated() {
        return STATED;
    }

    /** Inferred from a list snapshot, and nothing else known. */
    public static Circumstances observed() {
        return OBSERVED;
    }

    /** Inferred from a list snapshot, with the cause given, and nothing else known. */
    public static Circumstances observed(Optional<String> cause) {
        return cause.isEmpty()
                ? OBSERVED
                : new Circumstances(Basis.OBSERVED, Optional.empty(), Optional.empty(), Optional.empty(), cause,
                        Optional.empty(), Optional.empty());
    }

    private static Circumstances bare(Basis basis) {
        return new Circumstances(basis, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty());
    }
}
