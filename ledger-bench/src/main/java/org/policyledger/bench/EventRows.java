package org.policyledger.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.policyledger.store.StoredEvent;

/** Inserts rows into the log's table past the log, for a database that is no ledger afterwards; and reads them so. */
final class EventRows implements AutoCloseable {

    private static final int BATCH = 1_000;

    private final PreparedStatement insert;
    private int waiting;

    EventRows(Connection connection) throws SQLException {
        insert = connection.prepareStatement(
                "INSERT INTO ledger_event (position, stream, sequence, event_id, type, revision, recorded_at, event,"
                        + " leaf_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    }

    /** Reads whole rows past the log, at most so many from a position on; the events in them. */
    static List<String> page(Connection connection, long from, int limit) throws SQLException {
        List<String> events = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT position, stream, sequence, event_id, type,"
                + " revision, recorded_at, event, leaf_hash FROM ledger_event WHERE position >= ? ORDER BY position"
                + " LIMIT ?")) {
            select.setLong(1, from);
            select.setInt(2, limit);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    String event = rows.getString(8);
                    if (rows.getString(2).isEmpty() || event.isEmpty() || rows.getBytes(9).length != 32) {
                        throw new IllegalStateException("position " + rows.getLong(1) + " holds no event");
                    }
                    events.add(event);
                }
            }
        }
        return events;
    }

    /** Takes the content of a row, at another place. */
    void set(StoredEvent row, long position, String stream, long sequence, UUID eventId) throws SQLException {
        insert.setLong(1, position);
        insert.setString(2, stream);
        insert.setLong(3, sequence);
        insert.setObject(4, eventId);
        insert.setString(5, row.type());
        insert.setInt(6, row.revision());
        insert.setLong(7, ChronoUnit.MICROS.between(Instant.EPOCH, row.recordedAt()));
        insert.setString(8, row.event());
        insert.setBytes(9, row.leafHash().bytes());
    }

    void execute() throws SQLException {
        insert.executeUpdate();
    }

    /** Adds the row; sends a batch when it is full. */
    void addBatch() throws SQLException {
        insert.addBatch();
        if (++waiting == BATCH) {
            executeBatch();
        }
    }

    /** Sends what waits. */
    void executeBatch() throws SQLException {
        insert.executeBatch();
        waiting = 0;
    }

    @Override
    public void close() throws SQLException {
        insert.close();
    }
}
