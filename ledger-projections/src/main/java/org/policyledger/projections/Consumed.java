package org.policyledger.projections;

import java.util.List;
import org.policyledger.store.Sha256;
import org.policyledger.store.tree.CompactRange;

/**
 * What a reading took in. If it skipped nothing and was given what the log holds, {@code events} is the log's tree of the first
 * {@code position + 1} events.
 *
 * @param position the position it reflects; -1 when it reflects nothing yet
 * @param events the tree over the events it was given up to there, each hashed as it was given
 */
public record Consumed(long position, CompactRange events) {

    /** Of a reading that has not begun. */
    public static final Consumed NOTHING = new Consumed(-1, CompactRange.EMPTY);

    /** After more events, of which the last one stood at the position. */
    public Consumed upTo(long last, List<Sha256> leaves) {
        return new Consumed(last, events.plus(leaves));
    }
}
