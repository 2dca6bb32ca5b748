package org.policyledger.api.cli;

import tools.jackson.databind.JsonNode;

/** The command line's one-line answer, for tests that hold documentation against it. */
public final class StatusLines {

    private StatusLines() {}

    public static String of(JsonNode status) {
        return StatusCommand.describe(status);
    }
}
