package org.policyledger.api.action;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.policyledger.core.ActionId;
import org.policyledger.core.Command;
import org.policyledger.core.Command.CommitmentCommand;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.Command.LinkCommand;
import org.policyledger.core.Command.RecordNotice;
import org.policyledger.core.Command.RecordStatement;
import org.policyledger.core.Command.RegisterList;
import org.policyledger.core.CommitmentId;
import org.policyledger.core.CommitmentState;
import org.policyledger.core.Decide;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityPair;
import org.policyledger.core.EntityState;
import org.policyledger.core.LinkState;
import org.policyledger.core.ListId;
import org.policyledger.core.NoticeId;
import org.policyledger.core.RecordedActions;
import org.policyledger.core.RegisteredLists;
import org.policyledger.core.Rejection;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.core.event.ListEvent;
import org.policyledger.core.event.ListRegistered;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;
import org.policyledger.store.Appended;
import org.policyledger.store.IdempotencyKey;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.NewEvent;
import org.policyledger.store.StoredEvent;

/**
 * Several demands that are recorded together or not at all: each is decided on what the ones before it come to, by the same
 * {@link Decide}, and all are appended at once. Used by one thread, once.
 */
public final class AtomicBatch {

    private final LedgerLog log;
    private final RegisteredLists registered;
    private final RecordedActions actions;
    private final Map<String, String> attributes;
    private final Optional<IdempotencyKey> key;
    private final Map<EntityId, EntityState> states = new HashMap<>();
    private final Map<CommitmentId, CommitmentState> commitments = new HashMap<>();
    private final Map<EntityPair, LinkState> links = new HashMap<>();
    private final Map<ListId, Long> listSequences = new HashMap<>();
    private final Map<NoticeId, Long> noticeSequences = new HashMap<>();
    private final Set<ListId> registeredHere = new HashSet<>();
    private final List<NewEvent> events = new ArrayList<>();

    public AtomicBatch(LedgerLog log, RegisteredLists registered, Caller caller) {
        this.log = log;
        this.registered = registered;
        this.actions = Recorder.recordedIn(log);
        this.attributes = caller.attributes();
        this.key = caller.key();
    }

    /** Reads the records of many entities at once, where they are not known here yet. */
    public void load(Collection<EntityId> entityIds) {
        Map<String, EntityId> missing = new HashMap<>();
        entityIds.stream().filter(id -> !states.containsKey(id)).forEach(id -> missing.put(id.stream(), id));
        missing.values().forEach(id -> states.put(id, EntityState.EMPTY));
        log.readStreams(missing.keySet()).forEach((stream, stored) -> stored.forEach(event -> states.computeIfPresent(
                Objects.requireNonNull(missing.get(stream)),
                (id, state) -> state.after((LedgerEvent) log.payload(event), new ActionId(event.eventId())))));
    }

    /** The entity's record with what this batch has decided so far. */
    public EntityState state(EntityId entityId) {
        load(List.of(entityId));
        return states.getOrDefault(entityId, EntityState.EMPTY);
    }

    /**
     * Decides one demand.
     *
     * @throws Rejection when the law refuses it; the batch is of no use then
     */
    public LedgerEvent decide(Command command) {
        return switch (command) {
            case EntityCommand demand -> {
                EntityState state = state(demand.entityId());
                EntityEvent event = Decide.entity(state, demand,
                        listId -> registeredHere.contains(listId) || registered.contains(listId), OptionalLong.empty());
                ActionId actionId = add(event, state.nextSequence());
                states.put(demand.entityId(), state.after(event, actionId));
                yield event;
            }
            case RecordStatement demand -> statement(demand);
            case CommitmentCommand demand -> {
                CommitmentState state = state(demand.commitmentId());
                CommitmentEvent event = Decide.commitment(state, demand, actions, OptionalLong.empty());
                commitments.put(demand.commitmentId(), state.after(event, add(event, state.nextSequence())));
                yield event;
            }
            case LinkCommand demand -> {
                load(demand.entityIds().entityIds());
                LinkState state = state(demand.entityIds());
                LinkEvent event = Decide.link(state, demand, entityId -> state(entityId).nextSequence() > 0,
                        OptionalLong.empty());
                links.put(demand.entityIds(), state.after(event, add(event, state.nextSequence())));
                yield event;
            }
            case RecordNotice demand -> notice(demand);
            case RegisterList demand -> {
                ListRegistered event = Decide.list(nextSequence(demand.listId()), demand, OptionalLong.empty());
                registeredHere.add(demand.listId());
                add(event);
                yield event;
            }
        };
    }

    private NoticeRecorded notice(RecordNotice demand) {
        // A sequence of its own for each: the second of two in one batch is decided on the first.
        long recorded = noticeSequences.computeIfAbsent(demand.noticeId(),
                id -> (long) log.readStream(id.stream(), 0).size());
        NoticeRecorded event = Decide.notice(recorded, demand, OptionalLong.empty());
        add(event, recorded);
        noticeSequences.put(demand.noticeId(), recorded + 1);
        return event;
    }

    private StatementRecorded statement(RecordStatement demand) {
        if (demand.commitmentId().isPresent()) {
            CommitmentId commitmentId = demand.commitmentId().get();
            CommitmentState state = state(commitmentId);
            StatementRecorded event = Decide.statement(state, demand, OptionalLong.empty());
            commitments.put(commitmentId, state.after(event, add(event, state.nextSequence())));
            return event;
        }
        EntityId entityId = demand.entityId().orElseThrow();
        EntityState state = state(entityId);
        StatementRecorded event = Decide.statement(state, demand, OptionalLong.empty());
        states.put(entityId, state.after(event, add(event, state.nextSequence())));
        return event;
    }

    private CommitmentState state(CommitmentId commitmentId) {
        return commitments.computeIfAbsent(commitmentId, id -> {
            CommitmentState state = CommitmentState.EMPTY;
            for (StoredEvent stored : log.readStream(id.stream(), 0)) {
                state = state.after((LedgerEvent) log.payload(stored), new ActionId(stored.eventId()));
            }
            return state;
        });
    }

    private LinkState state(EntityPair pair) {
        return links.computeIfAbsent(pair, unread -> {
            LinkState state = LinkState.EMPTY;
            for (StoredEvent stored : log.readStream(unread.stream(), 0)) {
                state = state.after((LedgerEvent) log.payload(stored), new ActionId(stored.eventId()));
            }
            return state;
        });
    }

    /** Adds a fact about a list that needs no decision. */
    public void add(ListEvent event) {
        long sequence = nextSequence(event.listId());
        add(event, sequence);
        listSequences.put(event.listId(), sequence + 1);
    }

    private ActionId add(LedgerEvent event, long sequence) {
        ActionId actionId = new ActionId(UUID.randomUUID());
        events.add(new NewEvent(event.stream(), sequence, actionId.value(), event, attributes));
        return actionId;
    }

    private long nextSequence(ListId listId) {
        return listSequences.computeIfAbsent(listId, id -> (long) log.readStream(id.stream(), 0).size());
    }

    /** Appends all that was decided; a conflict means that something was recorded meanwhile, and all must be decided anew. */
    public Appended append() {
        return log.append(events, key);
    }
}
