package org.policyledger.core;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.policyledger.core.Command.AmendListing;
import org.policyledger.core.Command.AssessCommitment;
import org.policyledger.core.Command.CloseCommitment;
import org.policyledger.core.Command.CommitmentCommand;
import org.policyledger.core.Command.CorrectAction;
import org.policyledger.core.Command.DelistEntity;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.Command.LinkCommand;
import org.policyledger.core.Command.LinkEntities;
import org.policyledger.core.Command.ListEntity;
import org.policyledger.core.Command.ListingCommand;
import org.policyledger.core.Command.RecordCommitment;
import org.policyledger.core.Command.RecordNotice;
import org.policyledger.core.Command.RecordStatement;
import org.policyledger.core.Command.RegisterList;
import org.policyledger.core.Command.ReinstateListing;
import org.policyledger.core.Command.SuspendListing;
import org.policyledger.core.Command.UnlinkEntities;
import org.policyledger.core.Command.VoidAction;
import org.policyledger.core.CommitmentState.KnownAssessment;
import org.policyledger.core.EntityState.KnownAction;
import org.policyledger.core.Rejection.Code;
import org.policyledger.core.Timeline.Conflict;
import org.policyledger.core.Timeline.Outcome;
import org.policyledger.core.Timeline.Step;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.CommitmentAssessed;
import org.policyledger.core.event.CommitmentClosed;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.CommitmentRecorded;
import org.policyledger.core.event.EntitiesLinked;
import org.policyledger.core.event.EntitiesUnlinked;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.core.event.ListRegistered;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingReinstated;
import org.policyledger.core.event.ListingSuspended;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;

/**
 * The decisions: from a demand and what is recorded to the one event it records, or a {@link Rejection}. Pure: no clock, no
 * store, no identity is made here.
 */
public final class Decide {

    /** The identity an action has while it is being decided; never recorded. */
    private static final ActionId PROPOSED = ActionId.of("00000000-0000-0000-0000-000000000000");

    private Decide() {}

    /** Decides a demand to register a list of which {@code recorded} events are known. */
    public static ListRegistered list(long recorded, RegisterList command, OptionalLong expectedSequence) {
        checkSequence(command.stream(), recorded, expectedSequence);
        if (recorded > 0) {
            throw new Rejection(Code.LIST_ALREADY_REGISTERED,
                    "List " + command.listId() + " is registered already: use it, or choose another listId");
        }
        return new ListRegistered(command.listId(), command.details());
    }

    /** Decides a demand to make a notice known of which {@code recorded} events are known. */
    public static NoticeRecorded notice(long recorded, RecordNotice command, OptionalLong expectedSequence) {
        checkSequence(command.stream(), recorded, expectedSequence);
        if (recorded > 0) {
            throw new Rejection(Code.NOTICE_ALREADY_RECORDED, "Notice " + command.noticeId()
                    + " is recorded already: record further actions that cite it with POST /v1/actions or /v1/actions/batch");
        }
        return new NoticeRecorded(command.noticeId(), command.notice(), command.content(), command.dossier());
    }

    /**
     * Decides a demand on an entity's record. It is accepted only if every timeline that results is legal at every date.
     *
     * @param expectedSequence the sequence of the last event the caller has seen; when given, it must still be the last
     */
    public static EntityEvent entity(EntityState state, EntityCommand command, RegisteredLists lists,
            OptionalLong expectedSequence) {
        checkSequence(command.stream(), state.nextSequence(), expectedSequence);
        return switch (command) {
            case ListingCommand listing -> listing(state, listing, lists);
            case CorrectAction correct -> correct(state, correct);
            case VoidAction strike -> strike(state, strike);
        };
    }

    /** Decides a demand to keep a statement about an entity, or about an action on it. It changes no status. */
    public static StatementRecorded statement(EntityState state, RecordStatement command,
            OptionalLong expectedSequence) {
        checkSequence(command.stream(), state.nextSequence(), expectedSequence);
        EntityId entityId = command.entityId().orElseThrow();
        if (state.nextSequence() == 0) {
            throw new Rejection(Code.UNKNOWN_ENTITY, "Nothing is recorded about entity " + entityId
                    + ": record an action on it first, or take the entityId of one that is recorded");
        }
        command.actionId().filter(actionId -> state.find(actionId).isEmpty()).ifPresent(actionId -> {
            throw new Rejection(Code.UNKNOWN_ACTION, "Entity " + entityId + " has no listing action " + actionId
                    + " to make a statement about: take an actionId from its history, or leave it out");
        });
        return asEvent(command);
    }

    /** Decides a demand to keep a statement about a commitment, open or closed. */
    public static StatementRecorded statement(CommitmentState state, RecordStatement command,
            OptionalLong expectedSequence) {
        checkSequence(command.stream(), state.nextSequence(), expectedSequence);
        made(state, command.commitmentId().orElseThrow());
        return asEvent(command);
    }

    private static StatementRecorded asEvent(RecordStatement command) {
        return new StatementRecorded(command.entityId(), command.actionId(), command.commitmentId(),
                command.statement(), command.dossier());
    }

    /**
     * Decides a demand on a commitment's record. Findings may be recorded in any order, also after the end, as long as their
     * days lie between the day it was made and the day it was closed.
     *
     * @param expectedSequence the sequence of the last event the caller has seen; when given, it must still be the last
     */
    public static CommitmentEvent commitment(CommitmentState state, CommitmentCommand command, RecordedActions actions,
            OptionalLong expectedSequence) {
        checkSequence(command.stream(), state.nextSequence(), expectedSequence);
        return switch (command) {
            case RecordCommitment record -> record(state, record, actions);
            case AssessCommitment assess -> assess(state, assess);
            case CloseCommitment close -> close(state, close);
        };
    }

    private static CommitmentRecorded record(CommitmentState state, RecordCommitment command, RecordedActions actions) {
        if (state.recorded().isPresent()) {
            throw new Rejection(Code.COMMITMENT_ALREADY_RECORDED, "Commitment " + command.commitmentId()
                    + " is recorded already: assess it, or choose another commitmentId");
        }
        for (ActionId actionId : command.actionIds()) {
            if (!actions.contains(actionId)) {
                throw new Rejection(Code.UNKNOWN_ACTION, "No listing action " + actionId
                        + " is recorded for which commitment " + command.commitmentId()
                        + " could have been given: take an actionId from an entity's history, or leave it out");
            }
        }
        return new CommitmentRecorded(command.commitmentId(), command.commitment(), command.actionIds(),
                command.dossier());
    }

    private static CommitmentAssessed assess(CommitmentState state, AssessCommitment command) {
        Commitment commitment = made(state, command.commitmentId());
        LocalDate assessedOn = command.assessment().assessedOn();
        refuseBefore(command.commitmentId(), commitment, "assessed", assessedOn);
        state.closure().map(known -> known.closure()).filter(closure -> assessedOn.isAfter(closure.closedOn()))
                .ifPresent(closure -> {
                    throw new Rejection(Code.COMMITMENT_CLOSED, "Commitment " + command.commitmentId()
                            + " was closed on " + closure.closedOn() + " and cannot be assessed on " + assessedOn
                            + ": give a finding of a day up to its end, or record a new commitment");
                });
        return new CommitmentAssessed(command.commitmentId(), command.assessment());
    }

    private static CommitmentClosed close(CommitmentState state, CloseCommitment command) {
        Commitment commitment = made(state, command.commitmentId());
        LocalDate closedOn = command.closure().closedOn();
        refuseBefore(command.commitmentId(), commitment, "closed", closedOn);
        state.closure().ifPresent(known -> {
            throw new Rejection(Code.COMMITMENT_CLOSED, "Commitment " + command.commitmentId() + " was closed on "
                    + known.closure().closedOn() + " already: record a new commitment if there is one");
        });
        if (!state.assessments().isEmpty()) {
            KnownAssessment last = state.assessments().getLast();
            if (last.assessment().assessedOn().isAfter(closedOn)) {
                throw new Rejection(Code.TIMELINE_CONFLICT, "Commitment " + command.commitmentId()
                        + " cannot be closed on " + closedOn + ", as action " + last.actionId() + " assessed it on "
                        + last.assessment().assessedOn() + ": close it on that day or later");
            }
        }
        return new CommitmentClosed(command.commitmentId(), command.closure());
    }

    private static Commitment made(CommitmentState state, CommitmentId commitmentId) {
        return state.recorded().map(CommitmentRecorded::commitment)
                .orElseThrow(() -> new Rejection(Code.UNKNOWN_COMMITMENT, "Commitment " + commitmentId
                        + " is not recorded: record it with RecordCommitment first"));
    }

    private static void refuseBefore(CommitmentId commitmentId, Commitment commitment, String what, LocalDate day) {
        if (day.isBefore(commitment.madeOn())) {
            throw new Rejection(Code.COMMITMENT_NOT_MADE, "Commitment " + commitmentId + " was made on "
                    + commitment.madeOn() + " and cannot be " + what + " on " + day
                    + ": choose a day on which it was made already");
        }
    }

    /**
     * Decides a demand on the record of a pair of entities. It says nothing of how either of them stands.
     *
     * @param expectedSequence the sequence of the last event the caller has seen; when given, it must still be the last
     */
    public static LinkEvent link(LinkState state, LinkCommand command, KnownEntities entities,
            OptionalLong expectedSequence) {
        checkSequence(command.stream(), state.nextSequence(), expectedSequence);
        for (EntityId entityId : command.entityIds().entityIds()) {
            if (!entities.contains(entityId)) {
                throw new Rejection(Code.UNKNOWN_ENTITY, "Nothing is recorded about entity " + entityId
                        + ": record an action on it first, or take the entityId of one that is recorded");
            }
        }
        return switch (command) {
            case LinkEntities link -> {
                state.linkedBy().ifPresent(actionId -> {
                    throw new Rejection(Code.ALREADY_LINKED, "Entities " + link.entityIds()
                            + " are linked already, by action " + actionId
                            + ": unlink them first if the finding is to rest on another reason");
                });
                yield new EntitiesLinked(link.entityIds(), link.reason(), link.evidence());
            }
            case UnlinkEntities unlink -> {
                if (state.linkedBy().isEmpty()) {
                    throw new Rejection(Code.NOT_LINKED, "Entities " + unlink.entityIds()
                            + " are not linked to each other: the links of an entity tell which are");
                }
                yield new EntitiesUnlinked(unlink.entityIds(), unlink.reason(), unlink.evidence());
            }
        };
    }

    private static ListingAction listing(EntityState state, ListingCommand command, RegisteredLists lists) {
        if (!lists.contains(command.listId())) {
            throw new Rejection(Code.UNKNOWN_LIST,
                    "List " + command.listId() + " is not registered: register it with RegisterList first");
        }
        List<Step> known = state.steps(command.listId());
        ListingAction action = asEvent(command, List.of());
        List<Step> steps = new ArrayList<>(known);
        steps.add(new Step(PROPOSED, state.nextSequence(), action));
        if (Timeline.of(steps) instanceof Conflict conflict) {
            throw conflict.step().actionId().equals(PROPOSED)
                    ? illegalHere(command, conflict.met())
                    : conflictWithLater(anyOf(action) + " of " + command.entityId() + " on " + command.listId()
                            + " effective " + command.effectiveDate(), conflict);
        }
        return command instanceof AmendListing amend ? amendment(amend, known) : action;
    }

    private static ListingAmended amendment(AmendListing command, List<Step> known) {
        // What the amendment meets on its day: the actions that go before it, which is every one of an earlier or the same day.
        Step before = Timeline.ofLegal(known.stream()
                .filter(step -> !step.action().effectiveDate().isAfter(command.effectiveDate())).toList())
                .at(command.effectiveDate()).flatMap(Timeline.Period::inForce)
                .orElseThrow(() -> new IllegalStateException("a legal amendment meets no entry"));
        List<String> changed = new ArrayList<>();
        FieldChange.between(before.action().newEntry().orElseThrow(), command.entry())
                .forEach(change -> changed.add("/entry" + change.field()));
        if (!before.action().term().equals(command.until())) {
            changed.add("/until");
        }
        if (changed.isEmpty()) {
            throw new Rejection(Code.NOTHING_TO_AMEND,
                    "The amendment of " + command.entityId() + " on " + command.listId()
                            + " effective " + command.effectiveDate() + " states the entry and term that action "
                            + before.actionId() + " already put in force: amend something, or record nothing");
        }
        return (ListingAmended) asEvent(command, changed);
    }

    private static ActionCorrected correct(EntityState state, CorrectAction command) {
        KnownAction target = standing(state, command.entityId(), command.actionId());
        ListingAction right = asEvent(command.replacement(),
                target.action() instanceof ListingAmended amended ? amended.changed() : List.of());
        if (!right.entityId().equals(command.entityId()) || !right.listId().equals(target.action().listId())
                || !right.getClass().equals(target.action().getClass())) {
            throw new Rejection(Code.CORRECTION_MISMATCH, "Action " + command.actionId() + " is "
                    + anyOf(target.action()) + " of " + command.entityId() + " on " + target.action().listId()
                    + "; its replacement is " + anyOf(right) + " of " + right.entityId() + " on " + right.listId()
                    + ": a correction keeps the kind of action, the entity and the list; void the action and record another instead");
        }
        List<Step> steps = new ArrayList<>(without(state.steps(right.listId()), target.actionId()));
        steps.add(new Step(target.actionId(), target.sequence(), right));
        Outcome outcome = Timeline.of(steps);
        String demanded = "the correction of action " + target.actionId() + " to effective date "
                + right.effectiveDate();
        if (outcome instanceof Conflict conflict && conflict.step().actionId().equals(target.actionId())) {
            throw new Rejection(Code.TIMELINE_CONFLICT,
                    "After " + demanded + ", that action itself would meet the state "
                            + conflict.met() + ", in which " + anyOf(right) + " is not allowed: choose another date");
        }
        refuseConflict(outcome, demanded);
        return new ActionCorrected(command.entityId(), right.listId(), target.actionId(), right,
                command.circumstances());
    }

    private static ActionVoided strike(EntityState state, VoidAction command) {
        KnownAction target = standing(state, command.entityId(), command.actionId());
        ListId listId = target.action().listId();
        refuseConflict(Timeline.of(without(state.steps(listId), target.actionId())),
                "the voiding of action " + target.actionId());
        return new ActionVoided(command.entityId(), listId, target.actionId(), command.circumstances());
    }

    private static List<Step> without(List<Step> steps, ActionId actionId) {
        return steps.stream().filter(step -> !step.actionId().equals(actionId)).toList();
    }

    private static KnownAction standing(EntityState state, EntityId entityId, ActionId actionId) {
        KnownAction known = state.find(actionId).orElseThrow(() -> new Rejection(Code.UNKNOWN_ACTION,
                "Entity " + entityId + " has no listing action " + actionId
                        + " to correct or void: take an actionId from its history; a correction is corrected by correcting its action again"));
        if (known.voided()) {
            throw new Rejection(Code.ACTION_VOIDED,
                    "Action " + actionId + " of " + entityId + " has been voided: record a new action instead");
        }
        return known;
    }

    private static void checkSequence(String stream, long recorded, OptionalLong expectedSequence) {
        if (expectedSequence.isPresent() && expectedSequence.getAsLong() != recorded - 1) {
            throw new Rejection(Code.STALE_SEQUENCE,
                    "Sequence " + expectedSequence.getAsLong() + " was expected to be the last of "
                            + stream + ", but "
                            + (recorded == 0 ? "nothing is recorded there" : "its last is " + (recorded - 1))
                            + ": read it again and decide anew");
        }
    }

    private static Rejection illegalHere(ListingCommand command, Timeline.State met) {
        String where = command.entityId() + " on " + command.listId();
        LocalDate date = command.effectiveDate();
        return switch (met) {
            case NOT_LISTED -> new Rejection(Code.NOT_LISTED,
                    where + " is not listed on " + date + ": list it first, or choose a date on which it is listed");
            case LISTED -> command instanceof ReinstateListing
                    ? new Rejection(Code.NOT_SUSPENDED, where + " is listed but not suspended on " + date
                            + ": only a suspended listing can be reinstated")
                    : alreadyListed(where, date);
            case SUSPENDED -> command instanceof SuspendListing
                    ? new Rejection(Code.ALREADY_SUSPENDED,
                            where + " is suspended on " + date
                                    + " already: reinstate it first, or correct the suspension")
                    : alreadyListed(where, date);
        };
    }

    private static Rejection alreadyListed(String where, LocalDate date) {
        return new Rejection(Code.ALREADY_LISTED,
                where + " is listed on " + date + " already: amend the listing, or delist it first");
    }

    private static void refuseConflict(Outcome outcome, String demanded) {
        if (outcome instanceof Conflict conflict) {
            throw conflictWithLater(demanded, conflict);
        }
    }

    private static Rejection conflictWithLater(String demanded, Conflict conflict) {
        return new Rejection(Code.TIMELINE_CONFLICT, "After " + demanded + ", the " + nameOf(conflict.step().action())
                + " of action " + conflict.step().actionId() + " effective " + conflict.step().action().effectiveDate()
                + " would meet the state " + conflict.met()
                + ", in which it is not allowed: correct or void that action first");
    }

    private static String anyOf(ListingAction action) {
        return (action instanceof ListingAmended ? "an " : "a ") + nameOf(action);
    }

    private static String nameOf(ListingAction action) {
        return switch (action) {
            case EntityListed listed -> "listing";
            case ListingAmended amended -> "amendment";
            case ListingSuspended suspended -> "suspension";
            case ListingReinstated reinstated -> "reinstatement";
            case EntityDelisted delisted -> "delisting";
        };
    }

    private static ListingAction asEvent(ListingCommand command, List<String> changed) {
        return switch (command) {
            case ListEntity c -> new EntityListed(c.entityId(), c.listId(), c.effectiveDate(), c.until(), c.entry(),
                    c.circumstances());
            case AmendListing c -> new ListingAmended(c.entityId(), c.listId(), c.effectiveDate(), c.until(), c.entry(),
                    changed, c.circumstances());
            case SuspendListing c -> new ListingSuspended(c.entityId(), c.listId(), c.effectiveDate(), c.until(),
                    c.circumstances());
            case ReinstateListing c ->
                new ListingReinstated(c.entityId(), c.listId(), c.effectiveDate(), c.circumstances());
            case DelistEntity c -> new EntityDelisted(c.entityId(), c.listId(), c.effectiveDate(), c.circumstances());
        };
    }
}
