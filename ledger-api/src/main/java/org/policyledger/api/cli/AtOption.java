package org.policyledger.api.cli;

import picocli.CommandLine.Option;

/** Where on both axes an answer is asked for; empty for today, and for now. */
class AtOption extends KnownOption {

    @Option(names = "--as-of", description = "The day (default: today in UTC).")
    String asOf = "";
}
