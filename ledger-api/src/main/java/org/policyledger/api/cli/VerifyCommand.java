package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.zip.ZipFile;
import org.policyledger.store.tree.NoteKey;
import org.policyledger.store.tree.SignedNote;
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
    private static final int TELL_EVERY = 500_000;

    @Parameters(arity = "0..*", paramLabel = "FILE", description = "What to verify; without it, a running service verifies itself.")
    private List<Path> files = List.of();

    @Option(names = "--key", paramLabel = "KEY", description = "A key of the log, as /log/key gives it, or a file of keys; those beside the file are not asked then. Repeatable.")
    private List<String> keys = new ArrayList<>();

    @Option(names = "--checkpoint", paramLabel = "FILE", description = "The checkpoint that an export is held against, in place of the one beside it.")
    private Path checkpoint = Path.of("");

    @Option(names = "--since", paramLabel = "CHECKPOINT", description = "A checkpoint kept from earlier: the log must begin with what it covered. Repeatable.")
    private List<Path> since = new ArrayList<>();

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
            report.remarks().forEach(remark -> out.println("note: " + remark));
            if (report.findings().isEmpty()) {
                out.println("verified: " + report.events() + " events, checkpoint of " + report.checkpoint().size()
                        + " events, root " + report.checkpoint().root() + ", log " + report.checkpoint().origin());
                report.signers().forEach(signer -> out.println("signed by " + signer));
                return 0;
            }
            report.findings().forEach(err::println);
            err.println("NOT verified: " + report.findings().size() + " findings in " + report.events() + " events");
            return 1;
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
                return verifier(parts.getEntry("key") == null
                        ? ""
                        : new String(parts.getInputStream(parts.getEntry("key")).readAllBytes(),
                                StandardCharsets.UTF_8),
                        err).bundle(first);
            }
        }
        if (first.toString().endsWith(".tlog-proof")) {
            if (event.toString().isEmpty() || keys.isEmpty()) {
                throw new ParameterException(spec.commandLine(),
                        "a proof is about an event: name it with --event, and a"
                                + " key of the log with --key");
            }
            byte[] leaf = Files.readAllBytes(event);
            int end = leaf.length > 0 && leaf[leaf.length - 1] == '\n' ? leaf.length - 1 : leaf.length;
            return verifier("", err).proof(Arrays.copyOf(leaf, end), Files.readString(first));
        }
        String signed = Files
                .readString(checkpoint.toString().isEmpty() ? Path.of(first + ".checkpoint") : checkpoint);
        return verifier(keys.isEmpty() ? Files.readString(Path.of(first + ".key")) : "", err).export(files, signed);
    }

    private Verifier verifier(String keysBeside, PrintWriter err) throws IOException {
        List<NoteKey> known = new ArrayList<>();
        if (keys.isEmpty()) {
            keysBeside.lines().map(NoteKey::parse).forEach(known::add);
        }
        for (String key : keys) {
            (key.contains("+") ? key : Files.readString(Path.of(key))).lines().map(NoteKey::parse).forEach(known::add);
        }
        List<SignedNote> kept = new ArrayList<>();
        for (Path file : since) {
            kept.add(SignedNote.parse(Files.readString(file)));
        }
        long[] told = {0};
        return new Verifier(known, kept, events -> {
            if (events - told[0] >= TELL_EVERY) {
                told[0] = events;
                err.println(events + " events read");
                err.flush();
            }
        });
    }
}
