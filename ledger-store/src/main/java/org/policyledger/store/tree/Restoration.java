package org.policyledger.store.tree;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.policyledger.store.EventCodec;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;

/**
 * Makes a log of an export of it, in an empty database. What comes of it has the events of the export to the byte, at their positions:
 * so its tree has the root that the checkpoint beside the export says.
 */
public final class Restoration {

    private final DataSource dataSource;
    private final EventCodec codec;

    /** @param codec must be able to read every event */
    public Restoration(DataSource dataSource, EventCodec codec) {
        this.dataSource = dataSource;
        this.codec = codec;
    }

    /**
     * Verifies the export while it is recorded, and lets it stay only if all of it verifies. It is there as a whole, or not at all.
     *
     * @return what the verification came to; if it has findings, nothing was recorded
     * @throws IllegalArgumentException if the checkpoint or an event is not what it should be, or the export has events beyond those
     *     that the checkpoint covers
     * @throws IllegalStateException if the database holds another log, or any event
     */
    public Verifier.Report restore(Verifier verifier, List<Path> files, String checkpoint) throws IOException {
        String origin = Checkpoint.parse(SignedNote.parse(checkpoint).text()).origin();
        List<Verifier.Report> reports = new ArrayList<>();
        LedgerLog.restore(dataSource, codec, origin, log -> {
            Verifier.Report report = verifier.export(files, checkpoint, (events, leaves) -> {
                List<StoredEvent> stored = new ArrayList<>(events.size());
                for (int i = 0; i < events.size(); i++) {
                    stored.add(stored(events.get(i), leaves.get(i)));
                }
                log.accept(stored);
            });
            reports.add(report);
            long covered = report.checkpoint().size();
            if (report.findings().isEmpty() && report.events() > covered) {
                throw new IllegalArgumentException("the export has " + report.events()
                        + " events, but its checkpoint covers "
                        + covered + ", and nothing vouches for the rest: export again, or restore the first " + covered
                        + " lines");
            }
            return report.findings().isEmpty();
        });
        return reports.getFirst();
    }

    private static StoredEvent stored(byte[] event, EventCheck.Leaf leaf) {
        try {
            StoredEvent stored = new StoredEvent(leaf.position(), leaf.stream(), leaf.sequence(),
                    UUID.fromString(leaf.id()), leaf.type(), Math.toIntExact(leaf.revision()),
                    Instant.parse(leaf.time()), new String(event, StandardCharsets.UTF_8), leaf.hash());
            if (stored.eventId().toString().equals(leaf.id()) && stored.time().equals(leaf.time())) {
                return stored;
            }
        } catch (IllegalArgumentException | ArithmeticException | DateTimeException notAsWritten) {
            // said below
        }
        throw new IllegalArgumentException("the event at position " + leaf.position()
                + " was not written by this ledger: its id '" + leaf.id() + "', time '" + leaf.time() + "' or revision "
                + leaf.revision() + " is not of the form that it writes");
    }
}
