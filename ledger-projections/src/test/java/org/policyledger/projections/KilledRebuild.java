package org.policyledger.projections;

import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import org.policyledger.projections.Rebuild.State;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;

/** Rebuilds until it comes to a phase, says so, and waits there to be killed. */
final class KilledRebuild {

    private KilledRebuild() {}

    public static void main(String[] arguments) throws Exception {
        State phase = State.valueOf(arguments[2]);
        HikariDataSource pool = Databases.pool(arguments[0], arguments[1], 30_000);
        LedgerLog log = LedgerLog.open(pool, new LedgerCodec(), LogSettings.defaults());
        Catchup catchup = new Catchup(log, pool);
        catchup.start();
        Completeness completeness = new Completeness(Trees.open(log, pool), List.of(catchup), Trees.INTERVAL);
        Rebuilds rebuilds = new Rebuilds(log, pool, catchup, completeness, state -> {
            if (state == phase) {
                System.out.println("in " + state);
                sleepForEver();
            }
        });
        var unused = rebuilds.start(ListingProjection.NAME, false);
        sleepForEver();
    }

    private static void sleepForEver() {
        try {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
