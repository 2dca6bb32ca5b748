package org.policyledger.projections.link;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityPair;
import org.policyledger.core.event.EntitiesLinked;
import org.policyledger.core.event.EntitiesUnlinked;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.projections.listing.ListingProjection.Fact;

/**
 * Keeps the reading of links, in the same batches and transactions as the listings reading. The rows depend on the events alone;
 * how the batches are cut makes no difference.
 */
public final class LinkProjection {

    private LinkProjection() {}

    /** Writes the rows that the facts come to; the caller's transaction also holds its token. */
    public static void write(List<Fact> facts, Connection connection) throws SQLException {
        List<Fact> links = facts.stream().filter(fact -> fact.event() instanceof LinkEvent).toList();
        if (links.isEmpty()) {
            return;
        }
        try (PreparedStatement begin = connection.prepareStatement(
                "INSERT INTO reading_link (entity_id, other_entity_id, known_from) VALUES (?, ?, ?)");
                PreparedStatement end = connection.prepareStatement("""
                        UPDATE reading_link SET known_to = ?
                        WHERE entity_id = ? AND other_entity_id = ? AND known_to IS NULL""")) {
            for (Fact fact : links) {
                switch ((LinkEvent) fact.event()) {
                    case EntitiesLinked linked -> {
                        for (EntityId entityId : linked.entityIds().entityIds()) {
                            begin.setString(1, entityId.value());
                            begin.setString(2, linked.entityIds().other(entityId).value());
                            begin.setLong(3, fact.position());
                            begin.addBatch();
                        }
                    }
                    case EntitiesUnlinked unlinked -> {
                        // What one event begins the next may end.
                        begin.executeBatch();
                        end(unlinked.entityIds(), fact.position(), end);
                    }
                }
            }
            begin.executeBatch();
        }
    }

    private static void end(EntityPair pair, long position, PreparedStatement end) throws SQLException {
        for (EntityId entityId : pair.entityIds()) {
            end.setLong(1, position);
            end.setString(2, entityId.value());
            end.setString(3, pair.other(entityId).value());
            if (end.executeUpdate() != 1) {
                throw new IllegalStateException("the link between " + pair + ", which position " + position
                        + " takes back, was not found in the reading");
            }
        }
    }
}
