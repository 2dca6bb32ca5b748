package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerDamaged;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.policyledger.store.Sha256;
import org.policyledger.store.StoredEvent;
import org.policyledger.store.Thing;

class LedgerTreeTest {

    private static final Duration SELDOM = Duration.ofHours(1);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    @SuppressWarnings("NullAway.Init")
    private Databases.Fresh database;
    @SuppressWarnings("NullAway.Init")
    private LedgerLog log;
    private int streams;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : opened.reversed()) {
            closeable.close();
        }
    }

    private <T extends AutoCloseable> T closing(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    private void create(Databases kind) {
        database = closing(kind.create());
        log = closing(LedgerLog.open(database.dataSource(), Thing.CODEC, LogSettings.defaults()));
    }

    private LedgerTree tree(Duration interval) {
        return LedgerTree.open(log, database.dataSource(), signer(), interval);
    }

    private NoteSigner signer() {
        return NoteSigner.open(folder.resolve("key"), log.origin());
    }

    private void record(int events) {
        List<NewEvent> some = IntStream.range(0, events).mapToObj(i -> Thing.event("s/" + streams++, 0)).toList();
        log.append(some, Optional.empty());
    }

    private static void until(BooleanSupplier holds) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it does not come about within 20 s").isLessThan(end);
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    private List<Sha256> leaves() {
        List<Sha256> leaves = new ArrayList<>();
        for (List<StoredEvent> page = log.read(-1, 1_000); !page.isEmpty(); page = log.read(leaves.size() - 1,
                1_000)) {
            page.forEach(event -> leaves.add(event.leafHash()));
        }
        return leaves;
    }

    private static Sha256 plainRoot(List<Sha256> leaves) {
        if (leaves.size() == 1) {
            return leaves.getFirst();
        }
        int left = Integer.highestOneBit(leaves.size() - 1);
        return Sha256.ofNode(plainRoot(leaves.subList(0, left)), plainRoot(leaves.subList(left, leaves.size())));
    }

    @ParameterizedTest
    @EnumSource
    void givenBatchesOfAnySize_whenEachIsCovered_thenEveryCheckpointIsSignedOverTheRootAndEveryProofHolds(
            Databases kind) {
        create(kind);
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<Checkpoint> signed = new ArrayList<>();
        for (int size : new int[]{1, 2, 252, 1, 1, 300, 20_500, 1 + random.nextInt(700)}) {
            record(size);
            LedgerTree covering = tree(SELDOM);
            LedgerTree.Signed latest = covering.latest().orElseThrow();
            covering.close();
            assertThat(SignedNote.parse(latest.note()).isSignedBy(signer().key())).isTrue();
            signed.add(latest.checkpoint());
        }
        LedgerTree tree = closing(tree(SELDOM));
        List<Sha256> leaves = leaves();
        assertThat(signed.getLast().size()).isEqualTo(leaves.size());
        for (Checkpoint checkpoint : signed) {
            assertThat(checkpoint.origin()).isEqualTo(log.origin());
            assertThat(checkpoint.root()).isEqualTo(plainRoot(leaves.subList(0, (int) checkpoint.size())))
                    .isEqualTo(tree.root(checkpoint.size()));
            Checkpoint last = signed.getLast();
            assertThat(MerkleTree.verifyConsistency(checkpoint.size(), checkpoint.root(), last.size(), last.root(),
                    tree.consistency(checkpoint.size(), last.size()))).isTrue();
            for (int i = 0; i < 5; i++) {
                int position = random.nextInt((int) checkpoint.size());
                assertThat(MerkleTree.verifyInclusion(leaves.get(position), position, checkpoint.size(),
                        tree.inclusion(position, checkpoint.size()), checkpoint.root())).isTrue();
            }
        }
        assertThat(tree.hashes(0, 0, 256)).isEqualTo(leaves.subList(0, 256));
        assertThat(tree.hashes(1, 0, 256)).hasSize(leaves.size() / 256)
                .startsWith(plainRoot(leaves.subList(0, 256)), plainRoot(leaves.subList(256, 512)));
    }

    @ParameterizedTest
    @EnumSource
    void givenALogThatGrows_whenTimePasses_thenItsTreeFollows(Databases kind) {
        create(kind);
        LedgerTree tree = closing(tree(Duration.ofMillis(20)));
        assertThat(tree.latest()).isEmpty();
        for (int i = 0; i < 5; i++) {
            record(100);
            until(() -> tree.latest().filter(signed -> signed.checkpoint().size() == log.head()).isPresent());
        }
        assertThat(tree.trouble()).isEmpty();
        assertThat(tree.latest().orElseThrow().checkpoint().root()).isEqualTo(plainRoot(leaves()));
    }

    @ParameterizedTest
    @EnumSource
    void givenTwoThatKeepOneTree_whenBothSign_thenEachTakesOverWhatTheOtherAdded(Databases kind) {
        create(kind);
        LedgerTree one = closing(tree(Duration.ofMillis(5)));
        LedgerTree other = closing(tree(Duration.ofMillis(5)));
        for (int i = 0; i < 30; i++) {
            record(97);
        }
        until(() -> other.latest().filter(signed -> signed.checkpoint().size() == log.head()).isPresent());
        assertThat(one.latest()).isEqualTo(other.latest());
        assertThat(one.latest().orElseThrow().checkpoint().root()).isEqualTo(plainRoot(leaves()));
        record(1);
        until(() -> one.latest().filter(signed -> signed.checkpoint().size() == log.head()).isPresent());
        until(() -> one.trouble().isEmpty() && other.trouble().isEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void givenTheTreesTables_whenTheyAreChanged_thenTheDatabaseRefuses(Databases kind) {
        create(kind);
        record(300);
        closing(tree(SELDOM));
        for (String change : List.of("UPDATE ledger_checkpoint SET size = 1", "DELETE FROM ledger_checkpoint",
                "UPDATE ledger_subtree SET level = 2", "DELETE FROM ledger_subtree", "TRUNCATE TABLE ledger_checkpoint",
                "TRUNCATE TABLE ledger_subtree")) {
            assertThatThrownBy(() -> database.execute(change)).as(change).isInstanceOf(SQLException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenALeafOrASubtreeThatWasAltered_whenTheTreeIsOpenedAgain_thenItIsRefusedAndNothingIsSigned(Databases kind)
            throws SQLException {
        create(kind);
        record(300);
        tree(SELDOM).close();
        String zeros = kind == Databases.H2 ? "X'" + "00".repeat(32) + "'" : "'\\x" + "00".repeat(32) + "'";
        for (String table : List.of("ledger_event SET leaf_hash = %s WHERE position = 290",
                "ledger_subtree SET hash = %s WHERE subtree_index = 0")) {
            String name = table.substring(0, table.indexOf(' '));
            String column = table.contains("leaf_hash") ? "leaf_hash" : "hash";
            Sha256 right = column.equals("hash") ? plainRoot(leaves().subList(0, 256)) : leaves().get(290);
            unguarded(kind, name, "UPDATE " + table.formatted(zeros));
            record(1);
            assertThatThrownBy(() -> tree(SELDOM)).isInstanceOf(LedgerDamaged.class)
                    .hasMessageContaining("of the first 300 events");
            unguarded(kind, name, "UPDATE " + table.formatted(zeros.replace("00".repeat(32), right.toString())));
        }
        LedgerTree mended = closing(tree(SELDOM));
        assertThat(mended.latest().orElseThrow().checkpoint().size()).isEqualTo(302);
    }

    private void unguarded(Databases kind, String table, String sql) throws SQLException {
        if (kind == Databases.H2) {
            database.execute("DROP TRIGGER " + table + "_append_only");
            database.execute(sql);
            database.execute("CREATE TRIGGER " + table + "_append_only BEFORE UPDATE, DELETE ON " + table
                    + " CALL 'org.policyledger.store.AppendOnly'");
        } else {
            database.execute("ALTER TABLE " + table + " DISABLE TRIGGER ALL");
            database.execute(sql);
            database.execute("ALTER TABLE " + table + " ENABLE ALWAYS TRIGGER " + table + "_append_only");
        }
    }
}
