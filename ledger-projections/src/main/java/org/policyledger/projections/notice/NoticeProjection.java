package org.policyledger.projections.notice;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.policyledger.core.ActionId;
import org.policyledger.core.Notice;
import org.policyledger.core.NoticeId;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.projections.listing.ListingProjection.Fact;
import org.policyledger.store.LedgerLog;

/**
 * Keeps the reading of notices, in the same batches and transactions as the listings reading. An action cites the notice of its
 * circumstances as known, so a correction may move it to another; a correction or voiding cites that of its own besides. The rows
 * depend on the events alone; how the batches are cut makes no difference. Used by one thread at a time.
 */
public final class NoticeProjection {

    /** One citation while it is known. */
    private record Row(NoticeId noticeId, long position, long knownFrom, Optional<LocalDate> effectiveDate,
            Optional<LocalDate> publishedOn, long contentPosition, Optional<Long> voidedPosition) {}

    private record Closed(Row row, Optional<Long> knownTo) {}

    private final LedgerLog log;

    public NoticeProjection(LedgerLog log) {
        this.log = log;
    }

    /** Writes the rows that the facts come to; the caller's transaction also holds its token. */
    public void write(List<Fact> facts, Connection connection) throws SQLException {
        Batch batch = new Batch(connection);
        for (Fact fact : facts) {
            long position = fact.position();
            batch.positions.put(fact.actionId(), position);
            if (fact.event() instanceof NoticeRecorded recorded) {
                insertNotice(recorded, position, connection);
            } else if (fact.event() instanceof EntityEvent event) {
                switch (event) {
                    case ListingAction action -> cite(action, position, position, position).ifPresent(batch::open);
                    case ActionCorrected corrected -> {
                        long of = batch.positionOf(corrected.actionId());
                        batch.close(of, position);
                        cite(corrected.replacement(), of, position, position).ifPresent(batch::open);
                        cite(corrected, position, position, position).ifPresent(batch::open);
                    }
                    case ActionVoided voided -> {
                        long of = batch.positionOf(voided.actionId());
                        batch.close(of, position).ifPresent(row -> batch.open(new Row(row.noticeId(), of, position,
                                row.effectiveDate(), row.publishedOn(), row.contentPosition(),
                                Optional.of(position))));
                        cite(voided, position, position, position).ifPresent(batch::open);
                    }
                }
            }
        }
        batch.insert();
    }

    private static Optional<Row> cite(EntityEvent event, long position, long knownFrom, long content) {
        return event.circumstances().notice().map(notice -> row(notice, event, position, knownFrom, content));
    }

    private static Row row(Notice notice, EntityEvent event, long position, long knownFrom, long content) {
        return new Row(NoticeId.of(notice), position, knownFrom, event.effectiveOn(), notice.publishedOn(), content,
                Optional.empty());
    }

    private static void insertNotice(NoticeRecorded recorded, long position, Connection connection)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO reading_notice (notice_id, position, published_on) VALUES (?, ?, ?)")) {
            insert.setString(1, recorded.noticeId().value());
            insert.setLong(2, position);
            insert.setObject(3, recorded.notice().publishedOn().orElse(null), Types.DATE);
            insert.executeUpdate();
        }
    }

    /** The rows of one batch: those it makes and closes itself are written closed, older ones are closed where they lie. */
    private final class Batch {

        private final Connection connection;
        private final Map<ActionId, Long> positions = new HashMap<>();
        private final Map<Long, Row> open = new LinkedHashMap<>();
        private final List<Closed> finished = new ArrayList<>();

        Batch(Connection connection) {
            this.connection = connection;
        }

        long positionOf(ActionId actionId) {
            return positions.computeIfAbsent(actionId, id -> log.find(id.value())
                    .orElseThrow(() -> new IllegalStateException("action " + id + " is not in the log")).position());
        }

        void open(Row row) {
            open.put(row.position(), row);
        }

        /** Ends what is known of the citation; empty if the action cites no notice. */
        Optional<Row> close(long position, long knownTo) throws SQLException {
            Row here = open.remove(position);
            if (here != null) {
                finished.add(new Closed(here, Optional.of(knownTo)));
                return Optional.of(here);
            }
            try (PreparedStatement find = connection.prepareStatement("""
                    SELECT notice_id, known_from, effective_date, published_on, content_position FROM reading_citation
                    WHERE position = ? AND known_to IS NULL""");
                    PreparedStatement end = connection.prepareStatement(
                            "UPDATE reading_citation SET known_to = ? WHERE position = ? AND known_to IS NULL")) {
                find.setLong(1, position);
                try (var found = find.executeQuery()) {
                    if (!found.next()) {
                        return Optional.empty();
                    }
                    Row row = new Row(new NoticeId(found.getString(1)), position, found.getLong(2),
                            Optional.ofNullable(found.getObject(3, LocalDate.class)),
                            Optional.ofNullable(found.getObject(4, LocalDate.class)), found.getLong(5),
                            Optional.empty());
                    end.setLong(1, knownTo);
                    end.setLong(2, position);
                    if (end.executeUpdate() != 1) {
                        throw new IllegalStateException("the citation at position " + position + " was not found");
                    }
                    return Optional.of(row);
                }
            }
        }

        void insert() throws SQLException {
            open.values().forEach(row -> finished.add(new Closed(row, Optional.empty())));
            if (finished.isEmpty()) {
                return;
            }
            try (PreparedStatement insert = connection.prepareStatement(
                    """
                            INSERT INTO reading_citation (notice_id, position, known_from, known_to, effective_date, published_on,
                                content_position, voided_position)
                            VALUES (?, ?, ?, ?, ?, ?, ?, ?)""")) {
                for (Closed closed : finished) {
                    Row row = closed.row();
                    insert.setString(1, row.noticeId().value());
                    insert.setLong(2, row.position());
                    insert.setLong(3, row.knownFrom());
                    insert.setObject(4, closed.knownTo().orElse(null), Types.BIGINT);
                    insert.setObject(5, row.effectiveDate().orElse(null), Types.DATE);
                    insert.setObject(6, row.publishedOn().orElse(null), Types.DATE);
                    insert.setLong(7, row.contentPosition());
                    insert.setObject(8, row.voidedPosition().orElse(null), Types.BIGINT);
                    insert.addBatch();
                }
                insert.executeBatch();
            }
        }
    }
}
