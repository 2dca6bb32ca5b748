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

/** {@code ledger revisions}: what differs in our view of one day between two points of the recorded axis. */
@Command(name = "revisions", mixinStandardHelpOptions = true, description = "Tells what differs in our view of a list on one day between two times of knowledge, and why.")
final class RevisionsCommand implements Callable<Integer> {

    @Parameters(paramLabel = "LIST", description = "The list's id.")
    private String listId = "";

    @Option(names = "--as-of", description = "The day (default: today in UTC).")
    private String asOf = "";

    @Option(names = "--known-from", required = true, description = "The earlier view: an instant, or a position such as position:42.")
    private String knownFrom = "";

    @Option(names = "--known-to", description = "The later view: an instant or a position (default: now).")
    private String knownTo = "";

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Mixin
    private RowsOption rows = new RowsOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        return rows.print(service,
                Client.path("/v1/lists/" + Client.encode(listId) + "/revisions",
                        Map.of("asOf", asOf, "knownFrom", knownFrom, "knownTo", knownTo)),
                answer -> listId + " as of " + answer.asOf() + ", as known at position " + answer.knownFrom()
                        + " and at position " + answer.position(),
                RevisionsCommand::print);
    }

    private static void print(JsonNode revision, PrintWriter out) {
        out.println("  " + revision.get("entityId").asString() + ": "
                + revision.get("change").asString().toLowerCase(Locale.ROOT) + ", " + RowsOption.name(revision));
        RowsOption.fields(revision, out);
        revision.get("origins").forEach(origin -> out.println("    " + origin.get("kind").asString() + " at position "
                + origin.get("position").asLong() + ", recorded " + origin.get("recordedAt").asString() + ": "
                + origin.get("type").asString()
                + RowsOption.labelled(" effective ", origin.path("effectiveDate"))
                + RowsOption.labelled(", corrects ", origin.path("corrects"))
                + RowsOption.labelled(", voids ", origin.path("voids"))
                + RowsOption.labelled(", ", origin.at("/circumstances/notice/reference"))));
    }
}
