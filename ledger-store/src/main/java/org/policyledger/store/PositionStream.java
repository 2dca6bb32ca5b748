package org.policyledger.store;

import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import org.axonframework.common.stream.BlockingStream;
import org.axonframework.eventhandling.TrackedEventMessage;

/**
 * The log from one position on, in chunks read ahead. It asks the database only when it has heard of more events than it
 * has seen. One thread at a time takes events; any thread may wake it or ask whether there is a next one, which a pooled
 * processor's coordinator does just after it has let another thread go on.
 */
final class PositionStream implements BlockingStream<TrackedEventMessage<?>> {

    private final LedgerLog log;
    private final Consumer<PositionStream> onClose;
    private final Queue<TrackedEventMessage<?>> ahead = new ConcurrentLinkedQueue<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private volatile long last;
    private volatile Runnable callback = () -> {};
    private volatile boolean closed;

    PositionStream(LedgerLog log, long last, Consumer<PositionStream> onClose) {
        this.log = log;
        this.last = last;
        this.onClose = onClose;
    }

    void wake() {
        signal();
        callback.run();
    }

    private void signal() {
        lock.lock();
        try {
            woken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<TrackedEventMessage<?>> peek() {
        return hasNextAvailable() ? Optional.of(ahead.element()) : Optional.empty();
    }

    @Override
    public boolean hasNextAvailable(int timeout, TimeUnit unit) throws InterruptedException {
        long left = unit.toNanos(timeout);
        lock.lockInterruptibly();
        try {
            while (ahead.isEmpty() && !somethingNew() && left > 0 && !closed) {
                left = woken.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
        fetch();
        return !ahead.isEmpty();
    }

    @Override
    public TrackedEventMessage<?> nextAvailable() throws InterruptedException {
        while (!hasNextAvailable(Integer.MAX_VALUE, TimeUnit.MILLISECONDS)) {
            if (closed) {
                throw new IllegalStateException("The stream was closed while it was read");
            }
        }
        return ahead.remove();
    }

    @Override
    public boolean setOnAvailableCallback(Runnable callback) {
        this.callback = callback;
        return true;
    }

    @Override
    public void close() {
        closed = true;
        onClose.accept(this);
        signal();
    }

    private boolean somethingNew() {
        return last + 1 < log.knownHead();
    }

    private synchronized void fetch() {
        if (!ahead.isEmpty() || !somethingNew() || closed) {
            return;
        }
        List<StoredEvent> events = log.read(last, LedgerLog.CHUNK);
        if (events.isEmpty()) {
            throw new LedgerDamaged("Position " + (last + 1) + " is missing, although the head was at "
                    + log.knownHead() + ".");
        }
        events.forEach(event -> ahead.add(log.message(event)));
        last = events.getLast().position();
    }
}
