package org.policyledger.store.tree;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.policyledger.store.LedgerDamaged;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LedgerUnreadable;
import org.policyledger.store.Sha256;
import org.policyledger.store.StoredEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the Merkle tree over the log, and signs a checkpoint of it after events were recorded, at most one in each interval. The
 * hashes of complete subtrees and the checkpoint that covers them are one transaction. A new checkpoint is signed only if the tree
 * still has the root of the last one: so none is ever inconsistent with an earlier one, whatever has crashed. Several processes
 * may keep one log's tree; what one has added, the others take over. Thread-safe.
 *
 * <p>Answers reach as far as the last checkpoint.
 */
public final class LedgerTree implements AutoCloseable {

    /**
     * A checkpoint as it was signed.
     *
     * @param note as it is published: signed by the log, and under that by its witnesses
     */
    public record Signed(Checkpoint checkpoint, String note) {}

    private static final Logger LOG = LoggerFactory.getLogger(LedgerTree.class);
    private static final int LEAVES_AT_ONCE = 20_000;
    /** About 5 MB: what a second brings, and twice that. */
    private static final int FRESH_LEAVES = 65_536;
    private static final int WAIT_MILLIS = 20;
    private static final int LEVELS = 64 / Tile.LEVEL_BITS;
    private static final String UNIQUE_VIOLATION = "23505";

    private final LedgerLog log;
    private final DataSource dataSource;
    private final Quorum quorum;
    private final Checkpoints checkpoints;
    private final AtomicBoolean due = new AtomicBoolean(true);
    private final Fresh fresh = new Fresh();
    private final ScheduledExecutorService keeper = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("ledger-tree").factory());
    private Optional<CompactRange> edge = Optional.empty();
    private long covered;
    private volatile Optional<String> trouble = Optional.empty();

    private LedgerTree(LedgerLog log, DataSource dataSource, NoteSigner signer, Quorum quorum) {
        this.log = log;
        this.dataSource = dataSource;
        this.quorum = quorum;
        this.checkpoints = new Checkpoints(log.origin(), signer, quorum);
    }

    /** A tree whose checkpoints no witness signs, and nothing outside the database keeps. */
    public static LedgerTree open(LedgerLog log, DataSource dataSource, NoteSigner signer, Duration interval) {
        return open(log, dataSource, signer, interval, Quorum.NONE, Optional.empty());
    }

    /**
     * Brings the tree and its checkpoint up to the log's head, and keeps them there.
     *
     * @param interval how often a checkpoint is signed at most, and how soon what other processes recorded is covered
     * @param outside where checkpoints are kept that the tree must still be consistent with
     * @throws LedgerDamaged if the tree does not have the root of the last checkpoint, or that of the last one outside; then nothing is signed
     */
    public static LedgerTree open(LedgerLog log, DataSource dataSource, NoteSigner signer, Duration interval,
            Quorum quorum, Optional<CheckpointTarget> outside) {
        LedgerTree tree = new LedgerTree(log, dataSource, signer, quorum);
        outside.ifPresent(target -> target.check(tree));
        tree.catchUp();
        log.onCommit(tree::recorded);
        long millis = interval.toMillis();
        var unused = tree.keeper.scheduleWithFixedDelay(tree::keep, millis, millis, TimeUnit.MILLISECONDS);
        return tree;
    }

    /** Signs what is recorded by now, unless the database is away, and ends the tree's thread. */
    @Override
    public void close() {
        keeper.shutdown();
        try {
            if (keeper.awaitTermination(10, TimeUnit.SECONDS)) {
                keep();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What keeps the tree from covering what is recorded; empty when nothing does. */
    public Optional<String> trouble() {
        return trouble;
    }

    // ---- keeping: one thread at a time ----

    /**
     * The leaves that this process recorded last: they need not be read again, and are what was acknowledged, whatever has become
     * of the rows since.
     */
    private static final class Fresh {
        private final List<Sha256> leaves = new ArrayList<>();
        private long first;

        synchronized void add(List<StoredEvent> events) {
            long position = events.getFirst().position();
            if (position != first + leaves.size() || leaves.size() + events.size() > FRESH_LEAVES) {
                leaves.clear();
                first = position;
            }
            events.forEach(event -> leaves.add(event.leafHash()));
        }

        /** Those from a position on; none if the leaf there is not among them. */
        synchronized List<Sha256> takeFrom(long position) {
            if (position < first || position >= first + leaves.size()) {
                return List.of();
            }
            List<Sha256> taken = List.copyOf(leaves.subList((int) (position - first), leaves.size()));
            leaves.clear();
            return taken;
        }
    }

    private void recorded(List<StoredEvent> events) {
        fresh.add(events);
        due.set(true);
    }

    private synchronized void keep() {
        // Other processes record too, and tell nobody: then the head is asked.
        boolean told = due.getAndSet(false);
        try {
            if (told || edge.isEmpty() || edge.get().size() < log.head()) {
                catchUp();
            }
            trouble = Optional.empty();
        } catch (RuntimeException failed) {
            due.set(true);
            if (trouble.isEmpty()) {
                LOG.error("The tree cannot be brought up to the log; it is tried again", failed);
            }
            trouble = Optional.of(String.valueOf(failed.getMessage()));
        }
    }

    private synchronized void catchUp() {
        try (Connection connection = dataSource.getConnection()) {
            boolean auto = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try {
                while (step(connection)) {
                    connection.commit();
                    covered = edge.orElseThrow().size();
                }
            } finally {
                connection.rollback();
                connection.setAutoCommit(auto);
            }
        } catch (SQLException e) {
            edge = Optional.empty();
            if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
                throw new LedgerUnreadable(e);
            }
            // Another process has covered the same events: what it wrote is taken over the next time.
            due.set(true);
        }
    }

    /** Adds some leaves and signs; false when there is nothing to add. */
    private boolean step(Connection connection) throws SQLException {
        Optional<Signed> last = checkpoints.newest(connection);
        long size = last.map(signed -> signed.checkpoint().size()).orElse(0L);
        if (size < covered) {
            edge = Optional.empty();
            throw new LedgerDamaged("The last checkpoint in the database is of " + size + " events, but " + covered
                    + " were covered by one that this process signed: an older state of the database was put back.");
        }
        if (edge.isEmpty() || edge.get().size() != size) {
            edge = Optional.of(load(connection, size));
            checkAgainst(last, edge.get());
        }
        List<Sha256> leaves = fresh.takeFrom(size);
        if (leaves.isEmpty()) {
            leaves = hashes(connection, 0, size, LEAVES_AT_ONCE);
        }
        if (leaves.isEmpty()) {
            return false;
        }
        List<Object[]> complete = new ArrayList<>();
        CompactRange grown = edge.get().plus(leaves, (level, index, hash) -> {
            if (level % Tile.LEVEL_BITS == 0) {
                complete.add(new Object[]{level / Tile.LEVEL_BITS, index, hash.bytes()});
            }
        });
        try (PreparedStatement insert = connection
                .prepareStatement("INSERT INTO ledger_subtree (level, subtree_index, hash) VALUES (?, ?, ?)")) {
            for (Object[] row : complete) {
                insert.setObject(1, row[0]);
                insert.setObject(2, row[1]);
                insert.setObject(3, row[2]);
                insert.addBatch();
            }
            insert.executeBatch();
        }
        Checkpoint checkpoint = new Checkpoint(log.origin(), grown.size(), grown.root());
        checkpoints.sign(connection, checkpoint);
        // If the commit fails, what the database holds decides: the next step finds the sizes apart and loads anew.
        edge = Optional.of(grown);
        return true;
    }

    private void checkAgainst(Optional<Signed> last, CompactRange loaded) {
        last.map(Signed::checkpoint).filter(checkpoint -> !checkpoint.root().equals(loaded.root()))
                .ifPresent(checkpoint -> {
                    edge = Optional.empty();
                    throw new LedgerDamaged("The tree of the first " + checkpoint.size() + " events has the root "
                            + loaded.root() + ", but the checkpoint signed of them says " + checkpoint.root() + ".");
                });
    }

    /** The tree at a size, from what is stored. */
    private static CompactRange load(Connection connection, long size) {
        Tiles tiles = new Tiles(connection);
        List<Sha256> perfect = new ArrayList<>();
        for (int level = Long.SIZE - 1; level >= 0; level--) {
            if ((size >> level & 1) == 1) {
                perfect.add(tiles.hash(level, (size >> level) - 1));
            }
        }
        return CompactRange.of(size, perfect);
    }

    // ---- answering ----

    /** The checkpoint signed last, with the signatures of witnesses as they come; empty while nothing is recorded. */
    public Optional<Signed> latest() {
        return reading(checkpoints::latest);
    }

    /** The last checkpoint that a {@link Quorum} of witnesses has signed, with their signatures. It is not always the last one. */
    public Optional<Signed> cosigned() {
        return quorum.witnesses().isEmpty() ? Optional.empty() : reading(checkpoints::cosigned);
    }

    /** Keeps a signature under a checkpoint. */
    void cosign(Checkpoint checkpoint, SignedNote.Signature line) {
        NoteKey witness = quorum.witnesses().stream()
                .filter(new SignedNote(checkpoint.text(), List.of(line))::isSignedBy).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + line + "' is no signature of a witness"));
        try (Connection connection = dataSource.getConnection()) {
            checkpoints.cosign(connection, checkpoint, witness, line);
        } catch (SQLException e) {
            // Another process may have asked the same witness.
            if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
                throw new LedgerUnreadable(e);
            }
        }
    }

    /**
     * Whether the log still begins with what a checkpoint, kept elsewhere, was signed over.
     *
     * @param where it was found
     * @throws LedgerDamaged if it does not, or the checkpoint is not one of this log
     */
    void check(SignedNote note, String where) {
        checkpoints.requireOurs(note, where);
        Checkpoint theirs = Checkpoint.parse(note.text());
        Optional<Checkpoint> ours = latest().map(Signed::checkpoint);
        long size = ours.map(Checkpoint::size).orElse(0L);
        String found = "The checkpoint " + where + " was signed over " + theirs.size() + " events with the root "
                + theirs.root() + ", but the database's last one, ";
        if (size < theirs.size()) {
            throw new LedgerDamaged(found + ours.map(it -> "with the root " + it.root() + ",").orElse("of none,")
                    + " covers " + size
                    + ": the log was rolled back, by an older state of the database or by events cut off.");
        }
        Sha256 root = theirs.size() == 0 ? MerkleTree.EMPTY : root(theirs.size());
        if (!root.equals(theirs.root())) {
            throw new LedgerDamaged(found + "of " + size + " events, follows on a tree with the root " + root
                    + " there: the log was forked, or events in it were changed.");
        }
    }

    /**
     * A checkpoint that covers the event at a position, once there is one: the last that is cosigned, if that does, or else the last. So
     * what was recorded long enough ago is proved by what others have signed too.
     *
     * @return empty if none came within the time: see {@link #trouble}
     */
    public Optional<Signed> covering(long position, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<Signed> found = Stream.of(cosigned(), latest()).flatMap(Optional::stream)
                    .filter(signed -> signed.checkpoint().size() > position).findFirst();
            if (found.isPresent() || System.nanoTime() >= end) {
                return found;
            }
            TimeUnit.MILLISECONDS.sleep(WAIT_MILLIS);
        }
    }

    /** A tile's hashes one after the other, 32 bytes each; empty if the tree is not that large yet. */
    public Optional<byte[]> tile(Tile tile) {
        if (!reaches(tile)) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(tile.width() * 32);
        hashes(tile.level(), tile.index() * Tile.FULL, tile.width()).forEach(hash -> bytes.put(hash.bytes()));
        if (bytes.hasRemaining()) {
            throw new LedgerDamaged("Of the tile " + tile + ", " + bytes.remaining() / 32 + " hashes are missing.");
        }
        return Optional.of(bytes.array());
    }

    /** The entries under a tile of level 0, each after its length as two bytes; empty if the tree is not that large yet. */
    public Optional<byte[]> entries(Tile tile) {
        if (tile.level() != 0 || !reaches(tile)) {
            return Optional.empty();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(tile.width() * 1_024);
        for (StoredEvent event : log.read(tile.index() * Tile.FULL - 1, tile.width())) {
            byte[] entry = event.event().getBytes(StandardCharsets.UTF_8);
            bytes.write(entry.length >> 8);
            bytes.write(entry.length);
            bytes.writeBytes(entry);
        }
        return Optional.of(bytes.toByteArray());
    }

    /** Whether a checkpoint covers the tile. */
    private boolean reaches(Tile tile) {
        long size = reading(checkpoints::newest).map(signed -> signed.checkpoint().size()).orElse(0L);
        return tile.level() < LEVELS
                && tile.index() * Tile.FULL + tile.width() <= size >> (Tile.LEVEL_BITS * tile.level());
    }

    /** The proof that the event at a position is in the log that a checkpoint of its tree covers. */
    public TlogProof proof(long position, Signed signed) {
        return new TlogProof(position, inclusion(position, signed.checkpoint().size()), signed.note());
    }

    /** The root of the tree at a size up to the last checkpoint's. */
    public Sha256 root(long size) {
        return answering(tree -> tree.root(size));
    }

    /** The audit path of the event at a position, in the tree at a size up to the last checkpoint's. */
    public List<Sha256> inclusion(long position, long size) {
        return answering(tree -> tree.inclusion(position, size));
    }

    /** The proof that the tree at one size begins with that at another, up to the last checkpoint's. */
    public List<Sha256> consistency(long from, long to) {
        return answering(tree -> tree.consistency(from, to));
    }

    /**
     * Hashes of one level of tiles (C2SP tlog-tiles), fewer where the tree ends: at level 0 those of leaves, at level L those of
     * complete subtrees of {@code 256^L} leaves.
     */
    public List<Sha256> hashes(int level, long from, int count) {
        return reading(connection -> hashes(connection, level, from, count));
    }

    private <T> T answering(Function<MerkleTree, T> question) {
        return reading(connection -> question.apply(new MerkleTree(new Tiles(connection))));
    }

    /** The tiles that one answer needs: most of them for several hashes, so each is read once. */
    private static final class Tiles implements MerkleTree.Subtrees {
        private final Connection connection;
        private final Map<Tile, List<Sha256>> read = new HashMap<>();

        Tiles(Connection connection) {
            this.connection = connection;
        }

        @Override
        public Sha256 hash(int level, long index) {
            int count = 1 << level % Tile.LEVEL_BITS;
            long first = index * count;
            List<Sha256> tile = read.computeIfAbsent(
                    new Tile(level / Tile.LEVEL_BITS, first / Tile.FULL, Tile.FULL), this::read);
            int from = (int) (first % Tile.FULL);
            if (tile.size() < from + count) {
                throw new LedgerDamaged("The subtree of 2^" + level + " leaves from " + (index << level)
                        + " on is not all there: the log holds less than was asked for, or was cut.");
            }
            return CompactRange.EMPTY.plus(tile.subList(from, from + count)).root();
        }

        /** What there is of it. */
        private List<Sha256> read(Tile tile) {
            try {
                return hashes(connection, tile.level(), tile.index() * Tile.FULL, Tile.FULL);
            } catch (SQLException e) {
                throw new LedgerUnreadable(e);
            }
        }
    }

    private static List<Sha256> hashes(Connection connection, int level, long from, int count) throws SQLException {
        String sql = level == 0
                ? "SELECT position, leaf_hash FROM ledger_event WHERE position >= ? AND position < ? ORDER BY position"
                : "SELECT subtree_index, hash FROM ledger_subtree WHERE subtree_index >= ? AND subtree_index < ?"
                        + " AND level = ? ORDER BY subtree_index";
        List<Sha256> hashes = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setLong(1, from);
            query.setLong(2, from + count);
            if (level > 0) {
                query.setInt(3, level);
            }
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    if (rows.getLong(1) != from + hashes.size()) {
                        throw new LedgerDamaged("At level " + level + " of the tree, hash " + (from + hashes.size())
                                + " is missing; the next one is " + rows.getLong(1) + ".");
                    }
                    hashes.add(Sha256.of(rows.getBytes(2)));
                }
            }
        }
        return hashes;
    }

    private interface Read<T> {
        T from(Connection connection) throws SQLException;
    }

    private <T> T reading(Read<T> read) {
        try (Connection connection = dataSource.getConnection()) {
            return read.from(connection);
        } catch (SQLException e) {
            throw new LedgerUnreadable(e);
        }
    }
}
