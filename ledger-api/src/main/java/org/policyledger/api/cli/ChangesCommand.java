package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code ledger changes}: what differs on a list between two days. */
@Command(name = "changes", mixinStandardHelpOptions = true, description = "Tells what differs on a list between two days.")
final class ChangesCommand implements Callable<Integer> {

    @Parameters(paramLabel = "LIST", description = "The list's id.")
    private String listId = "";

    @Option(names = "--from", required = true, description = "The earlier day.")
    private String from = "";

    @Option(names = "--to", required = true, description = "The later day.")
    private String to = "";

    @Mixin
    private KnownOption at = new KnownOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Mixin
    private RowsOption rows = new RowsOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        return rows.print(service,
                Client.path("/v1/lists/" + Client.encode(listId) + "/changes",
                        Map.of("from", from, "to", to, "asKnownAt", at.asKnownAt)),
                answer -> listId + " from " + from + " to " + to + ", as known at position " + answer.position(),
                ChangesCommand::print);
    }

    private static void print(JsonNode change, PrintWriter out) {
        JsonNode action = change.get("decidedBy");
        out.println("  " + change.get("entityId").asString() + ": "
                + change.get("change").asString().toLowerCase(Locale.ROOT) + ", " + RowsOption.name(change)
                + "; by " + action.get("type").asString() + " effective " + action.get("effectiveDate").asString()
                + RowsOption.labelled(", ", action.at("/circumstances/notice/reference")));
        RowsOption.fields(change, out);
    }
}
