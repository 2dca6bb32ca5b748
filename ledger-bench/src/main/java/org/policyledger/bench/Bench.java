package org.policyledger.bench;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line of the benchmarks: {@code append}, {@code import}, {@code catchup}, {@code search}, {@code live},
 * {@code tree} and {@code series}. */
@Command(name = "ledger-bench", mixinStandardHelpOptions = true, sortOptions = false, subcommands = {AppendBench.class,
        ImportBench.class, CatchupBench.class, SearchBench.class, LiveBench.class,
        TreeBench.class,
        SeriesCheck.class}, description = "Measures the ledger beside a peer and a limit, in turn within one run.")
final class Bench {

    /** What every benchmark takes. */
    static final class Options {
        @Option(names = "--db", split = ",", defaultValue = "POSTGRESQL,H2", description = "databases, of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
        List<Databases.Kind> databases = List.of();

        @Option(names = "--rounds", defaultValue = "5", description = "counted rounds (default: ${DEFAULT-VALUE})")
        int rounds;

        @Option(names = "--quiet-wait", defaultValue = "20", description = "seconds to wait at most, before each measurement, until others leave the processors alone (default: ${DEFAULT-VALUE})")
        double quietWait;

        @Option(names = "--out", defaultValue = "target/bench", description = "folder for results and data (default: ${DEFAULT-VALUE})")
        Path out = Path.of("target/bench");
    }

    private Bench() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench()).setCaseInsensitiveEnumValuesAllowed(true).execute(arguments));
    }
}
