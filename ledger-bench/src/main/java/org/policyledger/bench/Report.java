package org.policyledger.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table of figures with the facts of the machine they were measured on, as Markdown; printed, and kept in a file. */
final class Report {

    private static final Path CPU = Path.of("/proc/cpuinfo");

    private final String title;
    private final List<String> columns;
    private final List<List<String>> rows = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final double loadBefore = load();

    Report(String title, String... columns) {
        this.title = title;
        this.columns = List.of(columns);
    }

    /** Adds a line to the table, and shows it at once. */
    void row(String... cells) {
        rows.add(List.of(cells));
        progress("| " + String.join(" | ", cells) + " |");
    }

    /** Adds a sentence below the table. */
    void note(String text) {
        notes.add(text);
    }

    /** Prints the whole and writes it to {@code <name>.md} in the folder. */
    void finish(Path folder, String name) {
        List<String> lines = new ArrayList<>();
        lines.add("## " + title);
        lines.add("");
        lines.add(line(columns));
        lines.add(line(IntStream.range(0, columns.size()).mapToObj(column -> "-".repeat(width(column))).toList()));
        rows.forEach(row -> lines.add(line(row)));
        lines.add("");
        notes.forEach(note -> lines.add("- " + note));
        lines.add("- " + machine());
        lines.add(String.format(Locale.ROOT, "- started %s; load average %.1f before, %.1f after", started, loadBefore,
                load()));
        String text = String.join("\n", lines) + "\n";
        System.out.println(text);
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(name + ".md"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String line(List<String> cells) {
        return IntStream.range(0, cells.size())
                .mapToObj(column -> String.format(Locale.ROOT, "%-" + width(column) + "s", cells.get(column)))
                .collect(Collectors.joining(" | ", "| ", " |"));
    }

    private int width(int column) {
        return Math.max(columns.get(column).length(),
                rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(1));
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private static String machine() {
        return String.format(Locale.ROOT, "%d processors (%s), %s %s, Java %s (%s), heap at most %d MiB",
                Runtime.getRuntime().availableProcessors(), processor(), System.getProperty("os.name"),
                System.getProperty("os.version"), System.getProperty("java.version"),
                System.getProperty("java.vm.name"),
                Runtime.getRuntime().maxMemory() >> 20);
    }

    private static String processor() {
        if (!Files.isReadable(CPU)) {
            return System.getProperty("os.arch");
        }
        try {
            return Files.readAllLines(CPU).stream().filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A line on standard error, so that one sees that something happens. */
    static void progress(String text) {
        System.err.println(text);
    }

    static String rate(double perSecond) {
        return String.format(Locale.ROOT, "%,.0f", perSecond);
    }

    static String ratio(double ratio) {
        return String.format(Locale.ROOT, "%.2f", ratio);
    }

    static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.2f", seconds);
    }

    /** How a figure stands to what it is to reach. */
    static String verdict(double figure, double goal) {
        return (figure >= goal ? "reached " : "MISSED ") + (goal >= 100 ? rate(goal) : ratio(goal));
    }

    /** The middle value; of an even number of values the mean of the middle two. */
    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** The median of the ratios of each round: what disturbs a round disturbs both sides of its ratio. */
    static double medianRatio(List<Double> numerators, List<Double> denominators) {
        return median(IntStream.range(0, numerators.size())
                .mapToObj(round -> numerators.get(round) / denominators.get(round)).toList());
    }
}
