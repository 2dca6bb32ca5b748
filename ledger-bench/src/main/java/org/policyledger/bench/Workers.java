package org.policyledger.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;

/** Threads that do the same again and again, beginning together, for a while; and the processor time that took. */
final class Workers {

    /** What a thread does again and again; it belongs to that thread. */
    interface Work extends AutoCloseable {
        /**
         * Does it once, which counts as so many.
         *
         * @param number how often it was begun before, by any of the threads
         */
        long once(long number) throws Exception;

        @Override
        default void close() throws SQLException {}
    }

    /** Gets the calling thread ready to work; not measured. */
    interface Opening {
        Work open() throws Exception;
    }

    /**
     * What came of it.
     *
     * @param nanos how long each time took, thread by thread
     */
    record Done(long count, double seconds, ProcessorTime.Used cpu, List<long[]> nanos) {

        double perSecond() {
            return count / seconds;
        }

        ProcessorTime.Used cpuEach() {
            return cpu.each((double) count);
        }
    }

    private final ProcessorTime processorTime;

    Workers(ProcessorTime processorTime) {
        this.processorTime = processorTime;
    }

    /** Lets each thread work until the time is up, at least once; what is begun by then is finished and counts. */
    Done run(int threads, double seconds, Opening opening) throws InterruptedException, ExecutionException {
        AtomicLong next = new AtomicLong();
        LongAdder counted = new LongAdder();
        CountDownLatch ready = new CountDownLatch(threads);
        CountDownLatch start = new CountDownLatch(1);
        long length = (long) (seconds * 1e9);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<long[]>> parts = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                parts.add(pool.submit(() -> {
                    try (Work work = opening.open()) {
                        ready.countDown();
                        start.await();
                        return work(work, next, counted, System.nanoTime() + length);
                    }
                }));
            }
            if (!ready.await(1, TimeUnit.MINUTES)) {
                pool.shutdownNow();
                throw new IllegalStateException("the " + threads + " threads did not get ready");
            }
            ProcessorTime.Used before = processorTime.used();
            long from = System.nanoTime();
            start.countDown();
            List<long[]> nanos = new ArrayList<>();
            for (Future<long[]> part : parts) {
                nanos.add(part.get());
            }
            return new Done(counted.sum(), (System.nanoTime() - from) / 1e9, processorTime.used().since(before), nanos);
        }
    }

    private static long[] work(Work work, AtomicLong next, LongAdder counted, long end) throws Exception {
        LongStream.Builder nanos = LongStream.builder();
        long now = System.nanoTime();
        do {
            long before = now;
            counted.add(work.once(next.getAndIncrement()));
            now = System.nanoTime();
            nanos.add(now - before);
        } while (now < end);
        return nanos.build().toArray();
    }
}
