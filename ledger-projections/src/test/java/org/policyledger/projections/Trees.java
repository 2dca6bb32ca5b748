package org.policyledger.projections;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.sql.DataSource;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.tree.LedgerTree;
import org.policyledger.store.tree.NoteSigner;

/** The tree over a log in a test. */
final class Trees {

    /** How often checkpoints are signed and readings compared. */
    static final Duration INTERVAL = Duration.ofMillis(20);

    private Trees() {}

    /** Every process that opens a ledger must sign with the same key: it lies where the build's own files do. */
    static LedgerTree open(LedgerLog log, DataSource database) {
        try {
            Path folder = Files.createDirectories(Path.of("target", "keys"));
            NoteSigner signer = NoteSigner.open(folder.resolve(log.origin().replace('/', '-')), log.origin());
            return LedgerTree.open(log, database, signer, INTERVAL);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
