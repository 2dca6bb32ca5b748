package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code ledger history}: everything recorded about an entity, in recorded order. */
@Command(name = "history", mixinStandardHelpOptions = true, description = "Tells everything recorded about an entity, in recorded order.")
final class HistoryCommand implements Callable<Integer> {

    @Parameters(paramLabel = "ENTITY", description = "The entity's id.")
    private String entityId = "";

    @Mixin
    private KnownOption at = new KnownOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        return service.print(
                Client.path("/v1/entities/" + Client.encode(entityId) + "/history", Map.of("asKnownAt", at.asKnownAt)),
                "actions", (answer, out) -> {
                    answer.get("actions").forEach(action -> print(action, out));
                });
    }

    private static void print(JsonNode action, PrintWriter out) {
        out.println("position " + action.get("position").asLong() + "  recorded " + action.get("recordedAt").asString()
                + "  "
                + action.get("type").asString()
                + (action.has("listId") ? " on " + action.get("listId").asString() : "")
                + (action.has("effectiveDate") ? "  effective " + action.get("effectiveDate").asString() : "") + "  by "
                + action.get("actor").asString());
        out.println("  action " + action.get("actionId").asString()
                + (action.has("corrects") ? "  corrects " + action.get("corrects").asString() : "")
                + (action.has("voids") ? "  voids " + action.get("voids").asString() : "")
                + (action.has("voidedBy") ? "  voided by " + action.get("voidedBy").asString() : ""));
        if (action.get("event").has("statement")) {
            out.println("  " + CommitmentCommand.statement(action.get("event").get("statement")));
        }
        action.get("correctedBy").forEach(by -> out.println("  corrected by " + by.asString()));
        action.get("changes").forEach(change -> out.println("  " + change.get("field").asString() + ": "
                + change.path("before") + " -> " + change.path("after")));
    }
}
