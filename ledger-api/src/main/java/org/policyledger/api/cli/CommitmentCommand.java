package org.policyledger.api.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code ledger commitment}: how a commitment stands on a day, with what was found and said about it. */
@Command(name = "commitment", mixinStandardHelpOptions = true, description = "Tells how a commitment stands on a day, with what was found and said about it.")
final class CommitmentCommand implements Callable<Integer> {

    @Parameters(paramLabel = "COMMITMENT", description = "The commitment's id.")
    private String commitmentId = "";

    @Mixin
    private AtOption at = new AtOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        return service.print(Client.path("/v1/commitments/" + Client.encode(commitmentId),
                Map.of("asOf", at.asOf, "asKnownAt", at.asKnownAt)),
                "commitment", (answer, out) -> {
                    JsonNode view = answer.get("commitment");
                    out.println(describe(view));
                    out.println("  made on " + view.at("/commitment/madeOn").asString() + ": "
                            + view.at("/commitment/text").asString());
                    answer.get("assessments").forEach(each -> out.println("  " + finding(each.get("assessment"))));
                    answer.get("statements").forEach(each -> out.println("  " + statement(each.get("statement"))));
                    if (view.has("closure")) {
                        out.println("  " + view.at("/closure/closure/closedOn").asString() + "  closed: "
                                + words(view.at("/closure/closure/outcome")));
                    }
                });
    }

    /** One line that says how a commitment stands. */
    static String describe(JsonNode view) {
        StringBuilder line = new StringBuilder(view.get("commitmentId").asString()).append(": ")
                .append(view.at("/commitment/by").asString()).append(" to ")
                .append(view.at("/commitment/to").asString()).append(", ").append(words(view.get("state")));
        if (view.at("/closure/closure").has("outcome")) {
            line.append(" (").append(words(view.at("/closure/closure/outcome"))).append(')');
        }
        if (view.get("overdue").asBoolean()) {
            line.append(", overdue since ").append(view.at("/commitment/dueOn").asString());
        }
        if (view.has("latestAssessment")) {
            line.append("; last found ").append(words(view.at("/latestAssessment/assessment/finding"))).append(" on ")
                    .append(view.at("/latestAssessment/assessment/assessedOn").asString());
        }
        if (view.has("reviewOn")) {
            line.append("; next review on ").append(view.get("reviewOn").asString());
        }
        return line.toString();
    }

    /** A finding in one line. */
    static String finding(JsonNode assessment) {
        return assessment.get("assessedOn").asString() + "  " + assessment.get("assessedBy").asString() + " found it "
                + words(assessment.get("finding"))
                + (assessment.has("text") ? ": " + assessment.get("text").asString() : "");
    }

    /** A statement in one line, attributed. */
    static String statement(JsonNode said) {
        String speaker = said.path("speaker").asString("");
        String organisation = said.path("organisation").asString("");
        return said.get("saidOn").asString() + "  " + speaker
                + (speaker.isEmpty() || organisation.isEmpty() ? "" : ", ") + organisation + " ("
                + said.get("stance").asString() + "): " + said.get("text").asString();
    }

    static String words(JsonNode name) {
        return name.asString().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
