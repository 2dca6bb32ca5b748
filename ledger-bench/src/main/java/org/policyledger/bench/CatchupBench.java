package org.policyledger.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
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
import org.policyledger.store.LedgerLog;
import org.policyledger.store.NewEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Catching up of the listings reading from nothing, beside a scan of the log with a batched insert of the same rows. */
@Command(name = "catchup", mixinStandardHelpOptions = true, sortOptions = false, description = "Fills the listings reading from nothing against a raw scan and insert of the same rows.")
final class CatchupBench implements Callable<Integer> {

    private static final double GOAL_PER_SECOND = 30_000;
    private static final int CHUNK = 2_000;
    private static final int BULK = 1_000;
    private static final List<String> TABLES = List.of("reading_event", "reading_period", "reading_list",
            "reading_snapshot", "reading_position", "reading_token", "reading_schema");

    @Mixin
    private Bench.Options options = new Bench.Options();

    @Option(names = "--events", defaultValue = "60000", description = "events in the log (default: ${DEFAULT-VALUE})")
    private int events;

    @Option(names = "--amendments", defaultValue = "0.2", description = "share of them that amend an earlier entity, picked at random (default: ${DEFAULT-VALUE})")
    private double amendments;

    @Option(names = "--seed", defaultValue = "1", description = "of the random choice (default: ${DEFAULT-VALUE})")
    private long seed;

    /** Rows of one table in the order of the positions that made them. */
    private record Rows(String table, int columns, List<Long> positions, List<List<@Nullable Object>> values) {}

    @Override
    public Integer call() throws Exception {
        Report report = new Report("Catching up from nothing", "database", "events", "first s", "ledger s",
                "ledger events/s", "raw s", "raw events/s", "× raw", "goal", "CPU µs ledger", "raw");
        Quiet quiet = new Quiet(options.quietWait);
        try (Databases databases = new Databases(options.out)) {
            for (Databases.Kind kind : options.databases) {
                report.note(databases.describe(kind));
                try (Databases.Fresh database = databases.create(kind); Ledger ledger = new Ledger(database)) {
                    fill(ledger.log());
                    measure(kind, ledger, quiet, databases.processorTime(kind), report);
                }
            }
        }
        report.note("medians of " + options.rounds + " rounds; 'first' is the first catching up in this process on that"
                + " database; share of amendments " + amendments + ", seed " + seed);
        report.note("CPU: processor time for one event, of this process and the database server together");
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
        List<Double> ourCpu = new ArrayList<>();
        List<Double> rawCpu = new ArrayList<>();
        double first = 0;
        for (int round = 0; round <= options.rounds; round++) {
            quiet.await();
            ProcessorTime.Used before = processorTime.used();
            double caughtUp = catchUp(ledger, head);
            double caughtUpCpu = processorTime.used().since(before).each((double) head).all();
            List<Rows> rows = List.of(rows(ledger, "reading_event", "position"),
                    rows(ledger, "reading_period", "known_from"));
            quiet.await();
            before = processorTime.used();
            double raw = raw(ledger, head, rows);
            if (round == 0) {
                first = caughtUp;
            } else {
                ours.add(caughtUp);
                limit.add(raw);
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
                Report.rate(Report.median(rawCpu)));
    }

    private static Catchup emptyModel(Ledger ledger) throws SQLException {
        try (Connection connection = ledger.pool().getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                statement.execute("DROP TABLE IF EXISTS \"" + (isH2(connection) && !table.equals("reading_schema")
                        ? table.toUpperCase(Locale.ROOT)
                        : table) + "\"");
            }
        }
        return new Catchup(ledger.log(), ledger.pool());
    }

    private static boolean isH2(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseProductName().equals("H2");
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

    private static Rows rows(Ledger ledger, String table, String order) throws SQLException {
        List<List<@Nullable Object>> values = new ArrayList<>();
        List<Long> positions = new ArrayList<>();
        try (Connection connection = ledger.pool().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM " + table + " ORDER BY " + order)) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<@Nullable Object> row = new ArrayList<>(columns);
                for (int column = 1; column <= columns; column++) {
                    row.add(rows.getObject(column));
                }
                values.add(row);
                positions.add(rows.getLong(order));
            }
            return new Rows(table, columns, positions, values);
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
        int from = place(rows, firstPosition);
        int to = place(rows, lastPosition + 1);
        String marks = "?, ".repeat(rows.columns - 1) + "?";
        try (PreparedStatement insert = connection
                .prepareStatement("INSERT INTO " + rows.table + " VALUES (" + marks + ")")) {
            for (List<@Nullable Object> row : rows.values.subList(from, to)) {
                for (int column = 0; column < rows.columns; column++) {
                    insert.setObject(column + 1, row.get(column));
                }
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** The first row whose position is not below the given one. */
    private static int place(Rows rows, long position) {
        int found = Collections.binarySearch(rows.positions, position);
        if (found < 0) {
            return -found - 1;
        }
        int first = found;
        while (first > 0 && rows.positions.get(first - 1) == position) {
            first--;
        }
        return first;
    }
}
