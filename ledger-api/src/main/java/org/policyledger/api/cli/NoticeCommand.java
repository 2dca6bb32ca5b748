package org.policyledger.api.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code ledger notice}: a notice with all actions that cite it. */
@Command(name = "notice", mixinStandardHelpOptions = true, description = "Tells a notice with all actions that cite it.")
final class NoticeCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NOTICE", description = "The notice's id, such as federal-register:88-FR-80131.")
    private String noticeId = "";

    @Mixin
    private KnownOption at = new KnownOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        String path = Client.path("/v1/notices/" + Client.encode(noticeId),
                Map.of("asKnownAt", at.asKnownAt, "limit", service.json() ? "" : "1000"));
        return service.printPages(path, "notice", (page, out) -> {
            out.println(describe(page.get("notice")) + ", as known at position " + page.get("position").asLong());
            JsonNode summary = page.at("/notice/content/summary");
            if (!summary.isMissingNode()) {
                out.println("  " + summary.asString());
            }
        }, (page, out) -> {
            page.get("actions").forEach(action -> out.println("  " + action(action)));
        });
    }

    /** A notice in one line. */
    static String describe(JsonNode view) {
        JsonNode notice = view.get("notice");
        return notice.get("publisher").asString() + " " + notice.get("reference").asString() + ", "
                + (notice.has("publishedOn")
                        ? "published " + notice.get("publishedOn").asString()
                        : "day of publication not told")
                + (notice.has("title") ? ", \"" + notice.get("title").asString() + "\"" : "") + ": cited by "
                + view.get("citations").asLong() + (view.get("recorded").asBoolean() ? "" : ", not recorded by itself");
    }

    private static String action(JsonNode action) {
        return (action.has("effectiveDate") ? action.get("effectiveDate").asString() : "          ") + "  "
                + action.get("type").asString() + " " + action.get("entityId").asString() + " on "
                + action.get("listId").asString() + (action.has("correctedBy") ? ", corrected" : "")
                + (action.has("voidedBy") ? ", voided" : "");
    }
}
