package org.policyledger.projections.listing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.policyledger.core.ActionId;
import org.policyledger.core.EntityId;
import org.policyledger.core.EventNames;
import org.policyledger.core.ListId;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.core.event.ListEvent;
import org.policyledger.core.event.ListRegistered;
import org.policyledger.core.event.SnapshotImported;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;
import org.policyledger.projections.listing.ListingRow.Known;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.Sha256;
import org.policyledger.store.StoredEvent;

/**
 * Keeps the listings reading: folds events, in position order and in batches, into rows. The rows depend on the events alone;
 * how the batches are cut makes no difference. Used by one thread at a time.
 */
public final class ListingProjection {

    /** The reading's name. */
    public static final String NAME = "listings";

    private static final int CACHED_ENTITIES = 4_000;

    /**
     * An event with its place and origin.
     *
     * @param leaf the hash of the record that all the rest was read out of
     */
    public record Fact(long position, long sequence, ActionId actionId, String actor, LedgerEvent event, Sha256 leaf) {

        /** The event as it is read from the log. */
        public static Fact of(StoredEvent stored, LedgerLog log) {
            return new Fact(stored.position(), stored.sequence(), new ActionId(stored.eventId()),
                    stored.attributes().getOrDefault("actor", "unknown"), (LedgerEvent) log.payload(stored),
                    stored.hashedLeaf());
        }
    }

    private record RowKey(EntityId entityId, ListId listId, LocalDate validFrom) {}

    private record NewRow(RowKey key, long knownFrom, Optional<Long> knownTo, ListingRow row) {}

    private record Closing(RowKey key, long knownTo) {}

    private final LedgerLog log;
    private final Map<EntityId, Known> recent = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<EntityId, Known> eldest) {
            return size() > CACHED_ENTITIES;
        }
    };

    public ListingProjection(LedgerLog log) {
        this.log = log;
    }

    /** Forgets what was kept in memory, after a transaction that did not commit. */
    public void forget() {
        recent.clear();
    }

    /** Writes the rows that the facts come to; the caller's transaction also holds its token. */
    public void write(List<Fact> facts, Connection connection) throws SQLException {
        Map<EntityId, Known> known = knownBefore(facts);
        Map<RowKey, NewRow> open = new LinkedHashMap<>();
        List<NewRow> finished = new ArrayList<>();
        List<Closing> closings = new ArrayList<>();
        for (Fact fact : facts) {
            Optional<EntityId> entityId = entityOf(fact.event());
            if (entityId.isPresent()) {
                Known before = known.getOrDefault(entityId.get(), Known.NOTHING);
                Known after = before.after(fact.event(), fact.actionId(), fact.position());
                known.put(entityId.get(), after);
                if (fact.event() instanceof EntityEvent event) {
                    supersede(event, fact.position(), before.rowsOf(event.listId()), after.rowsOf(event.listId()),
                            open, finished, closings);
                }
            }
        }
        // Rows that this very batch made and superseded are written closed; older ones are closed where they lie.
        close(closings, connection);
        finished.addAll(open.values());
        insertPeriods(finished, connection);
        insertFacts(facts, connection);
        recent.putAll(known);
    }

    private static void supersede(EntityEvent event, long position, List<ListingRow> before, List<ListingRow> after,
            Map<RowKey, NewRow> open, List<NewRow> finished, List<Closing> closings) {
        Set<ListingRow> kept = new HashSet<>(before);
        kept.retainAll(after);
        for (ListingRow row : before) {
            if (!kept.contains(row)) {
                RowKey key = new RowKey(event.entityId(), event.listId(), row.validFrom());
                NewRow made = open.remove(key);
                if (made == null) {
                    closings.add(new Closing(key, position));
                } else {
                    finished.add(new NewRow(key, made.knownFrom(), Optional.of(position), made.row()));
                }
            }
        }
        for (ListingRow row : after) {
            if (!kept.contains(row)) {
                RowKey key = new RowKey(event.entityId(), event.listId(), row.validFrom());
                open.put(key, new NewRow(key, position, Optional.empty(), row));
            }
        }
    }

    /** What was known of the facts' entities before the first of them, from memory or from the log. */
    private Map<EntityId, Known> knownBefore(List<Fact> facts) {
        Map<EntityId, Known> known = new HashMap<>();
        Map<String, EntityId> missing = new LinkedHashMap<>();
        for (Fact fact : facts) {
            Optional<EntityId> entityId = entityOf(fact.event());
            if (entityId.isPresent() && !known.containsKey(entityId.get())) {
                // Before the first event of its stream nothing was known of an entity: no need to look.
                Known remembered = fact.sequence() == 0 ? Known.NOTHING : recent.get(entityId.get());
                if (remembered != null) {
                    known.put(entityId.get(), remembered);
                } else {
                    missing.put(fact.event().stream(), entityId.get());
                }
            }
        }
        long first = facts.getFirst().position();
        log.readStreams(missing.keySet()).forEach((stream, events) -> {
            Known state = Known.NOTHING;
            for (StoredEvent stored : events) {
                if (stored.position() < first) {
                    state = state.after((LedgerEvent) log.payload(stored), new ActionId(stored.eventId()),
                            stored.position());
                }
            }
            EntityId entityId = missing.get(stream);
            if (entityId != null) {
                known.put(entityId, state);
            }
        });
        return known;
    }

    private static void close(Collection<Closing> closings, Connection connection) throws SQLException {
        if (closings.isEmpty()) {
            return;
        }
        try (PreparedStatement update = connection.prepareStatement("""
                UPDATE reading_period SET known_to = ?
                WHERE entity_id = ? AND list_id = ? AND valid_from = ? AND known_to IS NULL""")) {
            for (Closing closing : closings) {
                update.setLong(1, closing.knownTo());
                update.setString(2, closing.key().entityId().value());
                update.setString(3, closing.key().listId().value());
                update.setObject(4, closing.key().validFrom());
                update.addBatch();
            }
            for (int updated : update.executeBatch()) {
                if (updated != 1) {
                    throw new IllegalStateException("a superseded period was not found in the " + NAME + " reading");
                }
            }
        }
    }

    private static void insertPeriods(List<NewRow> rows, Connection connection) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(
                """
                        INSERT INTO reading_period (entity_id, list_id, valid_from, valid_to, known_from, known_to, state, since, until,
                            expired, entry_position, decided_position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")) {
            for (NewRow made : rows) {
                insert.setString(1, made.key().entityId().value());
                insert.setString(2, made.key().listId().value());
                insert.setObject(3, made.key().validFrom());
                insert.setObject(4, made.row().validTo().orElse(null), Types.DATE);
                insert.setLong(5, made.knownFrom());
                insert.setObject(6, made.knownTo().orElse(null), Types.BIGINT);
                insert.setString(7, made.row().state().name());
                insert.setObject(8, made.row().since());
                insert.setObject(9, made.row().until().orElse(null), Types.DATE);
                insert.setBoolean(10, made.row().expired());
                insert.setObject(11, made.row().entryPosition().orElse(null), Types.BIGINT);
                insert.setLong(12, made.row().decidedPosition());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static void insertFacts(List<Fact> facts, Connection connection) throws SQLException {
        try (PreparedStatement event = connection.prepareStatement("""
                INSERT INTO reading_event (position, type, entity_id, list_id, actor) VALUES (?, ?, ?, ?, ?)""");
                PreparedStatement list = connection
                        .prepareStatement("INSERT INTO reading_list (list_id, position) VALUES (?, ?)");
                PreparedStatement snapshot = connection.prepareStatement(
                        "INSERT INTO reading_snapshot (position, list_id, snapshot_date) VALUES (?, ?, ?)")) {
            for (Fact fact : facts) {
                event.setLong(1, fact.position());
                event.setString(2, EventNames.of(fact.event().getClass()).type());
                event.setString(3, entityOf(fact.event()).map(EntityId::value).orElse(null));
                event.setString(4, listOf(fact.event()).map(ListId::value).orElse(null));
                event.setString(5, fact.actor());
                event.addBatch();
                if (fact.event() instanceof ListRegistered registered) {
                    list.setString(1, registered.listId().value());
                    list.setLong(2, fact.position());
                    list.addBatch();
                } else if (fact.event() instanceof SnapshotImported imported) {
                    snapshot.setLong(1, fact.position());
                    snapshot.setString(2, imported.listId().value());
                    snapshot.setObject(3, imported.snapshotDate());
                    snapshot.addBatch();
                }
            }
            event.executeBatch();
            list.executeBatch();
            snapshot.executeBatch();
        }
    }

    /** The list that the event is about, where it is about one. */
    public static Optional<ListId> listOf(LedgerEvent event) {
        return switch (event) {
            case EntityEvent about -> Optional.of(about.listId());
            case ListEvent about -> Optional.of(about.listId());
            case CommitmentEvent elsewhere -> Optional.empty();
            case LinkEvent elsewhere -> Optional.empty();
            case StatementRecorded elsewhere -> Optional.empty();
            case NoticeRecorded elsewhere -> Optional.empty();
        };
    }

    /** The entity in whose record the event stands. */
    private static Optional<EntityId> entityOf(LedgerEvent event) {
        return switch (event) {
            case EntityEvent about -> Optional.of(about.entityId());
            case StatementRecorded about -> about.entityId();
            case ListEvent elsewhere -> Optional.empty();
            case CommitmentEvent elsewhere -> Optional.empty();
            case LinkEvent elsewhere -> Optional.empty();
            case NoticeRecorded elsewhere -> Optional.empty();
        };
    }
}
