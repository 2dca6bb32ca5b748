package org.policyledger.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * One field that differs between two states of a value.
 *
 * @param field a JSON pointer (RFC 6901) into the value
 * @param before what the field was, absent where it was not there
 * @param after what the field is, absent where it is no longer there
 */
public record FieldChange(String field, Optional<JsonNode> before, Optional<JsonNode> after) {

    /** The fields that differ, in alphabetical order; a list is one field, compared as a whole. */
    public static List<FieldChange> between(Object before, Object after) {
        if (before.equals(after)) {
            return List.of();
        }
        List<FieldChange> changes = new ArrayList<>();
        compare("", LedgerJson.MAPPER.valueToTree(before), LedgerJson.MAPPER.valueToTree(after), changes);
        return List.copyOf(changes);
    }

    private static void compare(String pointer, JsonNode before, JsonNode after, List<FieldChange> changes) {
        if (before.isObject() && after.isObject()) {
            TreeSet<String> names = new TreeSet<>(before.propertyNames());
            names.addAll(after.propertyNames());
            for (String name : names) {
                compare(pointer + "/" + name, before.path(name), after.path(name), changes);
            }
        } else if (!before.equals(after)) {
            changes.add(new FieldChange(pointer, present(before), present(after)));
        }
    }

    private static Optional<JsonNode> present(JsonNode node) {
        return node.isMissingNode() ? Optional.empty() : Optional.of(node);
    }
}
