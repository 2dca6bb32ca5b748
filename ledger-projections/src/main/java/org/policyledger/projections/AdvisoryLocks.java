package org.policyledger.projections;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What processes on one PostgreSQL tell each other about generations of the readings: advisory locks of one connection, which end
 * with it, however that goes. Thread-safe.
 */
final class AdvisoryLocks implements AutoCloseable {

    /** Sets the ledger's locks apart from those of others on the database. */
    private static final int SPACE = 0x504C4752;
    private static final int REBUILD = -1;
    private static final int SECONDS = 5;

    private final DataSource database;
    private final Set<Integer> shared = new TreeSet<>();
    private @Nullable Connection connection;

    AdvisoryLocks(DataSource database) {
        this.database = database;
    }

    /** Says that this process uses a generation. */
    synchronized void share(int generation) {
        if (!shared.contains(generation)) {
            ask("pg_advisory_lock_shared", generation);
            shared.add(generation);
        }
    }

    /** Lets go of generations that this process no longer uses; takes up a lost connection, with its locks, again. */
    synchronized void keep(IntPredicate isUsed) {
        try {
            if (connection == null || !connection.isValid(SECONDS)) {
                close();
                connect();
            }
        } catch (SQLException lost) {
            throw away(lost);
        }
        for (int generation : Set.copyOf(shared)) {
            if (!isUsed.test(generation)) {
                shared.remove(generation);
                ask("pg_advisory_unlock_shared", generation);
            }
        }
    }

    /** Does the work if no process, this one neither, uses the generation; false if one does. */
    synchronized boolean alone(int generation, Runnable work) {
        if (shared.contains(generation) || !ask("pg_try_advisory_lock", generation)) {
            return false;
        }
        try {
            work.run();
            return true;
        } finally {
            ask("pg_advisory_unlock", generation);
        }
    }

    /** Of all processes, one at a time may rebuild. */
    synchronized boolean claimRebuild() {
        return ask("pg_try_advisory_lock", REBUILD);
    }

    synchronized void releaseRebuild() {
        ask("pg_advisory_unlock", REBUILD);
    }

    private boolean ask(String function, int object) {
        try {
            return call(connect(), function, object);
        } catch (SQLException lost) {
            close();
            throw away(lost);
        }
    }

    private Connection connect() throws SQLException {
        Connection open = connection;
        if (open == null || open.isClosed()) {
            open = database.getConnection();
            connection = open;
            for (int generation : shared) {
                call(open, "pg_advisory_lock_shared", generation);
            }
        }
        return open;
    }

    private static IllegalStateException away(SQLException lost) {
        return new IllegalStateException("the database does not answer: " + lost.getMessage(), lost);
    }

    private static boolean call(Connection connection, String function, int object) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT " + function + "(" + SPACE + ", " + object + ")")) {
            return row.next() && "t".equals(row.getString(1));
        }
    }

    @Override
    public synchronized void close() {
        Connection ended = connection;
        connection = null;
        if (ended != null) {
            try (ended; Statement statement = ended.createStatement()) {
                // A pool would hand its locks to whoever gets it next.
                statement.execute("SELECT pg_advisory_unlock_all()");
            } catch (SQLException gone) {
                // with it went its locks
            }
        }
    }
}
