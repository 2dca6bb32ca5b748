package org.policyledger.projections;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.policyledger.projections.Rebuild.Interruption;

/**
 * The rows of one reading table as known at a position, in the order of where they began; among those of one position their text
 * decides. They read alike on every database. Used by one thread.
 */
final class KnownRows implements AutoCloseable {

    private static final int FETCH = 1_000;
    /** How far readings have come is not what they say. */
    private static final Set<String> NOT_SAID = Set.of("reading_position", "reading_token", "reading_schema",
            "reading_generation", "reading_generation_schema");

    private final long known;
    private final PreparedStatement statement;
    private final ResultSet rows;
    private final String order;
    private @Nullable Map<String, String> next;

    /** The connection is in a transaction, or PostgreSQL would fetch all rows at once. */
    KnownRows(String table, Connection connection, long known) throws SQLException {
        this.known = known;
        this.order = order(table, connection);
        this.statement = connection.prepareStatement(
                "SELECT * FROM " + table + " WHERE " + order + " <= ? ORDER BY " + order);
        statement.setFetchSize(FETCH);
        statement.setLong(1, known);
        this.rows = statement.executeQuery();
        advance();
    }

    /** The digest over the rows of all tables that a connection refers to. */
    static StateHash stateHash(Connection connection, long known, Interruption interruption)
            throws SQLException, InterruptedException {
        StateHash.Sum sum = new StateHash.Sum();
        for (String table : tables(connection)) {
            try (KnownRows rows = new KnownRows(table, connection, known)) {
                while (rows.hasNext()) {
                    interruption.check();
                    rows.take(rows.nextAt()).forEach(row -> sum.add(table, row));
                }
            }
        }
        return sum.at(known);
    }

    /** The tables that say something. */
    static Set<String> tables(Connection connection) throws SQLException {
        Set<String> tables = new TreeSet<>();
        try (ResultSet found = connection.getMetaData().getTables(null, connection.getSchema(), "%",
                new String[]{"TABLE", "BASE TABLE"})) {
            while (found.next()) {
                String name = found.getString("TABLE_NAME").toLowerCase(Locale.ROOT);
                if (name.startsWith("reading_") && !NOT_SAID.contains(name)) {
                    tables.add(name);
                }
            }
        }
        return tables;
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
            // As text, PostgreSQL and H2 do not write truth alike; as objects all columns do.
            Object value = rows.getObject(i);
            if (value != null) {
                row.put(head.getColumnName(i).toLowerCase(Locale.ROOT), value.toString());
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
