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

/** {@code ledger timeline}: from which day to which an entity stood how on each list. */
@Command(name = "timeline", mixinStandardHelpOptions = true, description = "Tells from which day to which an entity stood how on its lists.")
final class TimelineCommand implements Callable<Integer> {

    @Parameters(paramLabel = "ENTITY", description = "The entity's id.")
    private String entityId = "";

    @Option(names = "--list", description = "Only this list.")
    private String listId = "";

    @Mixin
    private KnownOption at = new KnownOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        return service.print(Client.path("/v1/entities/" + Client.encode(entityId) + "/timeline",
                Map.of("listId", listId, "asKnownAt", at.asKnownAt)),
                "lists", (answer, out) -> {
                    out.println(entityId + " as known at position " + answer.get("position").asLong());
                    answer.get("lists").properties().forEach(list -> {
                        out.println("  " + list.getKey());
                        list.getValue().forEach(period -> print(period, out));
                    });
                });
    }

    private static void print(JsonNode period, PrintWriter out) {
        out.println("    from " + period.get("from").asString() + RowsOption.labelled(" to ", period.path("to")) + ": "
                + period.get("state").asString().toLowerCase(Locale.ROOT).replace('_', ' ')
                + RowsOption.labelled(", cause ", period.path("cause"))
                + RowsOption.labelled(", by ", period.at("/decidedBy/circumstances/notice/reference")));
    }
}
