package org.policyledger.projections;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.policyledger.projections.Rebuild.Beside;
import org.policyledger.projections.Rebuild.Busy;
import org.policyledger.projections.Rebuild.Progress;
import org.policyledger.projections.Rebuild.State;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.store.LedgerLog;

/** Starts and cancels rebuilds of readings in this process, and remembers the latest of each. Thread-safe. */
public final class Rebuilds implements AutoCloseable {

    private final LedgerLog log;
    private final Completeness completeness;
    private final Map<String, Supplier<Optional<? extends Beside>>> readings = new TreeMap<>();
    private final Map<String, Rebuild> latest = new TreeMap<>();
    private final Consumer<State> observer;

    /** Of the readings in tables; others are added. */
    public Rebuilds(LedgerLog log, DataSource database, Catchup catchup, Completeness completeness) {
        this(log, database, catchup, completeness, state -> {});
    }

    /** The observer is told of each state by the thread that works: it can hold the work there. */
    Rebuilds(LedgerLog log, DataSource database, Catchup catchup, Completeness completeness, Consumer<State> observer) {
        this.log = log;
        this.completeness = completeness;
        this.observer = observer;
        readings.put(ListingProjection.NAME, () -> TablesBeside.begin(log, database, catchup.generations()));
    }

    /** Adds a reading, with the way to begin another one beside it. */
    public synchronized void add(String name, Supplier<Optional<? extends Beside>> beside) {
        readings.put(name, beside);
    }

    /** The names of the readings that can be rebuilt. */
    public synchronized List<String> names() {
        return List.copyOf(readings.keySet());
    }

    /**
     * Begins to rebuild a reading.
     *
     * @param switchIfDifferent whether to go over to the rebuilt one also if the live one differs from it
     * @throws Busy if one is being rebuilt already, here or by another process
     */
    public synchronized Progress start(String name, boolean switchIfDifferent) throws Busy {
        Supplier<Optional<? extends Beside>> reading = readings.get(name);
        if (reading == null) {
            throw new IllegalArgumentException("there is no reading " + name);
        }
        Rebuild running = latest.get(name);
        if (running != null && !running.progress().state().isOver()) {
            throw new Busy("The reading " + name + " is being rebuilt already: wait for its end, or cancel it");
        }
        Beside beside = reading.get().orElseThrow(() -> new Busy("The reading " + name
                + " is being rebuilt by another service on this database: wait for its end, or cancel it there"));
        Rebuild rebuild = new Rebuild(name, beside, completeness, switchIfDifferent, log.head(), observer);
        latest.put(name, rebuild);
        rebuild.start();
        return rebuild.progress();
    }

    /** How the latest rebuild of a reading in this process stands; empty if there was none. */
    public synchronized Optional<Progress> progress(String name) {
        return Optional.ofNullable(latest.get(name)).map(Rebuild::progress);
    }

    /** Cancels a running rebuild and waits until it has ended; empty if none was started. */
    public Optional<Progress> cancel(String name) throws InterruptedException {
        Rebuild rebuild;
        synchronized (this) {
            rebuild = latest.get(name);
        }
        if (rebuild == null) {
            return Optional.empty();
        }
        rebuild.cancel();
        rebuild.join();
        return Optional.of(rebuild.progress());
    }

    /** Cancels what runs. */
    @Override
    public void close() {
        try {
            for (String name : names()) {
                var unused = cancel(name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
