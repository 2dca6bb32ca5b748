package org.policyledger.store.tree;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.policyledger.store.LedgerUnreadable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a log's checkpoints signed by witnesses: in rounds, all of them the same checkpoint at the same time, so that one comes to carry all
 * their signatures. A round takes the checkpoint signed last, and the next begins some time after the last witness has answered or
 * used up its time. Nothing else waits for it.
 */
public final class Witnesses implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Witnesses.class);
    private static final ThreadFactory THREADS = Thread.ofPlatform().daemon().name("ledger-witness-", 0).factory();

    private final LedgerTree tree;
    private final List<Witness> witnesses;
    private final Duration timeout;
    private final HttpClient client;
    private final ScheduledExecutorService rounds = Executors.newSingleThreadScheduledExecutor(THREADS);

    private Witnesses(LedgerTree tree, List<Witness> witnesses, Duration timeout) {
        this.tree = tree;
        this.witnesses = List.copyOf(witnesses);
        this.timeout = timeout;
        // A witness that sends its clients elsewhere is not followed: its address is configured.
        this.client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeout)
                .followRedirects(HttpClient.Redirect.NEVER).build();
    }

    /**
     * Asks the witnesses from now on.
     *
     * @param interval how long after a round the next one begins
     * @param timeout how long one answer of a witness may take
     */
    public static Witnesses open(LedgerTree tree, List<Witness> witnesses, Duration interval, Duration timeout) {
        Witnesses asked = new Witnesses(tree, witnesses, timeout);
        if (!witnesses.isEmpty()) {
            var unused = asked.rounds.scheduleWithFixedDelay(asked::round, 0, interval.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
        return asked;
    }

    /** All of them. */
    public List<Witness> all() {
        return witnesses;
    }

    private void round() {
        try (var each = Executors.newThreadPerTaskExecutor(THREADS)) {
            tree.latest().ifPresent(
                    signed -> witnesses
                            .forEach(witness -> each.execute(() -> witness.ask(tree, signed, client, timeout))));
        } catch (LedgerUnreadable away) {
            LOG.debug("No witness is asked while the database is away", away);
        } catch (RuntimeException unexpected) {
            LOG.error("The witnesses could not be asked; it is tried again", unexpected);
        }
    }

    /** Waits for the round that is going on. It is not broken off: what an interrupted thread reads from an embedded database closes it. */
    @Override
    public void close() {
        rounds.shutdown();
        try {
            if (!rounds.awaitTermination(timeout.toMillis() * 4, TimeUnit.MILLISECONDS)) {
                LOG.warn("A witness is still being asked");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.close();
    }
}
