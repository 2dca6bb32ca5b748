package org.policyledger.projections;

import java.util.OptionalLong;

/** A reading that is kept up with the log, and can be held against it. Thread-safe. */
public interface Reading {

    String name();

    /** What it has taken in by now. */
    Consumed consumed();

    /** Whether it is being kept up. */
    boolean isHealthy();

    /**
     * A digest over all that it says, read where that is kept: for a large reading this takes a while.
     *
     * @param position the position at which it is taken, no later than the one reflected; without one that one
     * @throws NoPast if the reading does not hold what it said then
     */
    StateHash stateHash(OptionalLong position) throws InterruptedException, NoPast;

    /** The reading knows only the position it reflects. */
    final class NoPast extends Exception {
        private static final long serialVersionUID = 1L;

        public NoPast(String message) {
            super(message);
        }
    }
}
