package org.policyledger.store;

import java.util.Map;

/**
 * Translates between the application's event objects and what the log stores: a type name, a revision and JSON.
 *
 * <p>Names and revisions are the application's own and are kept for ever; they are never class names. Implementations
 * are called from many threads at once.
 */
public interface EventCodec {

    /** Writes a payload down; refuses with an exception what it does not know. */
    Encoded encode(Object payload);

    /**
     * Reads a payload back from the JSON text of {@code data}.
     *
     * @throws UnknownEventType for a type or revision it does not know: nothing that was recorded is ever passed over
     */
    Object decode(String type, int revision, String data);

    /**
     * A payload written down.
     *
     * @param type the stored name, 1 to 100 characters
     * @param revision the shape of {@code data}, from 1
     * @param data a JSON object. It is canonicalized by RFC 8785, where numbers are IEEE 754 doubles: integers beyond
     *     2^53 are refused and belong in strings, decimals that must keep their digits as well
     * @param attributes extension attributes the payload wants on its envelope, so that it can be found by them
     */
    record Encoded(String type, int revision, String data, Map<String, String> attributes) {
        public Encoded {
            attributes = Map.copyOf(attributes);
        }
    }
}
