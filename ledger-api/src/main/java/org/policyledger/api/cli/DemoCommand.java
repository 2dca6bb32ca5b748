package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.policyledger.api.snapshot.Samples;
import org.policyledger.api.snapshot.Samples.Sample;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/**
 * {@code ledger demo}: starts the service, loads the shipped samples through its HTTP interface, asks it a handful of
 * questions and leaves it running. Every write has an idempotency key of its own, so a second run records nothing twice.
 */
@Command(name = "demo", mixinStandardHelpOptions = true, description = "Starts the service, loads the shipped samples, prints questions with their answers, and leaves it running.")
final class DemoCommand implements Callable<Integer> {

    private static final String SDN = "us-ofac-sdn";
    private static final String ENTITY_LIST = "us-bis-entity-list";
    private static final String IFS = "cn-mps-ifs";
    private static final String DOSSIER = "ifs";

    @Mixin
    private ServeCommand.Settings settings = new ServeCommand.Settings();

    @Option(names = "--exit", description = "Stop the service after the answers.")
    private boolean exit;

    @Option(names = "--snapshots", defaultValue = "12", description = "How many of the 100 shipped OFAC snapshots to load, evenly spread (default: ${DEFAULT-VALUE}).")
    private int snapshots;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private record Span(LocalDate first, LocalDate last) {}

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        if (snapshots < 2 || snapshots > 100) {
            throw new ParameterException(spec.commandLine(),
                    "--snapshots " + snapshots + " is out of range: use 2 to 100");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (ConfigurableApplicationContext service = ServeCommand.start(settings)) {
            Client client = new Client(ServeCommand.url(service));
            say(out, "The ledger listens on " + client.url() + "/");
            Span span = load(client, out);
            ask(client, span, out);
            say(out, "");
            if (!exit) {
                say(out, "The service goes on running at " + client.url() + "/ with its API guide at " + client.url()
                        + "/swagger-ui.html (Ctrl-C stops it).");
                Thread.currentThread().join();
            }
        }
        return 0;
    }

    private Span load(Client client, PrintWriter out)
            throws IOException, InterruptedException, Client.RefusedByService {
        say(out, "\nLoading the reference case: China's Institute of Forensic Science on the US Entity List");
        client.post("/v1/lists", "application/json", bytes(Samples.entityListRegistration()),
                "demo-list-" + ENTITY_LIST);
        client.post("/v1/lists", "application/json", bytes(Samples.sdnListRegistration()), "demo-list-" + SDN);
        client.post("/v1/actions/batch", "application/x-ndjson", bytes(Samples.referenceCase()), "demo-reference-case");

        client.post("/v1/actions/batch?atomic=true", "application/x-ndjson",
                bytes(Samples.referenceCommitment(removal(client).get("actionId").asString())),
                "demo-reference-commitment");

        say(out, "Loading the Entity List of " + Samples.ENTITY_LIST_DATE);
        say(out, "  " + snapshot(client, ENTITY_LIST, "bis-entity-list-json", Samples.ENTITY_LIST_DATE,
                Samples.entityList(), "demo-entity-list"));

        say(out, "Loading " + snapshots + " of " + Samples.index().size() + " snapshots of OFAC's SDN list");
        int of = Samples.index().size();
        List<LocalDate> dates = new ArrayList<>();
        int[] seen = {0};
        Samples.eachSdnSnapshot(sample -> {
            int number = seen[0]++;
            // Evenly spread, the first and the last among them.
            boolean taken = number * (snapshots - 1L) / (of - 1) != (number - 1L) * (snapshots - 1L) / (of - 1)
                    || number == 0;
            if (taken) {
                dates.add(sample.snapshotDate());
                say(out, "  %3d of %d: %s".formatted(dates.size(), snapshots, sdn(client, sample)));
            }
        });
        return new Span(dates.getFirst(), dates.getLast());
    }

    /** The removal of the reference case, as its history tells it. */
    private static JsonNode removal(Client client)
            throws IOException, InterruptedException, Client.RefusedByService {
        for (JsonNode action : client.get("/v1/entities/" + IFS + "/history", "actions").get("actions")) {
            if (action.get("type").asString().equals("EntityDelisted")) {
                return action;
            }
        }
        throw new IllegalStateException("the reference case has no removal");
    }

    private static String sdn(Client client, Sample sample) {
        try {
            return snapshot(client, SDN, "ofac-sdn-csv", sample.snapshotDate(), sample.content(),
                    "demo-" + sample.fileName());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (Client.RefusedByService e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static String snapshot(Client client, String list, String format, LocalDate date, byte[] file, String key)
            throws IOException, InterruptedException, Client.RefusedByService {
        return ImportCommand.summary(client.post(Client.path("/v1/lists/" + list + "/snapshots",
                Map.of("format", format, "snapshotDate", date.toString(), "limit", "1")), "application/octet-stream",
                file, key));
    }

    private static void ask(Client client, Span span, PrintWriter out)
            throws IOException, InterruptedException, Client.RefusedByService {
        say(out, "\nQuestions and answers");
        status(client, out, "Before the listing took effect", "2020-06-04", "");
        status(client, out, "When it took effect (85 FR 34503)", "2020-06-05", "");
        status(client, out, "When its review policy was amended (85 FR 44159)", "2020-07-22", "");
        status(client, out, "The day before the removal", "2023-11-15", "");
        status(client, out, "When the removal took effect (88 FR 80131)", "2023-11-16", "");
        status(client, out, "The same day, as known before the removal was recorded", "2023-11-16",
                "position:" + (removal(client).get("position").asLong() - 1));
        String affair = "/v1/dossiers/" + DOSSIER;
        say(out, "\nQ: What was undertaken and said around the removal?");
        for (JsonNode item : client.get(affair, "chronology").get("chronology")) {
            say(out, "A: " + DossierCommand.describe(item));
        }
        say(out, "   $ curl '" + client.url() + affair + "'");
        say(out, "\nQ: What changed on " + SDN + " between " + span.first() + " and " + span.last() + "?");
        String path = Client.path("/v1/lists/" + SDN + "/changes",
                Map.of("from", span.first().toString(), "to", span.last().toString(), "limit", "1000"));
        int added = 0;
        int removed = 0;
        int amended = 0;
        String example = "";
        String cursor = "";
        do {
            JsonNode page = client.get(cursor.isEmpty() ? path : path + "&cursor=" + cursor, "changes");
            for (JsonNode change : page.get("changes")) {
                switch (change.get("change").asString()) {
                    case "ADDED" -> added++;
                    case "REMOVED" -> removed++;
                    default -> {
                        amended++;
                        example = example.isEmpty()
                                ? change.get("entityId").asString() + " (" + change.at("/after/subject/name").asString()
                                        + ") in " + change.at("/fields/0/field").asString()
                                : example;
                    }
                }
            }
            cursor = page.path("cursor").asString("");
        } while (!cursor.isEmpty());
        say(out, "A: " + added + " added, " + removed + " removed, " + amended + " amended, such as " + example);
        say(out, "   $ curl '" + client.url() + path.replace("limit=1000", "limit=5") + "'");
    }

    private static void status(Client client, PrintWriter out, String when, String asOf, String asKnownAt)
            throws IOException, InterruptedException, Client.RefusedByService {
        String path = Client.path("/v1/entities/" + IFS + "/status",
                Map.of("listId", ENTITY_LIST, "asOf", asOf, "asKnownAt", asKnownAt));
        say(out, "\nQ: " + when + ", " + asOf + (asKnownAt.isEmpty() ? "" : " at " + asKnownAt)
                + ": what is the status of " + IFS + "?");
        say(out, "A: " + StatusCommand.describe(client.get(path, "lists").get("lists").get(0)));
        say(out, "   $ curl '" + client.url() + path + "'");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void say(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }
}
