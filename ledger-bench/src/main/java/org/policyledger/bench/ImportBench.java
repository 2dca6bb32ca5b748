package org.policyledger.bench;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.policyledger.api.snapshot.Samples;
import org.policyledger.api.snapshot.SnapshotImport;
import org.policyledger.store.StoredEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Imports the first SDN file into an empty ledger, beside a batched insert of the same event rows in one transaction. */
@Command(name = "import", mixinStandardHelpOptions = true, sortOptions = false, description = "Imports the first SDN file against a batched insert of the same rows.")
final class ImportBench implements Callable<Integer> {

    private static final double GOAL = 0.3;

    @Mixin
    private Bench.Options options = new Bench.Options();

    private record Imported(double seconds, double untilRead, List<StoredEvent> events) {}

    @Override
    public Integer call() throws Exception {
        Samples.Sample file = Ledger.firstSdnSnapshot();
        Report report = new Report("Importing " + file.fileName(), "database", "events", "first s", "ledger s",
                "ledger events/s", "until read s", "raw s", "raw events/s", "× raw", "goal");
        Quiet quiet = new Quiet(options.quietWait);
        try (Databases databases = new Databases(options.out)) {
            for (Databases.Kind kind : options.databases) {
                report.note(databases.describe(kind));
                measure(databases, kind, file, quiet, report);
            }
        }
        report.note("medians of " + options.rounds
                + " rounds, each on fresh databases; 'first' is the first import of this run on that database; 'until read'"
                + " counts until the readings reflect the import");
        report.note(quiet.describe());
        report.finish(options.out, "import");
        return 0;
    }

    private void measure(Databases databases, Databases.Kind kind, Samples.Sample file, Quiet quiet,
            Report report)
            throws Exception {
        List<Double> ours = new ArrayList<>();
        List<Double> untilRead = new ArrayList<>();
        List<Double> limit = new ArrayList<>();
        double first = 0;
        int events = 0;
        for (int round = 0; round <= options.rounds; round++) {
            quiet.await();
            Imported imported = ledger(databases, kind, file);
            quiet.await();
            double raw = raw(databases, kind, imported.events);
            events = imported.events.size();
            if (round == 0) {
                first = imported.seconds;
            } else {
                ours.add(imported.seconds);
                untilRead.add(imported.untilRead);
                limit.add(raw);
            }
            Report.progress("  " + kind + " " + Report.seconds(imported.seconds) + " s, raw " + Report.seconds(raw)
                    + " s");
        }
        double timesRaw = Report.medianRatio(limit, ours);
        report.row(kind.toString(), Integer.toString(events), Report.seconds(first),
                Report.seconds(Report.median(ours)), Report.rate(events / Report.median(ours)),
                Report.seconds(Report.median(untilRead)), Report.seconds(Report.median(limit)),
                Report.rate(events / Report.median(limit)), Report.ratio(timesRaw), Report.verdict(timesRaw, GOAL));
    }

    private static Imported ledger(Databases databases, Databases.Kind kind, Samples.Sample file)
            throws InterruptedException {
        try (Databases.Fresh database = databases.create(kind); Ledger ledger = new Ledger(database)) {
            ledger.catchup().start();
            long before = ledger.log().head() - 1;
            if (!ledger.catchup().await(before, Duration.ofMinutes(1))) {
                throw new IllegalStateException("the readings did not start");
            }
            long from = System.nanoTime();
            SnapshotImport.Result result = ledger.importSdn(file.content(), file.snapshotDate());
            double seconds = (System.nanoTime() - from) / 1e9;
            if (!ledger.catchup().await(result.position(), Duration.ofMinutes(1))) {
                throw new IllegalStateException("the readings did not catch up");
            }
            double untilRead = (System.nanoTime() - from) / 1e9;
            List<StoredEvent> events = ledger.log().read(before, Integer.MAX_VALUE);
            if (events.size() != result.snapshot().records() + 1) {
                throw new IllegalStateException(events.size() + " events for " + result.snapshot());
            }
            return new Imported(seconds, untilRead, events);
        }
    }

    private static double raw(Databases databases, Databases.Kind kind, List<StoredEvent> events) throws SQLException {
        try (Databases.Fresh database = databases.create(kind)) {
            try (Ledger tables = new Ledger(database)) {
                tables.log().head();
            }
            try (HikariDataSource pool = database.pool(1); Connection connection = pool.getConnection()) {
                connection.setAutoCommit(false);
                long from = System.nanoTime();
                try (EventRows insert = new EventRows(connection)) {
                    for (StoredEvent event : events) {
                        insert.set(event, event.position(), event.stream(), event.sequence(), event.eventId());
                        insert.addBatch();
                    }
                    insert.executeBatch();
                }
                connection.commit();
                return (System.nanoTime() - from) / 1e9;
            }
        }
    }
}
