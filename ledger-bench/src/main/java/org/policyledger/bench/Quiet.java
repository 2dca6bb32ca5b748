package org.policyledger.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Waits until nobody else works the machine's processors, as far as Linux tells. On a busy machine a design with few busy threads
 * gets fewer turns than one with many, so that even ratios mislead. Used by one thread.
 */
final class Quiet {

    private static final Path STAT = Path.of("/proc/stat");
    private static final int LOOK_MILLIS = 400;
    private static final int PAUSE_MILLIS = 600;
    /** The share of all processors that others may take: some always goes to the system itself. */
    private static final double ENOUGH = 0.15;
    private static final int IDLE = 3;
    private static final int IO_WAIT = 4;

    private final double longestSeconds;
    private final List<Double> shares = new ArrayList<>();

    /** Waits at most so long each time, then goes ahead whatever goes on. */
    Quiet(double longestSeconds) {
        this.longestSeconds = longestSeconds;
    }

    /** Call it when the benchmark itself does nothing. */
    void await() throws InterruptedException {
        if (!Files.isReadable(STAT)) {
            return;
        }
        long end = System.nanoTime() + (long) (longestSeconds * 1e9);
        double share = busyShare();
        while (share > ENOUGH && System.nanoTime() < end) {
            Thread.sleep(PAUSE_MILLIS);
            share = busyShare();
        }
        shares.add(share);
    }

    /** In one sentence, what share of the processors others took right before the measurements. */
    String describe() {
        return shares.isEmpty()
                ? "what else ran on the machine is not known"
                : "others took " + Math.round(100 * Report.median(shares)) + " % of the processors right before a"
                        + " measurement in the median, " + Math.round(100 * shares.stream().max(Double::compare)
                                .orElseThrow())
                        + " % at worst";
    }

    private static double busyShare() throws InterruptedException {
        long[] before = ticks();
        Thread.sleep(LOOK_MILLIS);
        long[] after = ticks();
        double all = Arrays.stream(after).sum() - Arrays.stream(before).sum();
        double idle = after[IDLE] + after[IO_WAIT] - before[IDLE] - before[IO_WAIT];
        return all == 0 ? 0 : 1 - idle / all;
    }

    /** The times all processors together spent in each state since the machine started. */
    private static long[] ticks() {
        try {
            return Arrays.stream(Files.readAllLines(STAT).getFirst().strip().split("\\s+")).skip(1)
                    .mapToLong(Long::parseLong).toArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
