package org.policyledger.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.core.event.ListEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;

/**
 * One entity's record as known after its first {@link #nextSequence} events: every action with the content it has by then.
 * Immutable.
 */
public final class EntityState {

    /** An entity of which nothing is recorded. */
    public static final EntityState EMPTY = new EntityState(0, Map.of());

    /**
     * An action as known.
     *
     * @param sequence its place in the entity's record, which no correction changes
     * @param action its content, the latest correction's if there is one
     * @param voided whether it has been struck out
     */
    public record KnownAction(ActionId actionId, long sequence, ListingAction action, boolean voided) {}

    private final long nextSequence;
    private final Map<ActionId, KnownAction> actions;

    private EntityState(long nextSequence, Map<ActionId, KnownAction> actions) {
        this.nextSequence = nextSequence;
        this.actions = actions;
    }

    /** The sequence the entity's next event will have; the number of those recorded. */
    public long nextSequence() {
        return nextSequence;
    }

    /** The action, if the entity's record has one of this identity; corrections and voidings are not themselves found. */
    public Optional<KnownAction> find(ActionId actionId) {
        return Optional.ofNullable(actions.get(actionId));
    }

    /** The lists the entity's actions are about, in the order of first mention. */
    public List<ListId> lists() {
        return actions.values().stream().map(known -> known.action().listId()).distinct().toList();
    }

    /** The steps of one listing: its actions as known, those struck out left away. */
    public List<Timeline.Step> steps(ListId listId) {
        List<Timeline.Step> steps = new ArrayList<>();
        for (KnownAction known : actions.values()) {
            if (!known.voided() && known.action().listId().equals(listId)) {
                steps.add(new Timeline.Step(known.actionId(), known.sequence(), known.action()));
            }
        }
        return steps;
    }

    /** One listing's timeline as known. */
    public Timeline timeline(ListId listId) {
        return Timeline.ofLegal(steps(listId));
    }

    /** The record with one more event; an event that follows from no decision on this record is refused, never skipped. */
    public EntityState after(LedgerEvent event, ActionId recordedAs) {
        if (event instanceof StatementRecorded statement && statement.entityId().isPresent()) {
            // What is said about an entity changes nothing of how it stands.
            return new EntityState(nextSequence + 1, actions);
        }
        Map<ActionId, KnownAction> next = new LinkedHashMap<>(actions);
        switch (event) {
            case ListingAction action -> {
                if (next.put(recordedAs, new KnownAction(recordedAs, nextSequence, action, false)) != null) {
                    throw new IllegalStateException(event.stream() + ": action " + recordedAs + " is recorded twice");
                }
            }
            case ActionCorrected corrected -> {
                KnownAction known = recorded(event, corrected.actionId());
                next.put(known.actionId(), new KnownAction(known.actionId(), known.sequence(), corrected.replacement(),
                        known.voided()));
            }
            case ActionVoided voided -> {
                KnownAction known = recorded(event, voided.actionId());
                next.put(known.actionId(), new KnownAction(known.actionId(), known.sequence(), known.action(), true));
            }
            case StatementRecorded misplaced -> throw misplaced(misplaced);
            case ListEvent misplaced -> throw misplaced(misplaced);
            case NoticeRecorded misplaced -> throw misplaced(misplaced);
            case CommitmentEvent misplaced -> throw misplaced(misplaced);
            case LinkEvent misplaced -> throw misplaced(misplaced);
        }
        return new EntityState(nextSequence + 1, next);
    }

    private IllegalStateException misplaced(LedgerEvent event) {
        return new IllegalStateException(event.stream() + ": event " + nextSequence + " is not about an entity");
    }

    private KnownAction recorded(LedgerEvent event, ActionId actionId) {
        return find(actionId).orElseThrow(() -> new IllegalStateException(
                event.stream() + ": event " + nextSequence + " is about action " + actionId
                        + ", which is not recorded"));
    }
}
