package org.policyledger.api.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.policyledger.store.tree.Checkpoint;
import org.policyledger.store.tree.SignedNote;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ledger export FILE}: the whole log, with the checkpoint that covers it and the key that signed it. */
@Command(name = "export", mixinStandardHelpOptions = true, description = {
        "Writes the log to a file: each event in canonical form, one a line, up to the latest checkpoint.",
        "FILE.checkpoint and FILE.key are written beside it: 'ledger verify FILE' checks it with them. A file that is there already is carried on where it ends, whether it was cut short or is of an earlier day."})
final class ExportCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE", description = "The file, such as ledger.ndjson.")
    private Path file = Path.of("");

    @Option(names = "--from", description = "The first position; then the file is a part of the log, and has no checkpoint beside it (default: all).")
    private long from;

    @Option(names = "--to", description = "The position after the last (default: what the latest checkpoint covers).")
    private long to = -1;

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        Client client = service.client();
        PrintWriter out = spec.commandLine().getOut();
        String note = client.text("/log/checkpoint");
        Checkpoint checkpoint;
        try {
            checkpoint = Checkpoint.parse(SignedNote.parse(note).text());
        } catch (IllegalArgumentException notACheckpoint) {
            throw client.notOurs();
        }
        boolean whole = from == 0 && to < 0;
        long end = to < 0 ? checkpoint.size() : to;
        long have;
        try (RandomAccessFile lines = new RandomAccessFile(file.toFile(), "rw")) {
            have = keepWholeLines(lines, 0);
            if (from + have > end) {
                throw new IOException(file + " holds " + have + " lines already, more than the " + (end - from)
                        + " asked for: it is not an earlier part of this export");
            }
            if (from + have < end) {
                long before = lines.length();
                try (InputStream rest = client.stream("/v1/export?from=" + (from + have) + "&to=" + end)) {
                    rest.transferTo(Channels.newOutputStream(lines.getChannel().position(before)));
                }
                lines.getChannel().force(true);
                have += keepWholeLines(lines, before);
            }
        }
        if (from + have != end) {
            throw new IOException("the answer broke off after position " + (from + have - 1)
                    + ": run the command again, and it goes on there");
        }
        if (whole) {
            Files.writeString(Path.of(file + ".checkpoint"), note, StandardCharsets.UTF_8);
            Files.writeString(Path.of(file + ".key"), client.text("/log/key"), StandardCharsets.UTF_8);
        }
        out.println(file + ": positions " + from + " to " + (end - 1)
                + (whole ? ", with the checkpoint and the key beside it" : ""));
        return 0;
    }

    /** Counts the lines from a place on at which one begins, and cuts off one that has no end. */
    private static long keepWholeLines(RandomAccessFile lines, long from) throws IOException {
        byte[] buffer = new byte[1 << 20];
        long count = 0;
        long at = from;
        long afterLast = from;
        lines.seek(from);
        for (int read = lines.read(buffer); read > 0; read = lines.read(buffer)) {
            for (int i = 0; i < read; i++) {
                if (buffer[i] == '\n') {
                    count++;
                    afterLast = at + i + 1;
                }
            }
            at += read;
        }
        lines.setLength(afterLast);
        return count;
    }
}
