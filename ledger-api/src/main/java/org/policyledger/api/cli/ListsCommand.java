package org.policyledger.api.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ledger lists}: every list with its figures. */
@Command(name = "lists", mixinStandardHelpOptions = true, description = "Tells every list with the entries on it on a day.")
final class ListsCommand implements Callable<Integer> {

    @Mixin
    private AtOption at = new AtOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        return service.print(Client.path("/v1/lists", Map.of("asOf", at.asOf, "asKnownAt", at.asKnownAt)),
                "lists", (answer, out) -> {
                    out.println("as of " + answer.get("asOf").asString() + ", as known at position "
                            + answer.get("position").asLong());
                    answer.get("lists").forEach(list -> out.println("  " + list.get("listId").asString() + ": "
                            + list.at("/details/name").asString() + ", " + list.at("/details/authority").asString()
                            + "; "
                            + list.get("entries").asLong() + " entries, " + list.get("actions").asLong() + " actions"
                            + RowsOption.labelled(", latest snapshot ",
                                    list.at("/latestSnapshot/snapshot/snapshotDate"))));
                });
    }
}
