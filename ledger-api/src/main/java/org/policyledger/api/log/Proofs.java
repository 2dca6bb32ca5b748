package org.policyledger.api.log;

import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.tree.LedgerTree;

/** Proves recorded events to those who ask. */
public final class Proofs {

    /**
     * An event with its proof.
     *
     * @param event the canonical CloudEvent to the byte, as text: what the proof is about is its UTF-8 form
     * @param proof C2SP tlog-proof, version 1
     */
    public record Proven(long position, String event, String proof) {}

    /**
     * Events, each with a proof against one checkpoint. That no later event says otherwise does not follow from it.
     *
     * @param checkpoint the signed note (C2SP tlog-checkpoint)
     */
    public record Evidence(String checkpoint, List<Proven> events) {}

    private final LedgerLog log;
    private final LedgerTree tree;
    private final Duration patience;

    /**
     * @param patience how long it waits for a checkpoint that covers what has just been recorded
     */
    public Proofs(LedgerLog log, LedgerTree tree, Duration patience) {
        this.log = log;
        this.tree = tree;
        this.patience = patience;
    }

    /** A checkpoint that covers the position: the last that witnesses have signed, if that does, or else the last. */
    public LedgerTree.Signed covering(long position) {
        try {
            return tree.covering(position, patience).orElseThrow(() -> new Refused(Problem.Kind.CHECKPOINT_BEHIND,
                    "No checkpoint covers position " + position + " yet"
                            + tree.trouble().map(trouble -> " (" + trouble + ")").orElse("") + ": try again later"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refused(Problem.Kind.CHECKPOINT_BEHIND, "The service is stopping: try again later");
        }
    }

    /** The proof of one event, against a checkpoint that {@link #covering covers} it. */
    public String of(long position) {
        return tree.proof(position, covering(position)).toString();
    }

    /** The events at these positions, of which there is one, with their proofs. */
    public Evidence of(SortedSet<Long> positions) {
        LedgerTree.Signed checkpoint = covering(positions.last());
        return new Evidence(checkpoint.note(),
                log.readAt(positions).stream().map(event -> new Proven(event.position(), event.event(),
                        tree.proof(event.position(), checkpoint).toString())).toList());
    }
}
