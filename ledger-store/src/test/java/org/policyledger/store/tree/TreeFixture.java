package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.policyledger.store.Thing;

/** A log in a fresh database, with what tests of its tree, witnesses and checkpoints do to it. */
abstract class TreeFixture {

    static final String ORIGIN = "ledger.example/main";
    static final Duration SOON = Duration.ofMillis(20);
    static final Duration SELDOM = Duration.ofHours(1);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    @SuppressWarnings("NullAway.Init")
    Databases.Fresh database;
    @SuppressWarnings("NullAway.Init")
    LedgerLog log;
    private int streams;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : opened.reversed()) {
            closeable.close();
        }
    }

    <T extends AutoCloseable> T closing(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    void create(Databases kind) {
        database = closing(kind.create());
        openLog();
    }

    void openLog() {
        log = closing(LedgerLog.open(database.dataSource(), Thing.CODEC, LogSettings.defaults().withOrigin(ORIGIN)));
    }

    NoteSigner signer() {
        return NoteSigner.open(folder.resolve("ledger.key"), ORIGIN);
    }

    LedgerTree tree(Duration interval, Quorum quorum, Optional<CheckpointTarget> outside) {
        return closing(LedgerTree.open(log, database.dataSource(), signer(), interval, quorum, outside));
    }

    void record(int events) {
        List<NewEvent> some = IntStream.range(0, events).mapToObj(i -> Thing.event("s/" + streams++, 0)).toList();
        log.append(some, Optional.empty());
    }

    static long size(LedgerTree tree) {
        return tree.latest().map(signed -> signed.checkpoint().size()).orElse(0L);
    }

    static long cosigned(LedgerTree tree) {
        return tree.cosigned().map(signed -> signed.checkpoint().size()).orElse(0L);
    }

    static void until(BooleanSupplier holds) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it does not come about within 20 s").isLessThan(end);
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    /** The whole of the log, tree and log closed, as an older copy of the database would have it; below 256 events. */
    void rollBackTo(long size) throws SQLException {
        log.close();
        for (String table : List.of("ledger_cosignature", "ledger_checkpoint", "ledger_event")) {
            unguarded(table, "DELETE FROM " + table + " WHERE "
                    + (table.equals("ledger_event") ? "position >= " : "size > ") + size);
        }
        database.execute("UPDATE ledger_head SET next_position = " + size);
        openLog();
    }

    /** Does what the owner of a table can do: it first takes the guard away. */
    void unguarded(String table, String sql) throws SQLException {
        if (database.kind() == Databases.H2) {
            database.execute("DROP TRIGGER IF EXISTS " + table + "_append_only");
        } else {
            database.execute("ALTER TABLE " + table + " DISABLE TRIGGER ALL");
        }
        database.execute(sql);
    }
}
