package org.policyledger.api.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ledger notices}: the notices that are recorded or cited, by their day of publication. */
@Command(name = "notices", mixinStandardHelpOptions = true, description = "Tells which notices are recorded or cited, by their day of publication.")
final class NoticesCommand implements Callable<Integer> {

    @Option(names = "--from", description = "Only those published on this day or later.")
    private String from = "";

    @Option(names = "--to", description = "Only those published on this day or before.")
    private String to = "";

    @Option(names = "--publisher", description = "Only those of this publisher, such as \"Federal Register\".")
    private String publisher = "";

    @Mixin
    private KnownOption at = new KnownOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        String path = Client.path("/v1/notices", Map.of("from", from, "to", to, "publisher", publisher, "asKnownAt",
                at.asKnownAt, "limit", "1000"));
        return service.printPages(path, "notices", (page, out) -> {
            out.println("as known at position " + page.get("position").asLong());
        }, (page, out) -> {
            page.get("notices").forEach(view -> out
                    .println("  " + view.get("noticeId").asString() + "  " + NoticeCommand.describe(view)));
        });
    }
}
