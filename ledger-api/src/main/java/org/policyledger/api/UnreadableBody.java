package org.policyledger.api;

import java.lang.reflect.RecordComponent;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.policyledger.core.Check;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JacksonException.Reference;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Says of a body that cannot be read where it is at fault and what rule it breaks, in words that name no class of ours. */
final class UnreadableBody {

    private UnreadableBody() {}

    /** The place at fault as a JSON pointer (RFC 6901); empty for the whole body. */
    static String pointer(JacksonException unreadable) {
        StringBuilder pointer = new StringBuilder();
        for (Reference step : unreadable.getPath()) {
            pointer.append('/').append(step.getPropertyName() != null
                    ? step.getPropertyName().replace("~", "~0").replace("/", "~1")
                    : Integer.toString(step.getIndex()));
        }
        return pointer.toString();
    }

    /** The rule that is broken, and the way out. */
    static String rule(JacksonException unreadable) {
        return switch (unreadable) {
            case UnrecognizedPropertyException unknown -> "unknown field '" + Check.excerpt(unknown.getPropertyName())
                    + "': remove it; known here are " + String.join(", ", unknown.getKnownPropertyIds().stream()
                            .map(String::valueOf).sorted().toList());
            case InvalidTypeIdException wrong when wrong.getTypeId() == null ->
                "the field that names the kind is missing: see the API guide for the known ones";
            case InvalidTypeIdException wrong ->
                "'" + Check.excerpt(wrong.getTypeId()) + "' is not a known kind: see the API guide for the known ones";
            case DatabindException broken when broken.getCause() instanceof IllegalArgumentException rule ->
                String.valueOf(rule.getMessage());
            case InvalidFormatException wrong -> "'" + Check.excerpt(String.valueOf(wrong.getValue())) + "' is not "
                    + wanted(wrong.getTargetType());
            case MismatchedInputException wrong -> mismatch(wrong, String.valueOf(wrong.getOriginalMessage()));
            case StreamConstraintsException tooMuch ->
                "the body nests deeper, or holds a longer name, number or text, than is read" + at(unreadable);
            case UnexpectedEndOfInputException cut -> "the body ends before it is complete" + at(unreadable);
            case StreamReadException notJson -> syntax(String.valueOf(notJson.getOriginalMessage())) + at(unreadable);
            default -> "the body cannot be read" + at(unreadable);
        };
    }

    private static String mismatch(MismatchedInputException wrong, String message) {
        if (message.startsWith("No content")) {
            return "the body is empty: give a JSON object";
        }
        if (message.startsWith("Trailing token")) {
            return "the body goes on after its end: give one JSON object" + at(wrong);
        }
        return "the value is not " + wanted(wrong.getTargetType());
    }

    private static String syntax(String message) {
        if (message.startsWith("Duplicate")) {
            Matcher name = Pattern.compile("\"(.*)\"").matcher(message);
            return "the field '" + (name.find() ? Check.excerpt(name.group(1)) : "") + "' is given twice: give it once";
        }
        return message.contains("UTF-8") ? "the body is not UTF-8" : "the body is not JSON";
    }

    private static String at(JacksonException unreadable) {
        TokenStreamLocation location = unreadable.getLocation();
        return location == null || location.getLineNr() < 1
                ? ""
                : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    }

    private static String wanted(@Nullable Class<?> type) {
        if (type == null) {
            return "what is read here: see the API guide";
        }
        if (type.isEnum()) {
            return "one of " + String.join(", ",
                    Arrays.stream(type.getEnumConstants()).map(String::valueOf).toList());
        }
        if (type == LocalDate.class) {
            return "a date: use the form 2020-06-05";
        }
        if (type == ZoneId.class) {
            return "a time zone: use a name such as America/New_York";
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "an array";
        }
        RecordComponent[] components = type.isRecord() ? type.getRecordComponents() : new RecordComponent[0];
        return type == String.class || components.length == 1 ? "a text" : "an object";
    }

    /** What a query parameter of a type takes, in words. */
    static String wantedOfParameter(Class<?> type) {
        if (List.of(Integer.class, int.class, Long.class, long.class).contains(type)) {
            return "a whole number";
        }
        return type == Boolean.class || type == boolean.class ? "true or false" : "a number";
    }
}
