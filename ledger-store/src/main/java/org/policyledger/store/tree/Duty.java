package org.policyledger.store.tree;

import java.io.IOException;
import java.util.Optional;
import org.policyledger.store.LedgerDamaged;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that is done again and again. What keeps it from being done is said once, and once that it is over. When it finds that the
 * log contradicts what was signed of it, that is an alarm: it stands until the process ends, and the thing is not done again.
 */
final class Duty {

    /** One attempt. */
    interface Attempt {
        void run() throws IOException, InterruptedException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Duty.class);

    private final String name;
    private volatile Optional<String> trouble = Optional.empty();
    private volatile boolean alarmed;

    /** @param name begins each message */
    Duty(String name) {
        this.name = name;
    }

    void attempt(Attempt attempt) {
        if (alarmed) {
            return;
        }
        try {
            attempt.run();
            if (trouble.isPresent()) {
                LOG.info("{}: all is well again", name);
            }
            trouble = Optional.empty();
        } catch (LedgerDamaged contradiction) {
            alarmed = true;
            trouble = Optional.of(String.valueOf(contradiction.getMessage()));
            LOG.error("ALARM. {}: {}", name, contradiction.getMessage());
        } catch (IOException | RuntimeException failed) {
            String said = failed.getMessage() == null ? failed.toString() : failed.getMessage();
            if (!trouble.equals(Optional.of(said))) {
                LOG.warn("{}: {}. It is tried again", name, said);
            }
            trouble = Optional.of(said);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What kept the last attempt from success, or the alarm. */
    Optional<String> trouble() {
        return trouble;
    }

    boolean isAlarmed() {
        return alarmed;
    }
}
