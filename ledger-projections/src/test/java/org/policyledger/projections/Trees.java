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

/** The tree over a log in a test, signed with a key that is thrown away. */
final class Trees {

    /** How often checkpoints are signed and readings compared. */
    static final Duration INTERVAL = Duration.ofMillis(20);

    private Trees() {}

    static LedgerTree open(LedgerLog log, DataSource database) {
        try {
            Path folder = Files.createTempDirectory("ledger-key");
            Path key = folder.resolve("ledger.key");
            NoteSigner signer = NoteSigner.open(key, log.origin());
            Files.delete(key);
            Files.delete(folder);
            return LedgerTree.open(log, database, signer, INTERVAL);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
