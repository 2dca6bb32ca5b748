package org.policyledger.bench;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.policyledger.core.Entry;
import org.policyledger.projections.Catchup;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.Sha256;
import org.policyledger.store.StoredEvent;
import org.policyledger.store.tree.CompactRange;
import org.policyledger.store.tree.Finding;
import org.policyledger.store.tree.LedgerTree;
import org.policyledger.store.tree.LogVerification;
import org.policyledger.store.tree.NoteKey;
import org.policyledger.store.tree.NoteSigner;
import org.policyledger.store.tree.Verifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the Merkle tree costs: hashing, keeping the tree, proving, verifying, and appending with it beside appending without. */
@Command(name = "tree", mixinStandardHelpOptions = true, sortOptions = false, description = "Hashes, proofs and verification against the least such work takes, and appends with the tree against appends without.")
final class TreeBench implements Callable<Integer> {

    /** What appending with the tree is to reach of appending without it. */
    private static final double GOAL = 0.95;
    /** Appending goes on so long before a measurement that the tree is kept as in long running: a checkpoint each second. */
    private static final double LEAD_IN = 1;
    private static final int SAMPLE = 10_000;
    private static final int PAGE = 1_000;
    private static final List<Integer> BATCHES = List.of(1, 32, 1_000);
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private enum Part {
        HASH,
        UPKEEP,
        PROOF,
        VERIFY,
        APPEND
    }

    @Mixin
    private Bench.Options options = new Bench.Options();

    @Option(names = "--part", split = ",", defaultValue = "HASH,UPKEEP,PROOF,VERIFY,APPEND", description = "of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Set<Part> parts = EnumSet.allOf(Part.class);

    @Option(names = "--events", defaultValue = "100000", description = "events in the log that is proved and verified (default: ${DEFAULT-VALUE})")
    private int events;

    @Option(names = "--clients", defaultValue = "4", description = "clients that ask at once (default: ${DEFAULT-VALUE})")
    private int clients;

    @Option(names = "--writers", split = ",", defaultValue = "1,32,128", description = "numbers of writers (default: ${DEFAULT-VALUE})")
    private List<Integer> writers = List.of();

    @Option(names = "--seconds", defaultValue = "2", description = "length of one measurement, which ends with what is begun by then (default: ${DEFAULT-VALUE})")
    private double seconds;

    @Option(names = "--warmup", defaultValue = "5", description = "seconds that each side runs before anything counts (default: ${DEFAULT-VALUE})")
    private double warmup;

    private final Report report = new Report("The tree", "database", "what", "/s", "MB/s", "ms median", "99 %",
            "against", "/s", "MB/s", "ms median", "99 %", "× against", "CPU µs", "against", "goal");
    private Quiet quiet = new Quiet(0);
    private Workers workers = new Workers(new ProcessorTime(OptionalLong.empty()));
    private int runs;

    @Override
    public Integer call() throws Exception {
        quiet = new Quiet(options.quietWait);
        List<Entry> entries = Ledger.realEntries();
        try (Databases databases = new Databases(options.out)) {
            for (Databases.Kind kind : options.databases) {
                report.note(databases.describe(kind));
                workers = new Workers(databases.processorTime(kind));
                if (!parts.equals(EnumSet.of(Part.APPEND))) {
                    try (Databases.Fresh database = databases.create(kind); Service service = new Service(database)) {
                        measureFilled(database, service, entries);
                    }
                }
                if (parts.contains(Part.APPEND)) {
                    append(databases, kind, entries);
                }
            }
        }
        report.note("medians of " + options.rounds + " rounds of " + seconds
                + " s a side, after one of " + warmup
                + " s that is not counted; the ratios are medians of the rounds' ratios");
        report.note("CPU: processor time for one, of this process, with the clients in it, and the database server");
        report.note(quiet.describe());
        report.finish(options.out, "tree");
        return 0;
    }

    private void measureFilled(Databases.Fresh database, Service service, List<Entry> entries) throws Exception {
        LedgerLog log = service.bean(LedgerLog.class);
        Workload.append(log, Workload.listings(entries, "filled", events - (int) log.head()));
        long last = log.head() - 1;
        LedgerTree.Signed checkpoint = service.bean(LedgerTree.class).covering(last, PATIENCE).orElseThrow();
        if (!service.bean(Catchup.class).await(last, PATIENCE)) {
            throw new IllegalStateException("the readings did not catch up");
        }
        String name = database.kind().toString();
        try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            Path export = http.send(HttpRequest.newBuilder(service.at("/v1/export")).build(),
                    HttpResponse.BodyHandlers.ofFile(database.file("ndjson"))).body();
            double bytes = (double) Files.size(export) / log.head();
            report.note(String.format(Locale.ROOT, "%s: a log of %d events of %.0f bytes on average", name, log.head(),
                    bytes));
            List<byte[]> sample;
            try (Stream<String> lines = Files.lines(export)) {
                sample = lines.limit(SAMPLE).map(line -> line.getBytes(StandardCharsets.UTF_8)).toList();
            }
            boolean first = database.kind() == options.databases.getFirst(); // hashes are no different on another
            if (first && parts.contains(Part.HASH)) {
                hash(sample);
            }
            if (first && parts.contains(Part.UPKEEP)) {
                keepUp(sample);
            }
            if (parts.contains(Part.PROOF)) {
                prove(name, service, log, http);
            }
            if (parts.contains(Part.VERIFY)) {
                verifyExport(name, service, export, checkpoint.note(), bytes);
                verifyDatabase(name, service, log, bytes);
            }
        }
    }

    // ---- hashes, in memory ----

    private void hash(List<byte[]> sample) throws Exception {
        Turns turns = turns();
        Turns.Side product = turns.side("Sha256.ofLeaf",
                alone(() -> number -> sample.stream().filter(event -> Sha256.ofLeaf(event).hashCode() != 0).count()));
        Turns.Side peer = turns.side("MessageDigest without prefix", alone(() -> {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return number -> sample.stream().filter(event -> Arrays.hashCode(digest.digest(event)) != 0).count();
        }));
        turns.take();
        row("-", "hash of a leaf", product, peer, sample.stream().mapToInt(event -> event.length).average().orElse(0));
    }

    /** What a {@link LedgerTree} does with a batch, but for reading and writing it: it adds its leaves and computes the root. */
    private void keepUp(List<byte[]> sample) throws Exception {
        List<Sha256> leaves = sample.stream().map(Sha256::ofLeaf).toList();
        CompactRange before = CompactRange.EMPTY.plus(leaves);
        for (int batch : BATCHES) {
            Turns turns = turns();
            Turns.Side product = turns.side("CompactRange", alone(() -> number -> {
                CompactRange tree = before;
                long added = 0;
                for (int from = 0; from < leaves.size(); from += batch) {
                    List<Sha256> some = leaves.subList(from, Math.min(from + batch, leaves.size()));
                    tree = tree.plus(some);
                    added += tree.root().hashCode() != 0 ? some.size() : 0;
                }
                return added;
            }));
            Turns.Side peer = turns.side("hash of the leaves", alone(
                    () -> number -> sample.stream().filter(event -> Sha256.ofLeaf(event).hashCode() != 0).count()));
            turns.take();
            row("-", "leaves added, " + batch + " at once", product, peer);
        }
    }

    // ---- proofs, over HTTP ----

    private void prove(String database, Service service, LedgerLog log, HttpClient http) throws Exception {
        long size = log.head();
        List<UUID> ids = log.read(-1, (int) size).stream().map(StoredEvent::eventId).toList();
        LongFunction<String> event = number -> "/v1/events/"
                + ids.get(new SplittableRandom(number).nextInt(ids.size()));
        Turns turns = turns();
        Turns.Side alone = turns.side("the event without a proof", asking(http, service, event));
        Turns.Side proof = turns.side("proof of an event",
                asking(http, service, number -> event.apply(number) + "/proof"));
        Turns.Side consistency = turns.side("consistency proof", asking(http, service, number -> {
            SplittableRandom random = new SplittableRandom(number);
            long to = random.nextLong(1, size + 1);
            return "/v1/consistency?from=" + random.nextLong(1, to + 1) + "&to=" + to;
        }));
        turns.take();
        timed(database, proof.name() + ", " + clients + " clients", proof, alone, "-");
        timed(database, consistency.name() + ", " + clients + " clients", consistency, alone, "-");
    }

    private Turns.Turn asking(HttpClient http, Service service, LongFunction<String> path) {
        return length -> workers.run(clients, length, () -> number -> {
            HttpResponse<byte[]> answer = http.send(HttpRequest.newBuilder(service.at(path.apply(number))).build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(answer.uri() + " is answered with " + answer.statusCode());
            }
            return 1;
        });
    }

    // ---- verification ----

    private void verifyExport(String database, Service service, Path export, String checkpoint, double bytes)
            throws Exception {
        Verifier verifier = new Verifier(service.bean(NoteSigner.class).keys(), List.of(), read -> {});
        long lines = hashLines(export);
        Turns turns = turns();
        Turns.Side product = turns.side("Verifier", alone(() -> number -> {
            Verifier.Report told = verifier.export(List.of(export), checkpoint);
            return sound(told.events(), lines, told.findings());
        }));
        Turns.Side hashed = turns.side("reading, SHA-256 of each line",
                alone(() -> number -> hashLines(export)));
        Turns.Side read = turns.side("reading alone", alone(() -> number -> {
            byte[] block = new byte[1 << 20];
            try (InputStream in = Files.newInputStream(export)) {
                while (in.read(block) >= 0) {
                    // The next one.
                }
            }
            return lines;
        }));
        turns.take();
        row(database, "export verified", product, hashed, bytes);
        row(database, "export verified", product, read, bytes);
    }

    private void verifyDatabase(String database, Service service, LedgerLog log, double bytes) throws Exception {
        HikariDataSource pool = service.bean(HikariDataSource.class);
        List<NoteKey> keys = service.bean(NoteSigner.class).keys();
        long size = log.head();
        Turns turns = turns();
        Turns.Side product = turns.side("LogVerification", alone(() -> number -> {
            LogVerification.Result told = new LogVerification(log, pool, keys).run(done -> {});
            return sound(told.events(), size, told.findings());
        }));
        Turns.Side peer = turns.side("scan, SHA-256 of each event",
                alone(() -> number -> sound(hashRows(pool), size, List.of())));
        turns.take();
        row(database, "database verified", product, peer, bytes);
    }

    private static long sound(long read, long expected, List<Finding> findings) {
        if (read != expected || !findings.isEmpty()) {
            throw new IllegalStateException(read + " events of " + expected + " were read, and found: " + findings);
        }
        return read;
    }

    /** On all processors, as the product does. */
    private static long hashLines(Path file) throws IOException {
        byte[] block = new byte[4 << 20];
        long lines = 0;
        try (InputStream in = Files.newInputStream(file)) {
            int held = 0;
            for (int read = in.read(block, 0, block.length); read > 0; read = in.read(block, held,
                    block.length - held)) {
                List<int[]> stretches = new ArrayList<>();
                int from = 0;
                for (int at = held; at < held + read; at++) {
                    if (block[at] == '\n') {
                        stretches.add(new int[]{from, at - from});
                        from = at + 1;
                    }
                }
                lines += stretches.parallelStream().filter(stretch -> {
                    MessageDigest digest = Sha256.digest();
                    digest.update(block, stretch[0], stretch[1]);
                    return digest.digest().length == 32;
                }).count();
                held += read - from;
                System.arraycopy(block, from, block, 0, held);
            }
        }
        return lines;
    }

    private static long hashRows(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            long rows = 0;
            for (List<String> page = EventRows.page(connection, 0, PAGE); !page
                    .isEmpty(); page = EventRows.page(connection, rows, PAGE)) {
                rows += page.parallelStream()
                        .filter(event -> Sha256.ofBytes(event.getBytes(StandardCharsets.UTF_8)).hashCode() != 0)
                        .count();
            }
            return rows;
        }
    }

    // ---- appending ----

    /** What one writer does again and again in a run. */
    private interface Append {
        long once(Ledger ledger, String run, long number);
    }

    private void append(Databases databases, Databases.Kind kind, List<Entry> entries) throws Exception {
        try (Databases.Fresh provedDatabase = databases.create(kind);
                Databases.Fresh bareDatabase = databases.create(kind);
                Ledger proved = new Ledger(provedDatabase);
                Ledger bare = Ledger.withoutTree(bareDatabase)) {
            for (int number : writers) {
                append(kind, number + (number == 1 ? " writer" : " writers"), number, proved, bare,
                        (ledger, run, demand) -> {
                            ledger.recorder().record(Workload.NEW.demand(entries, run, demand, 0), Ledger.CALLER);
                            return 1;
                        });
            }
            append(kind, "1 writer, batches of " + Workload.BULK, 1, proved, bare, (ledger, run, batch) -> {
                Workload.append(ledger.log(), Workload.listings(entries, run + "-" + batch, Workload.BULK));
                return Workload.BULK;
            });
        }
    }

    private void append(Databases.Kind kind, String who, int threads, Ledger proved, Ledger bare, Append append)
            throws Exception {
        Turns turns = turns();
        Turns.Side on = turns.side(who + ", with the tree", length -> append(threads, length, proved, append));
        Turns.Side off = turns.side("without the tree", length -> append(threads, length, bare, append));
        turns.take();
        timed(kind.toString(), "append, " + who, on, off, Report.verdict(on.times(off), GOAL));
    }

    private Workers.Done append(int threads, double length, Ledger ledger, Append append) throws Exception {
        String leadIn = "r" + ++runs;
        workers.run(threads, LEAD_IN, () -> number -> append.once(ledger, leadIn, number));
        String run = "r" + ++runs;
        Workers.Done done = workers.run(threads, length, () -> number -> append.once(ledger, run, number));
        ledger.settle(); // or the other side would pay for what is left
        return done;
    }

    private Turns.Turn alone(Workers.Opening opening) {
        return length -> workers.run(1, length, opening);
    }

    private Turns turns() {
        return new Turns(options.rounds, warmup, seconds, quiet);
    }

    // ---- telling ----

    private void row(String database, String what, Turns.Side product, Turns.Side peer) {
        row(database, what, product, peer, 0);
    }

    /** Of things that have so many bytes each. */
    private void row(String database, String what, Turns.Side product, Turns.Side peer, double bytes) {
        report.row(database, what, Report.rate(product.perSecond()), megabytes(product, bytes), "-", "-", peer.name(),
                Report.rate(peer.perSecond()), megabytes(peer, bytes), "-", "-", Report.ratio(product.times(peer)),
                micros(product), micros(peer), "-");
    }

    /** Of things of which each is waited for. */
    private void timed(String database, String what, Turns.Side product, Turns.Side peer, String goal) {
        Delays ours = product.delays();
        Delays theirs = peer.delays();
        report.row(database, what, Report.rate(product.perSecond()), "-", ours.told(0.5), ours.told(0.99), peer.name(),
                Report.rate(peer.perSecond()), "-", theirs.told(0.5), theirs.told(0.99),
                Report.ratio(product.times(peer)), micros(product), micros(peer), goal);
    }

    private static String megabytes(Turns.Side side, double bytes) {
        return bytes == 0 ? "-" : Report.rate(side.perSecond() * bytes / 1e6);
    }

    private static String micros(Turns.Side side) {
        return String.format(Locale.ROOT, side.cpuMicros() < 10 ? "%.2f" : "%,.0f", side.cpuMicros());
    }
}
