package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code ledger rebuild}: makes a reading anew beside the live one, and shows how it goes until it ends. */
@Command(name = "rebuild", mixinStandardHelpOptions = true, description = "Makes a reading anew beside the live one, compares the two and goes over to the new one.", exitCodeListHeading = "%nExit codes:%n", exitCodeList = {
        "0:done, or cancelled as asked",
        "1:they differ, it failed or was cancelled by another, or the service refused"})
final class RebuildCommand implements Callable<Integer> {

    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Set<String> RUNNING = Set.of("FILLING", "COMPARING", "SWITCHING");

    @Parameters(paramLabel = "NAME", description = "The reading, as 'ledger projections' names it.")
    private String name = "";

    @Option(names = "--switch-if-different", description = "Go over to the new one also if the live one differs from it.")
    private boolean switchIfDifferent;

    @Option(names = "--cancel", description = "Cancel the rebuild that is running; the live reading is untouched.")
    private boolean cancel;

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        String path = "/v1/projections/" + Client.encode(name) + "/rebuild";
        PrintWriter out = spec.commandLine().getOut();
        Client client = service.client();
        JsonNode answer;
        if (cancel) {
            answer = client.delete(path, "name");
            if (!answer.has("rebuild")) {
                out.println(service.json() ? answer.toString() : "no rebuild of " + name + " was started");
                return 0;
            }
        } else {
            answer = client.post(Client.path(path, Map.of("switchIfDifferent", Boolean.toString(switchIfDifferent))),
                    "application/json", new byte[0], "");
            String shown = "";
            while (RUNNING.contains(answer.at("/rebuild/state").asString())) {
                String line = describe(answer.get("rebuild"));
                if (!service.json() && !line.equals(shown)) {
                    out.println(line);
                    out.flush();
                }
                shown = line;
                Thread.sleep(LOOK);
                answer = client.get(path, "rebuild");
            }
        }
        tell(answer, out);
        String end = answer.at("/rebuild/state").asString();
        return end.equals("DONE") || (cancel && end.equals("CANCELLED")) ? 0 : LedgerCommand.REFUSED;
    }

    private void tell(JsonNode answer, PrintWriter out) {
        if (service.json()) {
            out.println(answer);
            return;
        }
        out.println(describe(answer.get("rebuild")));
        for (JsonNode difference : answer.at("/rebuild/comparison/differences")) {
            out.println("  " + difference.get("table").asString() + " at " + difference.get("at").asLong());
            out.println("    rebuilt: " + row(difference.path("rebuilt")));
            out.println("    live:    " + row(difference.path("live")));
        }
    }

    private static String row(JsonNode row) {
        return row.isMissingNode() ? "no such row" : row.toString();
    }

    /** One line that says how a rebuild stands. */
    static String describe(JsonNode rebuild) {
        StringBuilder line = new StringBuilder("rebuild of ").append(rebuild.get("name").asString()).append(": ")
                .append(CommitmentCommand.words(rebuild.get("state"))).append(", ")
                .append(rebuild.get("position").asLong() + 1).append(" of ").append(rebuild.get("head").asLong())
                .append(" events, ").append(Math.round(rebuild.get("eventsPerSecond").asDouble())).append("/s");
        if (rebuild.has("secondsLeft")) {
            line.append(", ").append(rebuild.get("secondsLeft").asLong()).append(" s left");
        }
        if (rebuild.has("comparison")) {
            JsonNode comparison = rebuild.get("comparison");
            line.append("; at position ").append(comparison.get("position").asLong()).append(" ")
                    .append(comparison.get("differing").asLong()).append(" rows differ");
        }
        line.append(RowsOption.labelled("; ", rebuild.path("reason")));
        return line.toString();
    }
}
