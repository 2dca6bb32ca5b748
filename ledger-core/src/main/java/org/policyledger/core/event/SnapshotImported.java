package org.policyledger.core.event;

import java.time.LocalDate;
import java.util.Optional;
import org.policyledger.core.ListId;

/**
 * A file with the whole of a list was compared with the ledger, and the differences were recorded as actions in the same
 * append; recorded even when there were none.
 *
 * @param snapshotDate the day for which the file shows the list
 * @param sha256 the digest of the file as received, 64 lower-case hexadecimal digits
 * @param parser the format's name
 * @param parserVersion the version of our reading of that format
 * @param backfill whether the date was before that of a snapshot imported earlier
 * @param records entries in the file
 */
public record SnapshotImported(ListId listId, LocalDate snapshotDate, String sha256, String parser, int parserVersion,
        boolean backfill, int records, int added, int amended, int removed) implements ListEvent {

    @Override
    public Optional<LocalDate> effectiveOn() {
        return Optional.of(snapshotDate);
    }
}
