package org.policyledger.projections;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.policyledger.store.Sha256;

/**
 * A digest over all that a reading says at a position. Readings of one log that are kept by one version of the product have the same
 * at the same position, whichever database they lie in and however they came about.
 *
 * @param sha256 64 lower-case hexadecimal digits
 */
public record StateHash(long position, long rows, String sha256) {

    /** Adds up rows, whose order counts. Used by one thread. */
    static final class Sum {
        private final MessageDigest digest = Sha256.digest();
        private long rows;

        /** Each value goes with its length, so that no two rows read alike. */
        void add(String table, Map<String, String> row) {
            StringBuilder text = new StringBuilder(table).append('\n');
            row.forEach((column, value) -> text.append(column).append(' ').append(value.length()).append(' ')
                    .append(value).append('\n'));
            digest.update(text.append('\n').toString().getBytes(StandardCharsets.UTF_8));
            rows++;
        }

        /** What was added up, which nothing can be added to from then on. */
        StateHash at(long position) {
            return new StateHash(position, rows, HexFormat.of().formatHex(digest.digest()));
        }
    }
}
