package org.policyledger.api.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code ledger links}: every link and unlinking of an entity, in recorded order. */
@Command(name = "links", mixinStandardHelpOptions = true, description = "Tells every link and unlinking of an entity, in recorded order.")
final class LinksCommand implements Callable<Integer> {

    @Parameters(paramLabel = "ENTITY", description = "The entity's id.")
    private String entityId = "";

    @Mixin
    private KnownOption at = new KnownOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        return service.print(
                Client.path("/v1/entities/" + Client.encode(entityId) + "/links", Map.of("asKnownAt", at.asKnownAt)),
                "links", (answer, out) -> {
                    answer.get("links").forEach(link -> {
                        out.println("position " + link.get("position").asLong() + "  recorded "
                                + link.get("recordedAt").asString() + "  " + describe(link));
                        out.println("  action " + link.get("actionId").asString()
                                + (link.has("unlinkedBy") ? "  unlinked by " + link.get("unlinkedBy").asString() : ""));
                        link.get("evidence")
                                .forEach(notice -> out.println("  evidence: " + notice.get("publisher").asString()
                                        + ", " + notice.get("reference").asString()));
                    });
                });
    }

    /** One line that says who found what about which two entities, and why. */
    static String describe(JsonNode link) {
        return link.get("entityIds").get(0).asString() + " and " + link.get("entityIds").get(1).asString()
                + (link.get("type").asString().equals("EntitiesLinked") ? " linked by " : " unlinked by ")
                + link.get("actor").asString() + ": " + link.get("reason").asString();
    }
}
