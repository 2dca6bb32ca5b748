package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.policyledger.core.LedgerJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code ledger backfill-citations}: records what the BIS Entity List tells of its own past. */
@Command(name = "backfill-citations", mixinStandardHelpOptions = true, description = "Records what the BIS Entity List tells of its own past: the citations of its entries, and the notices.")
final class BackfillCitationsCommand implements Callable<Integer> {

    @Option(names = "--list", required = true, description = "The list the files are about.")
    private String listId = "";

    @Option(names = "--chain", required = true, paramLabel = "CSV", description = "The citations of each entry.")
    private Path chain = Path.of("");

    @Option(names = "--entries", required = true, paramLabel = "JSON", description = "The entries, in the format bis-entity-list-json.")
    private Path entries = Path.of("");

    @Option(names = "--notices", paramLabel = "CSV", description = "What notices tell about themselves.")
    private Optional<Path> notices = Optional.empty();

    @Option(names = "--dry-run", description = "Derive the actions but record nothing.")
    private boolean dryRun;

    @Option(names = "--key", description = "An idempotency key: the same backfill is recorded once.")
    private String key = "";

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        Map<String, String> files = new HashMap<>(Map.of("chain", text(chain), "entries", text(entries)));
        if (notices.isPresent()) {
            files.put("notices", text(notices.get()));
        }
        Client client = service.client();
        JsonNode result = client.post(
                Client.path("/v1/lists/" + Client.encode(listId) + "/citations",
                        Map.of("dryRun", dryRun ? "true" : "")),
                "application/json", LedgerJson.MAPPER.writeValueAsBytes(files), key);
        if (!result.has("citations")) {
            throw client.notOurs();
        }
        PrintWriter out = spec.commandLine().getOut();
        if (service.json()) {
            out.println(result);
            return 0;
        }
        out.println((dryRun ? "would record " : "recorded ") + result.get("listed").asInt() + " listings, "
                + result.get("amended").asInt() + " amendments, " + result.get("corrected").asInt()
                + " corrections and " + result.get("notices").asInt() + " notices, of "
                + result.get("entries").asInt() + " entries with " + result.get("citations").asInt()
                + " citations; " + result.get("recordedBefore").asInt() + " citations were recorded before");
        result.get("undated").forEach(each -> out.println("  no day is told: " + each.asString()));
        result.get("leftAlone").forEach(each -> out.println("  left alone, other actions are recorded: "
                + each.asString()));
        return 0;
    }

    /** Strictly UTF-8: what another encoding spells would be recorded wrongly. */
    private String text(Path file) throws IOException {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new ParameterException(spec.commandLine(), "file " + file + " cannot be read: check the path");
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
        } catch (CharacterCodingException notUtf8) {
            throw new ParameterException(spec.commandLine(),
                    "file " + file + " is not UTF-8 text: unpack it, or retrieve it again unconverted", notUtf8);
        }
    }
}
