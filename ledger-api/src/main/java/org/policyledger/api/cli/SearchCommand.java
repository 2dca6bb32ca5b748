package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code ledger search}: entities by name or alias, best first. */
@Command(name = "search", mixinStandardHelpOptions = true, description = "Finds entities by name or alias, best first.")
final class SearchCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NAME", description = "The name; case, accents, script, order of words and small misspellings do not matter.")
    private String name = "";

    @Option(names = "--list", description = "Only entities that are or were on this list.")
    private String listId = "";

    @Option(names = "--type", description = "Only entities of this type: PERSON, ORGANISATION, VESSEL, AIRCRAFT or ADDRESS.")
    private String type = "";

    @Option(names = "--country", description = "Only entities for which an entry names this country.")
    private String country = "";

    @Option(names = "--status", description = "Only entities that stand so on the day: LISTED, SUSPENDED or NOT_LISTED.")
    private String status = "";

    @Option(names = "--as-of", description = "The day of the status (default: today in UTC).")
    private String asOf = "";

    @Option(names = "--limit", description = "How many at most, 1 to 100 (default: 20).")
    private String limit = "";

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        return service.print(Client.path("/v1/entities", Map.of("name", name, "listId", listId,
                "type", type, "country", country, "status", status, "asOf", asOf, "limit", limit)),
                "hits", (answer, out) -> {
                    JsonNode hits = answer.get("hits");
                    out.println((hits.isEmpty()
                            ? "nothing found"
                            : hits.size() + " found" + (answer.get("more").asBoolean()
                                    ? ", and more"
                                    : ""))
                            + " as of " + answer.get("asOf").asString() + ", as known at position "
                            + answer.get("position").asLong());
                    hits.forEach(hit -> print(hit, out));
                });
    }

    private static void print(JsonNode hit, PrintWriter out) {
        String matched = hit.at("/matched/name").asString();
        String named = hit.get("name").asString();
        out.println(hit.get("entityId").asString() + "  " + named
                + (matched.equals(named) ? "" : "  (as " + matched + ")") + "  " + hit.get("score").asDouble());
        hit.get("lists").forEach(standing -> out.println("  " + StatusCommand.describe(standing)));
    }
}
