package org.policyledger.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.Consumed;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.NewEvent;
import org.policyledger.store.Sha256;
import org.policyledger.store.StoredEvent;
import org.policyledger.store.tree.CompactRange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Catching up of the readings from nothing, beside a scan of the log with a batched insert of the same rows. */
@Command(name = "catchup", mixinStandardHelpOptions = true, sortOptions = false, description = "Fills the readings from nothing against a raw scan and insert of the same rows.")
final class CatchupBench implements Callable<Integer> {

    private static final double GOAL_PER_SECOND = 30_000;
    private static final int CHUNK = 2_000;
    private static final int BULK = 1_000;
    /** How far the readings have come, which the peer keeps in its own way, and which tables there are. */
    private static final Set<String> KEEPING = Set.of("reading_position", "reading_token", "reading_schema",
            "reading_generation", "reading_generation_schema");

    @Mixin
    private Bench.Options options = new Bench.Options();

    @Option(names = "--events", defaultValue = "60000", description = "events in the log (default: ${DEFAULT-VALUE})")
    private int events;

    @Option(names = "--amendments", defaultValue = "0.2", description = "share of them that amend an earlier entity, picked at random (default: ${DEFAULT-VALUE})")
    private double amendments;

    @Option(names = "--seed", defaultValue = "1", description = "of the random choice (default: ${DEFAULT-VALUE})")
    private long seed;

    /** Rows of one table by the positions that made them. */
    private record Rows(String table, int columns, NavigableMap<Long, List<List<@Nullable Object>>> made) {}

    @Override
    public Integer call() throws Exception {
        Report report = new Report("Catching up from nothing", "database", "events", "first s", "ledger s",
                "ledger events/s", "raw s", "raw events/s", "× raw", "goal", "CPU µs ledger", "raw",
                "completeness s", "share of ledger");
        Quiet quiet = new Quiet(options.quietWait);
        try (Databases databases = new Databases(options.out)) {
            for (Databases.Kind kind : options.databases) {
                report.note(databases.describe(kind));
                try (Databases.Fresh database = databases.create(kind); Ledger ledger = new Ledger(database)) {
                    fill(ledger.log());
                    ledger.settle();
                    measure(kind, ledger, quiet, databases.processorTime(kind), report);
                }
            }
        }
        report.note("medians of " + options.rounds + " rounds; 'first' is the first catching up in this process on that"
                + " database; share of amendments " + amendments + ", seed " + seed);
        report.note("CPU: processor time for one event, of this process and the database server together");
        report.note(
                "completeness: hashing what was consumed into a tree, which catching up does besides, alone and beside it; of"
                        + " state hashes it computes none, they are made when asked for");
        report.note(quiet.describe());
        report.finish(options.out, "catchup");
        return 0;
    }

    private void fill(LedgerLog log) {
        List<Entry> entries = Ledger.realEntries();
        Random random = new Random(seed);
        List<Integer> sequences = new ArrayList<>();
        LocalDate listedOn = LocalDate.of(2020, 1, 1);
        List<NewEvent> batch = new ArrayList<>();
        for (int number = 0; number < events; number++) {
            EntityEvent event;
            int sequence;
            if (sequences.isEmpty() || random.nextDouble() >= amendments) {
                Entry entry = entries.get(sequences.size() % entries.size());
                event = new EntityListed(entity(sequences.size()), Ledger.SDN, listedOn, Optional.empty(), entry,
                        Circumstances.observed());
                sequence = 0;
                sequences.add(1);
            } else {
                int entity = random.nextInt(sequences.size());
                sequence = sequences.get(entity);
                sequences.set(entity, sequence + 1);
                Entry before = entries.get(entity % entries.size());
                event = new ListingAmended(entity(entity), Ledger.SDN, listedOn.plusDays(sequence), Optional.empty(),
                        new Entry(before.subject(), before.terms(),
                                Optional.of(before.remarks().orElse("(Linked to)") + " Rev. " + sequence)),
                        List.of("/entry/remarks"), Circumstances.observed());
            }
            batch.add(new NewEvent(event.stream(), sequence, UUID.randomUUID(), event, Map.of("actor", "bench")));
            if (batch.size() == BULK || number == events - 1) {
                log.append(batch, Optional.empty());
                batch = new ArrayList<>();
            }
        }
    }

    private static EntityId entity(int number) {
        return new EntityId("ofac-sdn-" + number);
    }

    private void measure(Databases.Kind kind, Ledger ledger, Quiet quiet, ProcessorTime processorTime,
            Report report) throws Exception {
        long head = ledger.log().head();
        List<Double> ours = new ArrayList<>();
        List<Double> limit = new ArrayList<>();
        List<Double> completeness = new ArrayList<>();
        List<Double> ourCpu = new ArrayList<>();
        List<Double> rawCpu = new ArrayList<>();
        double first = 0;
        for (int round = 0; round <= options.rounds; round++) {
            quiet.await();
            ProcessorTime.Used before = processorTime.used();
            double caughtUp = catchUp(ledger, head);
            double caughtUpCpu = processorTime.used().since(before).each((double) head).all();
            List<Rows> rows = rows(ledger);
            quiet.await();
            double hashed = completeness(ledger, head);
            quiet.await();
            before = processorTime.used();
            double raw = raw(ledger, head, rows);
            if (round == 0) {
                first = caughtUp;
            } else {
                ours.add(caughtUp);
                limit.add(raw);
                completeness.add(hashed);
                ourCpu.add(caughtUpCpu);
                rawCpu.add(processorTime.used().since(before).each((double) head).all());
            }
            Report.progress("  " + kind + " " + Report.seconds(caughtUp) + " s, raw " + Report.seconds(raw) + " s");
        }
        double perSecond = head / Report.median(ours);
        report.row(kind.toString(), Long.toString(head), Report.seconds(first), Report.seconds(Report.median(ours)),
                Report.rate(perSecond), Report.seconds(Report.median(limit)),
                Report.rate(head / Report.median(limit)), Report.ratio(Report.medianRatio(limit, ours)),
                Report.verdict(perSecond, GOAL_PER_SECOND), Report.rate(Report.median(ourCpu)),
                Report.rate(Report.median(rawCpu)), Report.seconds(Report.median(completeness)),
                Report.ratio(Report.medianRatio(completeness, ours)));
    }

    private static Catchup emptyModel(Ledger ledger) throws SQLException {
        try (Connection connection = ledger.pool().getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : readingTables(connection)) {
                statement.execute("DROP TABLE \"" + table + "\"");
            }
        }
        return new Catchup(ledger.log(), ledger.pool());
    }

    /** All tables of the readings, whichever there are, as the database writes their names. */
    private static List<String> readingTables(Connection connection) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT table_name FROM information_schema.tables WHERE"
                        + " table_schema = current_schema AND LOWER(table_name) LIKE 'reading%' ORDER BY table_name")) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        return tables;
    }

    private static double catchUp(Ledger ledger, long head) throws Exception {
        try (Catchup catchup = emptyModel(ledger)) {
            long from = System.nanoTime();
            catchup.start();
            if (!catchup.await(head - 1, Duration.ofMinutes(10))) {
                throw new IllegalStateException("the readings did not catch up");
            }
            return (System.nanoTime() - from) / 1e9;
        }
    }

    /** The rows of every reading that an event made, with the position of that event. */
    private static List<Rows> rows(Ledger ledger) throws SQLException {
        List<Rows> all = new ArrayList<>();
        try (Connection connection = ledger.pool().getConnection()) {
            for (String table : readingTables(connection)) {
                if (!KEEPING.contains(table.toLowerCase(Locale.ROOT))) {
                    all.add(rows(connection, table));
                }
            }
        }
        return all;
    }

    private static Rows rows(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM \"" + table + "\"")) {
            ResultSetMetaData columns = rows.getMetaData();
            int made = 0;
            for (int column = 1; column <= columns.getColumnCount(); column++) {
                String name = columns.getColumnName(column).toLowerCase(Locale.ROOT);
                if (name.equals("known_from") || (name.equals("position") && made == 0)) {
                    made = column;
                }
            }
            NavigableMap<Long, List<List<@Nullable Object>>> values = new TreeMap<>();
            while (rows.next()) {
                List<@Nullable Object> row = new ArrayList<>();
                for (int column = 1; column <= columns.getColumnCount(); column++) {
                    row.add(rows.getObject(column));
                }
                values.computeIfAbsent(rows.getLong(made), position -> new ArrayList<>()).add(row);
            }
            return new Rows(table, columns.getColumnCount(), values);
        }
    }

    /** Reads the log in chunks as large as the product's, and inserts the rows of each chunk, ready made, with its position. */
    private static double raw(Ledger ledger, long head, List<Rows> rows) throws SQLException {
        emptyModel(ledger).close();
        long from = System.nanoTime();
        try (Connection connection = ledger.pool().getConnection()) {
            connection.setAutoCommit(false);
            for (long chunk = 0; chunk < head; chunk += CHUNK) {
                long last = chunk + EventRows.page(connection, chunk, CHUNK).size() - 1;
                for (Rows some : rows) {
                    insert(connection, some, chunk, last);
                }
                try (PreparedStatement update = connection
                        .prepareStatement("UPDATE reading_position SET position = ?")) {
                    update.setLong(1, last);
                    update.executeUpdate();
                }
                connection.commit();
            }
            connection.setAutoCommit(true);
        }
        return (System.nanoTime() - from) / 1e9;
    }

    private static void insert(Connection connection, Rows rows, long firstPosition, long lastPosition)
            throws SQLException {
        String marks = "?, ".repeat(rows.columns - 1) + "?";
        try (PreparedStatement insert = connection
                .prepareStatement("INSERT INTO \"" + rows.table + "\" VALUES (" + marks + ")")) {
            for (List<List<@Nullable Object>> made : rows.made.subMap(firstPosition, true, lastPosition, true)
                    .values()) {
                for (List<@Nullable Object> row : made) {
                    for (int column = 0; column < rows.columns; column++) {
                        insert.setObject(column + 1, row.get(column));
                    }
                    insert.addBatch();
                }
            }
            insert.executeBatch();
        }
    }

    /**
     * The work of {@link Consumed} alone, done beside: catching up cannot be told to leave it out. Each event is hashed and added to
     * the tree of what was consumed, and the tree is written down once a batch.
     */
    private static double completeness(Ledger ledger, long head) {
        Consumed consumed = Consumed.NOTHING;
        long nanos = 0;
        for (long chunk = 0; chunk < head; chunk += CHUNK) {
            List<StoredEvent> events = ledger.log().read(chunk - 1, CHUNK);
            long from = System.nanoTime();
            List<Sha256> leaves = events.parallelStream().map(StoredEvent::hashedLeaf).toList();
            consumed = consumed.upTo(events.getLast().position(), leaves);
            if (CompactRange.of(consumed.events().bytes()).size() != consumed.position() + 1) {
                throw new IllegalStateException("not all was consumed: " + consumed);
            }
            nanos += System.nanoTime() - from;
        }
        return nanos / 1e9;
    }
}
