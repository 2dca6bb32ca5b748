package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code ledger entries}: a whole list as it stood on a day. */
@Command(name = "entries", mixinStandardHelpOptions = true, description = "Tells a whole list as it stood on a day.")
final class EntriesCommand implements Callable<Integer> {

    @Parameters(paramLabel = "LIST", description = "The list's id.")
    private String listId = "";

    @Mixin
    private AtOption at = new AtOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Mixin
    private RowsOption rows = new RowsOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        return rows.print(service,
                Client.path("/v1/lists/" + Client.encode(listId) + "/entries",
                        Map.of("asOf", at.asOf, "asKnownAt", at.asKnownAt)),
                answer -> listId + " as of " + answer.asOf() + ", as known at position " + answer.position(),
                EntriesCommand::print);
    }

    private static void print(JsonNode entry, PrintWriter out) {
        out.println("  " + entry.get("entityId").asString() + ": "
                + entry.get("state").asString().toLowerCase(Locale.ROOT) + " since " + entry.get("since").asString()
                + RowsOption.labelled(" until ", entry.path("until")) + ", "
                + entry.at("/entry/subject/name").asString());
    }
}
