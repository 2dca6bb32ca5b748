package org.policyledger.projections.dossier;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.policyledger.core.ActionId;
import org.policyledger.core.CommitmentId;
import org.policyledger.core.CommitmentState;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityState;
import org.policyledger.core.EventNames;
import org.policyledger.core.ListId;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.CommitmentAssessed;
import org.policyledger.core.event.CommitmentClosed;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.CommitmentRecorded;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.core.event.ListEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;
import org.policyledger.projections.dossier.CommitmentReader.CommitmentView;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.listing.ListingReader.Status;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Tells an affair whole. A dossier holds the actions and commitments that carry its label as known, with all that was found and
 * said about them, and the statements that carry it themselves. What was voided is not told; what was corrected is told as
 * corrected. The order is that of the days and, on one day, that of recording: no position is preferred. Thread-safe.
 */
public final class DossierReader {

    /**
     * One thing that happened.
     *
     * @param date the day an action takes effect, a commitment is made, a finding is made, an end comes or a statement is made
     * @param type the kind of event
     * @param correctedBy the latest correction, where the content is not the one first recorded
     * @param event the content as known
     */
    public record ChronologyItem(LocalDate date, String type, Optional<EntityId> entityId, Optional<ListId> listId,
            Optional<CommitmentId> commitmentId, LedgerEvent event, ActionId actionId, long position,
            Instant recordedAt, Optional<ActionId> correctedBy) {

        private static final Comparator<ChronologyItem> ORDER = Comparator.comparing(ChronologyItem::date)
                .thenComparingLong(ChronologyItem::position);
    }

    /** How an entity of the affair stands on its lists; {@code name} is that in the entry most recently recorded. */
    public record EntityStanding(EntityId entityId, String name, List<Status> lists) {}

    /** The place of an item in a chronology. */
    public record Place(LocalDate date, long position) {}

    /**
     * A page of an affair.
     *
     * @param entities how the entities that the page's items name stand on the day
     * @param commitments how the commitments that they name stand on the day
     * @param next the place after which the next page starts, when there is one
     */
    public record Affair(List<ChronologyItem> chronology, List<EntityStanding> entities,
            List<CommitmentView> commitments, Optional<Place> next) {}

    private final JdbcClient jdbc;
    private final LedgerLog log;
    private final ListingReader listings;
    private final CommitmentReader commitments;

    public DossierReader(JdbcClient jdbc, LedgerLog log, ListingReader listings, CommitmentReader commitments) {
        this.jdbc = jdbc;
        this.log = log;
        this.listings = listings;
        this.commitments = commitments;
    }

    /** A page of the affair up to and with the day, as known at the position; empty if nothing carries the label by then. */
    public Optional<Affair> affair(String dossier, LocalDate asOf, long known, Optional<Place> after, int limit) {
        List<Long> labelled = jdbc
                .sql("SELECT position FROM reading_dossier WHERE dossier = :dossier AND position <= :known")
                .param("dossier", dossier).param("known", known).query(Long.class).list();
        if (labelled.isEmpty()) {
            return Optional.empty();
        }
        Set<String> streams = log.readAt(new TreeSet<>(labelled)).stream()
                .map(stored -> ((LedgerEvent) log.payload(stored)).stream()).collect(Collectors.toSet());
        List<ChronologyItem> found = new ArrayList<>();
        Map<EntityId, String> names = new HashMap<>();
        log.readStreams(streams).values().forEach(stream -> collect(dossier,
                stream.stream().filter(stored -> stored.position() <= known).toList(), found, names));
        List<ChronologyItem> chronology = found.stream().filter(item -> !item.date().isAfter(asOf))
                .sorted(ChronologyItem.ORDER).filter(item -> after.isEmpty() || isAfter(item, after.get())).toList();
        boolean more = chronology.size() > limit;
        List<ChronologyItem> page = more ? chronology.subList(0, limit) : chronology;
        Optional<Place> next = more
                ? Optional.of(new Place(page.getLast().date(), page.getLast().position()))
                : Optional.empty();
        return Optional.of(new Affair(page,
                page.stream().flatMap(item -> item.entityId().stream()).distinct().sorted()
                        .map(id -> new EntityStanding(id, names.getOrDefault(id, id.value()),
                                listings.status(id, Optional.empty(), asOf, known)))
                        .toList(),
                page.stream().flatMap(item -> item.commitmentId().stream()).distinct().sorted()
                        .flatMap(id -> commitments.find(id, asOf, known).stream()).map(detail -> detail.view())
                        .toList(),
                next));
    }

    private static boolean isAfter(ChronologyItem item, Place place) {
        return item.date().isAfter(place.date())
                || (item.date().equals(place.date()) && item.position() > place.position());
    }

    /** Adds what one record, as known, has for the dossier. */
    private void collect(String dossier, List<StoredEvent> stream, List<ChronologyItem> found,
            Map<EntityId, String> names) {
        EntityState entity = EntityState.EMPTY;
        CommitmentState commitment = CommitmentState.EMPTY;
        Map<ActionId, ActionId> corrections = new HashMap<>();
        List<LedgerEvent> events = new ArrayList<>();
        for (StoredEvent stored : stream) {
            LedgerEvent event = (LedgerEvent) log.payload(stored);
            events.add(event);
            ActionId actionId = new ActionId(stored.eventId());
            if (event instanceof EntityEvent about) {
                about.content().flatMap(ListingAction::newEntry)
                        .ifPresent(entry -> names.put(about.entityId(), entry.subject().name()));
            }
            if (event instanceof ActionCorrected corrected) {
                corrections.put(corrected.actionId(), actionId);
            }
            if (event instanceof NoticeRecorded) {
                continue;
            }
            if (isOfCommitment(event)) {
                commitment = commitment.after(event, actionId);
            } else {
                entity = entity.after(event, actionId);
            }
        }
        boolean wholeCommitment = commitment.recorded().flatMap(CommitmentRecorded::dossier).filter(dossier::equals)
                .isPresent();
        EntityState known = entity;
        for (int i = 0; i < events.size(); i++) {
            StoredEvent stored = stream.get(i);
            ActionId actionId = new ActionId(stored.eventId());
            switch (events.get(i)) {
                case ListingAction first -> known.find(actionId).filter(action -> !action.voided())
                        .map(EntityState.KnownAction::action)
                        .filter(action -> action.circumstances().dossier().filter(dossier::equals).isPresent())
                        .ifPresent(action -> found.add(item(action.effectiveDate(), action, stored,
                                Optional.of(action.entityId()), Optional.of(action.listId()), Optional.empty(),
                                Optional.ofNullable(corrections.get(actionId)))));
                case StatementRecorded said -> {
                    if (wholeCommitment || said.dossier().filter(dossier::equals).isPresent()
                            || said.actionId().flatMap(known::find)
                                    .flatMap(action -> action.action().circumstances().dossier())
                                    .filter(dossier::equals).isPresent()) {
                        found.add(item(said.statement().saidOn(), said, stored, said.entityId(), Optional.empty(),
                                said.commitmentId(), Optional.empty()));
                    }
                }
                case CommitmentRecorded made -> addOf(made.commitmentId(), made.commitment().madeOn(), made, stored,
                        wholeCommitment, found);
                case CommitmentAssessed assessed -> addOf(assessed.commitmentId(), assessed.assessment().assessedOn(),
                        assessed, stored, wholeCommitment, found);
                case CommitmentClosed closed -> addOf(closed.commitmentId(), closed.closure().closedOn(), closed,
                        stored, wholeCommitment, found);
                case ActionCorrected told -> {
                    // told with the action it corrected
                }
                case ActionVoided told -> {
                    // what it struck out is not told
                }
                case NoticeRecorded made -> {
                    if (made.dossier().filter(dossier::equals).isPresent()) {
                        made.notice().publishedOn().or(() -> made.content().effectiveDate())
                                .ifPresent(date -> found.add(item(date, made, stored, Optional.empty(),
                                        Optional.empty(), Optional.empty(), Optional.empty())));
                    }
                }
                case ListEvent elsewhere -> throw new IllegalStateException(
                        "position " + stored.position() + " is about a list and carries no label");
                case LinkEvent elsewhere -> throw new IllegalStateException(
                        "position " + stored.position() + " is about a link and carries no label");
            }
        }
    }

    private static boolean isOfCommitment(LedgerEvent event) {
        return event instanceof CommitmentEvent
                || (event instanceof StatementRecorded said && said.commitmentId().isPresent());
    }

    private static void addOf(CommitmentId commitmentId, LocalDate date, LedgerEvent event, StoredEvent stored,
            boolean belongs, List<ChronologyItem> found) {
        if (belongs) {
            found.add(item(date, event, stored, Optional.empty(), Optional.empty(), Optional.of(commitmentId),
                    Optional.empty()));
        }
    }

    private static ChronologyItem item(LocalDate date, LedgerEvent event, StoredEvent stored,
            Optional<EntityId> entityId, Optional<ListId> listId, Optional<CommitmentId> commitmentId,
            Optional<ActionId> correctedBy) {
        return new ChronologyItem(date, EventNames.of(event.getClass()).type(), entityId, listId, commitmentId, event,
                new ActionId(stored.eventId()), stored.position(), stored.recordedAt(), correctedBy);
    }
}
