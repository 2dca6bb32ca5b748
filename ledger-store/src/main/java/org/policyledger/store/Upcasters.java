package org.policyledger.store;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An {@link EventCodec} that lifts old revisions of an event to the next one, step by step, before it is decoded.
 *
 * <p>The stored event is not touched. Thread-safe if the steps are.
 */
public final class Upcasters implements EventCodec {

    private final EventCodec codec;
    private final Map<String, UnaryOperator<ObjectNode>> steps = new HashMap<>();

    public Upcasters(EventCodec codec, List<EventUpcaster> upcasters) {
        this.codec = codec;
        for (EventUpcaster upcaster : upcasters) {
            String step = step(upcaster.type(), upcaster.fromRevision());
            if (steps.put(step, upcaster.change()) != null) {
                throw new IllegalArgumentException("Two upcasters for " + step);
            }
        }
    }

    @Override
    public Encoded encode(Object payload) {
        return codec.encode(payload);
    }

    @Override
    public Object decode(String type, int revision, String data) {
        if (!steps.containsKey(step(type, revision))) {
            return codec.decode(type, revision, data);
        }
        ObjectNode lifted = JsonMapper.shared().readValue(data, ObjectNode.class);
        int reached = revision;
        for (Optional<UnaryOperator<ObjectNode>> change = from(type, reached); change
                .isPresent(); change = from(type, reached)) {
            lifted = change.get().apply(lifted);
            reached++;
        }
        return codec.decode(type, reached, lifted.toString());
    }

    private Optional<UnaryOperator<ObjectNode>> from(String type, int revision) {
        return Optional.ofNullable(steps.get(step(type, revision)));
    }

    private static String step(String type, int revision) {
        return type + " revision " + revision;
    }

    /** One step: turns the {@code data} of {@code type} at {@code fromRevision} into that of the revision after it. */
    public record EventUpcaster(String type, int fromRevision, UnaryOperator<ObjectNode> change) {}
}
