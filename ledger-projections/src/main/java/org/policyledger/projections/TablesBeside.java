package org.policyledger.projections;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.policyledger.core.ActionId;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.projections.Rebuild.Comparison;
import org.policyledger.projections.Rebuild.Interruption;
import org.policyledger.projections.Rebuild.RowDifference;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.listing.ListingProjection.Fact;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;

/**
 * A new generation of the reading tables, filled from the log beside the live one by the same {@link ReadingWriter}. Used by one
 * thread.
 */
final class TablesBeside implements Rebuild.Beside {

    /** The most differences that are told. */
    static final int MOST_DIFFERENCES = 10;

    private static final int BATCH = 2_000;

    private final LedgerLog log;
    private final DataSource database;
    private final Generations generations;
    private final int liveGeneration;
    private final int generation;
    private final ReadingWriter writer;
    private long position = -1;

    private TablesBeside(LedgerLog log, DataSource database, Generations generations, int liveGeneration,
            int generation) {
        this.log = log;
        this.database = database;
        this.generations = generations;
        this.liveGeneration = liveGeneration;
        this.generation = generation;
        this.writer = new ReadingWriter(log);
    }

    /** Makes the new, empty tables; empty while another process does the same. */
    static Optional<TablesBeside> begin(LedgerLog log, DataSource database, Generations generations) {
        generations.look();
        int live = generations.live();
        generations.hold(live);
        Optional<Integer> begun = Optional.empty();
        try {
            begun = generations.begin();
        } finally {
            if (begun.isEmpty()) {
                generations.release(live);
            }
        }
        return begun.map(generation -> new TablesBeside(log, database, generations, live, generation));
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public Consumed consumed() throws SQLException {
        try (Connection connection = generations.in(generation).getConnection()) {
            return ReadingWriter.consumed(connection);
        }
    }

    @Override
    public long livePosition() {
        try (Connection connection = generations.in(liveGeneration).getConnection()) {
            return position(connection, "reading_position", "");
        } catch (SQLException e) {
            throw new IllegalStateException("the live reading cannot be read: " + e.getMessage(), e);
        }
    }

    private static long position(Connection connection, String table, String how) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT position FROM " + table + " WHERE name = '"
                        + ListingProjection.NAME + "'" + how)) {
            if (!row.next()) {
                throw new SQLException(table + " lacks the position of the readings");
            }
            return row.getLong(1);
        }
    }

    @Override
    public void fill() throws SQLException {
        List<StoredEvent> events = log.read(position, BATCH);
        if (events.isEmpty()) {
            return;
        }
        // In the order of positions, which reading them back side by side keeps.
        List<Fact> facts = events.parallelStream()
                .map(stored -> Fact.of(stored, log)).toList();
        try (Connection connection = generations.in(generation).getConnection()) {
            connection.setAutoCommit(false);
            try {
                writer.write(facts, connection);
                connection.commit();
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
        position = events.getLast().position();
    }

    @Override
    public void switchOver() throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                String livePosition = generations.qualified(liveGeneration, "reading_position");
                // Whoever keeps up the live generation waits here, so that it does not get ahead of the new one.
                long reached = position(connection, livePosition, " FOR UPDATE");
                while (position < reached) {
                    fill();
                }
                try (PreparedStatement mark = connection
                        .prepareStatement("INSERT INTO " + livePosition + " (name, position) VALUES (?, ?)")) {
                    mark.setString(1, ReadingWriter.RETIRED);
                    mark.setLong(2, reached);
                    mark.executeUpdate();
                }
                Generations.move(connection, liveGeneration, generation);
                connection.commit();
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
        generations.look();
    }

    @Override
    public void close() {
        generations.release(liveGeneration);
        generations.end(generation);
    }

    // ---- comparing ----

    @Override
    public Comparison compare(long at, Interruption interruption) throws SQLException, InterruptedException {
        try (Connection rebuilt = generations.in(generation).getConnection();
                Connection live = generations.in(liveGeneration).getConnection()) {
            rebuilt.setAutoCommit(false);
            live.setAutoCommit(false);
            Tally tally = new Tally(at);
            Set<String> tables = KnownRows.tables(rebuilt);
            if (!tables.equals(KnownRows.tables(live))) {
                throw new IllegalStateException("the live reading has the tables " + KnownRows.tables(live)
                        + ", a new one has " + tables + ": the service was not brought up to date in order");
            }
            for (String table : tables) {
                compare(table, rebuilt, live, tally, interruption);
            }
            return tally.result();
        }
    }

    /** Goes through both in the order of positions; among rows of one position their text decides. */
    private static void compare(String table, Connection rebuilt, Connection live, Tally tally,
            Interruption interruption) throws SQLException, InterruptedException {
        try (KnownRows right = new KnownRows(table, rebuilt, tally.at);
                KnownRows held = new KnownRows(table, live, tally.at)) {
            while (right.hasNext() || held.hasNext()) {
                interruption.check();
                long next = Math.min(right.nextAt(), held.nextAt());
                tally.add(table, next, right.take(next), held.take(next));
            }
        }
    }

    /** Adds up both sides. Used by one thread. */
    private static final class Tally {
        private final long at;
        private final StateHash.Sum rebuilt = new StateHash.Sum();
        private final StateHash.Sum live = new StateHash.Sum();
        private final List<RowDifference> differences = new ArrayList<>();
        private long differing;

        Tally(long at) {
            this.at = at;
        }

        void add(String table, long position, List<Map<String, String>> right, List<Map<String, String>> held) {
            right.forEach(row -> rebuilt.add(table, row));
            held.forEach(row -> live.add(table, row));
            if (right.equals(held)) {
                return;
            }
            List<Map<String, String>> lacking = new ArrayList<>(right);
            held.forEach(lacking::remove);
            List<Map<String, String>> wrong = new ArrayList<>(held);
            right.forEach(wrong::remove);
            int most = Math.max(lacking.size(), wrong.size());
            for (int i = 0; i < most; i++) {
                differing++;
                if (differences.size() < MOST_DIFFERENCES) {
                    differences.add(new RowDifference(table, position, at(lacking, i), at(wrong, i)));
                }
            }
        }

        private static Optional<Map<String, String>> at(List<Map<String, String>> rows, int index) {
            return index < rows.size() ? Optional.of(rows.get(index)) : Optional.empty();
        }

        Comparison result() {
            StateHash right = rebuilt.at(at);
            return new Comparison(at, right.rows(), right.sha256(), live.at(at).sha256(), differing, differences);
        }
    }
}
