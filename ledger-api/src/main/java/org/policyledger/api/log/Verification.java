package org.policyledger.api.log;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.policyledger.api.CannotStart;
import org.policyledger.projections.Rebuild;
import org.policyledger.projections.Rebuilds;
import org.policyledger.store.tree.Finding;
import org.policyledger.store.tree.LogVerification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies the log, and if asked the readings, in the service that keeps them: at start and on demand. Once something does not hold,
 * the service answers no more from it until it is started again on a log that verifies. Thread-safe.
 */
public final class Verification implements AutoCloseable {

    /** How a verification stands. */
    enum State {
        RUNNING,
        /** All that was looked at holds. */
        VERIFIED,
        /** Something in the log does not hold. */
        DAMAGED,
        /** The log holds, but a reading differs from a replay. */
        DIFFERS,
        /** It did not come to an end. */
        FAILED
    }

    /**
     * How the latest verification stands.
     *
     * @param events events verified so far
     * @param root of the Merkle tree over them, as in a checkpoint; absent while it runs
     * @param readings those that were compared with a replay
     * @param findings all that does not hold
     */
    record Progress(State state, Instant startedAt, Optional<Instant> endedAt, long events, Optional<Long> checkpoints,
            Optional<String> root, List<String> readings, List<Finding> findings) {}

    private static final Logger LOG = LoggerFactory.getLogger(Verification.class);
    private static final int LOOK_MILLIS = 100;

    private final Supplier<LogVerification> verifications;
    private final Supplier<Rebuilds> rebuilds;
    private final Clock clock;
    private Optional<Thread> running = Optional.empty();
    private volatile Optional<Progress> progress = Optional.empty();
    private volatile Optional<String> damage = Optional.empty();

    /**
     * @param rebuilds asked for when readings are to be compared
     */
    public Verification(Supplier<LogVerification> verifications, Supplier<Rebuilds> rebuilds, Clock clock) {
        this.verifications = verifications;
        this.rebuilds = rebuilds;
        this.clock = clock;
    }

    /** Verifies the log before anything is answered from it. */
    public void beforeStart() {
        verify(false);
        damage.ifPresent(first -> {
            throw new CannotStart("the log does not verify: " + first + ". Nothing was changed. Put back a copy of the"
                    + " database that verifies, or start with ledger.verify-at-start=false to look at what is there",
                    new IllegalStateException(first));
        });
    }

    /** Begins a verification, unless one is running; how it stands. */
    synchronized Progress start(boolean readings) {
        if (running.filter(Thread::isAlive).isEmpty()) {
            progress = Optional.of(new Progress(State.RUNNING, clock.instant(), Optional.empty(), 0, Optional.empty(),
                    Optional.empty(), List.of(), List.of()));
            running = Optional
                    .of(Thread.ofPlatform().daemon().name("ledger-verification").start(() -> verify(readings)));
        }
        return progress.orElseThrow();
    }

    Optional<Progress> progress() {
        return progress;
    }

    /** What does not hold in the log; empty as long as nothing is known. */
    public Optional<String> damage() {
        return damage;
    }

    private void verify(boolean withReadings) {
        Instant begun = clock.instant();
        try {
            LogVerification.Result log = verifications.get().run(events -> progress = Optional.of(new Progress(
                    State.RUNNING, begun, Optional.empty(), events, Optional.empty(), Optional.empty(), List.of(),
                    List.of())));
            List<Finding> findings = new ArrayList<>(log.findings());
            if (!findings.isEmpty()) {
                damage = Optional.of(findings.getFirst()
                        + (findings.size() == 1 ? "" : " (and " + (findings.size() - 1) + " findings more)"));
                findings.forEach(finding -> LOG.error("The log does not verify: {}", finding));
            }
            List<String> compared = withReadings && findings.isEmpty() ? compare(findings) : List.of();
            State state = damage.isPresent()
                    ? State.DAMAGED
                    : findings.isEmpty() ? State.VERIFIED : State.DIFFERS;
            progress = Optional.of(new Progress(state, begun, Optional.of(clock.instant()), log.events(),
                    Optional.of(log.checkpoints()), Optional.of(log.root().base64()), compared,
                    findings));
        } catch (RuntimeException | Rebuild.Busy | InterruptedException failed) {
            LOG.error("The verification did not come to an end", failed);
            progress = Optional.of(new Progress(State.FAILED, begun, Optional.of(clock.instant()), 0, Optional.empty(),
                    Optional.empty(), List.of(),
                    List.of(new Finding("verification", String.valueOf(failed.getMessage())))));
            if (failed instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Holds each reading against a replay of the log, by rebuilding it beside. */
    private List<String> compare(List<Finding> findings) throws Rebuild.Busy, InterruptedException {
        List<String> compared = new ArrayList<>();
        for (String name : rebuilds.get().names()) {
            Rebuild.Progress rebuild = rebuilds.get().start(name, false);
            while (!rebuild.state().isOver()) {
                Thread.sleep(LOOK_MILLIS);
                rebuild = rebuilds.get().progress(name).orElseThrow();
            }
            compared.add(name);
            if (rebuild.state() != Rebuild.State.DONE) {
                findings.add(new Finding("reading " + name, "compared with a replay of the log it came to "
                        + rebuild.state() + rebuild.reason().map(reason -> ": " + reason).orElse("")));
            }
        }
        return compared;
    }

    /** Ends a verification that is running. */
    @Override
    public synchronized void close() {
        running.ifPresent(Thread::interrupt);
    }
}
