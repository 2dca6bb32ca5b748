package org.policyledger.api.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ledger commitments}: the commitments made by a day, and how they stand. */
@Command(name = "commitments", mixinStandardHelpOptions = true, description = "Tells which commitments were made by a day, and how they stand.")
final class CommitmentsCommand implements Callable<Integer> {

    @Option(names = "--state", description = "Only those that are OPEN, or CLOSED.")
    private String state = "";

    @Option(names = "--dossier", description = "Only those of this dossier.")
    private String dossier = "";

    @Option(names = "--overdue", description = "Only those whose day has gone by unfulfilled.")
    private boolean overdue;

    @Option(names = "--review-due-by", description = "Only those whose next review is set for this day or an earlier one.")
    private String reviewDueBy = "";

    @Mixin
    private AtOption at = new AtOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        String path = Client.path("/v1/commitments", Map.of("state", state, "dossier", dossier, "overdue",
                overdue ? "true" : "", "reviewDueBy", reviewDueBy, "asOf", at.asOf, "asKnownAt", at.asKnownAt, "limit",
                "1000"));
        return service.printPages(path, "commitments", (page, out) -> {
            out.println("as of " + page.get("asOf").asString() + ", as known at position "
                    + page.get("position").asLong());
        }, (page, out) -> {
            page.get("commitments").forEach(view -> out.println("  " + CommitmentCommand.describe(view)));
        });
    }
}
