package org.policyledger.api.cli;

import picocli.CommandLine.Option;

/** Where on the recorded axis an answer is asked for; empty for now. */
class KnownOption {

    @Option(names = "--as-known-at", description = "What was known at an instant, or at a position such as position:42 (default: now).")
    String asKnownAt = "";
}
