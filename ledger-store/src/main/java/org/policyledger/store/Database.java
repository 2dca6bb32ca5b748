package org.policyledger.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

import javax.sql.DataSource;

import org.flywaydb.core.Flyway;

/** What the log needs of its database, and where H2 and PostgreSQL differ. Thread-safe. */
final class Database {

    /** The databases whose commits and locks the log's promises were proved on. */
    enum Vendor {
        H2,
        POSTGRESQL
    }

    private static final String COLUMNS = "position, stream, sequence, event_id, type, revision, recorded_at, event, leaf_hash";
    private static final String KEY_COLUMNS = "idempotency_key, fingerprint, first_position, event_count";
    private static final String MOVE_HEAD = "UPDATE ledger_head SET next_position = ?, last_recorded_at = ?"
            + " WHERE next_position = ? AND last_recorded_at = ?";
    private static final String MOVED = "WITH moved AS (" + MOVE_HEAD + " RETURNING 1)";
    // In FROM, PostgreSQL would first write the rows of several UNNESTs to a store of its own; here it does not.
    private static final String KEYS = ", keys AS (INSERT INTO ledger_idempotency_key (" + KEY_COLUMNS
            + ") SELECT UNNEST(?::varchar[]), UNNEST(?::varchar[]), UNNEST(?::bigint[]), UNNEST(?::int[]) FROM moved)";
    private static final String EVENTS = " INSERT INTO ledger_event (" + COLUMNS
            + ") SELECT UNNEST(?::bigint[]), UNNEST(?::varchar[]), UNNEST(?::bigint[]), UNNEST(?::uuid[]),"
            + " UNNEST(?::varchar[]), UNNEST(?::int[]), UNNEST(?::bigint[]), UNNEST(?::text[]), UNNEST(?::bytea[])"
            + " FROM moved";
    private static final String APPEND = MOVED + EVENTS;
    private static final String APPEND_WITH_KEYS = MOVED + KEYS + EVENTS;
    private static final String UNIQUE_VIOLATION = "23505";
    private static final Set<String> REFUSALS = Set.of("22", "23", "25", "40", "42", "53", "54", "55", "HYT00");

    private final DataSource dataSource;
    private final Vendor vendor;

    private Database(DataSource dataSource, Vendor vendor) {
        this.dataSource = dataSource;
        this.vendor = vendor;
    }

    /** Brings the tables up to date, creates the head of a new log and checks that head and events agree. */
    static Database open(DataSource dataSource, String originIfNew) throws SQLException {
        Database database = migrated(dataSource);
        try (Connection connection = database.connect()) {
            createHead(connection, originIfNew);
        } catch (SQLException e) {
            if (!isUniqueViolation(e)) { // another node created it in the same moment
                throw e;
            }
        }
        database.checkHead();
        return database;
    }

    private static Database migrated(DataSource dataSource) throws SQLException {
        Vendor vendor = vendor(dataSource);
        Flyway.configure(Database.class.getClassLoader())
                .dataSource(dataSource)
                .locations("classpath:org/policyledger/store/migration/" + vendor.name().toLowerCase(Locale.ROOT))
                .table("ledger_store_schema")
                .baselineOnMigrate(true) // other modules keep tables in the same schema
                .baselineVersion("0")
                .load()
                .migrate();
        return new Database(dataSource, vendor);
    }

    /** Whether the database is another process, whose files no interrupt of a thread here can close. */
    boolean isRemote() {
        return vendor == Vendor.POSTGRESQL;
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
            return connection;
        } catch (SQLException | RuntimeException e) {
            release(connection);
            throw e;
        }
    }

    /** Gives a connection back as it was lent, as far as it still works. */
    void release(Connection connection) {
        try (connection) {
            if (vendor == Vendor.POSTGRESQL) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("RESET lock_timeout; RESET plan_cache_mode; RESET synchronous_commit");
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
        // An append's arrays are of any length: PostgreSQL would plan it anew each time.
        statement.execute("SET plan_cache_mode = force_generic_plan");
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

    private static void createHead(Connection connection, String originIfNew) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
                INSERT INTO ledger_head (next_position, last_recorded_at, origin)
                SELECT 0, 0, CAST(? AS VARCHAR(200)) WHERE NOT EXISTS (SELECT 1 FROM ledger_head)""")) {
            insert.setString(1, originIfNew);
            insert.executeUpdate();
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
        try (Connection connection = connect()) {
            return origin(connection);
        }
    }

    private static String origin(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
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

    /** Where the log ends: the next free position, and the microsecond of its latest event, below which no later one is. */
    record Head(long nextPosition, long lastRecordedAt) {}

    /** An idempotency key, what it stood for, and the events recorded under it. */
    record KeyRow(String key, String fingerprint, long firstPosition, int eventCount) {}

    static Head head(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT next_position, last_recorded_at FROM ledger_head")) {
            rows.next();
            return new Head(rows.getLong(1), rows.getLong(2));
        }
    }

    /** Waits for an append that is going on, and makes sure that none sent before can still begin: the head is not where it was. */
    static void fence(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE ledger_head SET last_recorded_at = last_recorded_at + 1");
        }
    }

    /**
     * Moves the head row on from where the writer believes it to be, which locks it, adds the events and keys, and commits.
     *
     * @return false if the head was not there: then nothing was written, and nothing of what the writer believes holds
     * @throws SQLException which, if it is not one that {@link #refuses}, leaves open whether this was committed
     */
    boolean append(Connection connection, Head from, Head to, List<StoredEvent> events, Collection<KeyRow> keys)
            throws SQLException {
        return switch (vendor) {
            case H2 -> appendInTransaction(connection, from, to, events, keys);
            case POSTGRESQL -> appendInOneStatement(connection, from, to, events, keys);
        };
    }

    private static boolean appendInTransaction(Connection connection, Head from, Head to, List<StoredEvent> events,
            Collection<KeyRow> keys) throws SQLException {
        connection.setAutoCommit(false);
        try {
            boolean moved = moveHead(connection, from, to);
            if (moved) {
                insertEvents(connection, events);
                insertKeys(connection, keys);
            }
            connection.commit();
            connection.setAutoCommit(true);
            return moved;
        } catch (SQLException e) {
            try {
                connection.rollback();
                connection.setAutoCommit(true);
            } catch (SQLException again) {
                e.addSuppressed(again);
                throw new SQLNonTransientConnectionException("No rollback after: " + e.getMessage(), "08006", e);
            }
            throw e;
        }
    }

    private static boolean moveHead(Connection connection, Head from, Head to) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(MOVE_HEAD)) {
            setHeads(update, from, to);
            return update.executeUpdate() == 1;
        }
    }

    /** Sets the four parameters of {@link #MOVE_HEAD}, and returns the number of the next one. */
    private static int setHeads(PreparedStatement statement, Head from, Head to) throws SQLException {
        statement.setLong(1, to.nextPosition);
        statement.setLong(2, to.lastRecordedAt);
        statement.setLong(3, from.nextPosition);
        statement.setLong(4, from.lastRecordedAt);
        return 5;
    }

    private static void insertEvents(Connection connection, List<StoredEvent> events) throws SQLException {
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

    private static void insertKeys(Connection connection, Collection<KeyRow> keys) throws SQLException {
        if (keys.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection
                .prepareStatement("INSERT INTO ledger_idempotency_key (" + KEY_COLUMNS + ") VALUES (?, ?, ?, ?)")) {
            for (KeyRow key : keys) {
                insert.setString(1, key.key);
                insert.setString(2, key.fingerprint);
                insert.setLong(3, key.firstPosition);
                insert.setInt(4, key.eventCount);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** All in one statement, which is its own transaction: one round trip, where several would each cost the writer its time. */
    private static boolean appendInOneStatement(Connection connection, Head from, Head to, List<StoredEvent> events,
            Collection<KeyRow> keys) throws SQLException {
        try (PreparedStatement append = connection.prepareStatement(keys.isEmpty() ? APPEND : APPEND_WITH_KEYS)) {
            int next = setHeads(append, from, to);
            if (!keys.isEmpty()) {
                append.setArray(next++, strings(connection, keys.stream().map(KeyRow::key).toList()));
                append.setArray(next++, strings(connection, keys.stream().map(KeyRow::fingerprint).toList()));
                append.setObject(next++, keys.stream().mapToLong(KeyRow::firstPosition).toArray());
                append.setObject(next++, keys.stream().mapToInt(KeyRow::eventCount).toArray());
            }
            append.setObject(next++, events.stream().mapToLong(StoredEvent::position).toArray());
            append.setArray(next++, strings(connection, events.stream().map(StoredEvent::stream).toList()));
            append.setObject(next++, events.stream().mapToLong(StoredEvent::sequence).toArray());
            append.setArray(next++,
                    connection.createArrayOf("uuid", events.stream().map(StoredEvent::eventId).toArray()));
            append.setArray(next++, strings(connection, events.stream().map(StoredEvent::type).toList()));
            append.setObject(next++, events.stream().mapToInt(StoredEvent::revision).toArray());
            append.setObject(next++, events.stream().mapToLong(event -> micros(event.recordedAt())).toArray());
            append.setArray(next++, strings(connection, events.stream().map(StoredEvent::event).toList()));
            append.setArray(next++, connection.createArrayOf("bytea",
                    events.stream().map(event -> event.leafHash().bytes()).toArray(byte[][]::new)));
            return append.executeUpdate() == events.size();
        }
    }

    /** See {@link LedgerLog#restore}. */
    static boolean restore(DataSource dataSource, String origin, LedgerLog.Copy copy, int timeoutMillis)
            throws SQLException, IOException {
        Database database = migrated(dataSource);
        Connection connection = database.connectWriter(timeoutMillis);
        try {
            connection.setAutoCommit(false);
            try {
                createHead(connection, origin);
                fence(connection); // whoever else has this log open waits, and finds the head elsewhere then
                requireEmpty(connection, origin);
                Filling filling = new Filling(connection);
                boolean stays = copy.into(filling);
                if (stays) {
                    filling.end();
                    // Dies here: nothing is there.
                    connection.commit();
                }
                return stays;
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } finally {
            database.release(connection);
        }
    }

    private static void requireEmpty(Connection connection, String origin) throws SQLException {
        long recorded = head(connection).nextPosition;
        if (recorded > 0 || !origin(connection).equals(origin)) {
            throw new IllegalStateException(
                    "This database already holds the ledger " + origin(connection) + " with " + recorded
                            + " events: " + origin
                            + " can be restored into a database that holds no ledger, or that one while it"
                            + " is empty.");
        }
    }

    /** Adds events, and the keys that they say they were recorded under, to a log that ends before them. */
    private static final class Filling implements Consumer<List<StoredEvent>> {
        private final Connection connection;
        private Head end = new Head(0, 0);
        private Optional<KeyRow> open = Optional.empty();

        Filling(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void accept(List<StoredEvent> events) {
            List<KeyRow> keys = new ArrayList<>();
            events.forEach(event -> add(event, keys));
            try {
                insertEvents(connection, events);
                insertKeys(connection, keys);
            } catch (SQLException e) {
                throw concernsData(e)
                        ? AppendRefused.invalid("The database refuses this data: " + e.getMessage())
                        : new LedgerUnreadable(e);
            }
        }

        /** The events of an append stand together; so a key is whole when an event comes that is not of it. */
        private void add(StoredEvent event, List<KeyRow> whole) {
            end = new Head(event.position() + 1, micros(event.recordedAt()));
            Map<String, String> attributes = event.attributes();
            String key = attributes.getOrDefault(LedgerLog.IDEMPOTENCY_KEY, "");
            if (open.isPresent() && open.get().key.equals(key)) {
                open = open.map(row -> new KeyRow(key, row.fingerprint, row.firstPosition, row.eventCount + 1));
                return;
            }
            open.ifPresent(whole::add);
            open = Optional.ofNullable(attributes.get(LedgerLog.REQUEST_HASH)).filter(hash -> !key.isEmpty())
                    .map(hash -> new KeyRow(key, hash, event.position(), 1));
        }

        void end() throws SQLException {
            insertKeys(connection, open.stream().toList());
            try (PreparedStatement update = connection
                    .prepareStatement("UPDATE ledger_head SET next_position = ?, last_recorded_at = ?")) {
                update.setLong(1, end.nextPosition);
                update.setLong(2, end.lastRecordedAt);
                update.executeUpdate();
            }
        }
    }

    static java.sql.Array strings(Connection connection, Collection<String> values) throws SQLException {
        return connection.createArrayOf("varchar", values.toArray(String[]::new));
    }

    static boolean isUniqueViolation(SQLException e) {
        return UNIQUE_VIOLATION.equals(e.getSQLState());
    }

    /** Whether the data given is at fault (SQLSTATE classes 22 and 23), and not the database. */
    static boolean concernsData(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith("22") || state.startsWith("23");
    }

    /**
     * Whether the database says itself that it did not do what it was told: SQLSTATE classes of faults in data, states,
     * locks, limits and statements. Anything else may be the connection's end, which says nothing of what was done before.
     */
    static boolean refuses(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return REFUSALS.stream().anyMatch(state::startsWith) && !state.equals("40003");
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
