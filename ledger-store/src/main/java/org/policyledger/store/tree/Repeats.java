package org.policyledger.store.tree;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.policyledger.store.Sha256;

/**
 * Tells which of very many texts may have come more than once, by 64 bits of their hashes: 8 to 12 bytes of memory for each. Whether two
 * of one fingerprint are the same text is for the caller to see; among 100 million, one in 4,000 times there are two that are not.
 * Used by one thread.
 */
final class Repeats {

    private static final int BUCKETS = 256;

    /** By the first byte of the fingerprints, so that what grows, and is copied for it, is small. */
    private final long[][] fingerprints = new long[BUCKETS][16];
    private final int[] counts = new int[BUCKETS];

    static long fingerprint(String text) {
        return ByteBuffer.wrap(Sha256.ofBytes(text.getBytes(StandardCharsets.UTF_8)).bytes()).getLong();
    }

    void add(String text) {
        long fingerprint = fingerprint(text);
        int bucket = (int) (fingerprint >>> 56);
        int count = counts[bucket]++;
        if (count == fingerprints[bucket].length) {
            fingerprints[bucket] = Arrays.copyOf(fingerprints[bucket], count + count / 2);
        }
        fingerprints[bucket][count] = fingerprint;
    }

    /** The fingerprints that came more than once. */
    Set<Long> found() {
        Set<Long> found = new HashSet<>();
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            long[] sorted = fingerprints[bucket];
            Arrays.sort(sorted, 0, counts[bucket]);
            for (int i = 1; i < counts[bucket]; i++) {
                if (sorted[i] == sorted[i - 1]) {
                    found.add(sorted[i]);
                }
            }
        }
        return found;
    }
}
