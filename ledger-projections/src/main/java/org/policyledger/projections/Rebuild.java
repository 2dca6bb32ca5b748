package org.policyledger.projections;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One rebuild of a reading: fills another one beside the live one, compares the two at one position, and goes over to the new one in
 * one step. The live one is only ever read. It can be cancelled until the step; then what was filled goes. Thread-safe.
 */
public final class Rebuild {

    private static final Logger LOG = LoggerFactory.getLogger(Rebuild.class);

    /** How far a rebuild is, or how it ended. */
    public enum State {
        FILLING,
        COMPARING,
        SWITCHING,
        DONE,
        DIFFERS,
        CANCELLED,
        FAILED;

        /** Whether nothing more happens. */
        public boolean isOver() {
            return switch (this) {
                case FILLING, COMPARING, SWITCHING -> false;
                case DONE, DIFFERS, CANCELLED, FAILED -> true;
            };
        }
    }

    /**
     * A row that the two do not have alike; absent on the side that lacks it.
     *
     * @param table where it stands
     * @param at its position on the recorded axis, by which the two are gone through
     */
    public record RowDifference(String table, long at, Optional<Map<String, String>> rebuilt,
            Optional<Map<String, String>> live) {}

    /**
     * What the comparison of the two came to.
     *
     * @param position the position at which both were compared
     * @param rows rows of the rebuilt one
     * @param rebuiltSha256 over all rows of the rebuilt one, in their order
     * @param differing rows that one of the two has and the other has not
     * @param differences the first of them
     */
    public record Comparison(long position, long rows, String rebuiltSha256, String liveSha256, long differing,
            List<RowDifference> differences) {

        /** Whether both are alike. */
        public boolean agrees() {
            return differing == 0 && rebuiltSha256.equals(liveSha256);
        }
    }

    /**
     * How a rebuild stands.
     *
     * @param position what is filled so far reflects
     * @param head the events in the log
     * @param eventsPerSecond since filling began
     * @param secondsLeft until it is filled at that rate
     * @param switched whether the rebuilt one is live
     * @param reason why it failed
     */
    public record Progress(String name, State state, boolean switchIfDifferent, Instant startedAt, long position,
            long head, double eventsPerSecond, Optional<Long> secondsLeft, boolean switched,
            Optional<Comparison> comparison, Optional<String> reason) {}

    /** A reading that is filled beside the live one. Used by one thread. */
    public interface Beside extends AutoCloseable {

        /** The position that what is filled reflects. */
        long position();

        /** What it was filled from. */
        Consumed consumed() throws Exception;

        /** The position that the live one reflects. */
        long livePosition();

        /** Fills in the next batch of events. */
        void fill() throws Exception;

        /** Compares both at a position that both reflect; looks now and then whether to go on. */
        Comparison compare(long position, Interruption interruption) throws Exception;

        /** Makes the rebuilt one live in one step; it then reflects no less than the one before. */
        void switchOver() throws Exception;

        /** Lets go: what is not live by now is dropped. */
        @Override
        void close();
    }

    /** Asked now and then by long work. */
    public interface Interruption {
        /** Throws if the work is to end. */
        void check() throws InterruptedException;
    }

    /** Somebody else rebuilds the reading. */
    public static final class Busy extends Exception {
        private static final long serialVersionUID = 1L;

        Busy(String message) {
            super(message);
        }
    }

    private final String name;
    private final Beside beside;
    private final Completeness completeness;
    private final boolean switchIfDifferent;
    private final long head;
    private final Consumer<State> observer;
    private final Instant startedAt = Instant.now();
    private final long began = System.nanoTime();
    private final Thread worker;
    private volatile State state = State.FILLING;
    private volatile long position = -1;
    private volatile long filledFor;
    private volatile boolean cancelled;
    private volatile boolean switched;
    private volatile Optional<Comparison> comparison = Optional.empty();
    private volatile Optional<String> reason = Optional.empty();

    /**
     * @param head the events in the log now
     * @param observer told of each state by the thread that works, when it begins
     */
    Rebuild(String name, Beside beside, Completeness completeness, boolean switchIfDifferent, long head,
            Consumer<State> observer) {
        this.name = name;
        this.beside = beside;
        this.completeness = completeness;
        this.switchIfDifferent = switchIfDifferent;
        this.head = head;
        this.observer = observer;
        this.worker = Thread.ofPlatform().name("rebuild-" + name).daemon().unstarted(this::run);
    }

    void start() {
        worker.start();
    }

    /** How it stands. */
    public Progress progress() {
        State now = state;
        long until = Math.max(head, position + 1);
        double seconds = (now == State.FILLING ? System.nanoTime() - began : filledFor) / 1e9;
        double rate = seconds > 0 ? Math.round((position + 1) / seconds * 10) / 10.0 : 0;
        Optional<Long> left = now == State.FILLING && rate > 0
                ? Optional.of((long) Math.ceil((until - position - 1) / rate))
                : Optional.empty();
        return new Progress(name, now, switchIfDifferent, startedAt, position, until, rate, left, switched, comparison,
                reason);
    }

    /** Asks it to end; once the step has begun it does not. */
    void cancel() {
        cancelled = true;
    }

    /** Waits until nothing more happens. */
    void join() throws InterruptedException {
        worker.join();
    }

    private void run() {
        State end;
        try (beside) {
            end = work();
        } catch (InterruptedException stopped) {
            end = State.CANCELLED;
        } catch (Exception failed) {
            LOG.error("The rebuild of {} failed; the live one is untouched", name, failed);
            reason = Optional.of(String.valueOf(failed.getMessage()));
            end = State.FAILED;
        }
        enter(end);
    }

    private State work() throws Exception {
        enter(State.FILLING);
        fillUp();
        filledFor = System.nanoTime() - began;
        enter(State.COMPARING);
        check();
        compareWithLog();
        Comparison came = beside.compare(Math.min(beside.position(), beside.livePosition()), this::check);
        comparison = Optional.of(came);
        if (!came.agrees()) {
            LOG.error(
                    "The live reading {} is not what the log comes to at position {}: {} rows differ, the first is {}",
                    name, came.position(), came.differing(), came.differences().stream().findFirst());
            if (!switchIfDifferent) {
                return State.DIFFERS;
            }
        }
        fillUp();
        compareWithLog();
        enter(State.SWITCHING);
        check();
        beside.switchOver();
        switched = true;
        position = beside.position();
        return State.DONE;
    }

    private void fillUp() throws Exception {
        position = beside.position();
        while (position < beside.livePosition()) {
            check();
            beside.fill();
            position = beside.position();
        }
    }

    /** What was filled from other events than the log holds never becomes live, whatever was said about differences. */
    private void compareWithLog() throws Exception {
        Completeness.Finding finding = completeness.compare(beside.consumed(), this::check);
        if (!finding.agrees()) {
            throw new IllegalStateException("the rebuilt reading is not of what the log holds: " + finding.told());
        }
    }

    private void enter(State next) {
        state = next;
        observer.accept(next);
    }

    private void check() throws InterruptedException {
        if (cancelled) {
            throw new InterruptedException("cancelled");
        }
    }
}
