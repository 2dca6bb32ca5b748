package org.policyledger.store.tree;

/**
 * Something in a log that does not hold.
 *
 * @param where the position, checkpoint, tile, line or file it was met at
 * @param what what was expected there, and what was found
 */
public record Finding(String where, String what) {

    @Override
    public String toString() {
        return where + ": " + what;
    }
}
