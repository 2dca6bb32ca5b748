package org.policyledger.api;

/** Something outside prevents the service from starting; the message names it and the way out, in one sentence. */
public final class CannotStart extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CannotStart(String message, Throwable cause) {
        super(message, cause);
    }
}
