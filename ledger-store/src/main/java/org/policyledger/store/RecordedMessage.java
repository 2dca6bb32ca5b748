package org.policyledger.store;

import java.util.Map;

import org.axonframework.messaging.Message;
import org.axonframework.messaging.MetaData;
import org.jspecify.annotations.Nullable;

/** A stored event as an Axon message: payload and metadata are read out of it when first asked for. */
final class RecordedMessage implements Message<Object> {

    private final transient StoredEvent event;
    private final transient EventCodec codec;
    private transient volatile CanonicalEvent.@Nullable Parts parts;
    private transient volatile @Nullable Object payload;
    private transient volatile @Nullable MetaData metaData;

    RecordedMessage(StoredEvent event, EventCodec codec) {
        this.event = event;
        this.codec = codec;
    }

    /** Taken apart once, for payload and metadata. */
    private CanonicalEvent.Parts parts() {
        CanonicalEvent.Parts read = parts;
        if (read == null) {
            read = CanonicalEvent.parse(event.event());
            parts = read;
        }
        return read;
    }

    @Override
    public String getIdentifier() {
        return event.eventId().toString();
    }

    @Override
    public Object getPayload() {
        Object decoded = payload;
        if (decoded == null) {
            decoded = codec.decode(event.type(), event.revision(), parts().data());
            payload = decoded;
        }
        return decoded;
    }

    @Override
    @SuppressWarnings("unchecked")
    public Class<Object> getPayloadType() {
        return (Class<Object>) getPayload().getClass();
    }

    @Override
    public MetaData getMetaData() {
        MetaData read = metaData;
        if (read == null) {
            read = MetaData.from(parts().attributes());
            metaData = read;
        }
        return read;
    }

    @Override
    public Message<Object> withMetaData(Map<String, ?> replacement) {
        RecordedMessage copy = new RecordedMessage(event, codec);
        copy.parts = parts;
        copy.payload = payload;
        copy.metaData = MetaData.from(replacement);
        return copy;
    }

    @Override
    public Message<Object> andMetaData(Map<String, ?> addition) {
        return withMetaData(getMetaData().mergedWith(addition));
    }
}
