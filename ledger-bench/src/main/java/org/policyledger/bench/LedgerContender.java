package org.policyledger.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.policyledger.core.event.EntityListed;
import org.policyledger.store.NewEvent;

/** The product: {@code Recorder.record}, through command bus, repository, record, decision, codec and log. */
final class LedgerContender implements Contender {

    private static final int BULK = 1_000;

    private final Ledger ledger;

    LedgerContender(Databases.Fresh database) {
        ledger = new Ledger(database);
    }

    @Override
    public void list(List<EntityListed> listings) {
        for (int from = 0; from < listings.size(); from += BULK) {
            List<NewEvent> events = new ArrayList<>();
            listings.subList(from, Math.min(from + BULK, listings.size())).forEach(listed -> events
                    .add(new NewEvent(listed.stream(), 0, UUID.randomUUID(), listed, Map.of("actor", "bench"))));
            ledger.log().append(events, Optional.empty());
        }
    }

    @Override
    public Writer writer() {
        return (demand, sequence) -> ledger.recorder().record(demand, Ledger.CALLER);
    }

    @Override
    public void close() {
        ledger.close();
    }
}
