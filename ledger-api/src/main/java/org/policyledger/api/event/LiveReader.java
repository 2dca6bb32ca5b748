package org.policyledger.api.event;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.policyledger.api.event.LiveEvents.Block;
import org.policyledger.projections.EventFilter;

/**
 * One reader of the live stream: where it is, and its connection. Any thread may give it a turn; one at a time takes it, the others
 * leave word and go on. In a turn it is sent what there is for it, as long as the connection takes it; the container gives the
 * next one when the connection takes more. So what a reader that does not read holds is a packet, or one larger event.
 */
final class LiveReader implements WriteListener, AsyncListener {

    /** How many bytes are handed to the connection at once. */
    private static final int PACKET = 4 << 10;
    /** How many bytes a turn sends at most before others have theirs. */
    private static final int SHARE = 64 << 10;
    /** What it counts in a turn to look at an event that does not fit. */
    private static final int LOOK = 50;

    private final LiveEvents live;
    private final AsyncContext context;
    private final ServletOutputStream out;
    private final EventFilter filter;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicBoolean catchingUp = new AtomicBoolean();
    private volatile boolean called;
    private volatile boolean beat;
    private volatile boolean open;
    private volatile boolean ended;
    /** The last position that was sent or passed over. */
    private volatile long at;
    /** The last position that the reader was told. */
    private long told;
    private String opening;
    private int unsent;

    LiveReader(LiveEvents live, AsyncContext context, EventFilter filter, long after, Duration retry)
            throws IOException {
        this.live = live;
        this.context = context;
        this.out = context.getResponse().getOutputStream();
        this.filter = filter;
        this.at = after;
        this.told = after;
        this.opening = "retry: " + retry.toMillis() + "\n\n";
    }

    /** Sends on, if nobody does so already; who does then looks again. */
    void turn() {
        boolean lacking = false;
        called = true;
        while (called && lock.tryLock()) {
            try {
                called = false;
                lacking = send();
            } catch (IOException | IllegalStateException gone) {
                ended = true;
                live.left(this);
            } catch (RuntimeException failed) {
                LiveEvents.trouble(failed);
            } finally {
                lock.unlock();
            }
        }
        if (lacking && catchingUp.compareAndSet(false, true)) {
            live.catchUp(this, at + 1);
        }
    }

    /** There is more for the reader to be had than it was told of. */
    void caughtUp() {
        catchingUp.set(false);
        turn();
    }

    /** What the reader lacks could not be had. */
    void putOff() {
        catchingUp.set(false);
    }

    /** Sends a sign of life, after which the reader comes again from where it is, though nothing was for it. */
    void beat() {
        beat = true;
        turn();
    }

    /** Whether there is more for the reader that it must be served with by another thread. */
    private boolean send() throws IOException {
        int share = SHARE;
        while (open && !ended && out.isReady()) {
            Optional<Block> block = share > 0 ? live.at(at + 1) : Optional.empty();
            if (unsent >= PACKET || (unsent > 0 && block.isEmpty() && !beat)) {
                unsent = 0;
                out.flush();
            } else if (!opening.isEmpty() || beat) {
                String sign = opening + (beat ? heartbeat() : "");
                beat = false;
                opening = "";
                unsent += sign.length();
                out.write(sign.getBytes(StandardCharsets.US_ASCII));
            } else if (block.isEmpty()) {
                return live.isPast(at + 1);
            } else if (filter.isEmpty() || filter.fits(block.get().event())) {
                at = block.get().position();
                told = at;
                share -= block.get().length();
                unsent += block.get().length();
                block.get().write(out);
            } else {
                at = block.get().position();
                share -= LOOK;
            }
        }
        return false;
    }

    private String heartbeat() {
        if (told == at) {
            return ":\n\n";
        }
        // A block without data is not dispatched, but its identifier is kept.
        told = at;
        return ":\nid: " + at + "\n\n";
    }

    /** Ends the stream. */
    void end() {
        if (gone()) {
            complete();
        }
    }

    /** Never under the lock: the container calls back from under its own. */
    private void complete() {
        try {
            context.complete();
        } catch (IllegalStateException already) {
            // it has ended by itself
        }
    }

    /** Nobody writes to the connection any more when this returns; whether this made an end of it. */
    private boolean gone() {
        lock.lock();
        try {
            boolean first = !ended;
            ended = true;
            return first;
        } finally {
            lock.unlock();
            live.left(this);
        }
    }

    // ---- what the container tells ----

    @Override
    public void onWritePossible() {
        open = true;
        turn();
    }

    @Override
    public void onError(Throwable broken) {
        gone();
    }

    /** Without this the container would have a page made of the error, for nobody. */
    @Override
    public void onError(AsyncEvent broken) {
        gone();
        complete();
    }

    @Override
    public void onComplete(AsyncEvent completed) {
        gone();
    }

    @Override
    public void onTimeout(AsyncEvent never) {
        gone();
    }

    @Override
    public void onStartAsync(AsyncEvent again) {
        // it is started once
    }
}
