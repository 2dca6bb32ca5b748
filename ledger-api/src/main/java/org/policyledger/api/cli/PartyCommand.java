package org.policyledger.api.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ledger party}: how an entity and all that are linked with it stand on their lists on a day. */
@Command(name = "party", mixinStandardHelpOptions = true, description = "Tells how an entity and all that are linked with it stand on their lists on a day.")
final class PartyCommand implements Callable<Integer> {

    @Parameters(paramLabel = "ENTITY", description = "The entity's id.")
    private String entityId = "";

    @Mixin
    private AtOption at = new AtOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        return service.print(Client.path("/v1/entities/" + Client.encode(entityId) + "/party",
                Map.of("asOf", at.asOf, "asKnownAt", at.asKnownAt)),
                "members", (answer, out) -> {
                    out.println("party of " + entityId + " as of " + answer.get("asOf").asString()
                            + ", as known at position "
                            + answer.get("position").asLong());
                    answer.get("members").forEach(member -> {
                        out.println("  " + member.get("entityId").asString() + "  " + member.get("name").asString());
                        member.get("lists").forEach(status -> out.println("    " + StatusCommand.describe(status)));
                    });
                    answer.get("links").forEach(link -> out.println("  " + LinksCommand.describe(link)));
                });
    }
}
