package org.policyledger.projections;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.policyledger.projections.dossier.DossierProjection;
import org.policyledger.projections.link.LinkProjection;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.listing.ListingProjection.Fact;
import org.policyledger.projections.notice.NoticeProjection;
import org.policyledger.store.LedgerLog;

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

    /** Writes the rows that the facts come to, in the caller's transaction. */
    void write(List<Fact> batch, Connection connection) throws SQLException {
        dossiers.write(batch, connection);
        LinkProjection.write(batch, connection);
        notices.write(batch, connection);
        listings.write(batch, connection);
        // The row of the position is locked by now. Whoever switches locks it too, and leaves the mark before it lets go.
        try (PreparedStatement retired = connection
                .prepareStatement("SELECT 1 FROM reading_position WHERE name = '" + RETIRED + "'");
                ResultSet row = retired.executeQuery()) {
            if (row.next()) {
                throw new Retired();
            }
        }
    }

    /** Forgets what was kept in memory, after a transaction that did not commit. */
    void forget() {
        listings.forget();
    }
}
