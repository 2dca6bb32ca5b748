package org.policyledger.api.snapshot;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.policyledger.core.Circumstances;
import org.policyledger.core.Circumstances.Basis;
import org.policyledger.core.Command;
import org.policyledger.core.Command.AmendListing;
import org.policyledger.core.Command.CorrectAction;
import org.policyledger.core.Command.DelistEntity;
import org.policyledger.core.Command.ListEntity;
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
 * <p>For a day after every other snapshot that is one action. For an earlier day (a backfill) it must not change how the
 * listing stands from the next snapshot's day on, which that snapshot has shown: what was observed only then turns out to have
 * been so before, and is corrected to the earlier day; what was different in between is put back on the next snapshot's day.
 */
final class SnapshotDifference {

    private final EntityId entityId;
    private final ListId listId;
    private final LocalDate day;
    private final Optional<LocalDate> nextDay;
    private final Optional<Period> before;
    private final Optional<Step> following;

    private SnapshotDifference(EntityState state, EntityId entityId, ListId listId, LocalDate day,
            Optional<LocalDate> nextDay) {
        this.entityId = entityId;
        this.listId = listId;
        this.day = day;
        this.nextDay = nextDay;
        this.before = state.timeline(listId).at(day);
        this.following = Timeline.inOrder(state.steps(listId)).stream()
                .filter(step -> step.action().effectiveDate().isAfter(day))
                .findFirst();
    }

    /**
     * The demands, to be decided in order; none when the listing stands so already. A suspended listing that the snapshot leaves
     * out is left as it is.
     *
     * @param shown the entry the snapshot shows; absent when it does not show the entity
     * @param nextDay the day of the next later snapshot that was imported before
     */
    static List<Command> demands(EntityState state, EntityId entityId, ListId listId, LocalDate day,
            Optional<Entry> shown,
            Optional<LocalDate> nextDay) {
        SnapshotDifference difference = new SnapshotDifference(state, entityId, listId, day, nextDay);
        State met = difference.before.map(Period::state).orElse(State.NOT_LISTED);
        if (shown.isPresent()) {
            return met == State.NOT_LISTED ? difference.appears(shown.get()) : difference.reads(shown.get());
        }
        return met == State.LISTED ? difference.isGone() : List.of();
    }

    private List<Command> appears(Entry shown) {
        ListEntity listing = new ListEntity(entityId, listId, day, Optional.empty(), shown, observed());
        if (observedNext() && following.get().action() instanceof EntityListed late) {
            CorrectAction earlier = new CorrectAction(entityId, following.get().actionId(),
                    new ListEntity(entityId, listId, day, late.until(), shown, late.circumstances()), observed());
            return late.entry().equals(shown)
                    ? List.of(earlier)
                    : List.of(earlier, new AmendListing(entityId, listId, late.effectiveDate(), late.until(),
                            late.entry(), observed()));
        }
        return nothingUntilNext()
                ? List.of(listing, new DelistEntity(entityId, listId, nextDay.orElseThrow(), observed()))
                : List.of(listing);
    }

    private List<Command> reads(Entry shown) {
        Step inForce = before.flatMap(Period::inForce).orElseThrow();
        Entry was = inForce.action().newEntry().orElseThrow();
        if (was.equals(shown)) {
            return List.of();
        }
        AmendListing amendment = new AmendListing(entityId, listId, day, inForce.action().term(), shown, observed());
        if (observedNext() && following.get().action() instanceof ListingAmended late && late.entry().equals(shown)) {
            return List.of(new CorrectAction(entityId, following.get().actionId(),
                    new AmendListing(entityId, listId, day, late.until(), shown, late.circumstances()), observed()));
        }
        return nothingUntilNext()
                ? List.of(amendment,
                        new AmendListing(entityId, listId, nextDay.orElseThrow(), inForce.action().term(), was,
                                observed()))
                : List.of(amendment);
    }

    private List<Command> isGone() {
        Step inForce = before.flatMap(Period::inForce).orElseThrow();
        DelistEntity delisting = new DelistEntity(entityId, listId, day, observed());
        if (observedNext()) {
            Step late = following.get();
            if (late.action() instanceof EntityDelisted delisted) {
                return List.of(new CorrectAction(entityId, late.actionId(),
                        new DelistEntity(entityId, listId, day, delisted.circumstances()), observed()));
            }
            if (late.action() instanceof ListingAmended amended) {
                return List.of(new VoidAction(entityId, late.actionId(), observed()), delisting,
                        new ListEntity(entityId, listId, amended.effectiveDate(), amended.until(), amended.entry(),
                                observed()));
            }
        }
        return nothingUntilNext()
                ? List.of(delisting, new ListEntity(entityId, listId, nextDay.orElseThrow(), inForce.action().term(),
                        inForce.action().newEntry().orElseThrow(), observed()))
                : List.of(delisting);
    }

    /** Whether the first action after the day was only inferred from the next snapshot. */
    private boolean observedNext() {
        return following.filter(step -> step.action().circumstances().basis() == Basis.OBSERVED
                && nextDay.filter(step.action().effectiveDate()::equals).isPresent()).isPresent();
    }

    /** Whether there is a next snapshot, and nothing is recorded to happen up to it. */
    private boolean nothingUntilNext() {
        return nextDay.isPresent()
                && following.filter(step -> !step.action().effectiveDate().isAfter(nextDay.get())).isEmpty();
    }

    private static Circumstances observed() {
        return Circumstances.observed();
    }
}
