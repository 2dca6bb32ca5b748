package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.policyledger.core.LedgerJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code ledger events}: the recorded events themselves, by position. */
@Command(name = "events", mixinStandardHelpOptions = true, description = "Tells the recorded events themselves, by position. With --json each is printed byte for byte as it is stored and hashed, one a line.")
final class EventsCommand implements Callable<Integer> {

    private static final int PAGE = 1_000;

    @Option(names = "--after", description = "Only events after this position (default: all).")
    private long after = -1;

    @Option(names = "--through", description = "Only events up to and with this position (default: the last).")
    private String through = "";

    @Option(names = "--type", description = "Only events of this type, such as EntityDelisted.")
    private String type = "";

    @Option(names = "--entity", description = "Only events about this entity.")
    private String entityId = "";

    @Option(names = "--list", description = "Only events about this list.")
    private String listId = "";

    @Option(names = "--dossier", description = "Only events of this affair.")
    private String dossier = "";

    @Option(names = "--actor", description = "Only events recorded by this actor.")
    private String actor = "";

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        Client client = service.client();
        PrintWriter out = spec.commandLine().getOut();
        Map<String, String> question = new HashMap<>(Map.of("through", through, "type", type, "entityId", entityId,
                "listId", listId, "dossier", dossier, "actor", actor, "limit", Integer.toString(PAGE)));
        List<String> page;
        do {
            question.put("after", Long.toString(after));
            page = client.lines(Client.path("/v1/events", question));
            for (String line : page) {
                JsonNode event = LedgerJson.MAPPER.readTree(line);
                after = position(event);
                out.println(service.json() ? line : told(event));
            }
        } while (page.size() == PAGE);
        return 0;
    }

    private static long position(JsonNode event) {
        return Long.parseLong(event.get("position").asString());
    }

    private static String told(JsonNode event) {
        return "position " + position(event) + "  recorded " + event.get("time").asString() + "  "
                + event.get("type").asString() + " in " + event.get("subject").asString()
                + RowsOption.labelled("  effective ", event.path("effectivedate"))
                + RowsOption.labelled("  by ", event.path("actor"));
    }
}
