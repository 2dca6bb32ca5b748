package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code ledger lists}: every list with its figures. */
@Command(name = "lists", mixinStandardHelpOptions = true, description = "Tells every list with the entries on it on a day.")
final class ListsCommand implements Callable<Integer> {

    @Option(names = "--as-of", description = "The day (default: today in UTC).")
    private String asOf = "";

    @Option(names = "--as-known-at", description = "What was known at an instant, or at a position such as position:42 (default: now).")
    private String asKnownAt = "";

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        JsonNode answer = service.client().get(Client.path("/v1/lists", Map.of("asOf", asOf, "asKnownAt", asKnownAt)),
                "lists");
        PrintWriter out = spec.commandLine().getOut();
        if (service.json()) {
            out.println(answer);
            return 0;
        }
        out.println("as of " + answer.get("asOf").asString() + ", as known at position "
                + answer.get("position").asLong());
        answer.get("lists").forEach(list -> out.println("  " + list.get("listId").asString() + ": "
                + list.at("/details/name").asString() + ", " + list.at("/details/authority").asString() + "; "
                + list.get("entries").asLong() + " entries, " + list.get("actions").asLong() + " actions"
                + RowsOption.labelled(", latest snapshot ", list.at("/latestSnapshot/snapshot/snapshotDate"))));
        return 0;
    }
}
