package org.policyledger.store;

import org.axonframework.eventhandling.GenericTrackedDomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;

/** A stored event as aggregates and event processors take it: its token is its position, its type is its stream's. */
public final class RecordedEvent extends GenericTrackedDomainEventMessage<Object> {

    private static final long serialVersionUID = 1L;

    private final transient StoredEvent stored;

    RecordedEvent(StoredEvent stored, EventCodec codec) {
        super(new GlobalSequenceTrackingToken(stored.position()), type(stored.stream()), stored.stream(),
                stored.sequence(), new RecordedMessage(stored, codec), stored::recordedAt);
        this.stored = stored;
    }

    private static String type(String stream) {
        int slash = stream.indexOf('/');
        return slash < 0 ? stream : stream.substring(0, slash);
    }

    /** What payload and metadata are read out of. */
    public StoredEvent stored() {
        return stored;
    }
}
