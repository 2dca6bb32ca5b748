package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.Callable;
import org.policyledger.api.snapshot.SnapshotFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code ledger import}: sends an official list file to the service. */
@Command(name = "import", mixinStandardHelpOptions = true, description = "Imports an official list file: records what differs from the ledger on the file's day.")
final class ImportCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE", description = "The file as the authority published it.")
    private Path file = Path.of("");

    /** The names of the formats, for help and completion. */
    static final class Formats implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return SnapshotFormat.names().iterator();
        }
    }

    @Option(names = "--list", required = true, description = "The list it shows.")
    private String listId = "";

    @Option(names = "--format", required = true, description = "Its format: ${COMPLETION-CANDIDATES}.", completionCandidates = Formats.class)
    private String format = "";

    @Option(names = "--date", required = true, description = "The day for which it shows the list, such as 2021-08-18.")
    private String date = "";

    @Option(names = "--dry-run", description = "Derive the actions but record nothing.")
    private boolean dryRun;

    @Option(names = "--backfill", description = "The day lies before that of a snapshot imported earlier.")
    private boolean backfill;

    @Option(names = "--max-drop", description = "The share of the list that the file may lack, 0 to 1.")
    private String maxDrop = "";

    @Option(names = "--key", description = "An idempotency key: the same import is recorded once.")
    private String key = "";

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new ParameterException(spec.commandLine(), "file " + file + " cannot be read: check the path");
        }
        Map<String, String> parameters = new HashMap<>(
                Map.of("format", format, "snapshotDate", date, "maxDrop", maxDrop));
        if (dryRun) {
            parameters.put("dryRun", "true");
        }
        if (backfill) {
            parameters.put("backfill", "true");
        }
        Client client = service.client();
        JsonNode result = client.post(
                Client.path("/v1/lists/" + Client.encode(listId) + "/snapshots", parameters),
                "application/octet-stream", Files.readAllBytes(file), key);
        if (!result.has("snapshot")) {
            throw client.notOurs();
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(service.json() ? result.toString() : summary(result));
        return 0;
    }

    /** One line that says what an import came to. */
    static String summary(JsonNode result) {
        JsonNode snapshot = result.get("snapshot");
        return (result.get("dryRun").asBoolean() ? "would record" : "recorded") + " for "
                + snapshot.get("snapshotDate").asString() + ": "
                + snapshot.get("records").asInt() + " entries in the file, " + snapshot.get("added").asInt()
                + " added, "
                + snapshot.get("amended").asInt() + " amended, " + snapshot.get("removed").asInt() + " removed";
    }
}
