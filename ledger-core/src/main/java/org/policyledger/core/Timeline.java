package org.policyledger.core;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingReinstated;
import org.policyledger.core.event.ListingSuspended;

/**
 * One listing on the effective axis: the periods that follow from its actions as known at one moment of the recorded axis.
 *
 * <p>Actions take force in the order of (effective date, place in the record); each must be legal in the state it meets. A
 * fixed term ends the listing, or the suspension, by itself on its {@code until} date, before any action effective that day.
 * Before the first period the entity is not listed. Immutable.
 */
public final class Timeline {

    /** Whether a listing is in force. */
    public enum State {
        NOT_LISTED,
        LISTED,
        SUSPENDED
    }

    /** An action with its identity and its place in the entity's record. */
    public record Step(ActionId actionId, long sequence, ListingAction action) {}

    /**
     * A half-open stretch {@code [from, to)} of the effective axis on which nothing changes.
     *
     * @param to the day from which something else holds, absent when nothing is known to come
     * @param since the day from which the state has held without a break
     * @param until the exclusive end of the fixed term in force, where there is one
     * @param inForce the action whose entry is in force; absent when not listed
     * @param decidedBy the action that brought the period about; after an expiry the one that set the fixed term
     * @param expired whether a fixed term running out, not an action, began the period
     */
    public record Period(LocalDate from, Optional<LocalDate> to, State state, LocalDate since,
            Optional<LocalDate> until,
            Optional<Step> inForce, Step decidedBy, boolean expired) {

        /** Whether the period covers the day. */
        public boolean covers(LocalDate date) {
            return !date.isBefore(from) && (to.isEmpty() || date.isBefore(to.get()));
        }
    }

    /** What actions come to: a timeline, or the first action that is not legal where it stands. */
    public sealed interface Outcome permits Legal, Conflict {}

    /** Every action is legal where it stands. */
    public record Legal(Timeline timeline) implements Outcome {}

    /** An action that meets a state in which it is not allowed. */
    public record Conflict(Step step, State met) implements Outcome {}

    private static final Comparator<Step> ORDER = Comparator
            .<Step, LocalDate>comparing(step -> step.action().effectiveDate())
            .thenComparingLong(Step::sequence);

    private final List<Period> periods;

    private Timeline(List<Period> periods) {
        this.periods = List.copyOf(periods);
    }

    /** Works out what the actions, in any order, come to. */
    public static Outcome of(Collection<Step> steps) {
        Walk walk = new Walk();
        for (Step step : inOrder(steps)) {
            walk.expireUpTo(step.action().effectiveDate());
            if (!allows(walk.state, step.action())) {
                return new Conflict(step, walk.state);
            }
            walk.take(step);
        }
        walk.expireUpTo(LocalDate.MAX);
        return new Legal(new Timeline(walk.periods));
    }

    /** The actions in the order in which they take force. */
    public static List<Step> inOrder(Collection<Step> steps) {
        return steps.stream().sorted(ORDER).toList();
    }

    /** The timeline of actions known to be legal, such as recorded ones. */
    public static Timeline ofLegal(Collection<Step> steps) {
        return switch (of(steps)) {
            case Legal legal -> legal.timeline();
            case Conflict conflict -> throw new IllegalStateException("recorded action " + conflict.step().actionId()
                    + " is not legal: it meets " + conflict.met() + " on " + conflict.step().action().effectiveDate());
        };
    }

    static boolean allows(State state, ListingAction action) {
        return switch (action) {
            case EntityListed listed -> state == State.NOT_LISTED;
            case ListingAmended amended -> state != State.NOT_LISTED;
            case ListingSuspended suspended -> state == State.LISTED;
            case ListingReinstated reinstated -> state == State.SUSPENDED;
            case EntityDelisted delisted -> state != State.NOT_LISTED;
        };
    }

    /** The periods in order, without gaps, from the first action on. */
    public List<Period> periods() {
        return periods;
    }

    /** The period that covers the day; absent before the first action. */
    public Optional<Period> at(LocalDate asOf) {
        return periods.stream().filter(period -> period.covers(asOf)).findFirst();
    }

    /** The state on the day; an action effective on the day itself counts. */
    public State stateAt(LocalDate asOf) {
        return at(asOf).map(Period::state).orElse(State.NOT_LISTED);
    }

    /** The state while walking along the effective axis. */
    private static final class Walk {
        private final List<Period> periods = new ArrayList<>();
        private State state = State.NOT_LISTED;
        private @Nullable Step inForce;
        private @Nullable Step suspendedBy;

        private void take(Step step) {
            switch (step.action()) {
                case EntityListed listed -> {
                    state = State.LISTED;
                    inForce = step;
                }
                case ListingAmended amended -> inForce = step;
                case ListingSuspended suspended -> {
                    state = State.SUSPENDED;
                    suspendedBy = step;
                }
                case ListingReinstated reinstated -> {
                    state = State.LISTED;
                    suspendedBy = null;
                }
                case EntityDelisted delisted -> {
                    state = State.NOT_LISTED;
                    inForce = null;
                    suspendedBy = null;
                }
            }
            open(step.action().effectiveDate(), step, false);
        }

        /** Ends what ends by itself on or before the date, in order; the listing's own end goes before its suspension's. */
        private void expireUpTo(LocalDate date) {
            while (true) {
                LocalDate listingEnd = termOf(inForce);
                LocalDate suspensionEnd = termOf(suspendedBy);
                if (inForce != null && !listingEnd.isAfter(date) && !listingEnd.isAfter(suspensionEnd)
                        && listingEnd.isBefore(LocalDate.MAX)) {
                    Step ended = inForce;
                    state = State.NOT_LISTED;
                    inForce = null;
                    suspendedBy = null;
                    open(listingEnd, ended, true);
                } else if (suspendedBy != null && !suspensionEnd.isAfter(date)
                        && suspensionEnd.isBefore(LocalDate.MAX)) {
                    Step ended = suspendedBy;
                    state = State.LISTED;
                    suspendedBy = null;
                    open(suspensionEnd, ended, true);
                } else {
                    return;
                }
            }
        }

        private static LocalDate termOf(@Nullable Step step) {
            return step == null ? LocalDate.MAX : step.action().term().orElse(LocalDate.MAX);
        }

        private void open(LocalDate from, Step decidedBy, boolean expired) {
            Period last = periods.isEmpty() ? null : periods.removeLast();
            if (last != null && last.from().isBefore(from)) {
                periods.add(new Period(last.from(), Optional.of(from), last.state(), last.since(), last.until(),
                        last.inForce(),
                        last.decidedBy(), last.expired()));
            }
            // A period that lasted no day at all is not one: two actions may share an effective date.
            Period before = periods.isEmpty() ? null : periods.getLast();
            LocalDate since = before != null && before.state() == state ? before.since() : from;
            LocalDate end = termOf(inForce).isBefore(termOf(suspendedBy)) ? termOf(inForce) : termOf(suspendedBy);
            Optional<LocalDate> until = Optional.of(end).filter(LocalDate.MAX::isAfter);
            periods.add(new Period(from, Optional.empty(), state, since, until, Optional.ofNullable(inForce), decidedBy,
                    expired));
        }
    }
}
