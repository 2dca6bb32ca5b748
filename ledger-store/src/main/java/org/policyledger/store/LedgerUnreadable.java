package org.policyledger.store;

/** The database could not answer a read. Nothing is lost; the same read may succeed later. */
public final class LedgerUnreadable extends RuntimeException {

    public LedgerUnreadable(Exception cause) {
        super("The database did not answer: " + cause.getMessage(), cause);
    }
}
