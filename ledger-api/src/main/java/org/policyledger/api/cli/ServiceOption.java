package org.policyledger.api.cli;

import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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

    /** Whether the answer is to be printed as it is. */
    boolean json() {
        return json;
    }
}
