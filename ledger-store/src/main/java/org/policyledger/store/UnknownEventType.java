package org.policyledger.store;

/** A stored event has a type or revision that the running program cannot read: reading stops here, loudly. */
public final class UnknownEventType extends RuntimeException {

    public UnknownEventType(String type, int revision) {
        super("No reader for event type " + type + " revision " + revision
                + ". Run a version of the program that knows it, or give it an upcaster.");
    }
}
