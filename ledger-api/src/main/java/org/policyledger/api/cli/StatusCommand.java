package org.policyledger.api.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code ledger status}: how an entity stands on its lists on a day. */
@Command(name = "status", mixinStandardHelpOptions = true, description = "Tells how an entity stands on its lists on a day.")
final class StatusCommand implements Callable<Integer> {

    @Parameters(paramLabel = "ENTITY", description = "The entity's id.")
    private String entityId = "";

    @Option(names = "--list", description = "Only this list.")
    private String listId = "";

    @Mixin
    private AtOption at = new AtOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        return service.print(Client.path("/v1/entities/" + Client.encode(entityId) + "/status",
                Map.of("listId", listId, "asOf", at.asOf, "asKnownAt", at.asKnownAt)),
                "lists", (answer, out) -> {
                    out.println(entityId + " as of " + answer.get("asOf").asString() + ", as known at position "
                            + answer.get("position").asLong());
                    answer.get("lists").forEach(status -> out.println("  " + describe(status)));
                });
    }

    /** One line that says how a listing stands, and why. */
    static String describe(JsonNode status) {
        StringBuilder line = new StringBuilder(status.get("listId").asString()).append(": ")
                .append(status.get("state").asString().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
        append(line, " since ", status.path("since"));
        append(line, " until ", status.path("until"));
        append(line, ", cause ", status.path("cause"));
        append(line, ", by ", status.path("decidedBy").path("circumstances").path("notice").path("reference"));
        append(line, "; review policy: ", status.path("entry").path("terms").path("licenseReviewPolicy"));
        append(line, "; next change on ", status.path("nextChange").path("on"));
        return line.toString();
    }

    private static void append(StringBuilder line, String label, JsonNode value) {
        if (value.isString()) {
            line.append(label).append(value.asString());
        }
    }
}
