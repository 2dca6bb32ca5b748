package org.policyledger.api.cli;

import picocli.CommandLine.Option;

/** Where the service is that a command talks to. */
final class ServiceOption {

    @Option(names = "--url", description = "The service's address (default: ${DEFAULT-VALUE}; environment: LEDGER_URL).", defaultValue = "${env:LEDGER_URL:-http://127.0.0.1:8080}")
    private String url = "";

    @Option(names = "--json", description = "Print the service's answer as it is.")
    private boolean json;

    Client client() {
        return new Client(url);
    }

    boolean json() {
        return json;
    }
}
