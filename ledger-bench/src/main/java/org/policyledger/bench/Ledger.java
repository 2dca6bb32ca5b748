package org.policyledger.bench;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.policyledger.api.Edge.PageRequest;
import org.policyledger.api.Edge;
import org.policyledger.api.LedgerProperties;
import org.policyledger.api.action.Caller;
import org.policyledger.api.action.Recorder;
import org.policyledger.api.snapshot.Samples;
import org.policyledger.api.snapshot.SnapshotFormat;
import org.policyledger.api.snapshot.SnapshotImport;
import org.policyledger.core.Command;
import org.policyledger.core.Entry;
import org.policyledger.core.LedgerJson;
import org.policyledger.core.ListId;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.LedgerCodec;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.tree.LedgerTree;
import org.policyledger.store.tree.NoteSigner;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The product as the service puts it together, without Spring and HTTP, on one database; the SDN list is registered. */
final class Ledger implements AutoCloseable {

    static final ListId SDN = new ListId("us-ofac-sdn");
    static final SnapshotFormat SDN_FORMAT = SnapshotFormat.named("ofac-sdn-csv").orElseThrow();
    static final Caller CALLER = Caller.named("bench");

    /** The service's own defaults, with patience: a busy machine is late, not wrong. */
    private static final LedgerProperties PROPERTIES = new Binder(
            new MapConfigurationPropertySource(Map.of("ledger.read-timeout", "60s")))
            .bindOrCreate("ledger", LedgerProperties.class);

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final HikariDataSource pool;
    private final LedgerLog log;
    private final Optional<LedgerTree> tree;
    private final Recorder recorder;
    private final Catchup catchup;
    private final ListingReader reader;
    private final SnapshotImport imports;

    Ledger(Databases.Fresh database) {
        this(database, true);
    }

    /**
     * One that can prove nothing, to measure what the tree costs. The product cannot be set so: its tree is kept beside the log by a
     * {@link LedgerTree}, and here none is opened. So what is left out is all of it: the hashing of inner nodes and the reading of
     * leaf hashes for it, the rows of subtrees, the signing of checkpoints and their rows, and the looks at the head each interval.
     * The leaf hash in each event's own row is the log's, and stays.
     */
    static Ledger withoutTree(Databases.Fresh database) {
        return new Ledger(database, false);
    }

    private Ledger(Databases.Fresh database, boolean proved) {
        pool = database.pool(PROPERTIES.db().poolSize());
        log = LedgerLog.open(pool, new LedgerCodec(), LogSettings.defaults());
        tree = proved
                ? Optional.of(LedgerTree.open(log, pool, NoteSigner.open(database.file("key"), log.origin()),
                        PROPERTIES.checkpointInterval()))
                : Optional.empty();
        recorder = new Recorder(log);
        catchup = new Catchup(log, pool);
        reader = new ListingReader(JdbcClient.create(pool), log);
        imports = new SnapshotImport(log, recorder,
                new Edge(log, catchup, reading -> Optional.empty(), PROPERTIES, Clock.systemUTC()), reader,
                SnapshotFormat.all());
        recorder.record(LedgerJson.MAPPER.readValue(Samples.sdnListRegistration(), Command.class), CALLER);
    }

    HikariDataSource pool() {
        return pool;
    }

    LedgerLog log() {
        return log;
    }

    Recorder recorder() {
        return recorder;
    }

    Catchup catchup() {
        return catchup;
    }

    ListingReader reader() {
        return reader;
    }

    /** Imports an SDN file; of the derived actions only one is answered. */
    SnapshotImport.Result importSdn(byte[] file, LocalDate snapshotDate) {
        return imports.run(new SnapshotImport.Request(SDN, SDN_FORMAT.name(), snapshotDate, false, false,
                PROPERTIES.maxDrop()), file, CALLER, new PageRequest("", Optional.empty(), 1));
    }

    /** Waits until the tree, if one is kept, covers all that is recorded. */
    void settle() throws InterruptedException {
        if (tree.isPresent() && tree.get().covering(log.head() - 1, PATIENCE).isEmpty()) {
            throw new IllegalStateException("the tree does not cover the log: " + tree.get().trouble().orElse("late"));
        }
    }

    /** The first file of the shipped series. */
    static Samples.Sample firstSdnSnapshot() {
        List<Samples.Sample> first = new ArrayList<>();
        Samples.eachSdnSnapshot(sample -> {
            if (first.isEmpty()) {
                first.add(sample);
            }
        });
        return first.getFirst();
    }

    /** The entries of that file: real ones, so that events have real sizes. */
    static List<Entry> realEntries() {
        return List.copyOf(SDN_FORMAT.parse(firstSdnSnapshot().content()).entries().values());
    }

    @Override
    public void close() {
        catchup.close();
        tree.ifPresent(LedgerTree::close);
        log.close();
        pool.close();
    }
}
