package org.policyledger.core;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The limits on every value that comes from outside. A failed check throws {@link IllegalArgumentException} whose message
 * names the value, the rule and the way out.
 */
public final class Check {

    static final LocalDate FIRST_DATE = LocalDate.of(1900, 1, 1);
    static final LocalDate LAST_DATE = LocalDate.of(2199, 12, 31);

    private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}");

    private Check() {}

    /**
     * A text that must be there: not blank, within {@code max} characters, no control characters but line breaks and tabs,
     * no half surrogate pairs.
     */
    public static String text(String name, @Nullable String value, int max) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(name + " is missing: give a text of 1 to " + max + " characters");
        }
        if (value.length() > max) {
            throw new IllegalArgumentException(
                    name + " has " + value.length() + " characters: at most " + max + " are kept");
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (Character.isISOControl(c) && c != '\n' && c != '\r' && c != '\t') {
                throw new IllegalArgumentException(
                        name + " holds the control character U+" + String.format("%04X", (int) c)
                                + " at " + i + ": remove it");
            }
            if (Character.isSurrogate(c)) {
                if (i + 1 == value.length() || !Character.isSurrogatePair(c, value.charAt(i + 1))) {
                    throw new IllegalArgumentException(
                            name + " holds half a surrogate pair at " + i + ", which is no character: remove it");
                }
                i++;
            }
        }
        return value;
    }

    /** A text that may be absent; when given, the rules of {@link #text} hold. */
    public static void optionalText(String name, Optional<String> value, int max) {
        value.ifPresent(v -> text(name, v, max));
    }

    static String form(String name, @Nullable String value, Pattern form, String rule) {
        if (value == null || !form.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    name + " '" + (value == null ? "" : excerpt(value)) + "' has a wrong form: use " + rule);
        }
        return value;
    }

    /** A date within 1900-01-01 to 2199-12-31: whatever lies outside is a slip of the pen. */
    public static LocalDate date(String name, @Nullable LocalDate value) {
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing: give a date such as 2020-06-05");
        }
        if (value.isBefore(FIRST_DATE) || value.isAfter(LAST_DATE)) {
            throw new IllegalArgumentException(
                    name + " " + value + " is out of range: dates run from " + FIRST_DATE + " to " + LAST_DATE);
        }
        return value;
    }

    static void optionalDate(String name, Optional<LocalDate> value) {
        value.ifPresent(v -> date(name, v));
    }

    /** A fixed term's exclusive end: when given, a date after the effective date. */
    static void until(Optional<LocalDate> until, LocalDate effectiveDate) {
        optionalDate("until", until);
        if (until.isPresent() && !until.get().isAfter(effectiveDate)) {
            throw new IllegalArgumentException("until " + until.get() + " is not after effectiveDate " + effectiveDate
                    + ": a fixed term ends on a later day, from which on it no longer holds");
        }
    }

    /** A day that, when given, does not lie before another one. */
    static void notBefore(String name, Optional<LocalDate> value, String otherName, LocalDate other) {
        optionalDate(name, value);
        if (value.isPresent() && value.get().isBefore(other)) {
            throw new IllegalArgumentException(
                    name + " " + value.get() + " is before " + otherName + " " + other
                            + ": give that day or a later one");
        }
    }

    /** A language tag of the form that BCP 47 (RFC 5646) gives. */
    static void language(String name, Optional<String> value) {
        value.ifPresent(tag -> form(name, tag, LANGUAGE, "a tag of BCP 47 such as zh or en-GB"));
    }

    static <T> T required(String name, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    /** What is absent in Java or JSON is an empty list; at most {@code max} elements, none of them null. */
    static <T> List<T> list(String name, @Nullable List<T> value, int max) {
        if (value == null) {
            return List.of();
        }
        if (value.size() > max) {
            throw new IllegalArgumentException(
                    name + " has " + value.size() + " elements: at most " + max + " are kept");
        }
        if (value.stream().anyMatch(element -> element == null)) {
            throw new IllegalArgumentException(name + " holds a null: leave the element out");
        }
        return List.copyOf(value);
    }

    static List<String> texts(String name, @Nullable List<String> value, int maxElements, int maxLength) {
        List<String> given = list(name, value, maxElements);
        given.forEach(element -> text(name, element, maxLength));
        return given;
    }

    /** A value shortened so that it can stand in an error message. */
    public static String excerpt(String value) {
        String printable = value.codePoints().map(c -> Character.isISOControl(c) ? '\uFFFD' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
        return printable.length() <= 60 ? printable : printable.substring(0, 57) + "...";
    }
}
