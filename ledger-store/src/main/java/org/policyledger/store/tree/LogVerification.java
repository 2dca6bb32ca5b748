package org.policyledger.store.tree;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LedgerUnreadable;
import org.policyledger.store.Sha256;
import org.policyledger.store.StoredEvent;

/**
 * Verifies the log where it stands: every stored event against its own bytes, its hash and its place; every stored hash of the tree
 * against the events; every checkpoint against the tree and the keys; every witness's signature against its checkpoint; the head and
 * the idempotency keys against the events. It reads all of them, and tells all that is wrong. What is recorded meanwhile is left to
 * the next time.
 */
public final class LogVerification {

    /**
     * What came of it.
     *
     * @param events events verified
     * @param checkpoints checkpoints verified
     * @param root the root of the tree over the events
     * @param findings all that does not hold; none if it verifies
     */
    public record Result(long events, long checkpoints, Sha256 root, List<Finding> findings) {}

    private static final int PAGE = 1_000;

    private final LedgerLog log;
    private final DataSource dataSource;
    private final List<NoteKey> keys;
    private final List<NoteKey> witnesses;
    private final EventCheck.Findings findings = new EventCheck.Findings();
    private CompactRange tree = CompactRange.EMPTY;
    private final Deque<Row> checkpoints = new ArrayDeque<>();
    private long lastCheckpointRead = -1;
    private long checkpointsVerified;

    private record Row(long size, Sha256 root, String note) {}

    private record Cosignature(long size, String witness, String line, Optional<String> checkpoint) {}

    private record Subtree(int level, long index, Sha256 hash) {}

    private record KeyUse(String fingerprint, long firstPosition, int count) {}

    /**
     * @param keys of the log: those that may have signed its checkpoints; of witnesses: those whose signatures are verified, while of
     *        others the form alone is looked at
     */
    public LogVerification(LedgerLog log, DataSource dataSource, List<NoteKey> keys) {
        this.log = log;
        this.dataSource = dataSource;
        this.keys = keys.stream().filter(key -> key.type() == NoteKey.Type.LOG).toList();
        this.witnesses = keys.stream().filter(key -> key.type() == NoteKey.Type.WITNESS).toList();
    }

    /**
     * Verifies, once.
     *
     * @param progress told now and then how many events are done
     */
    public Result run(LongConsumer progress) {
        try (Connection connection = dataSource.getConnection()) {
            // The tree is read first: what covers events that are recorded meanwhile is none of its business here.
            long covered = number(connection, "SELECT COALESCE(MAX(size), 0) FROM ledger_checkpoint");
            long head = log.head();
            EventCheck check = new EventCheck(true, findings);
            long keyed = 0;
            for (long after = -1; after < head - 1;) {
                List<StoredEvent> page = log.stored(after, (int) Math.min(PAGE, head - 1 - after));
                if (page.isEmpty()) {
                    break;
                }
                List<EventCheck.Leaf> leaves = page.parallelStream()
                        .map(event -> EventCheck.read(event.event().getBytes(StandardCharsets.UTF_8))).toList();
                Map<Integer, List<Subtree>> complete = new TreeMap<>();
                for (int i = 0; i < page.size(); i++) {
                    StoredEvent event = page.get(i);
                    EventCheck.Leaf leaf = leaves.get(i);
                    String where = "position " + event.position();
                    checkColumns(event, leaf, where);
                    check.take(leaf, where);
                    tree = tree.plus(List.of(leaf.hash()), (level, index, hash) -> {
                        if (level % Tile.LEVEL_BITS == 0) {
                            complete.computeIfAbsent(level / Tile.LEVEL_BITS, none -> new ArrayList<>())
                                    .add(new Subtree(level / Tile.LEVEL_BITS, index, hash));
                        }
                    });
                    checkCheckpoints(connection, covered);
                }
                for (List<Subtree> level : complete.values()) {
                    checkSubtrees(connection, level, covered);
                }
                keyed += checkKeys(connection, leaves);
                after = page.getLast().position();
                progress.accept(tree.size());
            }
            checkEnds(connection, head, covered, keyed);
            checkCosignatures(connection);
            checkIds(connection);
            check.checkOrigin(origin(connection));
        } catch (SQLException e) {
            throw new LedgerUnreadable(e);
        }
        return new Result(tree.size(), checkpointsVerified, tree.root(), findings.all());
    }

    private void checkColumns(StoredEvent event, EventCheck.Leaf leaf, String where) {
        if (!leaf.hash().equals(event.leafHash())) {
            wrong(where, "the event has the leaf hash " + leaf.hash() + ", but " + event.leafHash() + " is stored");
        }
        column(where, "position", event.position(), leaf.position());
        column(where, "stream", event.stream(), leaf.stream());
        column(where, "sequence", event.sequence(), leaf.sequence());
        column(where, "event_id", event.eventId().toString(), leaf.id());
        column(where, "type", event.type(), leaf.type());
        column(where, "revision", (long) event.revision(), leaf.revision());
        column(where, "recorded_at", event.time(), leaf.time());
    }

    private void column(String where, String name, Object stored, Object said) {
        if (!stored.equals(said)) {
            wrong(where, "the column " + name + " holds " + stored + ", but the event says " + said);
        }
    }

    /** Holds the checkpoints of the tree's present size against it. */
    private void checkCheckpoints(Connection connection, long covered) throws SQLException {
        while (true) {
            if (checkpoints.isEmpty() && lastCheckpointRead < covered) {
                readCheckpoints(connection, covered);
            }
            Row row = checkpoints.peekFirst();
            if (row == null || row.size() > tree.size()) {
                return;
            }
            checkpoints.removeFirst();
            checkCheckpoint(row);
        }
    }

    private void readCheckpoints(Connection connection, long covered) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT size, root_hash, note FROM ledger_checkpoint"
                + " WHERE size > ? AND size <= ? ORDER BY size LIMIT " + PAGE)) {
            query.setLong(1, lastCheckpointRead);
            query.setLong(2, covered);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    checkpoints.add(new Row(rows.getLong(1), Sha256.of(rows.getBytes(2)), rows.getString(3)));
                }
            }
        }
        lastCheckpointRead = checkpoints.isEmpty() ? covered : checkpoints.getLast().size();
    }

    private void checkCheckpoint(Row row) {
        String where = "checkpoint of " + row.size() + " events";
        checkpointsVerified++;
        try {
            SignedNote note = SignedNote.parse(row.note());
            Checkpoint signed = Checkpoint.parse(note.text());
            if (keys.stream().noneMatch(note::isSignedBy)) {
                wrong(where, "no key of this ledger signed it");
            }
            if (!note.text().equals(signed.text()) || !signed.origin().equals(log.origin())
                    || signed.size() != row.size()) {
                wrong(where, "its note says " + signed + " of the log " + log.origin());
            }
            if (!signed.root().equals(row.root())) {
                wrong(where, "its note says the root is " + signed.root() + ", but " + row.root()
                        + " is stored");
            }
            if (row.size() == tree.size() && !signed.root().equals(tree.root())) {
                wrong(where, "it says the root is " + signed.root() + ", but the first " + row.size()
                        + " events have the root " + tree.root());
            }
            if (row.size() != tree.size()) {
                wrong(where, "the log has only " + tree.size() + " events");
            }
        } catch (IllegalArgumentException unreadable) {
            wrong(where, String.valueOf(unreadable.getMessage()));
        }
    }

    /** Looks for ids that came twice, should the index that refuses them be gone. */
    private void checkIds(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT event_id, COUNT(*) FROM ledger_event GROUP BY event_id HAVING COUNT(*) > 1 ORDER BY event_id");
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                wrong("event id " + rows.getString(1), rows.getLong(2) + " events have it");
            }
        }
    }

    /** Holds the signatures of witnesses against the checkpoints that they stand under. */
    private void checkCosignatures(Connection connection) throws SQLException {
        List<Cosignature> page = List.of(new Cosignature(Long.MIN_VALUE, "", "", Optional.empty()));
        do {
            page = cosignaturesAfter(connection, page.getLast());
            page.parallelStream().flatMap(row -> fault(row).map(what -> new Finding("the signature of " + row.witness()
                    + " under the checkpoint of " + row.size() + " events", what)).stream()).toList().forEach(findings);
        } while (!page.isEmpty());
    }

    private static List<Cosignature> cosignaturesAfter(Connection connection, Cosignature last) throws SQLException {
        List<Cosignature> page = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT c.size, witness, line, note"
                + " FROM ledger_cosignature c LEFT JOIN ledger_checkpoint k ON k.size = c.size"
                + " WHERE c.size >= ? AND (c.size > ? OR witness > ?) ORDER BY c.size, witness LIMIT " + PAGE)) {
            query.setLong(1, last.size());
            query.setLong(2, last.size());
            query.setString(3, last.witness());
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    page.add(new Cosignature(rows.getLong(1), rows.getString(2), rows.getString(3),
                            Optional.ofNullable(rows.getString(4))));
                }
            }
        }
        return page;
    }

    private Optional<String> fault(Cosignature row) {
        try {
            SignedNote.Signature signature = SignedNote.Signature.parse(row.line());
            if (!signature.keyName().equals(row.witness())
                    || signature.bytes().value().length != Long.BYTES + NoteKey.SIGNATURE_LENGTH) {
                return Optional.of("'" + row.line() + "' is no cosignature by that key");
            }
            if (row.checkpoint().isEmpty()) {
                return Optional.of("no such checkpoint is stored");
            }
            SignedNote note = new SignedNote(SignedNote.parse(row.checkpoint().get()).text(), List.of(signature));
            return witnesses.stream().filter(signature::isOf).allMatch(note::isSignedBy)
                    ? Optional.empty()
                    : Optional.of("it does not hold: it, or the checkpoint, was altered");
        } catch (IllegalArgumentException unreadable) {
            return Optional.of(String.valueOf(unreadable.getMessage()));
        }
    }

    /** Holds the stored hashes of subtrees that the page completed, all of one level, against those computed. */
    private void checkSubtrees(Connection connection, List<Subtree> computed, long covered) throws SQLException {
        int level = computed.getFirst().level();
        Map<Long, Sha256> stored = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT subtree_index, hash FROM ledger_subtree WHERE level = ? AND subtree_index BETWEEN ? AND ?")) {
            query.setInt(1, level);
            query.setLong(2, computed.getFirst().index());
            query.setLong(3, computed.getLast().index());
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    stored.put(rows.getLong(1), Sha256.of(rows.getBytes(2)));
                }
            }
        }
        for (Subtree subtree : computed) {
            if ((subtree.index() + 1) << (Tile.LEVEL_BITS * level) > covered) {
                continue;
            }
            Optional<Sha256> found = Optional.ofNullable(stored.get(subtree.index()));
            if (!found.equals(Optional.of(subtree.hash()))) {
                wrong("tile level " + level + ", hash " + subtree.index(), "the events below it have the hash "
                        + subtree.hash() + ", but " + found.map(Sha256::toString).orElse("none") + " is stored");
            }
        }
    }

    /** Holds the idempotency keys that the events say they were recorded under against those stored; how many there were. */
    private long checkKeys(Connection connection, List<EventCheck.Leaf> leaves) throws SQLException {
        Map<String, EventCheck.Leaf> firsts = new HashMap<>();
        leaves.stream().filter(leaf -> !leaf.key().isEmpty()).forEach(leaf -> firsts.putIfAbsent(leaf.key(), leaf));
        if (firsts.isEmpty()) {
            return 0;
        }
        Map<String, KeyUse> stored = new HashMap<>();
        try (PreparedStatement query = connection
                .prepareStatement("SELECT idempotency_key, fingerprint, first_position,"
                        + " event_count FROM ledger_idempotency_key WHERE idempotency_key = ANY(?)")) {
            query.setArray(1, connection.createArrayOf("varchar", firsts.keySet().toArray(String[]::new)));
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    stored.put(rows.getString(1), new KeyUse(rows.getString(2), rows.getLong(3), rows.getInt(4)));
                }
            }
        }
        long begun = 0;
        for (EventCheck.Leaf leaf : leaves) {
            KeyUse use = leaf.key().isEmpty() ? null : stored.get(leaf.key());
            if (leaf.key().isEmpty()) {
                continue;
            }
            String where = "idempotency key '" + leaf.key() + "'";
            if (use == null || leaf.position() < use.firstPosition()
                    || leaf.position() >= use.firstPosition() + use.count()
                    || !use.fingerprint().equals(leaf.requestHash())) {
                wrong(where, "the event at position " + leaf.position() + " was recorded under it for the request "
                        + leaf.requestHash() + ", but " + (use == null ? "it is not" : use.toString() + " is")
                        + " stored");
            } else if (leaf.position() == use.firstPosition()) {
                begun++;
            }
        }
        return begun;
    }

    private void checkEnds(Connection connection, long head, long covered, long keyed) throws SQLException {
        checkCheckpoints(connection, covered);
        checkpoints.forEach(this::checkCheckpoint);
        if (tree.size() != head) {
            wrong("the head", "it says that " + head + " events are recorded, but there are " + tree.size());
        }
        if (log.head() == head) {
            long more = number(connection, "SELECT COUNT(*) FROM ledger_event WHERE position >= " + head)
                    + number(connection, "SELECT COUNT(*) FROM ledger_event WHERE position < 0");
            if (more > 0) {
                wrong("the head", "it says that " + head + " events are recorded, but " + more + " more are stored");
            }
            long keys = number(connection, "SELECT COUNT(*) FROM ledger_idempotency_key");
            if (keys != keyed) {
                wrong("idempotency keys", keys + " are stored, but the events were recorded under " + keyed);
            }
        }
        long expected = 0;
        for (int level = 1; Tile.LEVEL_BITS * level < Long.SIZE; level++) {
            expected += covered >> (Tile.LEVEL_BITS * level);
        }
        long stored = number(connection, "SELECT COUNT(*) FROM ledger_subtree");
        if (stored < expected
                || (stored > expected
                        && covered == number(connection, "SELECT COALESCE(MAX(size), 0) FROM ledger_checkpoint"))) {
            wrong("tiles", stored + " hashes are stored, but a tree of " + covered + " events has " + expected);
        }
        if (head > 0 && covered == 0) {
            wrong("checkpoints", "there is none, but " + head + " events are recorded");
        }
    }

    private static String origin(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT origin FROM ledger_head");
                ResultSet row = query.executeQuery()) {
            return row.next() ? row.getString(1) : "";
        }
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql); ResultSet row = query.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private void wrong(String where, String what) {
        findings.accept(new Finding(where, what));
    }
}
