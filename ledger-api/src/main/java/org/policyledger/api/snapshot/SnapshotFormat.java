package org.policyledger.api.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A format in which an authority publishes the whole of a list in one file. Readers are stateless, thread-safe and
 * deterministic; they know no ledger and no clock.
 */
public interface SnapshotFormat {

    /** The longest file that is read, in bytes: several times the longest seen. */
    int MAX_BYTES = 32 * 1024 * 1024;

    /** The format's name, for ever; recorded with every import as its parser. */
    String name();

    /** The version of our reading: it rises when the same bytes would give other entries. */
    int version();

    /**
     * Reads a file whole, or not at all.
     *
     * @throws SnapshotRefused when the file is not wholly what the format promises
     */
    SourceList parse(byte[] file);

    /** Every format that can be read. */
    static List<SnapshotFormat> all() {
        List<SnapshotFormat> formats = new ArrayList<>(List.of(OfacSdnCsv.FORMAT, OfacSdnCsvZip.FORMAT,
                BisEntityListJson.FORMAT, UnScConsolidatedXml.FORMAT));
        formats.addAll(TradeGovCslCsv.formats());
        return List.copyOf(formats);
    }

    /** The format of that name; absent when there is none. */
    static Optional<SnapshotFormat> named(String name) {
        return all().stream().filter(format -> format.name().equals(name)).findFirst();
    }

    /** The names that {@link #named} knows. */
    static List<String> names() {
        return all().stream().map(SnapshotFormat::name).toList();
    }
}
