package org.policyledger.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

import javax.sql.DataSource;

import org.flywaydb.core.Flyway;

/** What the log needs of its database, and where H2 and PostgreSQL differ. Thread-safe. */
final class Database {

    /** The databases whose commits and locks the log's promises were proved on. */
    enum Vendor {
        H2, POSTGRESQL
    }

    private static final String COLUMNS = "position, stream, sequence, event_id, type, revision, recorded_at, event, leaf_hash";
    private static final String UNIQUE_VIOLATION = "23505";

    private final DataSource dataSource;
    private final Vendor vendor;

    private Database(DataSource dataSource, Vendor vendor) {
        this.dataSource = dataSource;
        this.vendor = vendor;
    }

    /** Brings the tables up to date, creates the head of a new log and checks that head and events agree. */
    static Database open(DataSource dataSource, String originIfNew) throws SQLException {
        Vendor vendor = vendor(dataSource);
        Flyway.configure(Database.class.getClassLoader())
                .dataSource(dataSource)
                .locations("classpath:org/policyledger/store/migration/" + vendor.name().toLowerCase(Locale.ROOT))
                .table("ledger_store_schema")
                .baselineOnMigrate(true) // other modules keep tables in the same schema
                .baselineVersion("0")
                .load()
                .migrate();
        Database database = new Database(dataSource, vendor);
        database.createHead(originIfNew);
        database.checkHead();
        return database;
    }

    Connection connect() throws SQLException {
        return dataSource.getConnection();
    }

    /** A connection fit for the writer: durable commits, and no wait without end. */
    Connection connectWriter(int timeoutMillis) throws SQLException {
        Connection connection = dataSource.getConnection();
        try {
            if (vendor == Vendor.POSTGRESQL) {
                // The socket must outlast the lock wait, or a busy lock would look like a lost server.
                connection.setNetworkTimeout(Runnable::run, timeoutMillis * 2);
            }
            connection.setAutoCommit(true);
            try (Statement statement = connection.createStatement()) {
                switch (vendor) {
                    case H2 -> makeH2Durable(statement, timeoutMillis);
                    case POSTGRESQL -> makePostgresDurable(statement, timeoutMillis);
                }
            }
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException | RuntimeException e) {
            release(connection);
            throw e;
        }
    }

    /** Gives a connection back as it was lent, as far as it still works. */
    void release(Connection connection) {
        try (connection) {
            if (!connection.isClosed() && !connection.getAutoCommit()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
            if (vendor == Vendor.POSTGRESQL) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("RESET lock_timeout; RESET idle_in_transaction_session_timeout;"
                            + " RESET synchronous_commit");
                }
            }
        } catch (SQLException e) {
            // It is on its way out: a connection that cannot be reset is one the pool will not lend again.
        }
    }

    /**
     * WRITE_DELAY lets H2 answer a commit before it has written it: up to half a second of answered commits is lost
     * when the process is killed.
     */
    private static void makeH2Durable(Statement statement, int timeoutMillis) throws SQLException {
        statement.execute("SET LOCK_TIMEOUT " + timeoutMillis);
        statement.execute("SET WRITE_DELAY 0");
        try (ResultSet rows = statement.executeQuery(
                "SELECT COUNT(*) FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'WRITE_DELAY' AND SETTING_VALUE = '0'")) {
            rows.next();
            if (rows.getInt(1) == 0) {
                throw new IllegalStateException("H2 keeps a WRITE_DELAY: it would lose answered commits in a crash."
                        + " Add ;WRITE_DELAY=0 to the JDBC URL.");
            }
        }
    }

    private static void makePostgresDurable(Statement statement, int timeoutMillis) throws SQLException {
        // No statement_timeout: it would cut short COMMIT's wait for a synchronous standby and call that success.
        statement.execute("SET lock_timeout = " + timeoutMillis);
        // If this process vanishes without a word, the server ends its open transaction and so frees the head row.
        statement.execute("SET idle_in_transaction_session_timeout = " + timeoutMillis * 4L);
        try (ResultSet rows = statement.executeQuery("SHOW synchronous_commit")) {
            rows.next();
            if (!rows.getString(1).equals("off")) {
                return;
            }
        }
        statement.execute("SET synchronous_commit = on");
    }

    private static Vendor vendor(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            String product = connection.getMetaData().getDatabaseProductName();
            return switch (product) {
                case "H2" -> Vendor.H2;
                case "PostgreSQL" -> Vendor.POSTGRESQL;
                default -> throw new IllegalStateException("The ledger runs on H2 and PostgreSQL, not on " + product
                        + ": its promises on durability and order were proved on those two only.");
            };
        }
    }

    private void createHead(String originIfNew) throws SQLException {
        try (Connection connection = connect();
                PreparedStatement insert = connection.prepareStatement("""
                        INSERT INTO ledger_head (next_position, last_recorded_at, origin)
                        SELECT 0, 0, CAST(? AS VARCHAR(200)) WHERE NOT EXISTS (SELECT 1 FROM ledger_head)""")) {
            insert.setString(1, originIfNew);
            insert.executeUpdate();
        } catch (SQLException e) {
            if (!isUniqueViolation(e)) { // another node created it in the same moment
                throw e;
            }
        }
    }

    private void checkHead() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        SELECT next_position, (SELECT COALESCE(MAX(position) + 1, 0) FROM ledger_event)
                        FROM ledger_head""")) {
            rows.next();
            if (rows.getLong(1) != rows.getLong(2)) {
                throw new LedgerDamaged("The head says the next position is " + rows.getLong(1)
                        + ", but the events end before position " + rows.getLong(2) + ".");
            }
        }
    }

    String origin() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT origin FROM ledger_head")) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** Events that satisfy a condition, in the order it asks for. */
    static List<StoredEvent> select(Connection connection, String condition, Object... parameters)
            throws SQLException {
        return query(connection, "SELECT " + COLUMNS + " FROM ledger_event WHERE " + condition, parameters);
    }

    /** The events of these streams, those of each together and in sequence order. */
    List<StoredEvent> selectStreams(Connection connection, Collection<String> streams) throws SQLException {
        return switch (vendor) {
            case H2 -> select(connection, "stream = ANY(?) ORDER BY stream, sequence", strings(connection, streams));
            // PostgreSQL keeps the plan of a prepared statement. What it makes of ANY while the table is small is a scan of
            // the whole table; of this it can make nothing but a look into the index for each stream. OFFSET 0 keeps it so.
            case POSTGRESQL -> query(connection, "SELECT " + COLUMNS + " FROM UNNEST(?) AS asked (name)"
                    + " CROSS JOIN LATERAL (SELECT * FROM ledger_event WHERE stream = asked.name ORDER BY sequence OFFSET 0)"
                    + " AS found", strings(connection, streams));
        };
    }

    private static List<StoredEvent> query(Connection connection, String sql, Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection
                .prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                List<StoredEvent> events = new ArrayList<>();
                while (rows.next()) {
                    events.add(new StoredEvent(rows.getLong(1), rows.getString(2), rows.getLong(3),
                            rows.getObject(4, UUID.class), rows.getString(5), rows.getInt(6),
                            instant(rows.getLong(7)), rows.getString(8), Sha256.of(rows.getBytes(9))));
                }
                return events;
            }
        }
    }

    /**
     * Moves the head row on from where the writer believes it to be, which locks it, and adds the events.
     *
     * @return false if the head was not there: then nothing was written, and nothing of what the writer believes holds
     */
    boolean append(Connection connection, long from, long recordedAt, List<StoredEvent> events) throws SQLException {
        if (!moveHead(connection, from, from + events.size(), recordedAt)) {
            return false;
        }
        insert(connection, events);
        return true;
    }

    private static boolean moveHead(Connection connection, long from, long to, long recordedAt) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE ledger_head SET next_position = ?, last_recorded_at = ? WHERE next_position = ?")) {
            update.setLong(1, to);
            update.setLong(2, recordedAt);
            update.setLong(3, from);
            return update.executeUpdate() == 1;
        }
    }

    private static void insert(Connection connection, List<StoredEvent> events) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO ledger_event (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (StoredEvent event : events) {
                insert.setLong(1, event.position());
                insert.setString(2, event.stream());
                insert.setLong(3, event.sequence());
                insert.setObject(4, event.eventId());
                insert.setString(5, event.type());
                insert.setInt(6, event.revision());
                insert.setLong(7, micros(event.recordedAt()));
                insert.setString(8, event.event());
                insert.setBytes(9, event.leafHash().bytes());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    static java.sql.Array strings(Connection connection, Collection<String> values) throws SQLException {
        return connection.createArrayOf("varchar", values.toArray());
    }

    static boolean isUniqueViolation(SQLException e) {
        return UNIQUE_VIOLATION.equals(e.getSQLState());
    }

    /** Whether the data given is at fault (SQLSTATE classes 22 and 23), and not the database. */
    static boolean concernsData(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith("22") || state.startsWith("23");
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** Whole microseconds since the epoch, not after the instant; far-off instants are cut to what the log can hold. */
    static long micros(Instant instant) {
        long lastSecond = Long.MAX_VALUE / 1_000_000 - 1;
        long second = Math.clamp(instant.getEpochSecond(), -lastSecond, lastSecond);
        return second * 1_000_000 + instant.getNano() / 1_000;
    }
}
