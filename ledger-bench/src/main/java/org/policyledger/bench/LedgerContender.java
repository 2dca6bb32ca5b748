package org.policyledger.bench;

import java.util.List;
import org.policyledger.core.event.EntityListed;

/** The product: {@code Recorder.record}, through command bus, repository, record, decision, codec and log. */
final class LedgerContender implements Contender {

    private final Ledger ledger;

    LedgerContender(Databases.Fresh database) {
        ledger = new Ledger(database);
    }

    @Override
    public void list(List<EntityListed> listings) {
        Workload.append(ledger.log(), listings);
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
