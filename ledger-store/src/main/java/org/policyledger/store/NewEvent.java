package org.policyledger.store;

import java.util.Map;
import java.util.UUID;

/**
 * An event that asks to be recorded. Position and time are not its to say: the log gives them.
 *
 * @param stream what the event is about, such as {@code entity/4711}; 1 to 300 characters
 * @param sequence the place in the stream that the writer believes to be the next free one, from 0
 * @param eventId unique in the whole log
 * @param payload what happened, in a form the log's {@link EventCodec} can write down
 * @param attributes extension attributes of the CloudEvent: names of 1 to 20 characters from {@code [a-z0-9]}
 */
public record NewEvent(String stream, long sequence, UUID eventId, Object payload, Map<String, String> attributes) {
    public NewEvent {
        attributes = Map.copyOf(attributes);
    }
}
