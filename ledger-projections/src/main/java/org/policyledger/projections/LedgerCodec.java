package org.policyledger.projections;

import java.util.Map;
import org.policyledger.core.EventNames;
import org.policyledger.core.LedgerJson;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.store.EventCodec;
import org.policyledger.store.UnknownEventType;

/** How the law's events are stored: their stable names and their one JSON form. Thread-safe. */
public final class LedgerCodec implements EventCodec {

    /** The CloudEvents extension attribute that carries an event's effective date. */
    public static final String EFFECTIVE_DATE = "effectivedate";

    @Override
    public Encoded encode(Object payload) {
        LedgerEvent event = (LedgerEvent) payload;
        EventNames.Name name = EventNames.of(event.getClass());
        Map<String, String> attributes = event.effectiveOn().map(date -> Map.of(EFFECTIVE_DATE, date.toString()))
                .orElse(Map.of());
        return new Encoded(name.type(), name.revision(), LedgerJson.MAPPER.writeValueAsString(event), attributes);
    }

    @Override
    public Object decode(String type, int revision, String data) {
        return LedgerJson.MAPPER.readValue(data, EventNames.find(new EventNames.Name(type, revision))
                .orElseThrow(() -> new UnknownEventType(type, revision)));
    }
}
