package org.policyledger.projections.listing;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.policyledger.core.ActionId;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityState;
import org.policyledger.core.Entry;
import org.policyledger.core.EventNames;
import org.policyledger.core.FieldChange;
import org.policyledger.core.ListDetails;
import org.policyledger.core.ListId;
import org.policyledger.core.Timeline;
import org.policyledger.core.Timeline.State;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.core.event.ListEvent;
import org.policyledger.core.event.ListRegistered;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.SnapshotImported;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;
import org.policyledger.projections.EventFilter;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Answers about listings. Every question names a day on the effective axis ({@code asOf}) where one matters and a position on
 * the recorded axis ({@code known}: events up to and with that position are known); the answer to the same question is the
 * same for ever. The rows say where the answer lies; its content is read from the log. Thread-safe.
 */
public final class ListingReader {

    /** The content of an action as known: its own, or its latest correction's. */
    public record ActionView(ActionId actionId, String type, LocalDate effectiveDate, Circumstances circumstances,
            long position,
            Instant recordedAt, Optional<ActionId> correctedBy) {}

    /**
     * What is known to come next.
     *
     * @param on the day from which it holds
     * @param cause {@code expiry} when a fixed term runs out, else the stated cause
     */
    public record NextChange(LocalDate on, State state, Optional<String> cause, ActionId actionId) {}

    /**
     * How a listing stands on a day.
     *
     * @param since the day from which the state has held without a break; absent before the first action
     * @param until the exclusive end of the fixed term in force
     * @param cause {@code expiry} when a fixed term ran out, else the deciding action's stated cause
     */
    public record Status(EntityId entityId, ListId listId, State state, Optional<LocalDate> since,
            Optional<LocalDate> until,
            Optional<Entry> entry, Optional<String> cause, Optional<ActionView> decidedBy,
            Optional<NextChange> nextChange) {}

    /** How a listing stands on a day, in short. */
    public record Standing(ListId listId, State state, Optional<LocalDate> since, Optional<LocalDate> until) {}

    /** A half-open stretch {@code [from, to)} of a listing's timeline. */
    public record Period(LocalDate from, Optional<LocalDate> to, State state, LocalDate since,
            Optional<LocalDate> until,
            boolean expired, Optional<String> cause, ActionView decidedBy, Optional<Entry> entry) {}

    /**
     * One recorded event of an entity's history: an action, or a statement about it.
     *
     * @param listId the list an action is about; a statement is about none
     * @param changes what it changed field by field: an amendment against the entry in force before it, a correction against
     *     the content it replaced
     * @param correctedBy the corrections of this action known by then, in order
     */
    public record HistoryItem(long position, long sequence, ActionId actionId, String type,
            Optional<ListId> listId, Optional<LocalDate> effectiveDate, Instant recordedAt, String actor,
            LedgerEvent event,
            List<FieldChange> changes,
            Optional<ActionId> corrects, Optional<ActionId> voids, List<ActionId> correctedBy,
            Optional<ActionId> voidedBy) {

        /** The event where it is about a listing. */
        public Optional<EntityEvent> onListing() {
            return event instanceof EntityEvent about ? Optional.of(about) : Optional.empty();
        }

        /** The event where it is a statement. */
        public Optional<StatementRecorded> statement() {
            return event instanceof StatementRecorded said ? Optional.of(said) : Optional.empty();
        }
    }

    /** One entry of a list as it stood. */
    public record ListEntry(EntityId entityId, State state, LocalDate since, Optional<LocalDate> until, Entry entry,
            ActionId actionId) {}

    /** How a listing differs between two days. */
    public enum ChangeKind {
        ADDED,
        AMENDED,
        SUSPENDED,
        REINSTATED,
        REMOVED
    }

    /** One difference of a list between two days, with the fields of the entry that differ. */
    public record ListChange(EntityId entityId, ChangeKind change, Optional<Entry> before, Optional<Entry> after,
            List<FieldChange> fields, ActionView decidedBy) {}

    /** How an event that changed our view of a day came to do so. */
    public enum OriginKind {
        /** An action effective on or after the day it was recorded, in the time zone of the list's authority. */
        @JsonProperty("new-action")
        NEW_ACTION,
        /** An action effective before the day it was recorded, in the time zone of the list's authority. */
        @JsonProperty("late-recording")
        LATE_RECORDING,
        /** The content of an earlier action was replaced. */
        @JsonProperty("correction")
        CORRECTION,
        /** An earlier action was struck out. */
        @JsonProperty("voiding")
        VOIDING
    }

    /**
     * A recorded event that changed how a listing stands on a day.
     *
     * @param effectiveDate that of the action, or of a correction's replacement; absent when an action was struck out
     * @param circumstances those of the event itself
     * @param corrects the action whose content it replaced
     * @param voids the action it struck out
     */
    public record Origin(OriginKind kind, long position, Instant recordedAt, ActionId actionId, String type,
            Optional<LocalDate> effectiveDate, String actor, Circumstances circumstances, Optional<ActionId> corrects,
            Optional<ActionId> voids) {}

    /**
     * One difference between two views of a list on the same day.
     *
     * @param before the entry in the earlier view, absent where the entity was not listed in it
     * @param fields the fields of the entry that differ
     * @param origins the events that led from one view to the other, in recorded order: each changed the state or the entry
     *     in force on the day
     */
    public record ListRevision(EntityId entityId, ChangeKind change, Optional<Entry> before, Optional<Entry> after,
            List<FieldChange> fields, List<Origin> origins) {}

    /** A page, and the key after which the next one starts when there is one. */
    public record Page<T>(List<T> items, Optional<String> next) {}

    /** A list with its figures: entries in force or suspended on the day, events about its listings, the latest snapshot. */
    public record ListView(ListId listId, ListDetails details, Instant registeredAt, long entries, long actions,
            Optional<SnapshotView> latestSnapshot) {}

    /** An import of a list's file. */
    public record SnapshotView(ActionId actionId, long position, Instant recordedAt, SnapshotImported snapshot) {}

    private record Located(EntityId entityId, ListId listId, ListingRow row) {}

    /** A row with the stretch {@code [from, to)} of positions at which it is known. */
    private record View(Located at, long from, Optional<Long> to) {}

    /** What is compared of a listing on a day. */
    private record Compared(State state, Optional<Entry> entry) {
        static final Compared NONE = new Compared(State.NOT_LISTED, Optional.empty());
    }

    static final String KNOWN = "known_from <= :known AND (known_to IS NULL OR known_to > :known)";
    private static final String ON_THE_DAY = "valid_from <= :asOf AND (valid_to IS NULL OR valid_to > :asOf)";
    private static final String IN_FORCE = ON_THE_DAY + " AND state <> 'NOT_LISTED'";

    private final JdbcClient jdbc;
    private final LedgerLog log;

    public ListingReader(JdbcClient jdbc, LedgerLog log) {
        this.jdbc = jdbc;
        this.log = log;
    }

    /** Whether anything is recorded about the entity by the position. */
    public boolean knows(EntityId entityId, long known) {
        return jdbc
                .sql("SELECT EXISTS (SELECT 1 FROM reading_period WHERE entity_id = :entity AND known_from <= :known)")
                .param("entity", entityId.value()).param("known", known).query(Boolean.class).single();
    }

    /** How the entity stands on each list it was ever on, or on the one asked for. */
    public List<Status> status(EntityId entityId, Optional<ListId> listId, LocalDate asOf, long known) {
        Map<ListId, List<ListingRow>> rows = rows(entityId, listId, known);
        listId.ifPresent(only -> rows.putIfAbsent(only, List.of()));
        return status(entityId, rows, asOf, contents(deciding(rows, asOf)));
    }

    /** How each of the entities stands on each list it was ever on; by one query, and one reading of the log. */
    public Map<EntityId, List<Status>> status(Collection<EntityId> entityIds, LocalDate asOf, long known) {
        Map<EntityId, Map<ListId, List<ListingRow>>> rows = new TreeMap<>();
        entityIds.forEach(entityId -> rows.put(entityId, new TreeMap<>()));
        if (rows.isEmpty()) {
            return Map.of();
        }
        jdbc.sql("SELECT * FROM reading_period WHERE entity_id IN (:entities) AND " + KNOWN + " ORDER BY valid_from")
                .param("entities", rows.keySet().stream().map(EntityId::value).toList()).param("known", known)
                .query(ListingReader::row).list()
                .forEach(at -> Objects.requireNonNull(rows.get(at.entityId()))
                        .computeIfAbsent(at.listId(), list -> new ArrayList<>()).add(at.row()));
        Contents contents = contents(rows.values().stream().flatMap(lists -> deciding(lists, asOf).stream()).toList());
        Map<EntityId, List<Status>> answer = new TreeMap<>();
        rows.forEach((entityId, lists) -> answer.put(entityId, status(entityId, lists, asOf, contents)));
        return answer;
    }

    /** Where the content lies that a status on the day is told from: of the period that covers it, and of the next. */
    private static List<Long> deciding(Map<ListId, List<ListingRow>> rows, LocalDate asOf) {
        List<Long> positions = new ArrayList<>();
        rows.values()
                .forEach(listing -> listing.stream().filter(row -> covers(row, asOf) || row.validFrom().isAfter(asOf))
                        .limit(2).forEach(row -> addPositions(row, positions)));
        return positions;
    }

    private static List<Status> status(EntityId entityId, Map<ListId, List<ListingRow>> rows, LocalDate asOf,
            Contents contents) {
        List<Status> answer = new ArrayList<>();
        rows.forEach((list, listing) -> {
            Optional<ListingRow> now = listing.stream().filter(row -> covers(row, asOf)).findFirst();
            Optional<NextChange> next = listing.stream().filter(row -> row.validFrom().isAfter(asOf)).findFirst()
                    .map(row -> new NextChange(row.validFrom(), row.state(), contents.cause(row),
                            contents.decidedBy(row).actionId()));
            answer.add(new Status(entityId, list, now.map(ListingRow::state).orElse(State.NOT_LISTED),
                    now.map(ListingRow::since),
                    now.flatMap(ListingRow::until), now.flatMap(contents::entry), now.flatMap(contents::cause),
                    now.map(contents::decidedBy), next));
        });
        return answer;
    }

    /** How each of the entities stands on each list it was ever on, or on the one asked for; by one query. */
    public Map<EntityId, List<Standing>> standings(Collection<EntityId> entityIds, Optional<ListId> listId,
            LocalDate asOf, long known) {
        Map<EntityId, Map<ListId, Standing>> found = new HashMap<>();
        if (entityIds.isEmpty()) {
            return Map.of();
        }
        jdbc.sql("SELECT * FROM reading_period WHERE entity_id IN (:entities) AND " + KNOWN)
                .param("entities", entityIds.stream().map(EntityId::value).toList()).param("known", known)
                .query(ListingReader::row).list().stream()
                .filter(at -> listId.isEmpty() || listId.get().equals(at.listId()))
                .forEach(at -> found.computeIfAbsent(at.entityId(), entity -> new TreeMap<>()).merge(at.listId(),
                        standing(at, asOf),
                        (one, other) -> one.since().isPresent() ? one : other));
        Map<EntityId, List<Standing>> answer = new HashMap<>();
        found.forEach((entityId, lists) -> answer.put(entityId, List.copyOf(lists.values())));
        return answer;
    }

    private static Standing standing(Located at, LocalDate asOf) {
        return covers(at.row(), asOf)
                ? new Standing(at.listId(), at.row().state(), Optional.of(at.row().since()), at.row().until())
                : new Standing(at.listId(), State.NOT_LISTED, Optional.empty(), Optional.empty());
    }

    /** The entity's periods on each list, in order. */
    public Map<ListId, List<Period>> timeline(EntityId entityId, Optional<ListId> listId, long known) {
        Map<ListId, List<ListingRow>> rows = rows(entityId, listId, known);
        List<Long> positions = new ArrayList<>();
        rows.values().forEach(listing -> listing.forEach(row -> addPositions(row, positions)));
        Contents contents = contents(positions);
        Map<ListId, List<Period>> answer = new TreeMap<>();
        rows.forEach((list, listing) -> answer.put(list,
                listing.stream().map(row -> new Period(row.validFrom(), row.validTo(),
                        row.state(), row.since(), row.until(), row.expired(), contents.cause(row),
                        contents.decidedBy(row),
                        contents.entry(row))).toList()));
        return answer;
    }

    /** Everything recorded about the entity by the position, in recorded order. */
    public List<HistoryItem> history(EntityId entityId, long known) {
        List<StoredEvent> recorded = log.readStream(entityId.stream(), 0).stream()
                .filter(stored -> stored.position() <= known).toList();
        List<LedgerEvent> events = recorded.stream().map(stored -> (LedgerEvent) log.payload(stored)).toList();
        Map<ActionId, List<ActionId>> corrections = new HashMap<>();
        Map<ActionId, ActionId> voidings = new HashMap<>();
        for (int i = 0; i < events.size(); i++) {
            ActionId actionId = new ActionId(recorded.get(i).eventId());
            corrects(events.get(i)).ifPresent(
                    target -> corrections.computeIfAbsent(target, none -> new ArrayList<>()).add(actionId));
            voids(events.get(i)).ifPresent(target -> voidings.put(target, actionId));
        }
        List<HistoryItem> items = new ArrayList<>();
        EntityState state = EntityState.EMPTY;
        for (int i = 0; i < events.size(); i++) {
            StoredEvent stored = recorded.get(i);
            LedgerEvent event = events.get(i);
            ActionId actionId = new ActionId(stored.eventId());
            items.add(new HistoryItem(stored.position(), stored.sequence(), actionId, stored.type(),
                    event instanceof EntityEvent about ? Optional.of(about.listId()) : Optional.empty(),
                    event.effectiveOn(), stored.recordedAt(), actor(stored),
                    event,
                    changes(state, event), corrects(event), voids(event), corrections.getOrDefault(actionId, List.of()),
                    Optional.ofNullable(voidings.get(actionId))));
            state = state.after(event, actionId);
        }
        return items;
    }

    private static String actor(StoredEvent stored) {
        return stored.attributes().getOrDefault("actor", "unknown");
    }

    private static Optional<ActionId> corrects(LedgerEvent event) {
        return event instanceof ActionCorrected corrected ? Optional.of(corrected.actionId()) : Optional.empty();
    }

    private static Optional<ActionId> voids(LedgerEvent event) {
        return event instanceof ActionVoided voided ? Optional.of(voided.actionId()) : Optional.empty();
    }

    private static List<FieldChange> changes(EntityState before, LedgerEvent event) {
        return switch (event) {
            case ListingAmended amended -> before.timeline(amended.listId()).at(amended.effectiveDate())
                    .flatMap(Timeline.Period::inForce).flatMap(step -> step.action().newEntry())
                    .map(entry -> FieldChange.between(entry, amended.entry())).orElse(List.of());
            case ActionCorrected corrected -> before.find(corrected.actionId())
                    .map(known -> FieldChange.between(known.action(), corrected.replacement())).orElse(List.of());
            case ActionVoided voided -> List.of();
            case ListingAction other -> List.of();
            case StatementRecorded said -> List.of();
            case ListEvent elsewhere -> List.of();
            case CommitmentEvent elsewhere -> List.of();
            case LinkEvent elsewhere -> List.of();
            case NoticeRecorded elsewhere -> List.of();
        };
    }

    /** A page of the list's entries on the day, in the order of their entity ids, after the given one. */
    public Page<ListEntry> entries(ListId listId, LocalDate asOf, long known, String afterEntity, int limit) {
        List<Located> located = jdbc
                .sql("SELECT * FROM reading_period WHERE list_id = :list AND entity_id > :after AND " + IN_FORCE
                        + " AND " + KNOWN + " ORDER BY entity_id LIMIT :limit")
                .param("list", listId.value()).param("after", afterEntity).param("asOf", asOf).param("known", known)
                .param("limit", limit + 1).query(ListingReader::row).list();
        boolean more = located.size() > limit;
        List<Located> page = more ? located.subList(0, limit) : located;
        List<Long> positions = new ArrayList<>();
        page.forEach(at -> at.row().entryPosition().ifPresent(positions::add));
        Contents contents = contents(positions);
        List<ListEntry> items = page.stream().map(at -> new ListEntry(at.entityId(), at.row().state(), at.row().since(),
                at.row().until(), contents.entry(at.row()).orElseThrow(), contents.entryAction(at.row()))).toList();
        return new Page<>(items, more ? Optional.of(page.getLast().entityId().value()) : Optional.empty());
    }

    /** Passes every entry of the list on the day to the consumer, a page at a time in memory. */
    public void eachEntry(ListId listId, LocalDate asOf, long known, Consumer<ListEntry> consumer) {
        Optional<String> after = Optional.of("");
        while (after.isPresent()) {
            Page<ListEntry> page = entries(listId, asOf, known, after.get(), 1_000);
            page.items().forEach(consumer);
            after = page.next();
        }
    }

    /** A page of what differs on the list between two days, as known at one position, in the order of entity ids. */
    public Page<ListChange> changes(ListId listId, LocalDate from, LocalDate to, long known, String afterEntity,
            int limit) {
        List<ListChange> found = new ArrayList<>();
        String after = afterEntity;
        while (true) {
            List<String> touched = jdbc.sql("SELECT DISTINCT entity_id FROM reading_period WHERE list_id = :list"
                    + " AND entity_id > :after AND valid_from > :from AND valid_from <= :to AND " + KNOWN
                    + " ORDER BY entity_id LIMIT :limit")
                    .param("list", listId.value()).param("after", after).param("from", from).param("to", to)
                    .param("known", known).param("limit", limit + 1).query(String.class).list();
            if (touched.isEmpty()) {
                return new Page<>(found, Optional.empty());
            }
            for (ListChange change : compare(listId, touched, from, to, known)) {
                if (found.size() == limit) {
                    return new Page<>(found, Optional.of(found.getLast().entityId().value()));
                }
                found.add(change);
            }
            after = touched.getLast();
        }
    }

    private List<ListChange> compare(ListId listId, List<String> entityIds, LocalDate from, LocalDate to, long known) {
        Map<EntityId, ListingRow> before = at(listId, entityIds, from, known);
        Map<EntityId, ListingRow> after = at(listId, entityIds, to, known);
        List<Long> positions = new ArrayList<>();
        before.values().forEach(row -> addPositions(row, positions));
        after.values().forEach(row -> addPositions(row, positions));
        Contents contents = contents(positions);
        List<ListChange> changes = new ArrayList<>();
        // In the database's own order, which the next page goes on from.
        for (EntityId entityId : entityIds.stream().map(EntityId::new).toList()) {
            // Every touched entity has a period on the later day, if only one in which it is not listed.
            ListingRow now = Objects.requireNonNull(after.get(entityId));
            Optional<ListingRow> was = Optional.ofNullable(before.get(entityId));
            State stateBefore = was.map(ListingRow::state).orElse(State.NOT_LISTED);
            Optional<Entry> entryBefore = was.flatMap(contents::entry);
            Optional<Entry> entryAfter = contents.entry(now);
            List<FieldChange> fields = fields(entryBefore, entryAfter);
            kind(stateBefore, now.state(), !fields.isEmpty()).ifPresent(kind -> changes.add(
                    new ListChange(entityId, kind, entryBefore, entryAfter, fields, contents.decidedBy(now))));
        }
        return changes;
    }

    private static List<FieldChange> fields(Optional<Entry> before, Optional<Entry> after) {
        return before.isPresent() && after.isPresent() ? FieldChange.between(before.get(), after.get()) : List.of();
    }

    private static Optional<ChangeKind> kind(State before, State after, boolean entryDiffers) {
        if (before == after) {
            return entryDiffers ? Optional.of(ChangeKind.AMENDED) : Optional.empty();
        }
        if (before == State.NOT_LISTED) {
            return Optional.of(ChangeKind.ADDED);
        }
        return Optional.of(switch (after) {
            case NOT_LISTED -> ChangeKind.REMOVED;
            case SUSPENDED -> ChangeKind.SUSPENDED;
            case LISTED -> ChangeKind.REINSTATED;
        });
    }

    private Map<EntityId, ListingRow> at(ListId listId, List<String> entityIds, LocalDate asOf, long known) {
        Map<EntityId, ListingRow> rows = new LinkedHashMap<>();
        jdbc.sql(
                "SELECT * FROM reading_period WHERE list_id = :list AND entity_id IN (:entities) AND " + ON_THE_DAY
                        + " AND " + KNOWN)
                .param("list", listId.value()).param("entities", entityIds).param("asOf", asOf).param("known", known)
                .query(ListingReader::row).list().forEach(at -> rows.put(at.entityId(), at.row()));
        return rows;
    }

    /**
     * A page of what differs on the list on one day between what was known at two positions, in the order of entity ids. A
     * listing differs if its state or its entry does.
     */
    public Page<ListRevision> revisions(ListId listId, LocalDate asOf, long knownFrom, long knownTo,
            String afterEntity, int limit) {
        ZoneId zone = details(listId, knownTo).timeZone();
        List<ListRevision> found = new ArrayList<>();
        String after = afterEntity;
        while (true) {
            List<String> touched = jdbc.sql("SELECT DISTINCT entity_id FROM reading_period WHERE list_id = :list"
                    + " AND entity_id > :after AND " + ON_THE_DAY
                    + " AND (known_from > :from AND known_from <= :to OR known_to > :from AND known_to <= :to)"
                    + " ORDER BY entity_id LIMIT :limit")
                    .param("list", listId.value()).param("after", after).param("asOf", asOf).param("from", knownFrom)
                    .param("to", knownTo).param("limit", limit + 1).query(String.class).list();
            if (touched.isEmpty()) {
                return new Page<>(found, Optional.empty());
            }
            for (ListRevision revision : compareViews(listId, touched, asOf, knownFrom, knownTo, zone)) {
                if (found.size() == limit) {
                    return new Page<>(found, Optional.of(found.getLast().entityId().value()));
                }
                found.add(revision);
            }
            after = touched.getLast();
        }
    }

    private List<ListRevision> compareViews(ListId listId, List<String> entityIds, LocalDate asOf, long knownFrom,
            long knownTo, ZoneId zone) {
        Map<String, List<View>> views = new LinkedHashMap<>();
        // In the database's own order, which the next page goes on from.
        entityIds.forEach(entityId -> views.put(entityId, new ArrayList<>()));
        jdbc.sql("SELECT * FROM reading_period WHERE list_id = :list AND entity_id IN (:entities) AND " + ON_THE_DAY
                + " AND known_from <= :to AND (known_to IS NULL OR known_to > :from) ORDER BY known_from")
                .param("list", listId.value()).param("entities", entityIds).param("asOf", asOf)
                .param("from", knownFrom).param("to", knownTo).query(ListingReader::view).list()
                .forEach(view -> Objects.requireNonNull(views.get(view.at().entityId().value())).add(view));
        Map<String, NavigableMap<Long, Optional<ListingRow>>> turns = new LinkedHashMap<>();
        List<Long> positions = new ArrayList<>();
        views.forEach((entityId, seen) -> {
            NavigableMap<Long, Optional<ListingRow>> standings = turns(seen, knownTo);
            turns.put(entityId, standings);
            positions.addAll(standings.tailMap(knownFrom, false).keySet());
            seen.forEach(view -> view.at().row().entryPosition().ifPresent(positions::add));
        });
        Contents contents = contents(positions);
        List<ListRevision> revisions = new ArrayList<>();
        turns.forEach((entityId, standings) -> {
            Compared first = Optional.ofNullable(standings.floorEntry(knownFrom)).map(Map.Entry::getValue)
                    .map(contents::compared).orElse(Compared.NONE);
            Compared last = first;
            List<Origin> origins = new ArrayList<>();
            for (Map.Entry<Long, Optional<ListingRow>> turn : standings.tailMap(knownFrom, false).entrySet()) {
                Compared now = contents.compared(turn.getValue());
                if (!now.equals(last)) {
                    origins.add(contents.origin(turn.getKey(), zone));
                }
                last = now;
            }
            List<FieldChange> fields = fields(first.entry(), last.entry());
            Optional<Entry> entryAfter = last.entry();
            kind(first.state(), last.state(), !fields.isEmpty())
                    .ifPresent(kind -> revisions.add(new ListRevision(new EntityId(entityId), kind, first.entry(),
                            entryAfter, fields, List.copyOf(origins))));
        });
        return revisions;
    }

    /** From which position on which row covers the day; none from where a row is no longer known and no other is. */
    private static NavigableMap<Long, Optional<ListingRow>> turns(List<View> views, long knownTo) {
        TreeMap<Long, Optional<ListingRow>> turns = new TreeMap<>();
        for (View view : views) {
            turns.put(view.from(), Optional.of(view.at().row()));
            view.to().filter(end -> end <= knownTo).ifPresent(end -> turns.putIfAbsent(end, Optional.empty()));
        }
        return turns;
    }

    /** Every list registered by the position, with its figures for the day. */
    public List<ListView> lists(LocalDate asOf, long known) {
        return jdbc.sql("SELECT list_id FROM reading_list WHERE position <= :known ORDER BY list_id")
                .param("known", known)
                .query(String.class).list().stream().map(id -> list(new ListId(id), asOf, known).orElseThrow())
                .toList();
    }

    /** Whether the list was registered by the position. */
    public boolean isRegistered(ListId listId, long known) {
        return registeredAt(listId, known).isPresent();
    }

    private Optional<Long> registeredAt(ListId listId, long known) {
        return jdbc.sql("SELECT position FROM reading_list WHERE list_id = :list AND position <= :known")
                .param("list", listId.value()).param("known", known).query(Long.class).optional();
    }

    private ListDetails details(ListId listId, long known) {
        return registeredAt(listId, known).flatMap(log::at)
                .map(stored -> ((ListRegistered) log.payload(stored)).details())
                .orElseThrow(() -> new IllegalArgumentException(
                        "list " + listId + " is not registered as known at position " + known));
    }

    /** One list with its figures for the day. */
    public Optional<ListView> list(ListId listId, LocalDate asOf, long known) {
        return registeredAt(listId, known).map(position -> {
            StoredEvent stored = log.at(position).orElseThrow();
            long entries = jdbc
                    .sql("SELECT COUNT(*) FROM reading_period WHERE list_id = :list AND " + IN_FORCE + " AND " + KNOWN)
                    .param("list", listId.value()).param("asOf", asOf).param("known", known).query(Long.class).single();
            long actions = jdbc.sql(
                    "SELECT COUNT(*) FROM reading_event WHERE list_id = :list AND entity_id IS NOT NULL AND position <= :known")
                    .param("list", listId.value()).param("known", known).query(Long.class).single();
            Optional<SnapshotView> latest = jdbc.sql("SELECT position FROM reading_snapshot WHERE list_id = :list"
                    + " AND position <= :known ORDER BY snapshot_date DESC, position DESC LIMIT 1")
                    .param("list", listId.value()).param("known", known).query(Long.class).optional()
                    .flatMap(log::at).map(this::snapshot);
            return new ListView(listId, ((ListRegistered) log.payload(stored)).details(), stored.recordedAt(), entries,
                    actions, latest);
        });
    }

    private SnapshotView snapshot(StoredEvent stored) {
        return new SnapshotView(new ActionId(stored.eventId()), stored.position(), stored.recordedAt(),
                (SnapshotImported) log.payload(stored));
    }

    /** Positions of events that fit what is asked for, after one position and up to another, in order. */
    public List<Long> positions(EventFilter filter, long after, long known, int limit) {
        // An entity's events are a stream of the log, and few; the other conditions are looked up among them.
        Optional<List<Long>> stream = filter.entityId().map(id -> log.readStream(id.stream(), 0).stream()
                .map(StoredEvent::position).filter(position -> position > after && position <= known).toList());
        if (stream.filter(List::isEmpty).isPresent()) {
            return List.of();
        }
        StringBuilder sql = new StringBuilder(
                "SELECT position FROM reading_event WHERE position > :after AND position <= :known");
        stream.ifPresent(positions -> sql.append(" AND position IN (:positions)"));
        filter.listId().ifPresent(id -> sql.append(" AND list_id = :list"));
        filter.type().ifPresent(name -> sql.append(" AND type = :type"));
        filter.actor().ifPresent(name -> sql.append(" AND actor = :actor"));
        filter.dossier().ifPresent(label -> sql
                .append(" AND position IN (SELECT position FROM reading_dossier WHERE dossier = :dossier)"));
        JdbcClient.StatementSpec query = jdbc.sql(sql.append(" ORDER BY position LIMIT :limit").toString())
                .param("after", after).param("known", known).param("limit", limit);
        stream.ifPresent(positions -> query.param("positions", positions));
        filter.listId().ifPresent(id -> query.param("list", id.value()));
        filter.type().ifPresent(name -> query.param("type", name));
        filter.actor().ifPresent(name -> query.param("actor", name));
        filter.dossier().ifPresent(label -> query.param("dossier", label));
        return query.query(Long.class).list();
    }

    private Map<ListId, List<ListingRow>> rows(EntityId entityId, Optional<ListId> listId, long known) {
        Map<ListId, List<ListingRow>> rows = new TreeMap<>();
        jdbc.sql(
                "SELECT * FROM reading_period WHERE entity_id = :entity AND " + KNOWN + " ORDER BY list_id, valid_from")
                .param("entity", entityId.value()).param("known", known).query(ListingReader::row).list().stream()
                .filter(at -> listId.isEmpty() || listId.get().equals(at.listId()))
                .forEach(at -> rows.computeIfAbsent(at.listId(), list -> new ArrayList<>()).add(at.row()));
        return rows;
    }

    private static Located row(ResultSet row, int number) throws SQLException {
        return new Located(new EntityId(row.getString("entity_id")), new ListId(row.getString("list_id")),
                new ListingRow(row.getObject("valid_from", LocalDate.class),
                        Optional.ofNullable(row.getObject("valid_to", LocalDate.class)),
                        State.valueOf(row.getString("state")),
                        row.getObject("since", LocalDate.class),
                        Optional.ofNullable(row.getObject("until", LocalDate.class)),
                        row.getBoolean("expired"), Optional.ofNullable(row.getObject("entry_position", Long.class)),
                        row.getLong("decided_position")));
    }

    private static View view(ResultSet row, int number) throws SQLException {
        return new View(row(row, number), row.getLong("known_from"),
                Optional.ofNullable(row.getObject("known_to", Long.class)));
    }

    private static boolean covers(ListingRow row, LocalDate date) {
        return !date.isBefore(row.validFrom()) && (row.validTo().isEmpty() || date.isBefore(row.validTo().get()));
    }

    private static void addPositions(ListingRow row, Collection<Long> positions) {
        row.entryPosition().ifPresent(positions::add);
        positions.add(row.decidedPosition());
    }

    private Contents contents(Collection<Long> positions) {
        Map<Long, StoredEvent> stored = new LinkedHashMap<>();
        Map<Long, EntityEvent> events = new LinkedHashMap<>();
        for (StoredEvent event : log.readAt(new TreeSet<>(positions))) {
            stored.put(event.position(), event);
            events.put(event.position(), (EntityEvent) log.payload(event));
        }
        return new Contents(stored, events);
    }

    /** The events that rows point to. */
    private record Contents(Map<Long, StoredEvent> stored, Map<Long, EntityEvent> events) {

        Optional<Entry> entry(ListingRow row) {
            return row.entryPosition().flatMap(position -> action(position).newEntry());
        }

        ActionId entryAction(ListingRow row) {
            return actionId(row.entryPosition().orElseThrow());
        }

        Optional<String> cause(ListingRow row) {
            return row.expired() ? Optional.of("expiry") : action(row.decidedPosition()).circumstances().cause();
        }

        ActionView decidedBy(ListingRow row) {
            long position = row.decidedPosition();
            ListingAction action = action(position);
            StoredEvent at = stored(position);
            return new ActionView(actionId(position), EventNames.of(action.getClass()).type(), action.effectiveDate(),
                    action.circumstances(), position, at.recordedAt(), events.get(position) instanceof ActionCorrected
                            ? Optional.of(new ActionId(at.eventId()))
                            : Optional.empty());
        }

        Compared compared(Optional<ListingRow> row) {
            return row.map(at -> new Compared(at.state(), entry(at))).orElse(Compared.NONE);
        }

        Origin origin(long position, ZoneId zone) {
            StoredEvent at = stored(position);
            EntityEvent event = Objects.requireNonNull(events.get(position));
            OriginKind kind = switch (event) {
                case ActionCorrected corrected -> OriginKind.CORRECTION;
                case ActionVoided voided -> OriginKind.VOIDING;
                case ListingAction action ->
                    action.effectiveDate().isBefore(LocalDate.ofInstant(at.recordedAt(), zone))
                            ? OriginKind.LATE_RECORDING
                            : OriginKind.NEW_ACTION;
            };
            return new Origin(kind, position, at.recordedAt(), new ActionId(at.eventId()), at.type(),
                    event.effectiveOn(), actor(at), event.circumstances(), corrects(event), voids(event));
        }

        private ActionId actionId(long position) {
            return events.get(position) instanceof ActionCorrected corrected
                    ? corrected.actionId()
                    : new ActionId(stored(position).eventId());
        }

        private ListingAction action(long position) {
            EntityEvent event = events.get(position);
            if (event == null) {
                throw missing(position);
            }
            return event.content().orElseThrow(
                    () -> new IllegalStateException("position " + position + " holds no action's content"));
        }

        private StoredEvent stored(long position) {
            StoredEvent at = stored.get(position);
            if (at == null) {
                throw missing(position);
            }
            return at;
        }

        private static IllegalStateException missing(long position) {
            return new IllegalStateException(
                    "the reading points to position " + position + ", which the log does not hold");
        }
    }
}
