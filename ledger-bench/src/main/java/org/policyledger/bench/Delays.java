package org.policyledger.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Delays in milliseconds, in order. */
final class Delays {

    private final double[] sorted;

    /** Of several threads or readers, each with nanoseconds of its own. */
    Delays(List<long[]> each) {
        sorted = each.stream().flatMapToLong(Arrays::stream).sorted().mapToDouble(nanos -> nanos / 1e6).toArray();
    }

    /** The delay that a share of them does not exceed. */
    double at(double share) {
        return sorted[Math.min(sorted.length - 1, (int) (share * sorted.length))];
    }

    String told(double share) {
        return String.format(Locale.ROOT, "%.2f", at(share));
    }
}
