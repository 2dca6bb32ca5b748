package org.policyledger.api.event;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.policyledger.api.LedgerProperties;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.projections.EventFilter;
import org.policyledger.projections.EventFilter.Candidate;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LedgerUnreadable;
import org.policyledger.store.StoredEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;

/**
 * The live stream: the events of the log by position, without end, to many readers at once, as Server-Sent Events of the WHATWG.
 *
 * <p><b>Order.</b> Each reader is sent position after position, from the log alone, so it misses none and gets none twice; where it
 * is stands in the identifiers it was sent, and nowhere else. It may be ahead of the readings.
 *
 * <p><b>Cost.</b> One thread reads on at the head of the log, once for all readers, and hands them what came. Nothing is written that a
 * connection does not take at once, so no reader waits for another, and none has a thread. Whoever is further behind than what
 * is kept in memory is served by a few threads of their own, turn by turn.
 */
public final class LiveEvents implements AutoCloseable {

    static final String MEDIA_TYPE = "text/event-stream";

    private static final Logger LOG = LoggerFactory.getLogger(LiveEvents.class);
    /** How often events are looked for that another process recorded; this one's own are heard of at once. */
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int PAGE = 100;
    private static final int PAGE_THREADS = 2;
    /** More than a page of the largest events takes. */
    private static final long MEMORY = 16 << 20;
    private static final long NOWHERE = -1;

    private final LedgerLog log;
    private final LedgerProperties.Live settings;
    private final Semaphore places;
    private final Set<LiveReader> readers = ConcurrentHashMap.newKeySet();
    private final Blocks recent = new Blocks();
    private final Blocks older = new Blocks();
    private final ExecutorService pages = new ThreadPoolExecutor(PAGE_THREADS, PAGE_THREADS, 0, TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), Thread.ofPlatform().daemon().name("ledger-live-pages-", 0).factory(),
            new ThreadPoolExecutor.DiscardPolicy());
    private final Thread tail = Thread.ofPlatform().daemon().name("ledger-live").unstarted(this::follow);
    /** The position that is read next at the head; nowhere while nobody reads. */
    private volatile long next = NOWHERE;
    private volatile boolean closed;

    /** An event as it is sent. */
    static final class Block {
        private final byte[] bytes;
        private final long position;
        private final Candidate event;

        private Block(StoredEvent stored, LedgerLog log) {
            bytes = ("id: " + stored.position() + "\ndata: " + stored.event() + "\n\n")
                    .getBytes(StandardCharsets.UTF_8);
            position = stored.position();
            event = new Candidate(stored, log);
        }

        long position() {
            return position;
        }

        Candidate event() {
            return event;
        }

        int length() {
            return bytes.length;
        }

        void write(OutputStream out) throws IOException {
            out.write(bytes);
        }

        /** About what it takes, with the text it is made from. */
        private long memory() {
            return 500 + 2L * bytes.length;
        }
    }

    /** The blocks put in last, as many as there is memory for. Thread-safe. */
    private static final class Blocks {
        private final Map<Long, Block> byPosition = new ConcurrentHashMap<>();
        private final Queue<Block> order = new ArrayDeque<>();
        private long memory;

        Optional<Block> at(long position) {
            return Optional.ofNullable(byPosition.get(position));
        }

        synchronized void put(Block block) {
            if (byPosition.putIfAbsent(block.position(), block) == null) {
                order.add(block);
                memory += block.memory();
                while (memory > MEMORY) {
                    Block oldest = order.remove();
                    byPosition.remove(oldest.position());
                    memory -= oldest.memory();
                }
            }
        }

        synchronized void clear() {
            byPosition.clear();
            order.clear();
            memory = 0;
        }
    }

    public LiveEvents(LedgerLog log, LedgerProperties.Live settings) {
        this.log = log;
        this.settings = settings;
        this.places = new Semaphore(settings.readers());
    }

    public void start() {
        log.onCommit(events -> LockSupport.unpark(tail));
        tail.start();
    }

    /** Ends every stream; whoever comes again finds the service that is started next. */
    @Override
    public void close() {
        closed = true;
        readers.forEach(LiveReader::end);
        LockSupport.unpark(tail);
        // Never by an interrupt, which would close the file of an embedded database.
        pages.shutdown();
    }

    /** The number of readers that are connected, as far as is known: one that went silently is found out by a heartbeat. */
    public int readers() {
        return readers.size();
    }

    /** Answers the request with the events after the position that fit the filter, until the reader goes or the service stops. */
    void open(HttpServletRequest request, HttpServletResponse response, EventFilter filter, long after)
            throws IOException {
        response.setContentType(MEDIA_TYPE);
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        response.setHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
        // Proxies that keep answers back until they are whole would keep this one for ever; this is what they ask to be told.
        response.setHeader("X-Accel-Buffering", "no");
        if (request.getMethod().equals("HEAD")) {
            return;
        }
        if (!places.tryAcquire()) {
            response.reset();
            throw new Refused(Problem.Kind.TOO_MANY_READERS, settings.readers()
                    + " readers follow the live stream, and no more are let: try again later, read GET /v1/events by"
                    + " pages, or let the operator raise ledger.live.readers");
        }
        AsyncContext context = request.startAsync();
        context.setTimeout(0);
        LiveReader reader = new LiveReader(this, context, filter, after, settings.retry());
        readers.add(reader);
        context.addListener(reader);
        response.getOutputStream().setWriteListener(reader);
        LockSupport.unpark(tail);
        if (closed) {
            reader.end();
        }
    }

    /** The reader's place is free again. */
    void left(LiveReader reader) {
        if (readers.remove(reader)) {
            places.release();
        }
    }

    // ---- what readers ask for ----

    Optional<Block> at(long position) {
        return recent.at(position).or(() -> older.at(position));
    }

    /** Whether the position was read already, so that nobody will hand it on again. */
    boolean isPast(long position) {
        return position < next;
    }

    /** Serves a reader that lacks the position, as soon as those before it have had their turn. */
    void catchUp(LiveReader reader, long position) {
        pages.execute(() -> {
            try {
                if (!closed && at(position).isEmpty()) {
                    log.read(position - 1, PAGE).forEach(event -> older.put(new Block(event, log)));
                }
                reader.caughtUp();
            } catch (RuntimeException failed) {
                trouble(failed);
                reader.putOff();
            }
        });
    }

    /** Tells of what hinders the stream; the next heartbeat tries again. */
    static void trouble(RuntimeException failed) {
        if (failed instanceof LedgerUnreadable) {
            LOG.debug("The log cannot be read for the live stream; it is tried again", failed);
        } else {
            LOG.error("The live stream is held up; it is tried again", failed);
        }
    }

    // ---- at the head of the log ----

    private void follow() {
        long beat = System.nanoTime();
        while (!closed) {
            try {
                if (readers.isEmpty()) {
                    forget();
                    LockSupport.park(this);
                    beat = System.nanoTime() + settings.heartbeat().toNanos();
                } else {
                    boolean more = readOn();
                    long left = beat - System.nanoTime();
                    if (left <= 0) {
                        beat = System.nanoTime() + settings.heartbeat().toNanos();
                        readers.forEach(LiveReader::beat);
                    } else if (!more) {
                        LockSupport.parkNanos(this, Math.min(left, POLL.toNanos()));
                    }
                }
            } catch (RuntimeException failed) {
                trouble(failed);
                LockSupport.parkNanos(this, PAUSE.toNanos());
            }
        }
    }

    private void forget() {
        next = NOWHERE;
        recent.clear();
        older.clear();
    }

    /** Reads what came since, and hands it on; whether there may be more. */
    private boolean readOn() {
        long from = next == NOWHERE ? log.head() : next;
        List<StoredEvent> page = log.read(from - 1, PAGE);
        page.forEach(event -> recent.put(new Block(event, log)));
        if (next != from + page.size()) {
            next = from + page.size();
            readers.forEach(LiveReader::turn);
        }
        return page.size() == PAGE;
    }
}
