package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code ledger replay}: what follows from the events alone, held against what the reading says. */
@Command(name = "replay", mixinStandardHelpOptions = true, description = "Works out an entity's or a list's state from the events alone and compares the reading with it.", synopsisSubcommandLabel = "(entity | list)", exitCodeListHeading = "%nExit codes:%n", exitCodeList = {
        "0:they are equal", "1:they differ, or the service refused"})
final class ReplayCommand implements Runnable {

    /** What both kinds of replay take. */
    static final class At extends AtOption {
        @Mixin
        private ServiceOption service = new ServiceOption();
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(),
                "say what to replay: 'ledger replay entity ID' or 'ledger replay list ID'");
    }

    @Command(name = "entity", mixinStandardHelpOptions = true, description = "Replays one entity's record.")
    int entity(@Parameters(paramLabel = "ENTITY", description = "The entity's id.") String entityId, @Mixin At at)
            throws IOException, InterruptedException, Client.RefusedByService {
        JsonNode answer = ask("/v1/entities/", entityId, at);
        if (!at.service.json()) {
            PrintWriter out = head(entityId, answer);
            out.println("  " + answer.get("events").asLong() + " events replayed");
            answer.get("replayed").properties().forEach(listing -> out.println("  " + listing.getKey() + ": "
                    + CommitmentCommand.words(listing.getValue().get("state"))
                    + RowsOption.labelled(" since ", listing.getValue().path("since"))));
            tell(answer, answer.get("differences").size());
        }
        return exit(answer);
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Replays every listing on a list.")
    int list(@Parameters(paramLabel = "LIST", description = "The list's id.") String listId, @Mixin At at)
            throws IOException, InterruptedException, Client.RefusedByService {
        JsonNode answer = ask("/v1/lists/", listId, at);
        if (!at.service.json()) {
            PrintWriter out = head(listId, answer);
            for (String side : List.of("replayed", "reading")) {
                JsonNode figures = answer.get(side);
                out.println("  " + side + ": " + figures.get("entries").asLong() + " entries, "
                        + figures.get("entities").asLong() + " entities, " + figures.get("events").asLong()
                        + " events, sha256 " + figures.get("sha256").asString());
            }
            tell(answer, answer.get("differing").asLong());
        }
        return exit(answer);
    }

    private JsonNode ask(String kind, String id, At at)
            throws IOException, InterruptedException, Client.RefusedByService {
        JsonNode answer = at.service.client().get(Client.path(kind + Client.encode(id) + "/replay",
                Map.of("asOf", at.asOf, "asKnownAt", at.asKnownAt)), "equal");
        if (at.service.json()) {
            spec.commandLine().getOut().println(answer);
        }
        return answer;
    }

    private PrintWriter head(String id, JsonNode answer) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(id + " as of " + answer.get("asOf").asString() + ", as known at position "
                + answer.get("position").asLong());
        return out;
    }

    private void tell(JsonNode answer, long differing) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(answer.get("equal").asBoolean() ? "equal" : "DIFFERENT: " + differing + " periods");
        for (JsonNode difference : answer.get("differences")) {
            out.println("  " + difference.get("entityId").asString() + " on " + difference.get("listId").asString());
            for (String side : List.of("replayed", "reading")) {
                out.println("    " + side + ": "
                        + (difference.has(side) ? difference.get(side).toString() : "no such period"));
            }
        }
    }

    private static int exit(JsonNode answer) {
        return answer.get("equal").asBoolean() ? 0 : LedgerCommand.REFUSED;
    }
}
