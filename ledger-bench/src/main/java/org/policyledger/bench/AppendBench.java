package org.policyledger.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.policyledger.core.Entry;
import org.policyledger.store.StoredEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Appends through the whole command path, with many writers, beside Axon's stock engine and raw inserts. */
@Command(name = "append", mixinStandardHelpOptions = true, sortOptions = false, description = "Appends through the command path against Axon's stock engine and raw inserts.")
final class AppendBench implements Callable<Integer> {

    private static final int TEMPLATES = 1_000;
    private static final int WARMUP_WRITERS = 8;
    private static final double FIRST_GUESS_PER_SECOND = 4_000;

    @Mixin
    private Bench.Options options = new Bench.Options();

    @Option(names = "--writers", split = ",", defaultValue = "1,8,32,128", description = "numbers of writers (default: ${DEFAULT-VALUE})")
    private List<Integer> writers = List.of();

    @Option(names = "--workload", split = ",", defaultValue = "NEW,EXISTING", description = "of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private List<Workload> workloads = List.of();

    @Option(names = "--only", description = "run one side alone, of ${COMPLETION-CANDIDATES}, to profile it")
    private Optional<Name> only = Optional.empty();

    @Option(names = "--seconds", defaultValue = "2", description = "length of one measurement (default: ${DEFAULT-VALUE})")
    private double seconds;

    @Option(names = "--warmup", defaultValue = "10", description = "seconds that each side runs before anything counts, on each database (default: ${DEFAULT-VALUE})")
    private double warmup;

    /** One side of the comparison, with what was measured of it for one number of writers. */
    private static final class Side {
        private final Contender contender;
        private final List<Double> perSecond = new ArrayList<>();
        private final List<Double> cpuMicros = new ArrayList<>();
        private double guess = FIRST_GUESS_PER_SECOND;

        Side(Contender contender) {
            this.contender = contender;
        }
    }

    private Quiet quiet = new Quiet(0);
    private Workers workers = new Workers(new ProcessorTime(OptionalLong.empty()));

    private enum Name {
        LEDGER,
        STOCK,
        RAW
    }

    @Override
    public Integer call() throws Exception {
        List<Entry> entries = Ledger.realEntries();
        quiet = new Quiet(options.quietWait);
        Report report = new Report("Appending", "database", "entities", "writers", "ledger/s", "stock Axon/s", "raw/s",
                "× stock", "× raw", "goals", "CPU µs ledger", "stock", "raw");
        try (Databases databases = new Databases(options.out)) {
            for (Databases.Kind kind : options.databases) {
                report.note(databases.describe(kind));
                workers = new Workers(databases.processorTime(kind));
                for (Workload workload : workloads) {
                    measure(databases, kind, workload, entries, report);
                }
            }
        }
        report.note("medians of " + options.rounds + " rounds of " + seconds
                + " s a side, after one that is not counted; the ratios are medians of the rounds' ratios");
        report.note("CPU: processor time for one event, of this process and the database server together");
        report.note(quiet.describe());
        report.finish(options.out, "append");
        return 0;
    }

    private void measure(Databases databases, Databases.Kind kind, Workload workload, List<Entry> entries,
            Report report) throws Exception {
        List<StoredEvent> listed = templates(databases, Workload.NEW, entries);
        List<StoredEvent> rows = workload == Workload.NEW ? listed : templates(databases, workload, entries);
        report.note(kind + " " + workload + ": events of "
                + rows.stream().mapToInt(row -> row.event().length()).sum() / rows.size() + " characters on average");
        int most = Collections.max(writers);
        try (Databases.Fresh ledgerDatabase = databases.create(kind);
                Databases.Fresh stockDatabase = databases.create(kind);
                Databases.Fresh rawDatabase = databases.create(kind);
                Contender ledger = new LedgerContender(ledgerDatabase);
                Contender stock = new StockAxonContender(stockDatabase, most);
                Contender raw = new RawContender(rawDatabase, most, listed, rows)) {
            if (only.isPresent()) {
                alone(switch (only.get()) {
                    case LEDGER -> ledger;
                    case STOCK -> stock;
                    case RAW -> raw;
                }, workload, entries);
                return;
            }
            for (Contender contender : List.of(ledger, stock, raw)) {
                run(new Side(contender), workload, entries, "warmup", WARMUP_WRITERS, warmup, false);
            }
            for (int number : writers) {
                Side ours = new Side(ledger);
                Side peer = new Side(stock);
                Side limit = new Side(raw);
                List<Side> order = new ArrayList<>(List.of(ours, peer, limit));
                for (int round = 0; round <= options.rounds; round++) {
                    for (Side side : order) {
                        run(side, workload, entries, "w" + number + "-r" + round, number, seconds, round > 0);
                    }
                    Collections.rotate(order, 1);
                }
                double timesStock = Report.medianRatio(ours.perSecond, peer.perSecond);
                double timesRaw = Report.medianRatio(ours.perSecond, limit.perSecond);
                report.row(kind.toString(), workload.toString(), Integer.toString(number),
                        Report.rate(Report.median(ours.perSecond)), Report.rate(Report.median(peer.perSecond)),
                        Report.rate(Report.median(limit.perSecond)), Report.ratio(timesStock), Report.ratio(timesRaw),
                        goals(kind, workload, number, timesStock, timesRaw),
                        Report.rate(Report.median(ours.cpuMicros)), Report.rate(Report.median(peer.cpuMicros)),
                        Report.rate(Report.median(limit.cpuMicros)));
            }
        }
    }

    private void alone(Contender contender, Workload workload, List<Entry> entries) throws Exception {
        run(new Side(contender), workload, entries, "warmup", WARMUP_WRITERS, warmup, false);
        for (int number : writers) {
            Side side = new Side(contender);
            for (int round = 1; round <= options.rounds; round++) {
                run(side, workload, entries, "w" + number + "-r" + round, number, seconds, true);
            }
        }
    }

    private static String goals(Databases.Kind kind, Workload workload, int writers, double timesStock,
            double timesRaw) {
        OptionalDouble raw = OptionalDouble.empty();
        OptionalDouble stock = OptionalDouble.empty();
        if (kind == Databases.Kind.POSTGRESQL && writers == 32) {
            raw = OptionalDouble.of(workload == Workload.NEW ? 3 : 2);
            stock = workload == Workload.NEW ? OptionalDouble.of(8) : OptionalDouble.empty();
        } else if (kind == Databases.Kind.POSTGRESQL && writers == 1) {
            raw = OptionalDouble.of(0.7);
        } else if (kind == Databases.Kind.H2 && writers == 32) {
            raw = OptionalDouble.of(2);
        }
        String text = stock.isPresent() ? "stock " + Report.verdict(timesStock, stock.getAsDouble()) + ", " : "";
        return raw.isPresent() ? text + "raw " + Report.verdict(timesRaw, raw.getAsDouble()) : "-";
    }

    /** Events as the ledger itself writes them, for those who insert rows. */
    private static List<StoredEvent> templates(Databases databases, Workload workload, List<Entry> entries) {
        try (Databases.Fresh scratch = databases.create(Databases.Kind.H2); Ledger ledger = new Ledger(scratch)) {
            long before = ledger.log().head() - 1;
            int demands = workload == Workload.NEW ? TEMPLATES : TEMPLATES * Workload.AMENDMENTS;
            if (workload == Workload.EXISTING) {
                for (int number = 0; number < TEMPLATES; number++) {
                    ledger.recorder().record(Workload.NEW.demand(entries, "t", number, 0), Ledger.CALLER);
                }
                before += TEMPLATES;
            }
            for (int number = 0; number < demands; number++) {
                ledger.recorder().record(workload.demand(entries, "t", number, TEMPLATES), Ledger.CALLER);
            }
            return ledger.log().read(before, demands);
        }
    }

    private void run(Side side, Workload workload, List<Entry> entries, String run, int writers, double length,
            boolean counted)
            throws Exception {
        int listed = 0;
        if (workload == Workload.EXISTING) {
            int generation = Workload.ROUND_ROBIN * Workload.AMENDMENTS;
            listed = Workload.ROUND_ROBIN * (1 + (int) (side.guess * length * 4 / generation));
            side.contender.list(Workload.listings(entries, run, listed));
        }
        quiet.await();
        int existing = listed;
        Workers.Done done = workers.run(writers, length, () -> {
            Contender.Writer writer = side.contender.writer();
            return new Workers.Work() {
                @Override
                public long once(long number) throws Exception {
                    writer.write(workload.demand(entries, run, number, existing), workload.sequence(number));
                    return 1;
                }

                @Override
                public void close() throws SQLException {
                    writer.close();
                }
            };
        });
        double perSecond = done.perSecond();
        ProcessorTime.Used each = done.cpuEach();
        side.guess = perSecond;
        if (counted) {
            side.perSecond.add(perSecond);
            side.cpuMicros.add(each.all());
        }
        Report.progress("  " + workload + " " + run + " " + side.contender.getClass().getSimpleName() + " "
                + Report.rate(perSecond) + "/s, CPU µs " + Report.rate(each.own()) + " + server "
                + Report.rate(each.server()));
    }
}
