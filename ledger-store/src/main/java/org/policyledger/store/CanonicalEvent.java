package org.policyledger.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.erdtman.jcs.JsonCanonicalizer;
import org.policyledger.store.AppendRefused.Kind;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/**
 * The one form in which an event is stored and hashed: a CloudEvent 1.0 as canonical JSON (RFC 8785).
 *
 * <p>All work is done when it is built, in the caller's thread. Only position and time are left open, and both have a
 * fixed width, so the size is known before the event has its place.
 */
final class CanonicalEvent {

    private static final long LAST_POSITION = 999_999_999_999L;
    private static final long LARGEST_EXACT = 1L << 53;
    private static final int POSITION_WIDTH = 12;
    private static final int TIME_WIDTH = 27;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
            .withZone(ZoneOffset.UTC);
    private static final Pattern ATTRIBUTE_NAME = Pattern.compile("[a-z0-9]{1,20}");
    private static final Set<String> RESERVED = Set.of("data", "datacontenttype", "dataschema", "id", "position",
            "revision", "sequence", "source", "specversion", "subject", "time", "type");

    private final String beforePosition;
    private final String beforeTime;
    private final String afterTime;

    private CanonicalEvent(String beforePosition, String beforeTime, String afterTime) {
        this.beforePosition = beforePosition;
        this.beforeTime = beforeTime;
        this.afterTime = afterTime;
    }

    /** Writes the event down as far as it is known; refuses what could not be stored, proved or read back. */
    static CanonicalEvent of(String origin, NewEvent event, EventCodec.Encoded encoded) {
        Map<String, String> members = new TreeMap<>(); // RFC 8785 orders by UTF-16 code units, as String does
        addAttributes(members, event.attributes());
        addAttributes(members, encoded.attributes());
        members.put("data", canonicalData(event, encoded));
        members.put("datacontenttype", "\"application/json\"");
        members.put("id", quoted(event.eventId().toString()));
        members.put("position", "");
        members.put("revision", Integer.toString(encoded.revision()));
        members.put("sequence", quoted(twelveDigits(event.sequence())));
        members.put("source", quoted("https://" + origin));
        members.put("specversion", "\"1.0\"");
        members.put("subject", quoted(event.stream()));
        members.put("time", "");
        members.put("type", quoted(encoded.type()));
        CanonicalEvent canonical = assembled(members);
        int size = canonical.size();
        if (size > StoredEvent.LIMIT) {
            throw new AppendRefused(Kind.TOO_LARGE, "Event " + event.eventId() + " (" + encoded.type() + ") has " + size
                    + " bytes in canonical form; the limit is " + StoredEvent.LIMIT
                    + ". Split it, or record a reference.");
        }
        return canonical;
    }

    /** The event at its place, hashed. {@code time} is {@code recordedAt} as {@link #time} writes it. */
    StoredEvent recorded(LogWriter.Prepared prepared, long position, Instant recordedAt, String time) {
        String event = beforePosition + twelveDigits(position) + beforeTime + time + afterTime;
        return new StoredEvent(position, prepared.stream(), prepared.sequence(), prepared.eventId(), prepared.type(),
                prepared.revision(), recordedAt, event, Sha256.ofLeaf(event.getBytes(StandardCharsets.UTF_8)));
    }

    /** An instant as RFC 3339 with exactly six fraction digits, from microseconds since the epoch. */
    static String time(long micros) {
        return TIME.format(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
    }

    /** Takes a stored event apart in one pass, without building a tree. */
    static Parts parse(String event) {
        String data = "";
        Map<String, String> attributes = new HashMap<>();
        try (JsonParser parser = JsonMapper.shared().createParser(event)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals("data")) {
                    int start = (int) parser.currentTokenLocation().getCharOffset();
                    parser.skipChildren();
                    data = event.substring(start, (int) parser.currentLocation().getCharOffset());
                } else if (!RESERVED.contains(name)) {
                    attributes.put(name, parser.getString());
                }
            }
        }
        return new Parts(data, Map.copyOf(attributes));
    }

    record Parts(String data, Map<String, String> attributes) {}

    private static CanonicalEvent assembled(Map<String, String> members) {
        String[] pieces = new String[2];
        StringBuilder text = new StringBuilder(512);
        char separator = '{';
        for (Map.Entry<String, String> member : members.entrySet()) {
            text.append(separator).append('"').append(member.getKey()).append("\":");
            separator = ',';
            if (member.getValue().isEmpty()) {
                pieces[member.getKey().equals("position") ? 0 : 1] = text.append('"').toString();
                text.setLength(0);
                text.append('"');
            } else {
                text.append(member.getValue());
            }
        }
        return new CanonicalEvent(pieces[0], pieces[1], text.append('}').toString());
    }

    private int size() {
        return utf8Length(beforePosition) + utf8Length(beforeTime) + utf8Length(afterTime) + POSITION_WIDTH
                + TIME_WIDTH;
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static void addAttributes(Map<String, String> members, Map<String, String> attributes) {
        attributes.forEach((name, value) -> {
            if (!ATTRIBUTE_NAME.matcher(name).matches() || RESERVED.contains(name)) {
                throw AppendRefused.invalid("Attribute name " + name
                        + " is refused: names are 1 to 20 of a-z and 0-9, and not one of "
                        + RESERVED.stream().sorted().toList());
            }
            checkText("Attribute " + name, value);
            String before = members.put(name, quoted(value));
            if (before != null && !before.equals(quoted(value))) {
                throw AppendRefused.invalid("Attribute " + name + " is given twice, as " + before + " and "
                        + quoted(value));
            }
        });
    }

    private static String canonicalData(NewEvent event, EventCodec.Encoded encoded) {
        String what = "The data of event " + event.eventId() + " (" + encoded.type() + ")";
        checkReadable(what, encoded.data());
        try {
            String canonical = new JsonCanonicalizer(encoded.data()).getEncodedString();
            checkSurrogates(what, canonical);
            return canonical;
        } catch (IOException e) {
            throw AppendRefused.invalid(what + " has no canonical form: " + e.getMessage());
        }
    }

    /** What is not well-formed, nests too deep for a reader, or would be rounded, must not become a record. */
    private static void checkReadable(String what, String data) {
        try (JsonParser parser = JsonMapper.shared().createParser(data)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw AppendRefused.invalid(what + " is not a JSON object.");
            }
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() != NumberType.INT
                        && (parser.getNumberType() != NumberType.LONG
                                || Math.abs(parser.getLongValue()) > LARGEST_EXACT)) {
                    throw AppendRefused.invalid(what + " holds the integer " + parser.getString()
                            + ", which RFC 8785 would round. Write it as a string.");
                }
            }
        } catch (JacksonException e) {
            throw AppendRefused.invalid(what + " is not readable JSON: " + e.getOriginalMessage());
        }
    }

    /** Refuses control characters, which CloudEvents forbids in attributes, and halves of surrogate pairs. */
    static void checkText(String what, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                throw AppendRefused.invalid(what + " has a control character at index " + i + ".");
            }
        }
        checkSurrogates(what, text);
    }

    private static void checkSurrogates(String what, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    throw AppendRefused.invalid(what + " has half a surrogate pair at index " + i
                            + ": it cannot be written as UTF-8.");
                }
                i++;
            }
        }
    }

    private static String twelveDigits(long number) {
        if (number < 0 || number > LAST_POSITION) {
            throw AppendRefused.invalid("Number " + number + " is not within 0 to " + LAST_POSITION + ".");
        }
        String digits = Long.toString(number);
        return "0".repeat(POSITION_WIDTH - digits.length()) + digits;
    }

    /** A JSON string as RFC 8785 section 3.2.2.2 writes it; its callers have checked for control characters. */
    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\');
            }
            quoted.append(c);
        }
        return quoted.append('"').toString();
    }
}
