package org.policyledger.bench;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.event.EntityListed;
import org.policyledger.store.StoredEvent;

/**
 * The limit: the same event row, ready made, inserted by one transaction each over plain JDBC. It decides nothing, reads
 * nothing, promises no order. One connection and one prepared statement for each writer, one round trip for each event.
 */
final class RawContender implements Contender {

    private final HikariDataSource pool;
    private final List<StoredEvent> listed;
    private final List<StoredEvent> rows;
    private final AtomicLong position;
    private final AtomicLong row = new AtomicLong();

    /**
     * Makes the same tables as the log has.
     *
     * @param listed rows to take as listings
     * @param rows rows to insert again and again, each under a new position, stream and identity
     */
    RawContender(Databases.Fresh database, int writers, List<StoredEvent> listed, List<StoredEvent> rows) {
        try (Ledger tables = new Ledger(database)) {
            position = new AtomicLong(tables.log().head());
        }
        this.pool = database.pool(writers);
        this.listed = listed;
        this.rows = rows;
    }

    @Override
    public void list(List<EntityListed> listings) throws SQLException {
        try (Connection connection = pool.getConnection(); EventRows insert = new EventRows(connection)) {
            connection.setAutoCommit(false);
            for (int number = 0; number < listings.size(); number++) {
                insert.set(listed.get(number % listed.size()), position.getAndIncrement(),
                        listings.get(number).stream(), 0, UUID.randomUUID());
                insert.addBatch();
            }
            insert.executeBatch();
            connection.commit();
            connection.setAutoCommit(true);
        }
    }

    @Override
    public Writer writer() throws SQLException {
        Connection connection = pool.getConnection();
        EventRows insert = new EventRows(connection);
        return new Writer() {
            @Override
            public void write(EntityCommand demand, long sequence) throws SQLException {
                insert.set(rows.get((int) (row.getAndIncrement() % rows.size())), position.getAndIncrement(),
                        demand.stream(), sequence, UUID.randomUUID());
                insert.execute();
            }

            @Override
            public void close() throws SQLException {
                insert.close();
                connection.close();
            }
        };
    }

    @Override
    public void close() {
        pool.close();
    }
}
