package org.policyledger.api.snapshot;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.policyledger.core.Circumstances;
import org.policyledger.core.Circumstances.Basis;
import org.policyledger.core.Command;
import org.policyledger.core.Command.AmendListing;
import org.policyledger.core.Command.CorrectAction;
import org.policyledger.core.Command.DelistEntity;
import org.policyledger.core.Command.ListEntity;
import org.policyledger.core.Command.ListingCommand;
import org.policyledger.core.Command.VoidAction;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityState;
import org.policyledger.core.Entry;
import org.policyledger.core.ListId;
import org.policyledger.core.Timeline;
import org.policyledger.core.Timeline.Period;
import org.policyledger.core.Timeline.State;
import org.policyledger.core.Timeline.Step;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.ListingAmended;

/**
 * What must be demanded so that one listing stands on a day as a snapshot shows it. Pure.
 *
 * <p>For a day after every other snapshot that is one action. For an earlier day (a backfill) only the days up to the next
 * snapshot's day may change, since that snapshot has shown how the listing stood from then on. What was observed only then turns
 * out to have been so before, and is corrected to the earlier day; what was otherwise in between is put back on the next
 * snapshot's day. Every demand must be legal when its turn comes, not only the outcome: where a delisting could not be recorded
 * between two others, a fixed term says the same. Only inferred actions are corrected or voided, never stated ones; where those
 * stand in the way the demands are refused when they are decided.
 */
final class SnapshotDifference {

    private final EntityId entityId;
    private final ListId listId;
    private final LocalDate day;
    private final Optional<LocalDate> nextDay;
    private final Circumstances observed;
    private final Timeline timeline;
    private final List<Step> onDay;
    private final List<Step> later;

    private SnapshotDifference(EntityState state, EntityId entityId, ListId listId, LocalDate day,
            Optional<LocalDate> nextDay, Optional<String> cause) {
        this.entityId = entityId;
        this.listId = listId;
        this.day = day;
        this.nextDay = nextDay;
        this.timeline = state.timeline(listId);
        List<Step> steps = Timeline.inOrder(state.steps(listId));
        // Where a notice had the last word, the difference is not one between two readings of files.
        boolean inferred = steps.stream().filter(step -> !step.action().effectiveDate().isAfter(day))
                .reduce((earlier, last) -> last).map(SnapshotDifference::isObserved).orElse(true);
        this.observed = Circumstances.observed(cause.filter(given -> inferred));
        this.onDay = steps.stream().filter(step -> step.action().effectiveDate().equals(day)).toList();
        this.later = steps.stream().filter(step -> step.action().effectiveDate().isAfter(day)).toList();
    }

    /**
     * The demands, to be decided in order; none when the listing stands so already. A suspended listing that the snapshot leaves
     * out is left as it is.
     *
     * @param shown the entry the snapshot shows; absent when it does not show the entity
     * @param nextDay the day of the next later snapshot that was imported before
     * @param cause why the snapshot may differ from what was inferred before, other than by a change of the list; what differs
     *     from a stated action never has it
     */
    static List<Command> demands(EntityState state, EntityId entityId, ListId listId, LocalDate day,
            Optional<Entry> shown, Optional<LocalDate> nextDay, Optional<String> cause) {
        SnapshotDifference difference = new SnapshotDifference(state, entityId, listId, day, nextDay, cause);
        Optional<Period> met = difference.timeline.at(day).filter(period -> period.state() != State.NOT_LISTED);
        if (shown.isPresent()) {
            return met.isEmpty() ? difference.appears(shown.get()) : difference.reads(shown.get(), met.get());
        }
        return met.filter(period -> period.state() == State.LISTED)
                .map(period -> difference.isGone()).orElse(List.of());
    }

    private List<Command> appears(Entry shown) {
        if (inferredNext().map(Step::action).orElse(null) instanceof EntityListed late) {
            Step listing = later.getFirst();
            Command earlier = correction(listing,
                    new ListEntity(entityId, listId, day, late.until(), shown, late.circumstances()));
            boolean standing = standingOnNextDay().filter(listing::equals).isPresent();
            return late.entry().equals(shown) || !standing
                    ? List.of(earlier)
                    : List.of(earlier, amendment(late.effectiveDate(), late.until(), late.entry()));
        }
        if (nextDay.isEmpty() || !upToNext().isEmpty()) {
            return List.of(listing(day, Optional.empty(), shown));
        }
        return later.isEmpty()
                ? List.of(listing(day, Optional.empty(), shown), delisting(nextDay.get()))
                : List.of(listing(day, nextDay, shown));
    }

    private List<Command> reads(Entry shown, Period met) {
        Step inForce = met.inForce().orElseThrow();
        Entry was = inForce.action().newEntry().orElseThrow();
        if (was.equals(shown)) {
            return List.of();
        }
        if (inferredNext().map(Step::action).orElse(null) instanceof ListingAmended late && late.entry().equals(shown)
                && onDay.stream().allMatch(step -> step.sequence() < later.getFirst().sequence())) {
            return List.of(correction(later.getFirst(),
                    new AmendListing(entityId, listId, day, late.until(), shown, late.circumstances())));
        }
        List<Command> demands = new ArrayList<>();
        demands.add(amendment(day, inForce.action().term(), shown));
        if (upToNext().isEmpty()) {
            standingOnNextDay().ifPresent(standing -> demands.add(amendment(nextDay.orElseThrow(),
                    standing.action().term(), was)));
        }
        return demands;
    }

    private List<Command> isGone() {
        if (nextDay.isEmpty() || !later.stream().limit(1).allMatch(SnapshotDifference::isObserved)) {
            return List.of(delisting(day));
        }
        Optional<Step> standing = standingOnNextDay();
        List<Command> demands = new ArrayList<>();
        if (standing.isPresent() && begunOnDay().isPresent()
                && upToNext().stream().allMatch(SnapshotDifference::isInferredAmendment)) {
            // The listing began on this very day as an earlier file showed it; it begins on the next snapshot's day instead.
            upToNext().stream().filter(SnapshotDifference::isInferredAmendment)
                    .forEach(step -> demands.add(voiding(step)));
            onDay.stream().filter(SnapshotDifference::isInferredAmendment).forEach(step -> demands.add(voiding(step)));
            demands.add(correction(begunOnDay().get(), new ListEntity(entityId, listId, nextDay.get(),
                    standing.get().action().term(), standing.get().action().newEntry().orElseThrow(), observed)));
            return demands;
        }
        // The listing is split: its amendments after the day are taken out and put back on a listing of their own.
        List<Step> amendments = later.stream().takeWhile(SnapshotDifference::isInferredAmendment).toList();
        amendments.forEach(step -> demands.add(voiding(step)));
        List<Step> rest = later.subList(amendments.size(), later.size());
        if (!rest.isEmpty() && !rest.getFirst().action().effectiveDate().isAfter(nextDay.get())) {
            // What stands on the next snapshot's day is another listing, or none.
            standing = Optional.empty();
        }
        Optional<LocalDate> end = rest.stream().findFirst().map(step -> step.action().effectiveDate());
        if (!rest.isEmpty() && rest.getFirst().action() instanceof EntityDelisted delisted
                && isObserved(rest.getFirst())) {
            Step last = rest.getFirst();
            onDay.stream().filter(step -> step.sequence() > last.sequence() && isInferredAmendment(step))
                    .forEach(step -> demands.add(voiding(step)));
            demands.add(correction(last, new DelistEntity(entityId, listId, day, delisted.circumstances())));
            if (standing.isPresent()) {
                boolean nothingAfter = rest.size() == 1;
                putBack(demands, standing.get(), nothingAfter ? Optional.empty() : end, end);
                if (nothingAfter) {
                    demands.add(delisting(delisted.effectiveDate()));
                }
            }
        } else {
            demands.add(delisting(day));
            if (standing.isPresent()) {
                putBack(demands, standing.get(), standing.get().action().term(), end);
            }
        }
        return demands;
    }

    /** Lists again on the next snapshot's day what stood there, and amends it as it was amended up to its end. */
    private void putBack(List<Command> demands, Step standing, Optional<LocalDate> until, Optional<LocalDate> end) {
        LocalDate from = nextDay.orElseThrow();
        Entry laid = standing.action().newEntry().orElseThrow();
        demands.add(listing(from, until, laid));
        for (Period period : timeline.periods()) {
            if (period.from().isAfter(from)) {
                if (period.state() == State.NOT_LISTED
                        || end.filter(date -> !period.from().isBefore(date)).isPresent()) {
                    return;
                }
                Entry entry = period.inForce().flatMap(step -> step.action().newEntry()).orElseThrow();
                if (!entry.equals(laid)) {
                    demands.add(amendment(period.from(), until, entry));
                    laid = entry;
                }
            }
        }
    }

    /** The actions after the day up to the next snapshot's day; none when there is no such day. */
    private List<Step> upToNext() {
        return later.stream().filter(step -> nextDay.filter(next -> !step.action().effectiveDate().isAfter(next))
                .isPresent()).toList();
    }

    /** The first action after the day, if it was only inferred from the next snapshot. */
    private Optional<Step> inferredNext() {
        return later.stream().findFirst().filter(step -> isObserved(step)
                && nextDay.filter(step.action().effectiveDate()::equals).isPresent());
    }

    /** The action whose entry is in force on the next snapshot's day, if there is such a day and one is. */
    private Optional<Step> standingOnNextDay() {
        return nextDay.flatMap(timeline::at).flatMap(Period::inForce);
    }

    /** The inferred listing of this very day after which, on this day, there are amendments only. */
    private Optional<Step> begunOnDay() {
        return onDay.reversed().stream().dropWhile(SnapshotDifference::isInferredAmendment).findFirst()
                .filter(step -> step.action() instanceof EntityListed && isObserved(step));
    }

    private static boolean isObserved(Step step) {
        return step.action().circumstances().basis() == Basis.OBSERVED;
    }

    private static boolean isInferredAmendment(Step step) {
        return step.action() instanceof ListingAmended && isObserved(step);
    }

    private ListEntity listing(LocalDate from, Optional<LocalDate> until, Entry entry) {
        return new ListEntity(entityId, listId, from, until, entry, observed);
    }

    private AmendListing amendment(LocalDate from, Optional<LocalDate> until, Entry entry) {
        return new AmendListing(entityId, listId, from, until, entry, observed);
    }

    private DelistEntity delisting(LocalDate from) {
        return new DelistEntity(entityId, listId, from, observed);
    }

    private CorrectAction correction(Step step, ListingCommand replacement) {
        return new CorrectAction(entityId, step.actionId(), replacement, observed);
    }

    private VoidAction voiding(Step step) {
        return new VoidAction(entityId, step.actionId(), observed);
    }
}
