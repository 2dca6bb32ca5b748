package org.policyledger.projections.listing;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.policyledger.core.ActionId;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityState;
import org.policyledger.core.Entry;
import org.policyledger.core.ListId;
import org.policyledger.core.Timeline;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.Sha256;
import org.policyledger.store.StoredEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Works out listings anew from the events alone, up to a position, with {@link EntityState} and {@link Timeline}, and holds what
 * the reading says of the same position against it. All periods known at the position are compared, not only those of the day
 * asked about. What belongs to a list is found in the log. Thread-safe.
 */
public final class ListingReplay {

    /** The most differences that are told. */
    public static final int MOST_DIFFERENCES = 10;

    private static final int EVENTS = 1_000;
    private static final int ENTITIES = 500;
    private static final Comparator<Period> ORDER = Comparator.comparing(Period::from).thenComparing(Period::toString);

    /**
     * A half-open stretch {@code [from, to)} of a listing's timeline, as known.
     *
     * @param state as the reading holds it, which may be a word that means nothing
     * @param entryPosition the event whose entry is in force; absent when not listed
     * @param decidedPosition the event with the content of the deciding action
     */
    public record Period(LocalDate from, Optional<LocalDate> to, String state, LocalDate since,
            Optional<LocalDate> until, boolean expired, Optional<Long> entryPosition, long decidedPosition) {

        boolean covers(LocalDate date) {
            return !date.isBefore(from) && (to.isEmpty() || date.isBefore(to.get()));
        }

        private boolean isInForce() {
            return !state.equals(Timeline.State.NOT_LISTED.name());
        }
    }

    /**
     * How a listing stands on the day, by one of the two ways.
     *
     * @param entry the entry in force on the day
     */
    public record Standing(String state, Optional<LocalDate> since, Optional<LocalDate> until, Optional<Entry> entry,
            List<Period> periods) {}

    /** A period that the two ways do not give alike; absent on the side that has none from that day on. */
    public record Difference(EntityId entityId, ListId listId, Optional<Period> replayed, Optional<Period> reading) {}

    /**
     * One entity by both ways.
     *
     * @param events how many of its events were replayed
     */
    public record EntityReplay(long events, Map<ListId, Standing> replayed, Map<ListId, Standing> reading,
            List<Difference> differences) {}

    /**
     * What a whole list comes to by one of the two ways.
     *
     * @param events about its listings
     * @param entities that ever had a listing on it, as known
     * @param entries in force or suspended on the day
     * @param sha256 over all periods known, one a line, in the order of entity identifiers and days
     */
    public record Figures(long events, long entities, long entries, String sha256) {}

    /** A list by both ways; {@code differing} counts the periods that differ, of which the first are told. */
    public record ListReplay(Figures replayed, Figures reading, long differing, List<Difference> differences) {}

    private record Listing(EntityId entityId, ListId listId) {}

    private record Found(Listing listing, Period period) {}

    private final JdbcClient jdbc;
    private final LedgerLog log;

    public ListingReplay(JdbcClient jdbc, LedgerLog log) {
        this.jdbc = jdbc;
        this.log = log;
    }

    /** One entity; empty if nothing is recorded about it at all, though perhaps not yet at the position. */
    public Optional<EntityReplay> entity(EntityId entityId, LocalDate asOf, long known) {
        List<StoredEvent> stream = log.readStream(entityId.stream(), 0);
        if (stream.isEmpty()) {
            return Optional.empty();
        }
        Map<ListId, List<Period>> replayed = replay(stream, known);
        Map<ListId, List<Period>> reading = new TreeMap<>();
        jdbc.sql("SELECT * FROM reading_period WHERE entity_id = :entity AND " + ListingReader.KNOWN)
                .param("entity", entityId.value()).param("known", known).query(ListingReplay::found).list()
                .forEach(found -> reading.computeIfAbsent(found.listing().listId(), list -> new ArrayList<>())
                        .add(found.period()));
        reading.values().forEach(periods -> periods.sort(ORDER));
        List<Difference> differences = new ArrayList<>();
        TreeSet<ListId> lists = new TreeSet<>(replayed.keySet());
        lists.addAll(reading.keySet());
        for (ListId listId : lists) {
            differences.addAll(differences(new Listing(entityId, listId), replayed.getOrDefault(listId, List.of()),
                    reading.getOrDefault(listId, List.of())));
        }
        long events = stream.stream().filter(stored -> stored.position() <= known).count();
        return Optional.of(new EntityReplay(events, standings(replayed, asOf), standings(reading, asOf),
                differences.stream().limit(MOST_DIFFERENCES).toList()));
    }

    /**
     * A whole list; empty if it is not registered by the position. It reads the log once from its start to find who was ever on the
     * list, and then a few hundred entities at a time: in memory it holds their identifiers and those few hundred.
     */
    public Optional<ListReplay> list(ListId listId, LocalDate asOf, long known) {
        if (log.readStream(listId.stream(), 0).stream().noneMatch(stored -> stored.position() <= known)) {
            return Optional.empty();
        }
        TreeSet<EntityId> entities = new TreeSet<>();
        long events = find(listId, known, entities);
        jdbc.sql("SELECT DISTINCT entity_id FROM reading_period WHERE list_id = :list AND " + ListingReader.KNOWN)
                .param("list", listId.value()).param("known", known).query(String.class).list()
                .forEach(entityId -> entities.add(new EntityId(entityId)));
        long eventsInReading = jdbc.sql("SELECT COUNT(*) FROM reading_event WHERE list_id = :list"
                + " AND entity_id IS NOT NULL AND position <= :known")
                .param("list", listId.value()).param("known", known).query(Long.class).single();
        Tally replayed = new Tally(asOf);
        Tally reading = new Tally(asOf);
        List<Difference> differences = new ArrayList<>();
        long differing = 0;
        List<EntityId> all = List.copyOf(entities);
        for (int from = 0; from < all.size(); from += ENTITIES) {
            List<EntityId> some = all.subList(from, Math.min(from + ENTITIES, all.size()));
            Map<EntityId, List<Period>> told = read(listId, some, known);
            Map<String, List<StoredEvent>> streams = log.readStreams(some.stream().map(EntityId::stream).toList());
            for (EntityId entityId : some) {
                List<Period> right = replay(streams.getOrDefault(entityId.stream(), List.of()), known)
                        .getOrDefault(listId, List.of());
                List<Period> held = told.getOrDefault(entityId, List.of());
                replayed.add(entityId, right);
                reading.add(entityId, held);
                for (Difference difference : differences(new Listing(entityId, listId), right, held)) {
                    differing++;
                    if (differences.size() < MOST_DIFFERENCES) {
                        differences.add(difference);
                    }
                }
            }
        }
        return Optional.of(new ListReplay(replayed.figures(events), reading.figures(eventsInReading), differing,
                differences));
    }

    /** Adds who was ever on the list, as the log tells, and counts the events about it. */
    private long find(ListId listId, long known, Set<EntityId> entities) {
        long events = 0;
        long last = -1;
        while (last < known) {
            List<StoredEvent> chunk = log.read(last, (int) Math.min(EVENTS, known - last));
            if (chunk.isEmpty()) {
                return events;
            }
            List<EntityId> about = chunk.parallelStream()
                    .flatMap(stored -> log.payload(stored) instanceof EntityEvent event
                            && event.listId().equals(listId) ? Stream.of(event.entityId()) : Stream.empty())
                    .toList();
            events += about.size();
            entities.addAll(about);
            last = chunk.getLast().position();
        }
        return events;
    }

    private Map<EntityId, List<Period>> read(ListId listId, List<EntityId> entities, long known) {
        Map<EntityId, List<Period>> told = new HashMap<>();
        jdbc.sql("SELECT * FROM reading_period WHERE list_id = :list AND entity_id IN (:entities) AND "
                + ListingReader.KNOWN)
                .param("list", listId.value()).param("entities", entities.stream().map(EntityId::value).toList())
                .param("known", known).query(ListingReplay::found).list()
                .forEach(found -> told.computeIfAbsent(found.listing().entityId(), entity -> new ArrayList<>())
                        .add(found.period()));
        told.values().forEach(periods -> periods.sort(ORDER));
        return told;
    }

    /** The timelines that follow from an entity's events up to the position; a listing without a period is none. */
    private Map<ListId, List<Period>> replay(List<StoredEvent> stream, long known) {
        EntityState state = EntityState.EMPTY;
        Map<ActionId, Long> contents = new HashMap<>();
        for (StoredEvent stored : stream) {
            if (stored.position() <= known) {
                LedgerEvent event = (LedgerEvent) log.payload(stored);
                ActionId recordedAs = new ActionId(stored.eventId());
                state = state.after(event, recordedAs);
                contents.put(event instanceof ActionCorrected corrected ? corrected.actionId() : recordedAs,
                        stored.position());
            }
        }
        Map<ListId, List<Period>> timelines = new TreeMap<>();
        for (ListId listId : state.lists()) {
            List<Period> periods = state.timeline(listId).periods().stream().map(period -> period(period, contents))
                    .toList();
            if (!periods.isEmpty()) {
                timelines.put(listId, periods);
            }
        }
        return timelines;
    }

    private static Period period(Timeline.Period period, Map<ActionId, Long> contents) {
        return new Period(period.from(), period.to(), period.state().name(), period.since(), period.until(),
                period.expired(), period.inForce().map(step -> Objects.requireNonNull(contents.get(step.actionId()))),
                Objects.requireNonNull(contents.get(period.decidedBy().actionId())));
    }

    private static List<Difference> differences(Listing listing, List<Period> replayed, List<Period> reading) {
        if (replayed.equals(reading)) {
            return List.of();
        }
        List<Period> lacking = new ArrayList<>(replayed);
        reading.forEach(lacking::remove);
        List<Period> wrong = new ArrayList<>(reading);
        replayed.forEach(wrong::remove);
        List<Difference> differences = new ArrayList<>();
        for (Period right : lacking) {
            Optional<Period> instead = wrong.stream().filter(held -> held.from().equals(right.from())).findFirst();
            instead.ifPresent(wrong::remove);
            differences.add(new Difference(listing.entityId(), listing.listId(), Optional.of(right), instead));
        }
        wrong.forEach(held -> differences.add(
                new Difference(listing.entityId(), listing.listId(), Optional.empty(), Optional.of(held))));
        return differences;
    }

    private Map<ListId, Standing> standings(Map<ListId, List<Period>> timelines, LocalDate asOf) {
        Map<ListId, Standing> standings = new TreeMap<>();
        timelines.forEach((listId, periods) -> {
            Optional<Period> now = periods.stream().filter(period -> period.covers(asOf)).findFirst();
            standings.put(listId, new Standing(now.map(Period::state).orElse(Timeline.State.NOT_LISTED.name()),
                    now.map(Period::since), now.flatMap(Period::until),
                    now.flatMap(Period::entryPosition).flatMap(this::entry), periods));
        });
        return standings;
    }

    /** The entry that the event at a position states; a reading that is wrong may point anywhere. */
    private Optional<Entry> entry(long position) {
        return log.at(position).map(log::payload)
                .flatMap(event -> event instanceof EntityEvent about ? about.content() : Optional.empty())
                .flatMap(action -> action.newEntry());
    }

    private static Found found(ResultSet row, int number) throws SQLException {
        return new Found(new Listing(new EntityId(row.getString("entity_id")), new ListId(row.getString("list_id"))),
                new Period(row.getObject("valid_from", LocalDate.class),
                        Optional.ofNullable(row.getObject("valid_to", LocalDate.class)), row.getString("state"),
                        row.getObject("since", LocalDate.class),
                        Optional.ofNullable(row.getObject("until", LocalDate.class)), row.getBoolean("expired"),
                        Optional.ofNullable(row.getObject("entry_position", Long.class)),
                        row.getLong("decided_position")));
    }

    /** Adds up one side of a list. Used by one thread. */
    private static final class Tally {
        private final LocalDate asOf;
        private final MessageDigest digest;
        private long entities;
        private long entries;

        Tally(LocalDate asOf) {
            this.asOf = asOf;
            digest = Sha256.digest();
        }

        void add(EntityId entityId, List<Period> periods) {
            entities += periods.isEmpty() ? 0 : 1;
            for (Period period : periods) {
                entries += period.covers(asOf) && period.isInForce() ? 1 : 0;
                digest.update((entityId + " " + period + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }

        Figures figures(long events) {
            return new Figures(events, entities, entries, HexFormat.of().formatHex(digest.digest()));
        }
    }
}
