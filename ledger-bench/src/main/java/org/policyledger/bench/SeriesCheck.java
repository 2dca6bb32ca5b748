package org.policyledger.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.policyledger.api.snapshot.Samples;
import org.policyledger.api.snapshot.SnapshotImport;
import org.policyledger.api.snapshot.SourceList;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.event.SnapshotImported;
import org.policyledger.store.StoredEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Imports every shipped SDN file in order into one ledger. After each, the list as of its day, as known then, must be the file's
 * entries field by field, and the counts those of the index; at the end the last file again must record no action.
 */
@Command(name = "series", mixinStandardHelpOptions = true, sortOptions = false, description = "Imports all SDN files in order and checks the ledger after each; fails on any difference.")
final class SeriesCheck implements Callable<Integer> {

    private static final int MOST_SHOWN = 20;

    @Mixin
    private Bench.Options options = new Bench.Options();

    private final List<String> differences = new ArrayList<>();

    @Override
    public Integer call() {
        Report report = new Report("The SDN series", "database", "files", "events", "first file s", "events/s",
                "all imports s", "events/s", "with checks s", "peak heap MiB", "differences");
        try (Databases databases = new Databases(options.out)) {
            for (Databases.Kind kind : options.databases) {
                report.note(databases.describe(kind));
                try (Databases.Fresh database = databases.create(kind); Ledger ledger = new Ledger(database)) {
                    ledger.catchup().start();
                    check(kind, ledger, report);
                }
            }
        }
        report.finish(options.out, "series");
        differences.stream().limit(MOST_SHOWN).forEach(System.out::println);
        return differences.isEmpty() ? 0 : 1;
    }

    /** What the series has come to so far. */
    private static final class Course {
        private final List<Samples.Sample> last = new ArrayList<>();
        private final List<Double> seconds = new ArrayList<>();
        private final List<Long> events = new ArrayList<>();
    }

    private void check(Databases.Kind kind, Ledger ledger, Report report) {
        List<Samples.IndexRow> index = Samples.index();
        int before = differences.size();
        Course course = new Course();
        long started = System.nanoTime();
        Samples.eachSdnSnapshot(sample -> {
            Samples.IndexRow expected = index.get(course.seconds.size());
            SnapshotImported fact = importOne(ledger, sample, course);
            compareCounts(sample, expected, fact, course.seconds.size() == 1);
            compareEntries(ledger, sample);
            course.last.clear();
            course.last.add(sample);
            Report.progress(String.format(Locale.ROOT, "  %s %3d %s %s +%d -%d ~%d %.2f s", kind,
                    course.seconds.size(), sample.fileName(), sample.snapshotDate(), fact.added(), fact.removed(),
                    fact.amended(), course.seconds.getLast()));
        });
        if (course.seconds.size() != index.size()) {
            differ("the series has " + course.seconds.size() + " files, its index " + index.size());
        }
        double whole = course.seconds.stream().mapToDouble(Double::doubleValue).sum();
        long events = course.events.stream().mapToLong(Long::longValue).sum();
        importAgain(ledger, course);
        report.row(kind.toString(), Integer.toString(index.size()), Long.toString(events),
                Report.seconds(course.seconds.getFirst()),
                Report.rate(course.events.getFirst() / course.seconds.getFirst()), Report.seconds(whole),
                Report.rate(events / whole), Report.seconds((System.nanoTime() - started) / 1e9),
                Long.toString(peakHeap() >> 20), Integer.toString(differences.size() - before));
    }

    /** Imports a file and waits until it is read; both are in the time. */
    private SnapshotImported importOne(Ledger ledger, Samples.Sample sample, Course course) {
        long head = ledger.log().head();
        long from = System.nanoTime();
        SnapshotImport.Result result = ledger.importSdn(sample.content(), sample.snapshotDate());
        await(ledger, result.position());
        course.seconds.add((System.nanoTime() - from) / 1e9);
        course.events.add(ledger.log().head() - head);
        return result.snapshot();
    }

    private void compareCounts(Samples.Sample sample, Samples.IndexRow expected, SnapshotImported fact,
            boolean first) {
        Samples.IndexRow counted = new Samples.IndexRow(expected.retrievedAt(), expected.commit(), fact.records(),
                first ? fact.added() - fact.records() : fact.added(), fact.removed(), fact.amended());
        if (!counted.equals(expected) || !expected.retrievedAt().equals(sample.retrievedAt())) {
            differ(sample.fileName() + ": the index says " + expected + ", the import " + fact);
        }
    }

    private void compareEntries(Ledger ledger, Samples.Sample sample) {
        SourceList source = Ledger.SDN_FORMAT.parse(sample.content());
        Map<EntityId, Entry> read = new HashMap<>();
        ledger.reader().eachEntry(Ledger.SDN, sample.snapshotDate(), ledger.log().head() - 1,
                entry -> read.put(entry.entityId(), entry.entry()));
        TreeSet<EntityId> all = new TreeSet<>(read.keySet());
        all.addAll(source.entries().keySet());
        for (EntityId id : all) {
            Entry inLedger = read.get(id);
            Entry inFile = source.entries().get(id);
            if (inLedger == null || inFile == null || !inLedger.equals(inFile)) {
                differ(sample.fileName() + ": " + id + " is " + inLedger + " in the ledger, " + inFile
                        + " in the file");
            }
        }
    }

    private void importAgain(Ledger ledger, Course course) {
        Samples.Sample sample = course.last.getFirst();
        long head = ledger.log().head();
        SnapshotImport.Result again = ledger.importSdn(sample.content(), sample.snapshotDate());
        List<StoredEvent> recorded = ledger.log().read(head - 1, 10);
        boolean onlyTheImport = recorded.stream().map(ledger.log()::payload)
                .allMatch(SnapshotImported.class::isInstance);
        if (recorded.size() != 1 || !onlyTheImport || !again.actions().isEmpty()) {
            differ(sample.fileName() + " imported again recorded " + recorded);
        }
    }

    private static void await(Ledger ledger, long position) {
        try {
            if (!ledger.catchup().await(position, Duration.ofMinutes(1))) {
                throw new IllegalStateException("the readings did not reach position " + position);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void differ(String what) {
        differences.add(what);
        Report.progress("  DIFFERENCE " + what);
    }

    private static long peakHeap() {
        return ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
    }
}
