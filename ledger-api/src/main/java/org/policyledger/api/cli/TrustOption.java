package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.policyledger.store.tree.NoteKey;
import org.policyledger.store.tree.SignedNote;
import org.policyledger.store.tree.Verifier;
import picocli.CommandLine.Option;

/** What is believed of a log when something that was taken out of it is verified: its keys, and checkpoints of it. */
final class TrustOption {

    private static final int TELL_EVERY = 500_000;

    @Option(names = "--key", paramLabel = "KEY", description = "A key of the log, as /log/key gives it, or of a witness, or a file of keys; those beside the file are not asked then. One of the log's keys must have signed, and each witness. Repeatable.")
    private List<String> keys = new ArrayList<>();

    @Option(names = "--checkpoint", paramLabel = "FILE", description = "The checkpoint that an export is held against, in place of the one beside it.")
    private Path checkpoint = Path.of("");

    @Option(names = "--since", paramLabel = "CHECKPOINT", description = "A checkpoint kept from earlier: the log must begin with what it covered. Repeatable.")
    private List<Path> since = new ArrayList<>();

    boolean namesKeys() {
        return !keys.isEmpty();
    }

    /** The checkpoint of an export that begins with this file. */
    String checkpoint(Path first) throws IOException {
        return Files.readString(checkpoint.toString().isEmpty() ? Path.of(first + ".checkpoint") : checkpoint);
    }

    /** Knows the keys named, or those beside the first file of an export. */
    Verifier verifier(Path first, PrintWriter progress) throws IOException {
        return verifier(namesKeys() ? "" : Files.readString(Path.of(first + ".key")), progress);
    }

    /** Knows the keys named, or else these. */
    Verifier verifier(String keysBeside, PrintWriter progress) throws IOException {
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
                progress.println(events + " events read");
                progress.flush();
            }
        });
    }

    /** Says what came of it, and gives the exit code. */
    static int tell(Verifier.Report report, String done, PrintWriter out, PrintWriter err) {
        report.remarks().forEach(remark -> out.println("note: " + remark));
        if (report.findings().isEmpty()) {
            out.println(done + ": " + report.events() + " events, checkpoint of " + report.checkpoint().size()
                    + " events, root " + report.checkpoint().root() + ", log " + report.checkpoint().origin());
            report.signers().forEach(signer -> out.println("signed by " + signer));
            return 0;
        }
        report.findings().forEach(err::println);
        err.println("NOT " + done + ": " + report.findings().size() + " findings in " + report.events() + " events");
        return 1;
    }
}
