package org.policyledger.projections.dossier;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.policyledger.core.ActionId;
import org.policyledger.core.CommitmentId;
import org.policyledger.core.CommitmentState;
import org.policyledger.core.EntityState;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.CommitmentRecorded;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.core.event.ListEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;
import org.policyledger.projections.listing.ListingProjection.Fact;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;

/**
 * Keeps the readings of commitments and dossiers, in the same batches and transactions as the listings reading. The rows depend
 * on the events alone; how the batches are cut makes no difference. Used by one thread at a time.
 */
public final class DossierProjection {

    private record Change(CommitmentId commitmentId, long position, CommitmentRow row, boolean begins) {}

    private final LedgerLog log;

    public DossierProjection(LedgerLog log) {
        this.log = log;
    }

    /** Writes the rows that the facts come to; the caller's transaction also holds its token. */
    public void write(List<Fact> facts, Connection connection) throws SQLException {
        long first = facts.getFirst().position();
        long last = facts.getLast().position();
        Map<Long, Set<String>> labels = new TreeMap<>();
        List<Change> changes = new ArrayList<>();
        log.readStreams(streamsToKnow(facts, labels)).values()
                .forEach(events -> walk(events, first, last, labels, changes));
        insertLabels(labels, connection);
        apply(changes, connection);
    }

    /** The labels of affairs that the facts carry, by position; facts that carry none are left out. Thread-safe. */
    public Map<Long, Set<String>> labels(List<Fact> facts) {
        Map<Long, Set<String>> labels = new TreeMap<>();
        log.readStreams(streamsToKnow(facts, labels)).values().forEach(events -> walk(events,
                facts.getFirst().position(), facts.getLast().position(), labels, new ArrayList<>()));
        return labels;
    }

    /** The records without which the facts cannot be placed; an action as it is taken says all there is to say itself. */
    private static Set<String> streamsToKnow(List<Fact> facts, Map<Long, Set<String>> labels) {
        Set<String> streams = new LinkedHashSet<>();
        for (Fact fact : facts) {
            if (fact.event() instanceof ListingAction action) {
                action.circumstances().dossier().ifPresent(label -> labels.put(fact.position(), Set.of(label)));
            } else if (fact.event() instanceof NoticeRecorded notice) {
                notice.dossier().ifPresent(label -> labels.put(fact.position(), Set.of(label)));
            } else if (!(fact.event() instanceof ListEvent) && !(fact.event() instanceof LinkEvent)) {
                streams.add(fact.event().stream());
            }
        }
        return streams;
    }

    /** Goes through one record up to the last fact. */
    private void walk(List<StoredEvent> events, long first, long last, Map<Long, Set<String>> labels,
            List<Change> changes) {
        EntityState entity = EntityState.EMPTY;
        CommitmentState commitment = CommitmentState.EMPTY;
        List<CommitmentRow> rows = List.of();
        Map<ActionId, Long> positions = new HashMap<>();
        for (StoredEvent stored : events) {
            long position = stored.position();
            if (position > last) {
                return;
            }
            LedgerEvent event = (LedgerEvent) log.payload(stored);
            ActionId actionId = new ActionId(stored.eventId());
            Optional<CommitmentId> about = commitmentOf(event);
            Set<String> carried;
            if (about.isPresent()) {
                positions.put(actionId, position);
                commitment = commitment.after(event, actionId);
                List<CommitmentRow> next = CommitmentRow.of(commitment, events.getFirst().position(), positions);
                if (position >= first) {
                    supersede(about.get(), position, rows, next, changes);
                }
                rows = next;
                carried = labels(commitment, event);
            } else {
                carried = labels(entity, event);
                entity = entity.after(event, actionId);
            }
            if (position >= first && !carried.isEmpty()) {
                labels.put(position, carried);
            }
        }
    }

    private static Optional<CommitmentId> commitmentOf(LedgerEvent event) {
        return switch (event) {
            case CommitmentEvent about -> Optional.of(about.commitmentId());
            case StatementRecorded said -> said.commitmentId();
            case EntityEvent elsewhere -> Optional.empty();
            case ListEvent elsewhere -> Optional.empty();
            case LinkEvent elsewhere -> Optional.empty();
            case NoticeRecorded elsewhere -> Optional.empty();
        };
    }

    /** The labels that an event about an entity carries, and those of the action it is about as known before it. */
    private static Set<String> labels(EntityState before, LedgerEvent event) {
        return switch (event) {
            case ListingAction action -> set(List.of(action.circumstances().dossier()));
            case ActionCorrected corrected -> set(List.of(corrected.circumstances().dossier(),
                    corrected.replacement().circumstances().dossier(), label(before, corrected.actionId())));
            case ActionVoided voided ->
                set(List.of(voided.circumstances().dossier(), label(before, voided.actionId())));
            case StatementRecorded said ->
                set(List.of(said.dossier(), said.actionId().flatMap(actionId -> label(before, actionId))));
            case CommitmentEvent elsewhere -> Set.of();
            case LinkEvent elsewhere -> Set.of();
            case ListEvent elsewhere -> Set.of();
            case NoticeRecorded elsewhere -> Set.of();
        };
    }

    /** The labels of an event in a commitment's record: the commitment's own go for all that is about it. */
    private static Set<String> labels(CommitmentState known, LedgerEvent event) {
        return set(List.of(known.recorded().flatMap(CommitmentRecorded::dossier),
                event instanceof StatementRecorded said ? said.dossier() : Optional.empty()));
    }

    private static Optional<String> label(EntityState known, ActionId actionId) {
        return known.find(actionId).flatMap(action -> action.action().circumstances().dossier());
    }

    private static Set<String> set(List<Optional<String>> labels) {
        Set<String> set = new TreeSet<>();
        labels.stream().flatMap(Optional::stream).forEach(set::add);
        return set;
    }

    private static void supersede(CommitmentId commitmentId, long position, List<CommitmentRow> before,
            List<CommitmentRow> after, List<Change> changes) {
        before.stream().filter(row -> !after.contains(row))
                .forEach(row -> changes.add(new Change(commitmentId, position, row, false)));
        after.stream().filter(row -> !before.contains(row))
                .forEach(row -> changes.add(new Change(commitmentId, position, row, true)));
    }

    private static void insertLabels(Map<Long, Set<String>> labels, Connection connection) throws SQLException {
        if (labels.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection
                .prepareStatement("INSERT INTO reading_dossier (dossier, position) VALUES (?, ?)")) {
            for (Map.Entry<Long, Set<String>> event : labels.entrySet()) {
                for (String label : event.getValue()) {
                    insert.setString(1, label);
                    insert.setLong(2, event.getKey());
                    insert.addBatch();
                }
            }
            insert.executeBatch();
        }
    }

    private static void apply(List<Change> changes, Connection connection) throws SQLException {
        if (changes.isEmpty()) {
            return;
        }
        try (PreparedStatement end = connection.prepareStatement("""
                UPDATE reading_commitment SET known_to = ?
                WHERE commitment_id = ? AND valid_from = ? AND known_to IS NULL""");
                PreparedStatement begin = connection.prepareStatement("""
                        INSERT INTO reading_commitment (commitment_id, valid_from, valid_to, known_from, state, due_on,
                            review_on, dossier, recorded_position, assessed_position, closed_position)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")) {
            // One by one and in order: what one event begins the next may end.
            for (Change change : changes) {
                CommitmentRow row = change.row();
                if (change.begins()) {
                    begin.setString(1, change.commitmentId().value());
                    begin.setObject(2, row.validFrom());
                    begin.setObject(3, row.validTo().orElse(null), Types.DATE);
                    begin.setLong(4, change.position());
                    begin.setString(5, row.state().name());
                    begin.setObject(6, row.dueOn().orElse(null), Types.DATE);
                    begin.setObject(7, row.reviewOn().orElse(null), Types.DATE);
                    begin.setString(8, row.dossier().orElse(null));
                    begin.setLong(9, row.recordedPosition());
                    begin.setObject(10, row.assessedPosition().orElse(null), Types.BIGINT);
                    begin.setObject(11, row.closedPosition().orElse(null), Types.BIGINT);
                    begin.executeUpdate();
                } else {
                    end.setLong(1, change.position());
                    end.setString(2, change.commitmentId().value());
                    end.setObject(3, row.validFrom());
                    if (end.executeUpdate() != 1) {
                        throw new IllegalStateException("how commitment " + change.commitmentId() + " stood from "
                                + row.validFrom() + " was not found in the reading");
                    }
                }
            }
        }
    }
}
