package org.policyledger.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.policyledger.api.action.Recorder;
import org.policyledger.api.event.LiveEvents;
import org.policyledger.core.Entry;
import org.policyledger.store.LedgerLog;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The time from a commit until each of many readers of the live stream has the event, over HTTP, beside a reader that asks for pages
 * again and again in the same run. Service, writer and readers share one process, its processors and its clock.
 */
@CommandLine.Command(name = "live", mixinStandardHelpOptions = true, sortOptions = false, description = "Measures the delay from commit to readers of the live stream, beside a reader that polls.")
final class LiveBench implements Callable<Integer> {

    @Mixin
    private Bench.Options options = new Bench.Options();

    @Option(names = "--readers", defaultValue = "1000", description = "connected readers (default: ${DEFAULT-VALUE})")
    private int readers;

    @Option(names = "--rate", split = ",", defaultValue = "5,20", description = "events recorded a second (default: ${DEFAULT-VALUE})")
    private List<Integer> rates = List.of();

    @Option(names = "--seconds", defaultValue = "10", description = "length of a round (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(names = "--poll", defaultValue = "100", description = "milliseconds the polling reader rests after each answer (default: ${DEFAULT-VALUE})")
    private long pollMillis;

    /** When the events after a position were committed. The commit's own notice tells, one event to a commit. */
    private static final class Commits {
        private final long first;
        private final AtomicLongArray nanos;
        private int next;

        Commits(long first, int count) {
            this.first = first;
            this.nanos = new AtomicLongArray(count);
        }

        /** Called by the log's writer alone. */
        void committed() {
            if (next < nanos.length()) {
                nanos.set(next++, System.nanoTime());
            }
        }

        long delay(long position, long had) {
            return had - nanos.get(Math.toIntExact(position - first));
        }
    }

    @Override
    public Integer call() throws Exception {
        Report report = new Report("From commit to reader", "database", "readers", "events/s", "live ms median", "99 %",
                "most", "polling ms median", "99 %", "most", "polling / live, median", "99 %", "CPU µs a line");
        Quiet quiet = new Quiet(options.quietWait);
        try (Databases databases = new Databases(options.out)) {
            for (Databases.Kind kind : options.databases) {
                report.note(databases.describe(kind));
                try (Databases.Fresh database = databases.create(kind)) {
                    measure(database, kind, quiet, databases.processorTime(kind), report);
                }
            }
        }
        report.note("delays of every reader and event of " + options.rounds + " rounds of " + seconds
                + " s together, after one that does not count; the polling reader asks for the events after its last one,"
                + " rests " + pollMillis + " ms, and asks again");
        report.note(
                "CPU: processor time for one line at one reader, of this process, which holds the readers too, and the"
                        + " database server");
        report.note(quiet.describe());
        report.finish(options.out, "live");
        return 0;
    }

    private void measure(Databases.Fresh database, Databases.Kind kind, Quiet quiet, ProcessorTime processorTime,
            Report report) throws Exception {
        try (Service service = new Service(database, "--ledger.live.readers=" + readers)) {
            Recorder recorder = service.bean(Recorder.class);
            LedgerLog log = service.bean(LedgerLog.class);
            int port = service.port();
            List<Entry> entries = Ledger.realEntries();
            Commits[] current = {new Commits(0, 0)};
            log.onCommit(events -> current[0].committed());
            for (int rate : rates) {
                List<long[]> live = new ArrayList<>();
                List<long[]> polled = new ArrayList<>();
                List<Double> cpu = new ArrayList<>();
                for (int round = 0; round <= options.rounds; round++) {
                    quiet.await();
                    long head = log.head();
                    int count = rate * seconds;
                    Commits commits = new Commits(head, count);
                    current[0] = commits;
                    ProcessorTime.Used before = processorTime.used();
                    try (LiveReaders all = new LiveReaders(port, readers, head - 1, count)) {
                        all.awaitOpen(service.bean(LiveEvents.class)::readers);
                        Poller poller = new Poller(port, head - 1, count, pollMillis);
                        write(recorder, entries, rate + "-" + round, count, rate);
                        long[][] had = all.await();
                        long[] asked = poller.await();
                        if (round > 0) {
                            cpu.add(processorTime.used().since(before).each((double) count * readers).all());
                            for (long[] reader : had) {
                                live.add(delays(commits, head, reader));
                            }
                            polled.add(delays(commits, head, asked));
                        }
                    }
                    while (service.bean(LiveEvents.class).readers() > 0) {
                        // Those that went are found out when they are written to.
                        write(recorder, entries, rate + "-" + round + "-end", 1, 10);
                        Thread.sleep(50);
                    }
                    Report.progress("  " + kind + " " + rate + "/s, round " + round);
                }
                Delays stream = new Delays(live);
                Delays poll = new Delays(polled);
                report.row(kind.toString(), Integer.toString(readers), Integer.toString(rate), stream.told(0.5),
                        stream.told(0.99), stream.told(1), poll.told(0.5), poll.told(0.99), poll.told(1),
                        Report.ratio(poll.at(0.5) / stream.at(0.5)), Report.ratio(poll.at(0.99) / stream.at(0.99)),
                        String.format(Locale.ROOT, "%.1f", Report.median(cpu)));
            }
        }
    }

    private static long[] delays(Commits commits, long head, long[] had) {
        long[] delays = new long[had.length];
        for (int i = 0; i < had.length; i++) {
            delays[i] = commits.delay(head + i, had[i]);
        }
        return delays;
    }

    /** Records at a steady pace, one event to a commit. */
    private void write(Recorder recorder, List<Entry> entries, String run, int count, int rate) {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = start + i * 1_000_000_000L / rate;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            recorder.record(Workload.NEW.demand(entries, run + "-" + start, i, 0), Ledger.CALLER);
        }
    }

    /** The peer: a reader that asks for what came after its last event, as lines, and rests. */
    private static final class Poller {
        private final long[] had;
        private final Thread thread;

        Poller(int port, long after, int count, long restMillis) {
            had = new long[count];
            HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
            thread = Thread.ofPlatform().start(() -> {
                int seen = 0;
                try {
                    while (seen < count) {
                        HttpResponse<String> answer = http.send(HttpRequest
                                .newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/events?limit=1000&after="
                                        + (after + seen)))
                                .header("Accept", "application/x-ndjson").build(),
                                HttpResponse.BodyHandlers.ofString());
                        long now = System.nanoTime();
                        for (long line = answer.body().lines().count(); line > 0 && seen < count; line--) {
                            had[seen++] = now;
                        }
                        Thread.sleep(restMillis);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        long[] await() throws InterruptedException {
            thread.join();
            return had;
        }
    }
}
