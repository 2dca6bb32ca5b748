package org.policyledger.projections;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.policyledger.core.ActionId;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.projections.Rebuild.Comparison;
import org.policyledger.projections.Rebuild.Interruption;
import org.policyledger.projections.Rebuild.RowDifference;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.listing.ListingProjection.Fact;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.Sha256;
import org.policyledger.store.StoredEvent;

/**
 * A new generation of the reading tables, filled from the log beside the live one by the same {@link ReadingWriter}. Used by one
 * thread.
 */
final class TablesBeside implements Rebuild.Beside {

    /** The most differences that are told. */
    static final int MOST_DIFFERENCES = 10;

    private static final int BATCH = 2_000;
    private static final int FETCH = 1_000;
    /** How far readings have come is not what they say. */
    private static final Set<String> NOT_COMPARED = Set.of("reading_position", "reading_token", "reading_schema",
            "reading_generation", "reading_generation_schema");

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
                .map(stored -> new Fact(stored.position(), stored.sequence(), new ActionId(stored.eventId()),
                        stored.attributes().getOrDefault("actor", "unknown"), (LedgerEvent) log.payload(stored)))
                .toList();
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
            Set<String> tables = tables(rebuilt);
            if (!tables.equals(tables(live))) {
                throw new IllegalStateException("the live reading has the tables " + tables(live)
                        + ", a new one has " + tables + ": the service was not brought up to date in order");
            }
            for (String table : tables) {
                compare(table, rebuilt, live, tally, interruption);
            }
            return tally.result();
        }
    }

    private static Set<String> tables(Connection connection) throws SQLException {
        Set<String> tables = new TreeSet<>();
        try (ResultSet found = connection.getMetaData().getTables(null, connection.getSchema(), "%",
                new String[]{"TABLE", "BASE TABLE"})) {
            while (found.next()) {
                String name = found.getString("TABLE_NAME").toLowerCase(Locale.ROOT);
                if (name.startsWith("reading_") && !NOT_COMPARED.contains(name)) {
                    tables.add(name);
                }
            }
        }
        return tables;
    }

    /** Goes through both in the order of positions; among rows of one position their text decides. */
    private static void compare(String table, Connection rebuilt, Connection live, Tally tally,
            Interruption interruption) throws SQLException, InterruptedException {
        try (Rows right = new Rows(table, rebuilt, tally.at); Rows held = new Rows(table, live, tally.at)) {
            while (right.hasNext() || held.hasNext()) {
                interruption.check();
                long next = Math.min(right.nextAt(), held.nextAt());
                tally.add(table, next, right.take(next), held.take(next));
            }
        }
    }

    /** The rows of a table as known at a position, in the order of where they began. Used by one thread. */
    private static final class Rows implements AutoCloseable {
        private final long known;
        private final PreparedStatement statement;
        private final ResultSet rows;
        private final String order;
        private @Nullable Map<String, String> next;

        Rows(String table, Connection connection, long known) throws SQLException {
            this.known = known;
            this.order = order(table, connection);
            this.statement = connection.prepareStatement(
                    "SELECT * FROM " + table + " WHERE " + order + " <= ? ORDER BY " + order);
            statement.setFetchSize(FETCH);
            statement.setLong(1, known);
            this.rows = statement.executeQuery();
            advance();
        }

        /** Rows of a reading begin at a position: that from which they are known, or that of the event they are about. */
        private static String order(String table, Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet none = statement.executeQuery("SELECT * FROM " + table + " WHERE 1 = 0")) {
                Set<String> columns = new TreeSet<>();
                ResultSetMetaData head = none.getMetaData();
                for (int i = 1; i <= head.getColumnCount(); i++) {
                    columns.add(head.getColumnName(i).toLowerCase(Locale.ROOT));
                }
                for (String order : List.of("known_from", "position")) {
                    if (columns.contains(order)) {
                        return order;
                    }
                }
                throw new IllegalStateException(
                        "table " + table + " has neither known_from nor position: its rows cannot be compared");
            }
        }

        boolean hasNext() {
            return next != null;
        }

        long nextAt() {
            return next == null ? Long.MAX_VALUE : at(next);
        }

        private long at(Map<String, String> row) {
            return Long.parseLong(row.getOrDefault(order, "-1"));
        }

        /** All rows that begin at the position. */
        List<Map<String, String>> take(long position) throws SQLException {
            List<Map<String, String>> taken = new ArrayList<>();
            Map<String, String> row = next;
            while (row != null && at(row) == position) {
                taken.add(row);
                advance();
                row = next;
            }
            taken.sort(Comparator.comparing(Map::toString));
            return taken;
        }

        private void advance() throws SQLException {
            if (!rows.next()) {
                next = null;
                return;
            }
            Map<String, String> row = new TreeMap<>();
            ResultSetMetaData head = rows.getMetaData();
            for (int i = 1; i <= head.getColumnCount(); i++) {
                String value = rows.getString(i);
                if (value != null) {
                    row.put(head.getColumnName(i).toLowerCase(Locale.ROOT), value);
                }
            }
            // What ended later was still open at the position.
            if (row.containsKey("known_to") && Long.parseLong(row.getOrDefault("known_to", "0")) > known) {
                row.remove("known_to");
            }
            next = row;
        }

        @Override
        public void close() throws SQLException {
            try (statement) {
                rows.close();
            }
        }
    }

    /** Adds up both sides. Used by one thread. */
    private static final class Tally {
        private final long at;
        private final MessageDigest rebuilt = Sha256.digest();
        private final MessageDigest live = Sha256.digest();
        private final List<RowDifference> differences = new ArrayList<>();
        private long rows;
        private long differing;

        Tally(long at) {
            this.at = at;
        }

        void add(String table, long position, List<Map<String, String>> right, List<Map<String, String>> held) {
            rows += right.size();
            right.forEach(row -> rebuilt.update(line(table, row)));
            held.forEach(row -> live.update(line(table, row)));
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

        private static byte[] line(String table, Map<String, String> row) {
            return (table + " " + row + "\n").getBytes(StandardCharsets.UTF_8);
        }

        Comparison result() {
            return new Comparison(at, rows, HexFormat.of().formatHex(rebuilt.digest()),
                    HexFormat.of().formatHex(live.digest()), differing, differences);
        }
    }
}
