package org.policyledger.api.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** {@code ledger projections}: how far the readings are, and what they consumed. */
@Command(name = "projections", mixinStandardHelpOptions = true, description = "Tells how far each reading is, whether it is being kept up, and whether what it consumed is what the log holds.")
final class ProjectionsCommand implements Callable<Integer> {

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        return service.print("/v1/projections",
                "projections", (answer, out) -> {
                    out.println(answer.get("head").asLong() + " events recorded");
                    for (JsonNode reading : answer.get("projections")) {
                        out.println("  " + reading.get("name").asString() + ": "
                                + CommitmentCommand.words(reading.get("state"))
                                + ", reflects position " + reading.get("position").asLong() + ", "
                                + reading.get("lag").asLong()
                                + " behind");
                        out.println("    consumed " + reading.at("/consumed/treeSize").asLong() + " events, root "
                                + reading.at("/consumed/rootHash").asString());
                        if (reading.has("compared")) {
                            JsonNode compared = reading.get("compared");
                            out.println("    " + (compared.get("agrees").asBoolean()
                                    ? "equal to the log's"
                                    : "NOT the log's, which is " + compared.get("logRootHash").asString())
                                    + " at position " + compared.get("position").asLong());
                        }
                        if (reading.has("rebuild")) {
                            out.println("    " + RebuildCommand.describe(reading.get("rebuild")));
                        }
                    }
                });
    }
}
