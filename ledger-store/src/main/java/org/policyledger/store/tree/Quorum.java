package org.policyledger.store.tree;

import java.util.List;

/**
 * Whose signatures make a checkpoint one that is cosigned.
 *
 * @param witnesses the keys of the witnesses that are asked
 * @param needed how many of them must have signed
 */
public record Quorum(List<NoteKey> witnesses, int needed) {

    /** No witness is asked, and no checkpoint is cosigned. */
    public static final Quorum NONE = new Quorum(List.of(), 0);

    public Quorum {
        witnesses = List.copyOf(witnesses);
        if (needed < Math.min(1, witnesses.size()) || needed > witnesses.size()) {
            throw new IllegalArgumentException("a quorum of " + needed + " among " + witnesses.size()
                    + " witnesses is none: it is 1 at least, and all of them at most");
        }
        if (witnesses.stream().map(NoteKey::publicKey).distinct().count() < witnesses.size()) {
            throw new IllegalArgumentException("one witness is named twice: each needs a key of its own");
        }
    }
}
