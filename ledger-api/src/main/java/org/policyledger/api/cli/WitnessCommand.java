package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.policyledger.store.tree.NoteKey;
import org.policyledger.store.tree.NoteSigner;
import org.policyledger.store.tree.WitnessServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ledger witness}: signs checkpoints of other people's logs until it is told to stop. */
@Command(name = "witness", mixinStandardHelpOptions = true, description = {
        "Runs a witness until it is stopped (Ctrl-C): it signs a log's checkpoint only if it continues the one it signed before.",
        "It is worth something where another person runs it, on another machine, than the log. Its key and what it signed are kept in a folder: never put an older copy of that in its place."})
final class WitnessCommand implements Callable<Integer> {

    @Option(names = "--name", required = true, paramLabel = "NAME", description = "Its name, such as witness.example.org.")
    private String name = "";

    @Option(names = "--log", required = true, paramLabel = "KEY", description = "A verifier key of a log, or a file of such keys, as /log/key gives them. Repeatable.")
    private List<String> logs = new ArrayList<>();

    @Option(names = "--data", paramLabel = "FOLDER", description = "Where it keeps its key and what it signed (default: witness).")
    private Path data = Path.of("witness");

    @Option(names = "--host", description = "The address to listen on (default: 127.0.0.1, this machine only).")
    private String host = "127.0.0.1";

    @Option(names = "--port", description = "The port to listen on; 0 takes a free one (default: 8081).")
    private int port = 8081;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        List<NoteKey> known = new ArrayList<>();
        for (String log : logs) {
            try {
                (log.contains("+") ? log : Files.readString(Path.of(log))).lines().map(NoteKey::parse)
                        .forEach(known::add);
            } catch (IllegalArgumentException wrong) {
                throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()), wrong);
            }
        }
        Files.createDirectories(data);
        NoteSigner signer = NoteSigner.openWitness(data.resolve("witness.key"), name);
        try (WitnessServer witness = WitnessServer.start(new InetSocketAddress(host, port), signer, known,
                data.resolve("signed"))) {
            out.println("The witness signs for " + String.join(", ",
                    known.stream().map(NoteKey::name).distinct().toList()) + " (Ctrl-C stops it)");
            out.println(signer.key() + " " + witness.address());
            out.flush();
            Thread.currentThread().join();
        }
        return 0;
    }
}
