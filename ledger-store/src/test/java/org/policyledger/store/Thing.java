package org.policyledger.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A payload for tests: some text. */
public record Thing(String text) {

    /** Stores a {@link Thing} as {@code ThingHappened} revision 1, and a String as is: type {@code Raw}. */
    public static final EventCodec CODEC = new EventCodec() {
        @Override
        public Encoded encode(Object payload) {
            return payload instanceof Thing thing
                    ? new Encoded("ThingHappened", 1,
                            JsonMapper.shared().writeValueAsString(Map.of("text", thing.text())), Map.of())
                    : new Encoded("Raw", 1, (String) payload, Map.of());
        }

        @Override
        public Object decode(String type, int revision, String data) {
            if (!type.equals("ThingHappened") || revision != 1) {
                throw new UnknownEventType(type, revision);
            }
            JsonNode node = JsonMapper.shared().readTree(data);
            return new Thing(node.get("text").asString());
        }
    };

    public static NewEvent event(String stream, long sequence) {
        return event(stream, sequence, "happened to " + stream);
    }

    public static NewEvent event(String stream, long sequence, String text) {
        return new NewEvent(stream, sequence, UUID.randomUUID(), new Thing(text), Map.of("actor", "clerk"));
    }

    public static Appended append(LedgerLog log, String stream, long sequence) {
        return log.append(List.of(event(stream, sequence)), Optional.empty());
    }

    public static IdempotencyKey key(String key) {
        return new IdempotencyKey(key, "fingerprint of " + key);
    }
}
