package org.policyledger.core;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.policyledger.core.event.CommitmentAssessed;
import org.policyledger.core.event.CommitmentClosed;
import org.policyledger.core.event.CommitmentRecorded;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.core.event.ListEvent;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;

/**
 * One commitment's record as known after its first {@link #nextSequence} events, and how it stands on any day. Immutable.
 *
 * <p>On a day those assessments count that were made up to and on it; the latest by day, then by place in the record, is the one
 * that stands. It settles the review that was due and sets the next if it names one. From the day it is closed on, a commitment
 * no longer binds.
 */
public final class CommitmentState {

    /** A commitment of which nothing is recorded. */
    public static final CommitmentState EMPTY = new CommitmentState(0, Optional.empty(), List.of(), Optional.empty());

    /** Whether a commitment binds. */
    public enum State {
        NOT_MADE,
        OPEN,
        CLOSED
    }

    /** An assessment with its identity and its place in the commitment's record. */
    public record KnownAssessment(ActionId actionId, long sequence, Assessment assessment) {}

    /** The end with its identity. */
    public record KnownClosure(ActionId actionId, Closure closure) {}

    /**
     * A half-open stretch {@code [from, to)} of days on which a commitment stands in one way.
     *
     * @param latest the assessment that stands
     * @param reviewOn the day of the next review that is set; never there when closed
     * @param closure the end; there exactly when closed
     */
    public record Standing(LocalDate from, Optional<LocalDate> to, State state, Optional<KnownAssessment> latest,
            Optional<LocalDate> reviewOn, Optional<KnownClosure> closure) {

        /** Whether the stretch covers the day. */
        public boolean covers(LocalDate date) {
            return !date.isBefore(from) && (to.isEmpty() || date.isBefore(to.get()));
        }
    }

    private static final Comparator<KnownAssessment> BY_DAY = Comparator
            .comparing((KnownAssessment known) -> known.assessment().assessedOn())
            .thenComparingLong(KnownAssessment::sequence);

    private final long nextSequence;
    private final Optional<CommitmentRecorded> recorded;
    private final List<KnownAssessment> assessments;
    private final Optional<KnownClosure> closure;

    private CommitmentState(long nextSequence, Optional<CommitmentRecorded> recorded, List<KnownAssessment> assessments,
            Optional<KnownClosure> closure) {
        this.nextSequence = nextSequence;
        this.recorded = recorded;
        this.assessments = assessments;
        this.closure = closure;
    }

    /** The sequence the commitment's next event will have; the number of those recorded. */
    public long nextSequence() {
        return nextSequence;
    }

    /** What was undertaken, once it is recorded. */
    public Optional<CommitmentRecorded> recorded() {
        return recorded;
    }

    /** Every assessment, by day and then by place in the record. */
    public List<KnownAssessment> assessments() {
        return assessments;
    }

    /** The end, once one is recorded. */
    public Optional<KnownClosure> closure() {
        return closure;
    }

    /** How the commitment stands, in order and without gaps, from the day it was made on; empty if it is not recorded. */
    public List<Standing> standings() {
        if (recorded.isEmpty()) {
            return List.of();
        }
        Commitment commitment = recorded.get().commitment();
        TreeSet<LocalDate> days = new TreeSet<>(List.of(commitment.madeOn()));
        assessments.forEach(known -> days.add(known.assessment().assessedOn()));
        closure.ifPresent(known -> days.add(known.closure().closedOn()));
        List<Standing> standings = new ArrayList<>();
        for (LocalDate from : days) {
            Optional<KnownAssessment> latest = assessments.stream()
                    .filter(known -> !known.assessment().assessedOn().isAfter(from)).reduce((one, later) -> later);
            Optional<KnownClosure> end = closure.filter(known -> !known.closure().closedOn().isAfter(from));
            Optional<LocalDate> review = latest.isPresent()
                    ? latest.get().assessment().nextReviewOn()
                    : commitment.reviewOn();
            standings.add(new Standing(from, Optional.ofNullable(days.higher(from)),
                    end.isPresent() ? State.CLOSED : State.OPEN, latest, end.isPresent() ? Optional.empty() : review,
                    end));
        }
        return List.copyOf(standings);
    }

    /** How it stands on the day; absent before it was made. */
    public Optional<Standing> at(LocalDate asOf) {
        return standings().stream().filter(standing -> standing.covers(asOf)).findFirst();
    }

    /** The state on the day; what happens on the day itself counts. */
    public State stateAt(LocalDate asOf) {
        return at(asOf).map(Standing::state).orElse(State.NOT_MADE);
    }

    /** Whether the day by which it was to be fulfilled has gone by and it is open still. */
    public boolean overdueAt(LocalDate asOf) {
        return stateAt(asOf) == State.OPEN
                && recorded.flatMap(known -> known.commitment().dueOn()).filter(asOf::isAfter).isPresent();
    }

    /** The record with one more event; an event that follows from no decision on this record is refused, never skipped. */
    public CommitmentState after(LedgerEvent event, ActionId recordedAs) {
        boolean first = event instanceof CommitmentRecorded;
        if (first == recorded.isPresent()) {
            throw new IllegalStateException(event.stream() + ": event " + nextSequence
                    + (first ? " records the commitment again" : " is about a commitment that is not recorded"));
        }
        return switch (event) {
            case CommitmentRecorded made ->
                new CommitmentState(nextSequence + 1, Optional.of(made), assessments, closure);
            case CommitmentAssessed assessed -> {
                List<KnownAssessment> next = new ArrayList<>(assessments);
                next.add(new KnownAssessment(recordedAs, nextSequence, assessed.assessment()));
                next.sort(BY_DAY);
                yield new CommitmentState(nextSequence + 1, recorded, List.copyOf(next), closure);
            }
            case CommitmentClosed closed -> new CommitmentState(nextSequence + 1, recorded, assessments,
                    Optional.of(new KnownClosure(recordedAs, closed.closure())));
            case StatementRecorded statement -> new CommitmentState(nextSequence + 1, recorded, assessments, closure);
            case EntityEvent misplaced -> throw misplaced(misplaced);
            case ListEvent misplaced -> throw misplaced(misplaced);
            case LinkEvent misplaced -> throw misplaced(misplaced);
            case NoticeRecorded misplaced -> throw misplaced(misplaced);
        };
    }

    private IllegalStateException misplaced(LedgerEvent event) {
        return new IllegalStateException(event.stream() + ": event " + nextSequence + " is not about a commitment");
    }
}
