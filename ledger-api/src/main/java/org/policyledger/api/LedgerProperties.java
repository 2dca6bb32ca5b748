package org.policyledger.api;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Every setting of the service, one by one in the operating guide.
 *
 * @param data the folder of the embedded database
 * @param origin names this ledger in every event; set once, when the ledger is created
 * @param checkpointInterval how often a checkpoint of the log is signed at most
 * @param verifyAtStart whether the whole log is verified before anything is answered from it
 * @param queueLimit writes that may wait
 * @param writeTimeout how long a write waits to be recorded
 * @param readTimeout how long an answer waits for the readings to reflect what it is about
 * @param maxDrop the share of a list that a snapshot may lack before it is refused
 */
@ConfigurationProperties("ledger")
public record LedgerProperties(@DefaultValue("data") Path data, @DefaultValue Db db, Optional<String> origin,
        @DefaultValue("1s") Duration checkpointInterval, @DefaultValue("true") boolean verifyAtStart,
        @DefaultValue CheckpointCopies checkpointCopies, @DefaultValue Asked witnesses,
        @DefaultValue("10000") int queueLimit, @DefaultValue("10s") Duration writeTimeout,
        @DefaultValue("5s") Duration readTimeout, @DefaultValue("0.2") double maxDrop, @DefaultValue Limits limits,
        @DefaultValue Live live) {

    /**
     * The database; without a url, an embedded one in the data folder.
     *
     * @param poolSize connections in the pool; the log's writer keeps one of them
     */
    public record Db(Optional<String> url, @DefaultValue("") String user, @DefaultValue("") String password,
            @DefaultValue("10") int poolSize) {}

    /**
     * Where signed checkpoints are kept outside the database.
     *
     * @param folder none if they are not
     * @param interval how often one is put there at most
     */
    public record CheckpointCopies(Optional<String> folder, @DefaultValue("10s") Duration interval) {}

    /**
     * The witnesses that are asked to sign checkpoints.
     *
     * @param asked each a verifier key, a space and an address
     * @param needed how many must have signed for a checkpoint to be cosigned; all of them if it is not said
     * @param interval how long after one round of asking the next one begins
     * @param timeout how long an answer may take
     */
    public record Asked(@DefaultValue List<String> asked, Optional<Integer> needed,
            @DefaultValue("5s") Duration interval, @DefaultValue("5s") Duration timeout) {}

    /** How large what comes from outside, and what goes out at once, may be. */
    public record Limits(@DefaultValue("256KB") DataSize action, @DefaultValue("32MB") DataSize batch,
            @DefaultValue("10000") int batchLines, @DefaultValue("64MB") DataSize snapshot,
            @DefaultValue("1000") int page, @DefaultValue("200") int party) {}

    /**
     * The live stream of events.
     *
     * @param readers readers that may be connected at once
     * @param heartbeat how often each of them is sent something, were it only a comment
     * @param retry how long a reader whose connection ends is asked to wait before it comes again
     */
    public record Live(@DefaultValue("2000") int readers, @DefaultValue("15s") Duration heartbeat,
            @DefaultValue("2s") Duration retry) {

        public Live {
            if (readers < 0 || heartbeat.toMillis() < 1 || retry.isNegative()) {
                throw new IllegalArgumentException(
                        "ledger.live: readers and retry must not be negative, heartbeat must be 1ms or more");
            }
        }
    }
}
