package org.policyledger.api.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
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
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final String ID = "id: ";
    private static final String DATA = "data: ";

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

    @Option(names = "--follow", description = "Goes on with the events that are yet to come, until it is stopped (Ctrl-C).")
    private boolean follow;

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        Client client = service.client();
        PrintWriter out = spec.commandLine().getOut();
        Map<String, String> question = new HashMap<>(Map.of("through", through, "type", type, "entityId", entityId,
                "listId", listId, "dossier", dossier, "actor", actor));
        if (follow) {
            follow(client, Client.path("/v1/events", question), out);
        }
        question.put("limit", Integer.toString(PAGE));
        List<String> page;
        do {
            question.put("after", Long.toString(after));
            page = client.lines(Client.path("/v1/events", question));
            for (String line : page) {
                after = position(LedgerJson.MAPPER.readTree(line));
                print(line, out);
            }
        } while (page.size() == PAGE);
        return 0;
    }

    /** Prints events as they come, by however many connections: each begins after the last event of the one before. */
    private void follow(Client client, String path, PrintWriter out)
            throws IOException, InterruptedException, Client.RefusedByService {
        BufferedReader stream = client.live(path, after);
        while (true) {
            printAll(stream, out);
            spec.commandLine().getErr().println("ledger: the live stream of " + client.url()
                    + " ended; it goes on after position " + after + " when the service answers again");
            spec.commandLine().getErr().flush();
            stream = again(client, path);
        }
    }

    private BufferedReader again(Client client, String path) throws InterruptedException, Client.RefusedByService {
        while (true) {
            Thread.sleep(PAUSE);
            try {
                return client.live(path, after);
            } catch (IOException away) {
                // it may be back soon
            } catch (Client.RefusedByService refused) {
                if (!refused.isForNow()) {
                    throw refused;
                }
            }
        }
    }

    /** What was cut off in the middle is not printed: a block is whole when an empty line follows. */
    private void printAll(BufferedReader stream, PrintWriter out) {
        try (stream) {
            String event = "";
            long position = after;
            for (String line = stream.readLine(); line != null; line = stream.readLine()) {
                if (line.startsWith(ID)) {
                    position = Long.parseLong(line.substring(ID.length()));
                } else if (line.startsWith(DATA)) {
                    event = line.substring(DATA.length());
                } else if (line.isEmpty()) {
                    if (!event.isEmpty()) {
                        print(event, out);
                        out.flush();
                    }
                    event = "";
                    after = position;
                }
            }
        } catch (IOException brokeOff) {
            // as at its end
        }
    }

    private void print(String line, PrintWriter out) {
        out.println(service.json() ? line : told(LedgerJson.MAPPER.readTree(line)));
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
