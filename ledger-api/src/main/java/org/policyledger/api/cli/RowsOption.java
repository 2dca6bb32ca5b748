package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.policyledger.core.LedgerJson;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** How a command shows an answer in rows: told in words, as lines of JSON, or as a table. */
final class RowsOption {

    @Option(names = "--csv", description = "Print the service's answer as a table in CSV.")
    private boolean csv;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    /** Asks and prints while the answer comes; the head is told of what it reflects, before the rows. */
    int print(ServiceOption service, String path, Function<Client.Coming, String> head,
            BiConsumer<JsonNode, PrintWriter> row)
            throws IOException, InterruptedException, Client.RefusedByService {
        if (csv && service.json()) {
            throw new ParameterException(spec.commandLine(), "--csv and --json are two forms of one answer: give one");
        }
        Client client = service.client();
        PrintWriter out = spec.commandLine().getOut();
        try (Client.Coming answer = client.rows(path, csv ? "text/csv" : "application/x-ndjson")) {
            try {
                if (csv || service.json()) {
                    answer.body().transferTo(out);
                } else {
                    out.println(head.apply(answer));
                    tell(answer, row, out);
                }
            } catch (IOException broken) {
                throw client.brokeOff(broken);
            } finally {
                out.flush();
            }
        }
        return 0;
    }

    private static void tell(Client.Coming answer, BiConsumer<JsonNode, PrintWriter> row, PrintWriter out)
            throws IOException {
        long rows = 0;
        for (String line = answer.body().readLine(); line != null; line = answer.body().readLine()) {
            row.accept(LedgerJson.MAPPER.readTree(line), out);
            rows++;
        }
        out.println(rows + (rows == 1 ? " row" : " rows"));
    }

    /** The fields that differ, a line each. */
    static void fields(JsonNode row, PrintWriter out) {
        row.path("fields").forEach(change -> out.println("    " + change.get("field").asString() + ": "
                + change.path("before") + " -> " + change.path("after")));
    }

    /** A text after its label; nothing when there is no text. */
    static String labelled(String label, JsonNode text) {
        return text.isString() ? label + text.asString() : "";
    }

    /** The name of the entity a row is about, from what is known of it later or else earlier. */
    static String name(JsonNode row) {
        return row.has("after") ? row.at("/after/subject/name").asString() : row.at("/before/subject/name").asString();
    }
}
