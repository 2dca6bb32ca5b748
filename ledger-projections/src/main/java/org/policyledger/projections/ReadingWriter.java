package org.policyledger.projections;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.policyledger.projections.dossier.DossierProjection;
import org.policyledger.projections.link.LinkProjection;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.listing.ListingProjection.Fact;
import org.policyledger.projections.notice.NoticeProjection;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.tree.CompactRange;

/**
 * Writes batches of events into one generation of the reading tables: the same whether it is kept up with the log or filled anew.
 * Used by one thread at a time.
 */
final class ReadingWriter {

    /** The name in {@code reading_position} that marks a generation that another one has replaced. */
    static final String RETIRED = "retired";

    /** The generation is no longer live: whoever kept it up is to go on with the one that is. */
    static final class Retired extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        Retired() {
            super("this generation of the readings was replaced; nothing is written to it any more");
        }
    }

    private final ListingProjection listings;
    private final DossierProjection dossiers;
    private final NoticeProjection notices;

    ReadingWriter(LedgerLog log) {
        listings = new ListingProjection(log);
        dossiers = new DossierProjection(log);
        notices = new NoticeProjection(log);
    }

    /** Writes the rows that the facts come to, and that the facts were consumed, in the caller's transaction. */
    void write(List<Fact> batch, Connection connection) throws SQLException {
        dossiers.write(batch, connection);
        LinkProjection.write(batch, connection);
        notices.write(batch, connection);
        listings.write(batch, connection);
        consume(batch, connection);
        // The row of the position is locked by now. Whoever switches locks it too, and leaves the mark before it lets go.
        try (PreparedStatement retired = connection
                .prepareStatement("SELECT 1 FROM reading_position WHERE name = '" + RETIRED + "'");
                ResultSet row = retired.executeQuery()) {
            if (row.next()) {
                throw new Retired();
            }
        }
    }

    private static void consume(List<Fact> batch, Connection connection) throws SQLException {
        Consumed consumed = consumed(connection).upTo(batch.getLast().position(),
                batch.stream().map(Fact::leaf).toList());
        try (PreparedStatement update = connection.prepareStatement("UPDATE reading_position SET position = ?,"
                + " consumed = ? WHERE name = '" + ListingProjection.NAME + "' AND position = ?")) {
            update.setLong(1, consumed.position());
            update.setBytes(2, consumed.events().bytes());
            update.setLong(3, batch.getFirst().position() - 1);
            if (update.executeUpdate() != 1) {
                throw new IllegalStateException("the " + ListingProjection.NAME + " reading does not stand at position "
                        + (batch.getFirst().position() - 1) + ": another writer moved it, or a batch was skipped");
            }
        }
    }

    /** What the generation that the connection refers to has consumed. */
    static Consumed consumed(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT position, consumed FROM reading_position WHERE name = '" + ListingProjection.NAME + "'");
                ResultSet row = query.executeQuery()) {
            if (!row.next()) {
                throw new SQLException("reading_position lacks the position of the readings");
            }
            return new Consumed(row.getLong(1), events(row.getBytes(2)));
        }
    }

    private static CompactRange events(byte @Nullable [] stored) {
        try {
            return stored == null ? CompactRange.EMPTY : CompactRange.of(stored);
        } catch (IllegalArgumentException damaged) {
            // Stands for nothing consumed: a root that no log has where the reading stands.
            return CompactRange.EMPTY;
        }
    }

    /** Forgets what was kept in memory, after a transaction that did not commit. */
    void forget() {
        listings.forget();
    }
}
