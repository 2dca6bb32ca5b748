package org.policyledger.store.tree;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.erdtman.jcs.NumberToJSON;
import org.policyledger.store.Sha256;
import org.policyledger.store.StoredEvent;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * Holds events against what is true of every log, as they come in the order of their positions: positions without gaps, sequences
 * of each stream without gaps, time that never goes back, one source. What the events are about it does not look at. Used by one
 * thread; {@link #read} by any.
 */
final class EventCheck {

    /** What an event says of its own place, with the hash of its bytes. Texts are empty and numbers -1 where it says nothing. */
    record Leaf(Sha256 hash, String id, long position, String stream, long sequence, String time, String source,
            String type, long revision, String key, String requestHash, String fault) {}

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonWriteFeature.ESCAPE_FORWARD_SLASHES, JsonWriteFeature.WRITE_HEX_UPPER_CASE).build();

    private final boolean whole;
    private final Consumer<Finding> findings;
    private final Map<String, Long> sequences = new HashMap<>();
    private long position = -1;
    private String time = "";
    private String source = "";

    /**
     * @param whole whether all events of the log come, from the first on; else some of them, in their order
     */
    EventCheck(boolean whole, Consumer<Finding> findings) {
        this.whole = whole;
        this.findings = findings;
    }

    /** Reads an event and hashes it. */
    static Leaf read(byte[] event) {
        Map<String, String> texts = new HashMap<>();
        String fault = "";
        try {
            fault = fault(event, texts);
        } catch (JacksonException unreadable) {
            texts.clear();
            fault = "is not readable JSON: " + unreadable.getOriginalMessage();
        } catch (IOException infinite) {
            texts.clear();
            fault = "holds a number that no double is: " + infinite.getMessage();
        }
        return new Leaf(Sha256.ofLeaf(event), text(texts, "id"), number(texts, "position"), text(texts, "subject"),
                number(texts, "sequence"), text(texts, "time"), text(texts, "source"), text(texts, "type"),
                number(texts, "revision"), text(texts, "idempotencykey"), text(texts, "requesthash"), fault);
    }

    /** What is wrong with its form, or nothing. It is written again as it is read: in the canonical form the same bytes come of it. */
    private static String fault(byte[] event, Map<String, String> texts) throws IOException {
        if (event.length > StoredEvent.LIMIT) {
            return "has " + event.length + " bytes, more than the " + StoredEvent.LIMIT + " that an event can have";
        }
        ByteArrayOutputStream again = new ByteArrayOutputStream(event.length);
        boolean ordered = true;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), event);
                JsonGenerator canonical = JSON.createGenerator(ObjectWriteContext.empty(), again)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return "is no JSON object";
            }
            boolean begun = false;
            for (JsonToken token = JsonToken.START_OBJECT; token != null; token = parser.nextToken()) {
                if (begun && canonical.streamWriteContext().inRoot()) {
                    return "goes on after its end";
                }
                begun = true;
                if (token == JsonToken.PROPERTY_NAME) {
                    String before = canonical.streamWriteContext().currentName();
                    // By UTF-16 code units, and none twice.
                    ordered &= before == null || before.compareTo(parser.currentName()) < 0;
                }
                if (token.isNumeric() && parser.getNumberType() != JsonParser.NumberType.INT) {
                    canonical.writeNumber(NumberToJSON.serializeNumber(parser.getDoubleValue()));
                } else {
                    canonical.copyCurrentEvent(parser);
                }
                if (token.isScalarValue() && canonical.streamWriteContext().getParent().inRoot()) {
                    texts.put(parser.currentName(), parser.getString());
                }
            }
        }
        // Half of a surrogate pair is written again as it was escaped, but has no canonical form (section 3.2.2.2).
        boolean halves = new String(event, StandardCharsets.ISO_8859_1).replace("\\\\", "").contains("\\ud");
        return ordered && !halves && Arrays.equals(again.toByteArray(), event)
                ? ""
                : "is not in the canonical form of RFC 8785";
    }

    private static String text(Map<String, String> texts, String name) {
        return texts.getOrDefault(name, "");
    }

    private static long number(Map<String, String> texts, String name) {
        try {
            return Long.parseLong(text(texts, name));
        } catch (NumberFormatException none) {
            return -1;
        }
    }

    /** Takes the next event. */
    void take(Leaf leaf, String where) {
        long expected = position + 1;
        if (!leaf.fault().isEmpty()) {
            findings.accept(new Finding(where, "the event " + leaf.fault()));
        }
        if (leaf.fault().isEmpty() || leaf.position() >= 0) {
            checkPlace(leaf, expected, where);
        }
        position = leaf.position() < 0 ? expected : leaf.position();
    }

    private void checkPlace(Leaf leaf, long expected, String where) {
        Map.of("id", leaf.id(), "type", leaf.type(), "time", leaf.time(), "subject", leaf.stream(), "source",
                leaf.source()).forEach((name, value) -> {
                    if (value.isEmpty()) {
                        findings.accept(new Finding(where, "the event has no " + name));
                    }
                });
        if (whole ? leaf.position() != expected : leaf.position() < expected) {
            findings.accept(new Finding(where, "the event says it has position " + leaf.position() + ", where "
                    + expected + (whole ? "" : " or a later one") + " should stand"));
        }
        long next = sequences.getOrDefault(leaf.stream(), whole ? 0L : leaf.sequence());
        if (leaf.sequence() != next) {
            findings.accept(new Finding(where, "the event says it has sequence " + leaf.sequence() + " in "
                    + leaf.stream() + ", where " + next + " should stand"));
        }
        sequences.put(leaf.stream(), leaf.sequence() + 1);
        // All have one width and one zone, so their texts are in the order of their times.
        if (leaf.time().compareTo(time) < 0) {
            findings.accept(new Finding(where, "the event was recorded at " + leaf.time()
                    + ", before the event in front of it (" + time + ")"));
        }
        time = leaf.time();
        if (!source.isEmpty() && !leaf.source().equals(source)) {
            findings.accept(
                    new Finding(where, "the event is of " + leaf.source() + ", those before it are of " + source));
        }
        source = source.isEmpty() ? leaf.source() : source;
    }

    /** Whether the events are of the log that has this origin. */
    void checkOrigin(String origin) {
        if (!source.isEmpty() && !source.equals("https://" + origin)) {
            findings.accept(new Finding("origin", "the events are of " + source + ", not of https://" + origin));
        }
    }

    /** Findings as they come, but not more than anyone reads. */
    static final class Findings implements Consumer<Finding> {
        private static final int MOST = 1_000;
        private final List<Finding> found = new ArrayList<>();

        @Override
        public void accept(Finding finding) {
            if (found.size() < MOST) {
                found.add(finding);
            }
        }

        List<Finding> all() {
            return List.copyOf(found);
        }
    }
}
