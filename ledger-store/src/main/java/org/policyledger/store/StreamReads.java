package org.policyledger.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Reads of whole streams by many threads at once. While one query is on its way, those who come meanwhile wait, and share the next
 * one; a thread that is alone asks at once. Every answer is of a query that began after it was asked for, so it holds all that was
 * committed by then. Thread-safe.
 */
final class StreamReads {

    /** One thread's read, waiting for its turn to ask or for somebody's answer. */
    private static final class Read {
        private final String stream;
        private final Condition called;
        private @Nullable List<StoredEvent> events;
        private @Nullable LedgerUnreadable unreadable;
        private boolean leads;
        private boolean alone;

        Read(String stream, Condition called) {
            this.stream = stream;
            this.called = called;
        }
    }

    private final Function<Collection<String>, Map<String, List<StoredEvent>>> query;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Read> waiting = new ArrayList<>();
    private boolean asking;

    /** The query gives the events of each stream it is asked for, in sequence order. */
    StreamReads(Function<Collection<String>, Map<String, List<StoredEvent>>> query) {
        this.query = query;
    }

    /** The events of one stream, in sequence order; none if there is no such stream. */
    List<StoredEvent> read(String stream) {
        Read mine = new Read(stream, lock.newCondition());
        List<Read> together = List.of(mine);
        lock.lock();
        try {
            if (asking) {
                waiting.add(mine);
                while (!mine.leads && !mine.alone && mine.events == null && mine.unreadable == null) {
                    mine.called.awaitUninterruptibly();
                }
                if (mine.leads) {
                    together = List.copyOf(waiting);
                    waiting.clear();
                }
            } else {
                asking = true;
                mine.leads = true;
            }
        } finally {
            lock.unlock();
        }
        if (mine.leads) {
            ask(together);
        }
        return mine.alone ? events(query.apply(List.of(stream)), stream) : answer(mine);
    }

    /** How many threads wait while another one asks. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private static List<StoredEvent> answer(Read read) {
        if (read.unreadable != null) {
            throw new LedgerUnreadable(read.unreadable);
        }
        if (read.events == null) {
            throw new IllegalStateException("A read of stream " + read.stream + " was left without an answer");
        }
        return read.events;
    }

    /** Asks for all of them, gives each its answer and calls the next to ask, whatever happens. */
    private void ask(List<Read> together) {
        Map<String, List<StoredEvent>> found = Map.of();
        LedgerUnreadable unreadable = null;
        boolean answered = false;
        try {
            found = query.apply(together.stream().map(read -> read.stream).distinct().toList());
            answered = true;
        } catch (LedgerUnreadable e) {
            unreadable = e;
        } catch (LedgerDamaged e) {
            answered = false; // one stream's damage is not its neighbours': each asks for itself
        } finally {
            lock.lock();
            try {
                for (Read read : together) {
                    read.unreadable = unreadable;
                    read.events = answered ? events(found, read.stream) : null;
                    read.alone = !answered && unreadable == null;
                    read.called.signal();
                }
                if (waiting.isEmpty()) {
                    asking = false;
                } else {
                    waiting.getFirst().leads = true;
                    waiting.getFirst().called.signal();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private static List<StoredEvent> events(Map<String, List<StoredEvent>> found, String stream) {
        return found.getOrDefault(stream, List.of());
    }
}
