package org.policyledger.store;

/**
 * Ends a unit of work whose demand was recorded before under the same idempotency key. Nothing new was recorded; the
 * answer is the one given the first time.
 */
public final class AlreadyRecorded extends RuntimeException {

    private final transient Appended appended;

    AlreadyRecorded(Appended appended) {
        super("Recorded before under the same idempotency key", null, false, false);
        this.appended = appended;
    }

    /** What was recorded the first time. */
    public Appended appended() {
        return appended;
    }
}
