package org.policyledger.api.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The remarks of an entry: the source's own first, then, a line each, what the source tells in fields that an entry has no
 * place of its own for, after a label that says which field it was.
 */
final class Remarks {

    private final List<String> lines = new ArrayList<>();

    /** The source's own remarks, verbatim; blank ones are none. */
    Remarks own(String text) {
        if (!text.isBlank()) {
            lines.add(text);
        }
        return this;
    }

    /** One field; a blank one is none. */
    Remarks line(String label, String value) {
        if (!value.isBlank()) {
            lines.add(label + ": " + value);
        }
        return this;
    }

    Optional<String> text() {
        return lines.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", lines));
    }
}
