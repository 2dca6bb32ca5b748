package org.policyledger.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.policyledger.api.Document.Output;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Compares what documentation shows with what came. A {@code …} stands for anything: in text for a part of a line or, alone, for
 * any lines; in JSON for any value, as a field's name for any other fields, as an array's element for any other elements.
 */
final class Shown {

    private static final String ANYTHING = "…";
    private static final JsonMapper JSON = JsonMapper.shared();

    private Shown() {}

    /** What differs; empty when nothing does. */
    static List<String> differences(Output shown, String came) {
        return switch (shown.kind()) {
            case "json" -> json(shown.text(), came);
            case "http" -> http(shown.text(), came);
            case "text" -> text(shown.text(), came);
            default -> List.of("a block of " + shown.kind() + " cannot be compared: use json, http or text");
        };
    }

    private static List<String> text(String shown, String came) {
        String lines = came.lines().map(String::stripTrailing).collect(Collectors.joining("\n")) + "\n";
        StringBuilder pattern = new StringBuilder();
        shown.lines().map(String::stripTrailing).forEach(line -> pattern.append(line.equals(ANYTHING)
                ? "(?:[^\\n]*\\n)*?"
                : quoted(line) + "\\n"));
        return Pattern.matches(pattern.toString(), lines) ? List.of() : List.of("it is\n" + lines);
    }

    private static String quoted(String line) {
        List<String> parts = List.of(line.split(ANYTHING, -1));
        return parts.stream().map(Pattern::quote).collect(Collectors.joining("[^\\n]*"));
    }

    private static List<String> http(String shown, String came) {
        List<String> differences = new ArrayList<>();
        String[] expected = shown.split("\n\n", 2);
        String[] actual = came.replace("\r\n", "\n").split("\n\n", 2);
        List<String> head = actual[0].lines().map(String::stripTrailing).toList();
        expected[0].lines().map(String::stripTrailing).filter(
                line -> head.stream().noneMatch(there -> Pattern.compile(quoted(line), Pattern.CASE_INSENSITIVE)
                        .matcher(there).matches()))
                .forEach(line -> differences.add("the head lacks '" + line + "', it is\n" + actual[0]));
        differences.addAll(json(expected[1], actual.length == 2 ? actual[1] : ""));
        return differences;
    }

    private static List<String> json(String shown, String came) {
        List<String> differences = new ArrayList<>();
        try {
            compare("", JSON.readTree(shown), JSON.readTree(came), differences);
        } catch (JacksonException unreadable) {
            differences.add(unreadable.getOriginalMessage() + " in\n" + came);
        }
        return differences;
    }

    static void compare(String at, JsonNode shown, JsonNode came, List<String> differences) {
        if (shown.isString() && shown.asString().equals(ANYTHING)) {
            return;
        }
        if (shown.isObject() && came.isObject()) {
            boolean more = shown.has(ANYTHING);
            for (Map.Entry<String, JsonNode> field : shown.properties()) {
                if (!field.getKey().equals(ANYTHING)) {
                    JsonNode there = came.path(field.getKey());
                    if (there.isMissingNode()) {
                        differences.add(at + "/" + field.getKey() + " is not there");
                    } else {
                        compare(at + "/" + field.getKey(), field.getValue(), there, differences);
                    }
                }
            }
            came.propertyNames().stream().filter(name -> !more && !shown.has(name))
                    .forEach(name -> differences.add(at + "/" + name + " is not shown: " + came.get(name)));
        } else if (shown.isArray() && came.isArray()) {
            boolean more = !shown.isEmpty() && shown.get(shown.size() - 1).asString("").equals(ANYTHING);
            int compared = more ? shown.size() - 1 : shown.size();
            if (more ? came.size() < compared : came.size() != compared) {
                differences.add(at + " has " + came.size() + " elements, not " + compared);
                return;
            }
            for (int i = 0; i < compared; i++) {
                compare(at + "/" + i, shown.get(i), came.get(i), differences);
            }
        } else if (shown.isString() && came.isString() && shown.asString().contains(ANYTHING)) {
            if (!Pattern.matches(quoted(shown.asString()), came.asString())) {
                differences.add(at + " is " + came);
            }
        } else if (!shown.equals(came)) {
            differences.add(at + " is " + came + ", not " + shown);
        }
    }
}
