package org.policyledger.projections;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.eventhandling.TrackingEventProcessor;
import org.axonframework.eventhandling.tokenstore.jdbc.JdbcTokenStore;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LedgerUnreadable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Keeps the live readings up with the log, in whichever generation of their tables is live. If the process dies, it goes on from
 * the last committed batch; of several processes on one database the one that has claimed the token works. Thread-safe.
 */
public final class Catchup implements Reading, AutoCloseable {

    private static final Duration OTHER_NODE_POLL = Duration.ofMillis(50);

    private final LedgerLog log;
    private final Generations generations;
    private final JdbcClient jdbc;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final Object following = new Object();
    private volatile Follower follower;
    private volatile boolean started;
    private long position;

    /** Makes the tables where they are missing; {@link #start} begins the work. */
    public Catchup(LedgerLog log, DataSource dataSource) {
        this.log = log;
        generations = Generations.open(dataSource);
        jdbc = JdbcClient.create(generations.dataSource());
        follower = new Follower(log, generations, generations.live(), this::reached);
        generations.onSwitch(this::follow);
        position = position();
    }

    public void start() {
        synchronized (following) {
            started = true;
            follower.start();
        }
        generations.start();
    }

    /** Goes on with the generation that is live by now. */
    private void follow() {
        synchronized (following) {
            int live = generations.live();
            if (started && follower.generation() != live) {
                Follower old = follower;
                Follower next = new Follower(log, generations, live, this::reached);
                follower = next;
                next.start();
                reached(next.position());
                old.close();
            }
        }
    }

    @Override
    public void close() {
        synchronized (following) {
            started = false;
            follower.close();
        }
        generations.close();
    }

    /** The generations of the tables, and connections to the one that is to be read. */
    public Generations generations() {
        return generations;
    }

    /** The position up to which the reading reflects the log; -1 when it reflects nothing yet. */
    public long position() {
        return jdbc.sql("SELECT position FROM reading_position WHERE name = ?").param(ListingProjection.NAME)
                .query(Long.class).single();
    }

    /** Events recorded that the reading does not reflect yet. */
    public long lag() {
        return Math.max(0, log.head() - 1 - position());
    }

    @Override
    public String name() {
        return ListingProjection.NAME;
    }

    @Override
    public Consumed consumed() {
        try (Connection connection = generations.dataSource().getConnection()) {
            return ReadingWriter.consumed(connection);
        } catch (SQLException e) {
            throw new LedgerUnreadable(e);
        }
    }

    @Override
    public StateHash stateHash(OptionalLong at) throws InterruptedException {
        try (Connection connection = generations.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            try {
                return KnownRows.stateHash(connection, at.orElse(ReadingWriter.consumed(connection).position()),
                        () -> {});
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw new LedgerUnreadable(e);
        }
    }

    /** Whether the processor runs without an error. */
    @Override
    public boolean isHealthy() {
        return follower.isHealthy();
    }

    /** The processor that does the work. */
    public TrackingEventProcessor processor() {
        return follower.processor();
    }

    /** Where the processor keeps its token. */
    public JdbcTokenStore tokenStore() {
        return follower.tokenStore();
    }

    /** What holds a batch's rows and its token together. */
    public TransactionManager transactions() {
        return follower.transactions();
    }

    /**
     * Waits until the live reading reflects the position; false when it does not within the limit. The calling thread's lease goes
     * over to the live generation if the one it has lacks the position.
     */
    public boolean await(long wanted, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        lock.lock();
        try {
            while (position < wanted) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                // Another node may be the one that moves the reading: then no signal comes, and the database is asked.
                if (!moved.await(Math.min(left, OTHER_NODE_POLL.toNanos()), TimeUnit.NANOSECONDS)) {
                    generations.renew();
                    position = Math.max(position, position());
                }
            }
        } finally {
            lock.unlock();
        }
        if (generations.isBehind() && position() < wanted) {
            generations.renew();
        }
        return true;
    }

    private void reached(long newPosition) {
        lock.lock();
        try {
            position = Math.max(position, newPosition);
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
