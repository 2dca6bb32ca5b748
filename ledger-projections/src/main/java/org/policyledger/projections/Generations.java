package org.policyledger.projections;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * The generations of the reading tables. Generation 0 lies in the database's default schema, any other {@code n} in the schema
 * {@code reading_n}; one row says which is live, and moving it by one UPDATE is the switch. SQL of projections and readers names no
 * schema: the connections given out here do.
 *
 * <p>Whoever holds a {@link Lease} sees one generation until it ends. A generation that is not live is dropped once nobody uses
 * it: neither in this process, nor, on PostgreSQL, in another, which holds an advisory lock on it that ends with its connection.
 * So whatever dies leaves at most a schema that nobody uses, and the next look drops it. Thread-safe.
 */
public final class Generations implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Generations.class);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final String SCHEMA = "reading_";
    private static final Set<String> CONTROL = Set.of("reading_generation", "reading_generation_schema");

    /** A thread's hold on one generation. To be closed by the thread that took it. */
    public final class Lease implements AutoCloseable {
        private final boolean outermost;
        private int generation;

        private Lease(int generation, boolean outermost) {
            this.generation = generation;
            this.outermost = outermost;
        }

        @Override
        public void close() {
            if (outermost) {
                leased.remove();
                release(generation);
            }
        }
    }

    private final DataSource database;
    private final JdbcClient jdbc;
    private final Optional<AdvisoryLocks> others;
    private final String resetSchema;
    @SuppressWarnings("ThreadLocalUsage") // each database has generations of its own
    private final ThreadLocal<@Nullable Lease> leased = new ThreadLocal<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, Integer> uses = new HashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Thread janitor = Thread.ofPlatform().name("reading-generations").daemon()
            .unstarted(this::lookOnAndOn);
    private final DataSource live = new Routed(Optional.empty());
    private volatile boolean untidy = true;
    private volatile int liveGeneration;
    private volatile boolean closed;

    private Generations(DataSource database, Optional<AdvisoryLocks> others, String resetSchema) {
        this.database = database;
        this.jdbc = JdbcClient.create(database);
        this.others = others;
        this.resetSchema = resetSchema;
    }

    /** Reads which generation is live, makes the row that says so where it is missing, and brings the live tables up to date. */
    static Generations open(DataSource database) {
        Flyway.configure().dataSource(database).locations("classpath:org/policyledger/projections/generation")
                .table("reading_generation_schema").baselineOnMigrate(true).baselineVersion("0").load().migrate();
        Generations generations;
        try (Connection connection = database.getConnection()) {
            generations = connection.getMetaData().getDatabaseProductName().equals("H2")
                    ? new Generations(database, Optional.empty(), "SET SCHEMA \"" + connection.getSchema() + "\"")
                    : new Generations(database, Optional.of(new AdvisoryLocks(database)), "RESET search_path");
        } catch (SQLException e) {
            throw new IllegalStateException("the database does not answer: " + e.getMessage(), e);
        }
        do {
            generations.liveGeneration = generations.stored();
            generations.others.ifPresent(locks -> locks.share(generations.liveGeneration));
        } while (generations.stored() != generations.liveGeneration);
        generations.migrate(generations.liveGeneration);
        return generations;
    }

    /** Begins to look for switches of other processes, and to drop what nobody uses. */
    void start() {
        janitor.start();
    }

    /** Calls back after the live generation has become another, in whichever thread noticed. */
    void onSwitch(Runnable listener) {
        listeners.add(listener);
    }

    /** Connections to the generation of the calling thread's lease, or to the live one. */
    public DataSource dataSource() {
        return live;
    }

    /** Connections to one generation, for whoever holds it. */
    DataSource in(int generation) {
        return new Routed(Optional.of(generation));
    }

    /** The live generation, as far as this process has heard. */
    int live() {
        return liveGeneration;
    }

    private int stored() {
        return jdbc.sql("SELECT live FROM reading_generation").query(Integer.class).single();
    }

    // ---- using ----

    /** Holds the calling thread to the generation that is live now; inside another lease, to that one's. */
    public Lease lease() {
        Lease outer = leased.get();
        if (outer != null) {
            return new Lease(outer.generation, false);
        }
        Lease lease = new Lease(holdLive(), true);
        leased.set(lease);
        return lease;
    }

    /** Moves the calling thread's lease, where it has one, to the generation that is live now. */
    void renew() {
        Lease lease = leased.get();
        if (lease != null && lease.generation != liveGeneration) {
            int left = lease.generation;
            lease.generation = holdLive();
            release(left);
        }
    }

    /** Whether the calling thread is held to a generation that is no longer live. */
    boolean isBehind() {
        Lease lease = leased.get();
        return lease != null && lease.generation != liveGeneration;
    }

    private int holdLive() {
        lock.lock();
        try {
            uses.merge(liveGeneration, 1, Integer::sum);
            return liveGeneration;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps a generation from being dropped. */
    void hold(int generation) {
        lock.lock();
        try {
            uses.merge(generation, 1, Integer::sum);
        } finally {
            lock.unlock();
        }
    }

    void release(int generation) {
        lock.lock();
        try {
            if (uses.merge(generation, -1, Integer::sum) == 0) {
                uses.remove(generation);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isUsed(int generation) {
        lock.lock();
        try {
            return generation == liveGeneration || uses.containsKey(generation);
        } finally {
            lock.unlock();
        }
    }

    // ---- making and switching ----

    /** Makes the empty tables of a new generation and holds it; empty while somebody else makes one. */
    Optional<Integer> begin() {
        if (others.isPresent() && !others.get().claimRebuild()) {
            return Optional.empty();
        }
        int last = jdbc.sql("SELECT last FROM reading_generation").query(Integer.class).single();
        int next = Math.max(last, schemas().stream().reduce(0, Math::max)) + 1;
        hold(next);
        try {
            jdbc.sql("UPDATE reading_generation SET last = :next").param("next", next).update();
            others.ifPresent(locks -> locks.share(next));
            jdbc.sql("CREATE SCHEMA " + quoted(next)).update();
            migrate(next);
            return Optional.of(next);
        } catch (RuntimeException failed) {
            end(next);
            throw failed;
        }
    }

    /** Ends what {@link #begin} began: the generation, unless it is live by now, is dropped soon. */
    void end(int generation) {
        release(generation);
        tidyUp();
        others.ifPresent(AdvisoryLocks::releaseRebuild);
    }

    /** Moves the one row that says which generation is live, in the caller's transaction. */
    static void move(Connection connection, int from, int to) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (statement.executeUpdate(
                    "UPDATE reading_generation SET live = " + to + " WHERE live = " + from) != 1) {
                throw new IllegalStateException("generation " + from + " of the readings is no longer live:"
                        + " somebody else has switched meanwhile");
            }
        }
    }

    /** A name with the schema of a generation, for SQL that is about two of them. */
    String qualified(int generation, String table) {
        return generation == 0 ? table : quoted(generation) + "." + table;
    }

    private void migrate(int generation) {
        var flyway = Flyway.configure().dataSource(database)
                .locations("classpath:org/policyledger/projections/migration").table("reading_schema")
                .baselineOnMigrate(true).baselineVersion("0");
        (generation == 0 ? flyway : flyway.schemas(SCHEMA + generation)).load().migrate();
    }

    private static String quoted(int generation) {
        return "\"" + SCHEMA + generation + "\"";
    }

    private Set<Integer> schemas() {
        Set<Integer> found = new TreeSet<>();
        jdbc.sql("SELECT schema_name FROM information_schema.schemata").query(String.class).list().stream()
                .filter(name -> name.matches(SCHEMA + "[0-9]{1,9}"))
                .forEach(name -> found.add(Integer.parseInt(name.substring(SCHEMA.length()))));
        return found;
    }

    // ---- looking for switches, and tidying up ----

    /** Looks whether another generation has become live, and if so takes it up. */
    void look() {
        int now = stored();
        if (now != liveGeneration) {
            others.ifPresent(locks -> locks.share(now));
            lock.lock();
            try {
                liveGeneration = now;
            } finally {
                lock.unlock();
            }
            listeners.forEach(Runnable::run);
            tidyUp();
        }
    }

    private void tidyUp() {
        untidy = true;
        LockSupport.unpark(janitor);
    }

    private void lookOnAndOn() {
        while (!closed) {
            try {
                others.ifPresent(locks -> locks.keep(this::isUsed));
                if (others.isPresent()) {
                    look();
                }
                listeners.forEach(Runnable::run);
                if (untidy) {
                    untidy = false;
                    if (!dropUnused()) {
                        untidy = true;
                    }
                }
            } catch (RuntimeException away) {
                untidy = true;
                LOG.debug("The generations of the readings could not be looked at; it is tried again", away);
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    /** Drops every generation that nobody uses; false if there is one that is used still. */
    private boolean dropUnused() {
        boolean tidy = true;
        Set<Integer> dead = schemas();
        if (!defaultTables().isEmpty()) {
            dead.add(0);
        }
        dead.remove(stored());
        for (int generation : dead) {
            if (isUsed(generation)) {
                tidy = false;
            } else if (others.isEmpty()) {
                drop(generation);
            } else {
                tidy &= others.get().alone(generation, () -> {
                    if (stored() != generation) {
                        drop(generation);
                    }
                });
            }
        }
        return tidy;
    }

    private void drop(int generation) {
        if (generation == 0) {
            defaultTables().forEach(table -> jdbc.sql("DROP TABLE \"" + table + "\"").update());
        } else {
            jdbc.sql("DROP SCHEMA IF EXISTS " + quoted(generation) + " CASCADE").update();
        }
        LOG.info("Generation {} of the readings is dropped: nobody uses it", generation);
    }

    private List<String> defaultTables() {
        return jdbc.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema"
                + (others.isPresent() ? "()" : "")).query(String.class).list().stream().filter(name -> {
                    String lower = name.toLowerCase(java.util.Locale.ROOT);
                    return lower.startsWith(SCHEMA) && !CONTROL.contains(lower);
                }).toList();
    }

    @Override
    public void close() {
        closed = true;
        tidyUp();
        try {
            if (janitor.getState() != Thread.State.NEW) {
                janitor.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        others.ifPresent(AdvisoryLocks::close);
    }

    // ---- connections ----

    /** Gives out connections whose unqualified names are those of one generation. */
    private final class Routed extends AbstractDataSource {
        private final Optional<Integer> only;

        Routed(Optional<Integer> only) {
            this.only = only;
        }

        @Override
        public Connection getConnection() throws SQLException {
            Lease lease = leased.get();
            int generation;
            if (only.isPresent()) {
                generation = only.get();
                hold(generation);
            } else if (lease != null) {
                generation = lease.generation;
                hold(generation);
            } else {
                generation = holdLive();
            }
            try {
                Connection connection = database.getConnection();
                if (generation != 0) {
                    execute(connection, (others.isPresent() ? "SET search_path TO " : "SET SCHEMA ")
                            + quoted(generation));
                }
                return wrapped(connection, generation);
            } catch (SQLException | RuntimeException failed) {
                release(generation);
                throw failed;
            }
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            throw new SQLException("the readings are reached as the ledger's own user");
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failed) {
            // Whatever it refers to now, nobody else may get it.
            connection.abort(Runnable::run);
            throw failed;
        }
    }

    /** The connection, which refers to the default schema again before others get it. */
    @SuppressWarnings("ReferenceEquality") // a connection equals itself alone
    private Connection wrapped(Connection connection, int generation) {
        boolean[] open = {true};
        return (Connection) Proxy.newProxyInstance(Connection.class.getClassLoader(), new Class<?>[]{Connection.class},
                (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "equals" -> {
                            return proxy == arguments[0];
                        }
                        case "hashCode" -> {
                            return System.identityHashCode(proxy);
                        }
                        case "close" -> {
                            if (open[0]) {
                                open[0] = false;
                                giveBack(connection, generation);
                            }
                            return null;
                        }
                        default -> {
                            try {
                                return method.invoke(connection, arguments);
                            } catch (InvocationTargetException failed) {
                                throw failed.getTargetException();
                            }
                        }
                    }
                });
    }

    private void giveBack(Connection connection, int generation) throws SQLException {
        try (connection) {
            if (generation != 0 && !connection.isClosed()) {
                if (!connection.getAutoCommit()) {
                    // Within a transaction the schema would be that of before again when it is undone.
                    connection.rollback();
                    connection.setAutoCommit(true);
                }
                execute(connection, resetSchema);
            }
        } finally {
            release(generation);
        }
    }
}
