package org.policyledger.store;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * How a log is run.
 *
 * @param queueLimit appends that may wait for the writer; one more is refused as overloaded
 * @param maxBatch events the writer commits together at most; a single larger append is still committed as one
 * @param appendTimeout how long a caller waits for its append to be taken up and answered
 * @param databaseTimeout how long the writer waits for the database to answer one statement, or for a lock
 * @param pollInterval how often open streams look for events that another process recorded
 * @param clock gives the time events are recorded at
 * @param origin names this log in every event and checkpoint: a host name, optionally followed by path segments. Set
 *     once, when the log is created; left out, a random one is made then
 */
public record LogSettings(int queueLimit, int maxBatch, Duration appendTimeout, Duration databaseTimeout,
        Duration pollInterval, Clock clock, Optional<String> origin) {

    public LogSettings {
        if (queueLimit < 1 || maxBatch < 1) {
            throw new IllegalArgumentException("queueLimit and maxBatch must be at least 1");
        }
        if (!appendTimeout.isPositive() || databaseTimeout.toMillis() < 1 || pollInterval.toMillis() < 1) {
            throw new IllegalArgumentException("Durations must be positive");
        }
        origin.ifPresent(LogSettings::checkOrigin);
    }

    /** 10,000 waiting appends, batches of 1,000 events, 10 s for callers, 5 s for the database, polls each 500 ms. */
    public static LogSettings defaults() {
        return new LogSettings(10_000, 1_000, Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofMillis(500),
                Clock.systemUTC(), Optional.empty());
    }

    public LogSettings withQueue(int queueLimit, int maxBatch) {
        return new LogSettings(queueLimit, maxBatch, appendTimeout, databaseTimeout, pollInterval, clock, origin);
    }

    public LogSettings withTimeouts(Duration appendTimeout, Duration databaseTimeout) {
        return new LogSettings(queueLimit, maxBatch, appendTimeout, databaseTimeout, pollInterval, clock, origin);
    }

    public LogSettings withPollInterval(Duration pollInterval) {
        return new LogSettings(queueLimit, maxBatch, appendTimeout, databaseTimeout, pollInterval, clock, origin);
    }

    public LogSettings withClock(Clock clock) {
        return new LogSettings(queueLimit, maxBatch, appendTimeout, databaseTimeout, pollInterval, clock, origin);
    }

    public LogSettings withOrigin(String origin) {
        return new LogSettings(queueLimit, maxBatch, appendTimeout, databaseTimeout, pollInterval, clock,
                Optional.of(origin));
    }

    private static void checkOrigin(String origin) {
        if (origin.length() > 200 || !origin.matches("[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*")) {
            throw new IllegalArgumentException("Origin " + origin
                    + " is not a host name with path segments, such as ledger.example.org/main");
        }
    }
}
