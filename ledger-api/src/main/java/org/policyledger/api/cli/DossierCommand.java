package org.policyledger.api.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code ledger dossier}: an affair as a chronology. */
@Command(name = "dossier", mixinStandardHelpOptions = true, description = "Tells an affair as a chronology: actions, commitments, findings and statements.")
final class DossierCommand implements Callable<Integer> {

    @Parameters(paramLabel = "DOSSIER", description = "The label of the affair.")
    private String dossier = "";

    @Mixin
    private AtOption at = new AtOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        String path = Client.path("/v1/dossiers/" + Client.encode(dossier),
                Map.of("asOf", at.asOf, "asKnownAt", at.asKnownAt, "limit", "1000"));
        return service.printPages(path, "chronology", (page, out) -> {
            out.println(dossier + " as of " + page.get("asOf").asString() + ", as known at position "
                    + page.get("position").asLong());
        }, (page, out) -> {
            page.get("chronology").forEach(item -> out.println("  " + describe(item)));
            page.get("entities").forEach(entity -> entity.get("lists").forEach(status -> out.println(
                    "  " + entity.get("entityId").asString() + " on " + StatusCommand.describe(status))));
            page.get("commitments").forEach(view -> out.println("  " + CommitmentCommand.describe(view)));
        });
    }

    /** One thing that happened, in one line. */
    static String describe(JsonNode item) {
        JsonNode event = item.get("event");
        return switch (item.get("type").asString()) {
            case "StatementRecorded" -> CommitmentCommand.statement(event.get("statement"));
            case "CommitmentAssessed" -> CommitmentCommand.finding(event.get("assessment"));
            case "CommitmentRecorded" -> item.get("date").asString() + "  " + event.at("/commitment/by").asString()
                    + " undertook to " + event.at("/commitment/to").asString() + ": "
                    + event.at("/commitment/text").asString();
            case "CommitmentClosed" -> item.get("date").asString() + "  "
                    + item.get("commitmentId").asString() + " closed: "
                    + CommitmentCommand.words(event.at("/closure/outcome"));
            default -> item.get("date").asString() + "  " + item.get("type").asString() + " "
                    + item.get("entityId").asString() + " on " + item.get("listId").asString()
                    + (event.at("/circumstances/notice").has("reference")
                            ? ", by " + event.at("/circumstances/notice/reference").asString()
                            : "");
        };
    }
}
