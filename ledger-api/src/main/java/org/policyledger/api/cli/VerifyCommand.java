package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.zip.ZipFile;
import org.policyledger.store.tree.Verifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code ledger verify FILE}: checks what was taken out of a log, with no service and no database. */
@Command(name = "verify", mixinStandardHelpOptions = true, description = {
        "Verifies an export, an evidence bundle or a proof, offline; without FILE, has a running service verify its own log.",
        "An export (FILE.ndjson or FILE.ndjson.gz, several in a row make one) is held against FILE.checkpoint and FILE.key beside the first; a bundle is a ZIP with all it needs; a proof (FILE.tlog-proof) needs --event and --key.",
        "Exit code 0: it verifies. 1: something does not hold, and is named. 2: it cannot be read."})
final class VerifyCommand implements Callable<Integer> {

    private static final Duration LOOK = Duration.ofMillis(200);

    @Parameters(arity = "0..*", paramLabel = "FILE", description = "What to verify; without it, a running service verifies itself.")
    private List<Path> files = List.of();

    @Mixin
    private TrustOption trust = new TrustOption();

    @Option(names = "--event", paramLabel = "FILE", description = "The event that a proof is about, to the byte.")
    private Path event = Path.of("");

    @Option(names = "--readings", description = "Without FILE: the service compares each reading with a replay too.")
    private boolean readings;

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        if (files.isEmpty()) {
            return byTheService();
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            Verifier.Report report = verify(err);
            return TrustOption.tell(report, "verified", out, err);
        } catch (NoSuchFileException missing) {
            throw new ParameterException(spec.commandLine(), missing.getMessage() + " is not there", missing);
        } catch (IOException | IllegalArgumentException unreadable) {
            err.println("ledger: " + files.getFirst() + " cannot be verified: " + unreadable.getMessage());
            return 2;
        }
    }

    private int byTheService() throws IOException, InterruptedException, Client.RefusedByService {
        Client client = service.client();
        PrintWriter out = spec.commandLine().getOut();
        JsonNode answer = client.post("/v1/verification?readings=" + readings, "application/json", new byte[0], "");
        while (answer.at("/verification/state").asString().equals("RUNNING")) {
            Thread.sleep(LOOK);
            answer = client.get("/v1/verification", "verification");
        }
        JsonNode end = answer.get("verification");
        boolean verified = end.get("state").asString().equals("VERIFIED");
        if (service.json()) {
            out.println(answer);
        } else {
            end.get("findings").forEach(finding -> out
                    .println(finding.get("where").asString() + ": " + finding.get("what").asString()));
            out.println(end.get("state").asString().toLowerCase(Locale.ROOT) + ": "
                    + end.get("events").asLong() + " events, " + end.path("checkpoints").asLong(0) + " checkpoints"
                    + (end.get("readings").isEmpty() ? "" : ", " + end.get("readings").size() + " readings"));
        }
        return verified ? 0 : 1;
    }

    private Verifier.Report verify(PrintWriter err) throws IOException {
        Path first = files.getFirst();
        if (first.toString().endsWith(".zip")) {
            try (ZipFile parts = new ZipFile(first.toFile())) {
                return trust.verifier(parts.getEntry("key") == null
                        ? ""
                        : new String(parts.getInputStream(parts.getEntry("key")).readAllBytes(),
                                StandardCharsets.UTF_8),
                        err).bundle(first);
            }
        }
        if (first.toString().endsWith(".tlog-proof")) {
            if (event.toString().isEmpty() || !trust.namesKeys()) {
                throw new ParameterException(spec.commandLine(),
                        "a proof is about an event: name it with --event, and a"
                                + " key of the log with --key");
            }
            byte[] leaf = Files.readAllBytes(event);
            int end = leaf.length > 0 && leaf[leaf.length - 1] == '\n' ? leaf.length - 1 : leaf.length;
            return trust.verifier("", err).proof(Arrays.copyOf(leaf, end), Files.readString(first));
        }
        return trust.verifier(first, err).export(files, trust.checkpoint(first));
    }
}
