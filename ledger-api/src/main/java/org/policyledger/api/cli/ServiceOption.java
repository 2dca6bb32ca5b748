package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.function.BiConsumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Where the service is that a command talks to. */
final class ServiceOption {

    @Option(names = "--url", description = "The service's address (default: ${DEFAULT-VALUE}; environment: LEDGER_URL).", defaultValue = "${env:LEDGER_URL:-http://127.0.0.1:8080}")
    private String url = "";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Print the service's answer as it is.")
    private boolean json;

    /** The service at the address given; an address that cannot be one is a fault of the command line. */
    Client client() {
        try {
            URI address = new URI(url);
            if (("http".equals(address.getScheme()) || "https".equals(address.getScheme()))
                    && address.getHost() != null) {
                return new Client(url);
            }
        } catch (URISyntaxException notAnAddress) {
            // falls through to the one refusal below
        }
        throw new ParameterException(spec.commandLine(),
                "--url '" + url + "' is not the address of a service: use one such as http://127.0.0.1:8080");
    }

    /** Asks and prints an answer that comes as a whole: told in words, or with --json as it is. */
    int print(String path, String member, BiConsumer<JsonNode, PrintWriter> tell)
            throws IOException, InterruptedException, Client.RefusedByService {
        return printPages(path, member, tell, (page, out) -> {});
    }

    /**
     * The same of an answer that comes in pages: in words all of them, after what is told of the first; with --json the first.
     *
     * @param path with a query
     */
    int printPages(String path, String member, BiConsumer<JsonNode, PrintWriter> head,
            BiConsumer<JsonNode, PrintWriter> tell) throws IOException, InterruptedException, Client.RefusedByService {
        Client client = client();
        PrintWriter out = spec.commandLine().getOut();
        JsonNode page = client.get(path, member);
        if (json) {
            out.println(page);
            return 0;
        }
        head.accept(page, out);
        tell.accept(page, out);
        while (page.has("cursor")) {
            page = client.get(path + "&cursor=" + page.get("cursor").asString(), member);
            tell.accept(page, out);
        }
        return 0;
    }

    /** Whether the answer is to be printed as it is. */
    boolean json() {
        return json;
    }
}
