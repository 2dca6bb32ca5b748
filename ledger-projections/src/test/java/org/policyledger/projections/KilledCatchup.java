package org.policyledger.projections;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.policyledger.core.Histories.Recorded;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.search.NameSearch;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Records a history whose second half the readings cannot finish a batch of, says so, and waits there to be killed. */
final class KilledCatchup {

    private KilledCatchup() {}

    public static void main(String[] arguments) throws Exception {
        HikariDataSource pool = Databases.pool(arguments[0], arguments[1], 30_000);
        LedgerLog log = LedgerLog.open(pool, new LedgerCodec(), LogSettings.defaults());
        Catchup catchup = new Catchup(log, pool);
        catchup.start();
        NameSearch search = new NameSearch(log, catchup,
                new ListingReader(JdbcClient.create(catchup.generations().dataSource()), log),
                Optional.of(Path.of(arguments[2])), Duration.ofSeconds(30));
        search.start();
        List<Recorded> history = RebuildTest.history();
        int half = history.size() / 2;
        append(log, history.subList(0, half));
        if (!catchup.await(half - 1L, Duration.ofSeconds(60))) {
            throw new IllegalStateException("the readings did not come to the half");
        }
        // A batch writes its rows, and then waits for the row that is held here.
        Connection held = pool.getConnection();
        held.setAutoCommit(false);
        held.createStatement().executeUpdate("UPDATE reading_position SET position = position");
        append(log, history.subList(half, history.size()));
        while (search.position() < history.size() - 1L) {
            Thread.sleep(10);
        }
        Thread.sleep(300);
        System.out.println("in a batch after position " + catchup.position());
        Thread.sleep(Long.MAX_VALUE);
    }

    private static void append(LedgerLog log, List<Recorded> events) {
        log.append(events.stream()
                .map(each -> new NewEvent(each.stream(), each.sequence(), each.actionId().value(), each.event(),
                        Map.of("actor", "generator")))
                .toList(), Optional.empty());
    }
}
