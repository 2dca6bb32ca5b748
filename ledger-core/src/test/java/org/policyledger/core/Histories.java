package org.policyledger.core;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.policyledger.core.Command.AmendListing;
import org.policyledger.core.Command.AssessCommitment;
import org.policyledger.core.Command.CloseCommitment;
import org.policyledger.core.Command.CorrectAction;
import org.policyledger.core.Command.DelistEntity;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.Command.ListEntity;
import org.policyledger.core.Command.ListingCommand;
import org.policyledger.core.Command.RecordCommitment;
import org.policyledger.core.Command.RecordStatement;
import org.policyledger.core.Command.RegisterList;
import org.policyledger.core.Command.ReinstateListing;
import org.policyledger.core.Command.SuspendListing;
import org.policyledger.core.Command.VoidAction;
import org.policyledger.core.EntityState.KnownAction;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingReinstated;
import org.policyledger.core.event.ListingSuspended;
import org.policyledger.core.event.StatementRecorded;

/**
 * Random histories, the same for the same seed for ever, and the oracle that says what follows from them. All effective dates
 * lie within a window of {@value #WINDOW} days, so that same-day actions, backdating and conflicts are common. Between the
 * actions, commitments are made, assessed and closed, and statements are made about all of it.
 */
public final class Histories {

    /** The first day on which an action of a generated history may take effect. */
    public static final LocalDate FIRST_DAY = LocalDate.of(2026, 3, 1);
    /** The days after {@link #FIRST_DAY} on which actions may take effect; fixed terms may end up to 15 days later. */
    public static final int WINDOW = 40;

    /** Commitments of a generated history. */
    public static final int COMMITMENTS = 4;

    private static final Instant START = FIRST_DAY.plusDays(10).atStartOfDay().toInstant(ZoneOffset.UTC);
    /** Where a day begins ten hours before it does in UTC, or more. */
    private static final ZoneId FAR_EAST = ZoneId.of("Pacific/Kiritimati");
    private static final ListId UNREGISTERED = new ListId("never-registered");

    /**
     * An event as the ledger has recorded it.
     *
     * @param position its place in the whole ledger, dense from 0
     * @param recordedAt when; never before that of an earlier position, and often the same
     * @param sequence its place in its stream, dense from 0
     * @param actionId the event's identifier
     */
    public record Recorded(long position, Instant recordedAt, String stream, long sequence, ActionId actionId,
            LedgerEvent event) {}

    /** A demand, what it was decided against, and what came of it: the event, or the refusal. */
    record Attempt(long knownPosition, EntityState before, EntityCommand command, OptionalLong expectedSequence,
            Optional<EntityEvent> event, Optional<Rejection> refusal) {}

    /** Everything that was demanded and recorded. */
    record History(List<Recorded> recorded, List<Attempt> attempts) {}

    private final Random random;
    private final List<EntityId> entities;
    private final List<ListId> lists;
    /** For what changes no status, so that it changes no status either whether there is any of it. */
    private final Random talk;
    private final Map<EntityId, EntityState> states = new HashMap<>();
    private final Map<CommitmentId, CommitmentState> commitments = new HashMap<>();
    private final List<Recorded> recorded = new ArrayList<>();
    private final List<Attempt> attempts = new ArrayList<>();
    private Instant now = START;

    private Histories(long seed, int entities, int lists) {
        this.random = new Random(seed);
        this.talk = new Random(~seed);
        this.entities = IntStream.range(0, entities).mapToObj(Histories::entity).toList();
        this.lists = IntStream.range(0, lists).mapToObj(Histories::list).toList();
    }

    /**
     * The events of a random history: first the registration of its lists, then those that came of the demands the law
     * accepted, which are well over 40 % of them.
     *
     * @param commands how many demands are made
     */
    public static List<Recorded> generate(long seed, int entities, int lists, int commands) {
        return history(seed, entities, lists, commands).recorded();
    }

    static History history(long seed, int entities, int lists, int commands) {
        Histories making = new Histories(seed, entities, lists);
        making.lists.forEach(making::register);
        for (int i = 0; i < commands; i++) {
            making.attempt();
            making.talk();
        }
        return new History(List.copyOf(making.recorded), List.copyOf(making.attempts));
    }

    /** The n-th entity of every generated history, from 0. */
    public static EntityId entity(int n) {
        return new EntityId("entity-" + n);
    }

    /** The n-th list of every generated history, from 0. */
    public static ListId list(int n) {
        return new ListId("list-" + n);
    }

    /** Whether a list can be one of a generated history's own; demands name another now and then. */
    static boolean isRegistered(ListId listId) {
        return !listId.equals(UNREGISTERED);
    }

    /**
     * The oracle: the period that covers a day, as known when the ledger had recorded up to a position.
     *
     * @param knownPosition the last position that counts; -1 for none
     * @return absent before the listing's first action
     */
    public static Optional<Timeline.Period> statusAt(List<Recorded> history, EntityId entityId, ListId listId,
            LocalDate asOf, long knownPosition) {
        return stateAt(history, entityId, knownPosition).timeline(listId).at(asOf);
    }

    /** The oracle's record of an entity, as known when the ledger had recorded up to a position. */
    public static EntityState stateAt(List<Recorded> history, EntityId entityId, long knownPosition) {
        EntityState state = EntityState.EMPTY;
        for (Recorded each : history) {
            if (each.position() <= knownPosition && each.stream().equals(entityId.stream())) {
                state = state.after(each.event(), each.actionId());
            }
        }
        return state;
    }

    /** The n-th commitment of every generated history, from 0; not every history comes to record it. */
    public static CommitmentId commitment(int n) {
        return new CommitmentId("commitment-" + n);
    }

    /** The oracle's record of a commitment, as known when the ledger had recorded up to a position. */
    public static CommitmentState commitmentAt(List<Recorded> history, CommitmentId commitmentId, long knownPosition) {
        CommitmentState state = CommitmentState.EMPTY;
        for (Recorded each : history) {
            if (each.position() <= knownPosition && each.stream().equals(commitmentId.stream())) {
                state = state.after(each.event(), each.actionId());
            }
        }
        return state;
    }

    /** The demand that would record the action. */
    static ListingCommand demandOf(ListingAction action) {
        return switch (action) {
            case EntityListed e -> new ListEntity(e.entityId(), e.listId(), e.effectiveDate(), e.until(), e.entry(),
                    e.circumstances());
            case ListingAmended e -> new AmendListing(e.entityId(), e.listId(), e.effectiveDate(), e.until(), e.entry(),
                    e.circumstances());
            case ListingSuspended e ->
                new SuspendListing(e.entityId(), e.listId(), e.effectiveDate(), e.until(), e.circumstances());
            case ListingReinstated e ->
                new ReinstateListing(e.entityId(), e.listId(), e.effectiveDate(), e.circumstances());
            case EntityDelisted e -> new DelistEntity(e.entityId(), e.listId(), e.effectiveDate(), e.circumstances());
        };
    }

    private void register(ListId listId) {
        ListDetails details = new ListDetails("List " + listId, "Authority of " + listId, Optional.of("XX"),
                listId.equals(lists.getFirst()) ? ZoneOffset.UTC : FAR_EAST, Optional.empty(), Optional.empty());
        record(Decide.list(0, new RegisterList(listId, details), OptionalLong.empty()), 0);
    }

    private void attempt() {
        EntityId entityId = oneOf(entities);
        EntityState before = states.getOrDefault(entityId, EntityState.EMPTY);
        EntityCommand command = demand(entityId, before);
        OptionalLong expected = switch (random.nextInt(40)) {
            case 0 -> OptionalLong.of(before.nextSequence() - 2);
            case 1, 2, 3 -> OptionalLong.of(before.nextSequence() - 1);
            default -> OptionalLong.empty();
        };
        long knownPosition = recorded.size() - 1L;
        try {
            EntityEvent event = Decide.entity(before, command, lists::contains, expected);
            ActionId actionId = record(event, before.nextSequence());
            states.put(entityId, before.after(event, actionId));
            attempts.add(new Attempt(knownPosition, before, command, expected, Optional.of(event), Optional.empty()));
        } catch (Rejection refusal) {
            attempts.add(new Attempt(knownPosition, before, command, expected, Optional.empty(), Optional.of(refusal)));
        }
    }

    /** Now and then somebody makes a statement or a commitment, assesses or closes one; what the law refuses is left out. */
    private void talk() {
        if (talk.nextBoolean()) {
            return;
        }
        CommitmentId commitmentId = commitment(talk.nextInt(COMMITMENTS));
        CommitmentState known = commitments.getOrDefault(commitmentId, CommitmentState.EMPTY);
        try {
            switch (talk.nextInt(8)) {
                case 0, 1 -> stateOnEntity(entities.get(talk.nextInt(entities.size())));
                case 2 -> {
                    StatementRecorded said = Decide.statement(known, new RecordStatement(Optional.empty(),
                            Optional.empty(), Optional.of(commitmentId), statement(), dossier()), OptionalLong.empty());
                    commitments.put(commitmentId, known.after(said, quietly(said, known.nextSequence())));
                }
                case 3, 4 -> commit(commitmentId, known, new RecordCommitment(commitmentId, undertaking(),
                        recorded.stream().filter(each -> each.event() instanceof ListingAction).limit(talk.nextInt(3))
                                .map(Recorded::actionId).toList(),
                        dossier()));
                case 5, 6 -> commit(commitmentId, known, new AssessCommitment(commitmentId,
                        new Assessment(List.of(Assessment.Finding.values()).get(talk.nextInt(4)), talkDay(), "Assessor",
                                Optional.of("Finding " + talk.nextInt(5)), Optional.empty(), talkTerm())));
                default -> commit(commitmentId, known, new CloseCommitment(commitmentId,
                        new Closure(List.of(Closure.Outcome.values()).get(talk.nextInt(3)), talkDay().plusDays(20),
                                Optional.empty(), Optional.empty())));
            }
        } catch (Rejection | IllegalArgumentException leftOut) {
            // A day before another one it must follow, or a commitment that is not there: nothing is recorded.
        }
    }

    private void stateOnEntity(EntityId entityId) {
        EntityState known = states.getOrDefault(entityId, EntityState.EMPTY);
        List<ActionId> actions = recorded.stream().map(Recorded::actionId).filter(id -> known.find(id).isPresent())
                .toList();
        Optional<ActionId> about = actions.isEmpty() || talk.nextBoolean()
                ? Optional.empty()
                : Optional.of(actions.get(talk.nextInt(actions.size())));
        StatementRecorded said = Decide.statement(known, new RecordStatement(Optional.of(entityId), about,
                Optional.empty(), statement(), dossier()), OptionalLong.empty());
        states.put(entityId, known.after(said, quietly(said, known.nextSequence())));
    }

    private void commit(CommitmentId commitmentId, CommitmentState known, Command.CommitmentCommand demand) {
        CommitmentEvent event = Decide.commitment(known, demand,
                id -> recorded.stream().anyMatch(each -> each.actionId().equals(id)), OptionalLong.empty());
        commitments.put(commitmentId, known.after(event, quietly(event, known.nextSequence())));
    }

    private ActionId quietly(LedgerEvent event, long sequence) {
        long high = (talk.nextLong() & 0xffff_ffff_ffff_0fffL) | 0x4000L;
        long low = (talk.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        ActionId actionId = new ActionId(new UUID(high, low));
        recorded.add(new Recorded(recorded.size(), now, event.stream(), sequence, actionId, event));
        return actionId;
    }

    private Commitment undertaking() {
        return new Commitment("Party A", "Party B", "Undertaking " + talk.nextInt(5), Optional.empty(), talkDay(),
                talkTerm(), talkTerm(), Optional.empty());
    }

    private Statement statement() {
        return new Statement(Optional.of("Speaker " + talk.nextInt(3)), Optional.empty(), talkDay(),
                List.of("supports", "opposes", "explains").get(talk.nextInt(3)), "Words " + talk.nextInt(9),
                Optional.empty(), Optional.empty());
    }

    private Optional<String> dossier() {
        return talk.nextInt(3) == 0 ? Optional.empty() : Optional.of("dossier-" + talk.nextInt(3));
    }

    private LocalDate talkDay() {
        return FIRST_DAY.plusDays(talk.nextInt(WINDOW));
    }

    private Optional<LocalDate> talkTerm() {
        return talk.nextInt(3) == 0 ? Optional.empty() : Optional.of(talkDay().plusDays(15));
    }

    private ActionId record(LedgerEvent event, long sequence) {
        now = switch (random.nextInt(3)) {
            case 0 -> now;
            case 1 -> now.plusMillis(1 + random.nextInt(900));
            default -> now.plus(1 + random.nextInt(600), ChronoUnit.MINUTES);
        };
        ActionId actionId = randomActionId();
        recorded.add(new Recorded(recorded.size(), now, event.stream(), sequence, actionId, event));
        return actionId;
    }

    private EntityCommand demand(EntityId entityId, EntityState state) {
        int dice = random.nextInt(100);
        if (dice < 14) {
            return correction(entityId, state);
        }
        if (dice < 24) {
            return new VoidAction(entityId,
                    someAction(state).map(KnownAction::actionId).orElseGet(this::randomActionId),
                    circumstances());
        }
        return listing(entityId, state);
    }

    private ListingCommand listing(EntityId entityId, EntityState state) {
        ListId listId = oneIn(50) ? UNREGISTERED : random.nextBoolean() ? lists.getFirst() : oneOf(lists);
        LocalDate date = date(state, listId);
        Timeline timeline = state.timeline(listId);
        Kind kind = oneIn(5)
                ? oneOf(List.of(Kind.values()))
                : switch (timeline.stateAt(date)) {
                    case NOT_LISTED -> Kind.LIST;
                    case LISTED -> oneOf(List.of(Kind.AMEND, Kind.AMEND, Kind.SUSPEND, Kind.SUSPEND, Kind.DELIST));
                    case SUSPENDED -> oneOf(List.of(Kind.AMEND, Kind.REINSTATE, Kind.REINSTATE, Kind.DELIST));
                };
        Optional<Entry> inForce = timeline.at(date).flatMap(Timeline.Period::inForce)
                .flatMap(step -> step.action().newEntry());
        Entry entry = inForce.isPresent() && oneIn(4) ? inForce.get() : entry(entityId);
        return demand(kind, entityId, listId, date, entry);
    }

    private enum Kind {
        LIST,
        AMEND,
        SUSPEND,
        REINSTATE,
        DELIST
    }

    private ListingCommand demand(Kind kind, EntityId entityId, ListId listId, LocalDate date, Entry entry) {
        return switch (kind) {
            case LIST -> new ListEntity(entityId, listId, date, term(date, 4), entry, circumstances());
            case AMEND -> new AmendListing(entityId, listId, date, term(date, 4), entry, circumstances());
            case SUSPEND -> new SuspendListing(entityId, listId, date, term(date, 2), circumstances());
            case REINSTATE -> new ReinstateListing(entityId, listId, date, circumstances());
            case DELIST -> new DelistEntity(entityId, listId, date, circumstances());
        };
    }

    private CorrectAction correction(EntityId entityId, EntityState state) {
        Optional<KnownAction> target = someAction(state);
        if (target.isEmpty()) {
            return new CorrectAction(entityId, randomActionId(), listing(entityId, state), circumstances());
        }
        ListingAction action = target.get().action();
        Kind kind = switch (action) {
            case EntityListed listed -> Kind.LIST;
            case ListingAmended amended -> Kind.AMEND;
            case ListingSuspended suspended -> Kind.SUSPEND;
            case ListingReinstated reinstated -> Kind.REINSTATE;
            case EntityDelisted delisted -> Kind.DELIST;
        };
        ListingCommand replacement = switch (random.nextInt(20)) {
            case 0 -> listing(entityId, state);
            case 1, 2, 3 -> demandOf(action);
            case 4, 5, 6, 7, 8 ->
                demand(kind, entityId, action.listId(), action.effectiveDate(), entry(entityId));
            case 9, 10, 11, 12, 13 -> demand(kind, entityId, action.listId(),
                    action.effectiveDate().plusDays(random.nextInt(7) - 3), entry(entityId));
            default -> demand(kind, entityId, action.listId(), date(state, action.listId()), entry(entityId));
        };
        return new CorrectAction(entityId, target.get().actionId(), replacement, circumstances());
    }

    /** Mostly one that stands; now and then one that was struck out. */
    private Optional<KnownAction> someAction(EntityState state) {
        List<KnownAction> known = recorded.stream().map(each -> state.find(each.actionId())).flatMap(Optional::stream)
                .filter(action -> !action.voided() || oneIn(6)).toList();
        return known.isEmpty() || oneIn(25) ? Optional.empty() : Optional.of(oneOf(known));
    }

    private LocalDate date(EntityState state, ListId listId) {
        List<Timeline.Step> steps = state.steps(listId);
        if (!steps.isEmpty() && random.nextInt(100) < 35) {
            ListingAction action = oneOf(steps).action();
            return oneIn(3) ? action.term().orElse(action.effectiveDate()) : action.effectiveDate();
        }
        return FIRST_DAY.plusDays(random.nextInt(WINDOW));
    }

    private Optional<LocalDate> term(LocalDate date, int oneIn) {
        return oneIn(oneIn) ? Optional.of(date.plusDays(1 + random.nextInt(15))) : Optional.empty();
    }

    private Entry entry(EntityId entityId) {
        Entry.Subject subject = new Entry.Subject("Subject " + entityId + (oneIn(4) ? " renamed" : ""),
                Optional.of(oneOf(List.of(Entry.Type.values()))).filter(type -> oneIn(2)), Optional.empty(),
                oneIn(2) ? List.of() : List.of(Entry.Alias.of("Alias " + random.nextInt(3))), List.of(),
                oneIn(2) ? List.of() : List.of(oneOf(List.of("CN", "RU", "IR"))), List.of(), Optional.empty(),
                Optional.empty());
        Entry.Terms terms = oneIn(2)
                ? Entry.Terms.NONE
                : new Entry.Terms(Optional.empty(), Optional.empty(), List.of("PROGRAM-" + random.nextInt(3)),
                        Optional.empty());
        return new Entry(subject, terms, Optional.of("Remark " + random.nextInt(4)).filter(remark -> !oneIn(3)));
    }

    private Circumstances circumstances() {
        return switch (random.nextInt(4)) {
            case 0 -> Circumstances.observed();
            case 1 -> new Circumstances(Circumstances.Basis.STATED,
                    Optional.of(Notice.of("Gazette", "No. " + random.nextInt(10))),
                    Optional.of(FIRST_DAY.plusDays(random.nextInt(WINDOW))), Optional.empty(),
                    Optional.of(oneOf(List.of("request", "proposal", "review"))), Optional.empty(),
                    Optional.of("dossier-" + random.nextInt(3)));
            default -> Circumstances.stated();
        };
    }

    private ActionId randomActionId() {
        long high = (random.nextLong() & 0xffff_ffff_ffff_0fffL) | 0x4000L;
        long low = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new ActionId(new UUID(high, low));
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    private <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
