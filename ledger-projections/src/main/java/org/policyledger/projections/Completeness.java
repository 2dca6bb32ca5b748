package org.policyledger.projections;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.policyledger.projections.Rebuild.Interruption;
import org.policyledger.store.LedgerUnreadable;
import org.policyledger.store.Sha256;
import org.policyledger.store.tree.LedgerTree;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Holds what each reading consumed against the log's own tree of as many events, again and again. Equal roots mean that the reading
 * skipped no event and was given each as the log holds it. A root is compared once a checkpoint covers its events. Thread-safe.
 */
public final class Completeness implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Completeness.class);
    private static final Duration LOOK = Duration.ofMillis(100);

    /**
     * What a comparison came to.
     *
     * @param consumed what the reading had consumed then
     * @param logRoot the root of the log's tree of the first {@code consumed.position() + 1} events
     */
    public record Finding(Consumed consumed, Sha256 logRoot, Instant at) {

        public boolean agrees() {
            return consumed.events().root().equals(logRoot);
        }

        /** The disagreement in words, for whoever is to act on it. */
        public String told() {
            return "up to position " + consumed.position() + " it consumed " + consumed.events().size()
                    + " events with the root " + consumed.events().root() + ", but the log's tree of the first "
                    + (consumed.position() + 1) + " events has the root " + logRoot;
        }
    }

    private final LedgerTree tree;
    private final List<? extends Reading> readings;
    private final Duration interval;
    private final Map<String, Consumed> waiting = new ConcurrentHashMap<>();
    private final Map<String, Finding> findings = new ConcurrentHashMap<>();
    private final ScheduledExecutorService checker = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("reading-completeness").factory());
    private boolean failing;

    /** {@link #start} begins to compare, as often as the interval says. */
    public Completeness(LedgerTree tree, List<? extends Reading> readings, Duration interval) {
        this.tree = tree;
        this.readings = List.copyOf(readings);
        this.interval = interval;
    }

    public void start() {
        var unused = checker.scheduleWithFixedDelay(this::compareAll, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        checker.shutdownNow();
        try {
            var unused = checker.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The readings that are compared. */
    public List<? extends Reading> readings() {
        return readings;
    }

    /** What the latest comparison of a reading came to; empty until there was one. */
    public Optional<Finding> latest(String name) {
        return Optional.ofNullable(findings.get(name));
    }

    /** The finding that a reading did not consume what the log holds; empty while none says so. */
    public Optional<Finding> alarm(String name) {
        return latest(name).filter(finding -> !finding.agrees());
    }

    /** The names of the readings for which there is an alarm. */
    public List<String> incomplete() {
        return readings.stream().map(Reading::name).filter(name -> alarm(name).isPresent()).toList();
    }

    /** Compares what was consumed, once a checkpoint covers it; looks now and then whether to go on waiting for that. */
    public Finding compare(Consumed consumed, Interruption interruption) throws InterruptedException {
        while (consumed.position() >= 0 && tree.covering(consumed.position(), LOOK).isEmpty()) {
            interruption.check();
            tree.trouble().ifPresent(trouble -> {
                throw new IllegalStateException("the log's tree does not reach position " + consumed.position()
                        + ", so what was consumed cannot be compared: " + trouble);
            });
        }
        return new Finding(consumed, tree.root(consumed.position() + 1), Instant.now());
    }

    // ---- comparing again and again: one thread ----

    private void compareAll() {
        try {
            long covered = tree.latest().map(signed -> signed.checkpoint().size()).orElse(0L);
            for (Reading reading : readings) {
                // While events are recorded a reading is always a little ahead of the checkpoint, but not of the next one.
                Consumed consumed = Optional.ofNullable(waiting.get(reading.name()))
                        .orElseGet(reading::consumed);
                if (latest(reading.name()).filter(finding -> finding.consumed().equals(consumed)).isPresent()) {
                    continue;
                }
                if (consumed.position() < covered) {
                    waiting.remove(reading.name());
                    found(reading.name(), new Finding(consumed, tree.root(consumed.position() + 1), Instant.now()));
                } else {
                    waiting.put(reading.name(), consumed);
                }
            }
            failing = false;
        } catch (LedgerUnreadable | DataAccessException away) {
            LOG.debug("What the readings consumed cannot be compared now; it is tried again", away);
        } catch (RuntimeException failed) {
            // Said once: it is tried again and again.
            if (!failing) {
                LOG.error("What the readings consumed cannot be compared with the log", failed);
            }
            failing = true;
        }
    }

    private void found(String name, Finding finding) {
        boolean alarmed = alarm(name).isPresent();
        findings.put(name, finding);
        if (!finding.agrees() && !alarmed) {
            LOG.error("The reading {} is not of what the log holds: {}. It is not answered from until it is rebuilt",
                    name, finding.told());
        } else if (finding.agrees() && alarmed) {
            LOG.info("The reading {} is of what the log holds again, up to position {}", name,
                    finding.consumed().position());
        }
    }
}
