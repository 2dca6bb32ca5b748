package org.policyledger.store;

/**
 * An append that was not done, and why. Except for {@link Kind#OUTCOME_UNKNOWN}, nothing of it was recorded and nothing
 * will be. Has no stack trace: it is an answer, not a fault of the program.
 */
public final class AppendRefused extends RuntimeException {

    /** Why an append was refused. */
    public enum Kind {
        /** A stream has moved on, or is not as far as the caller believed. Read it again and decide anew. */
        CONFLICT(false),
        /** More appends wait than the log lets wait. Try again later. */
        OVERLOADED(true),
        /** The database is away or failing. Try again later. */
        UNAVAILABLE(true),
        /** The commit was sent and its answer was lost. Try again with the same idempotency key to learn the outcome. */
        OUTCOME_UNKNOWN(true),
        /** An event is larger than an entry of a transparency log's tile can be. */
        TOO_LARGE(false),
        /** The idempotency key was used for another demand. */
        KEY_REUSED(false),
        /** What was given breaks a rule of the log; the message names it. */
        INVALID(false);

        private final boolean retryable;

        Kind(boolean retryable) {
            this.retryable = retryable;
        }
    }

    private final Kind kind;

    AppendRefused(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    static AppendRefused conflict(String stream, long expected, long actual) {
        return new AppendRefused(Kind.CONFLICT, "Stream " + stream + ": sequence " + expected
                + " was to be recorded, but the next one is " + actual + ".");
    }

    static AppendRefused keyReused(String key) {
        return new AppendRefused(Kind.KEY_REUSED, "Idempotency key " + key
                + " was used for another request. Use a new key for a new request.");
    }

    static AppendRefused invalid(String message) {
        return new AppendRefused(Kind.INVALID, message);
    }

    public Kind kind() {
        return kind;
    }

    /** Whether the same append, unchanged, may succeed later. */
    public boolean retryable() {
        return kind.retryable;
    }
}
