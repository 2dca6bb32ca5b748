package org.policyledger.projections.link;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.policyledger.core.ActionId;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityPair;
import org.policyledger.core.Notice;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.listing.ListingReader.Status;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Answers about parties: entities that are linked, directly or through others. Every question names a position on the recorded
 * axis ({@code known}), which alone decides who is linked with whom; the answer to the same question is the same for ever.
 * Thread-safe.
 */
public final class LinkReader {

    /**
     * A link or an unlinking as it was recorded.
     *
     * @param sequence its place in the pair's own record: what If-Match of the next takes
     * @param unlinkedBy the event that took the link back, where one did by then
     */
    public record LinkView(EntityPair entityIds, String type, ActionId actionId, long position, long sequence,
            Instant recordedAt, String actor, String reason, List<Notice> evidence, Optional<ActionId> unlinkedBy) {}

    /** One entity of a party with its status on every list; {@code name} is that in the entry most recently recorded. */
    public record Member(EntityId entityId, String name, List<Status> lists) {}

    /**
     * A party.
     *
     * @param members in the order of their identifiers
     * @param links those that tie them together, in recorded order
     */
    public record Party(List<Member> members, List<LinkView> links) {}

    private record Row(EntityId other, long from, Optional<Long> to) {}

    private static final String KNOWN = "known_from <= :known AND (known_to IS NULL OR known_to > :known)";

    private final JdbcClient jdbc;
    private final LedgerLog log;
    private final ListingReader listings;

    public LinkReader(JdbcClient jdbc, LedgerLog log, ListingReader listings) {
        this.jdbc = jdbc;
        this.log = log;
        this.listings = listings;
    }

    /**
     * The party of the entity, itself included, as linked at the position, and how each member stands on the day; empty if it has
     * more members than are answered for at once.
     */
    public Optional<Party> party(EntityId entityId, LocalDate asOf, long known, int most) {
        Set<EntityId> members = new TreeSet<>(List.of(entityId));
        TreeSet<Long> links = new TreeSet<>();
        Set<EntityId> added = members;
        while (!added.isEmpty()) {
            List<Row> rows = linksOf(added, known, (long) most * most);
            // That many links do not fit between so few entities.
            if (rows.size() == (long) most * most) {
                return Optional.empty();
            }
            added = new LinkedHashSet<>();
            for (Row row : rows) {
                links.add(row.from());
                if (!members.contains(row.other())) {
                    added.add(row.other());
                }
            }
            members.addAll(added);
            if (members.size() > most) {
                return Optional.empty();
            }
        }
        Map<EntityId, List<Status>> standings = listings.status(members, asOf, known);
        Map<EntityId, String> names = names(members, known);
        return Optional.of(new Party(
                members.stream().map(member -> new Member(member, names.getOrDefault(member, member.value()),
                        Objects.requireNonNull(standings.get(member)))).toList(),
                log.readAt(links).stream().map(stored -> view(stored, Optional.empty())).toList()));
    }

    private List<Row> linksOf(Collection<EntityId> entityIds, long known, long most) {
        return jdbc.sql("SELECT * FROM reading_link WHERE entity_id IN (:entities) AND " + KNOWN + " LIMIT :most")
                .param("entities", entityIds.stream().map(EntityId::value).toList()).param("known", known)
                .param("most", most).query((row, number) -> new Row(new EntityId(row.getString("other_entity_id")),
                        row.getLong("known_from"), Optional.ofNullable(row.getObject("known_to", Long.class))))
                .list();
    }

    private Map<EntityId, String> names(Collection<EntityId> entityIds, long known) {
        Map<EntityId, String> names = new HashMap<>();
        log.readStreams(entityIds.stream().map(EntityId::stream).toList()).values()
                .forEach(stream -> stream.stream().filter(stored -> stored.position() <= known).forEach(stored -> {
                    if (log.payload(stored) instanceof EntityEvent event) {
                        event.content().flatMap(ListingAction::newEntry)
                                .ifPresent(entry -> names.put(event.entityId(), entry.subject().name()));
                    }
                }));
        return names;
    }

    /** Every link and unlinking of the entity recorded by the position, in recorded order. */
    public List<LinkView> links(EntityId entityId, long known) {
        List<Row> rows = jdbc.sql("SELECT * FROM reading_link WHERE entity_id = :entity AND known_from <= :known")
                .param("entity", entityId.value()).param("known", known)
                .query((row, number) -> new Row(new EntityId(row.getString("other_entity_id")),
                        row.getLong("known_from"), Optional.ofNullable(row.getObject("known_to", Long.class))
                                .filter(end -> end <= known)))
                .list();
        TreeSet<Long> positions = new TreeSet<>();
        Map<Long, Long> ends = new HashMap<>();
        rows.forEach(row -> {
            positions.add(row.from());
            row.to().ifPresent(end -> {
                positions.add(end);
                ends.put(row.from(), end);
            });
        });
        Map<Long, StoredEvent> stored = new HashMap<>();
        log.readAt(positions).forEach(event -> stored.put(event.position(), event));
        List<LinkView> views = new ArrayList<>();
        for (long position : positions) {
            views.add(view(Objects.requireNonNull(stored.get(position)), Optional.ofNullable(ends.get(position))
                    .map(end -> new ActionId(Objects.requireNonNull(stored.get(end)).eventId()))));
        }
        return views;
    }

    private LinkView view(StoredEvent stored, Optional<ActionId> unlinkedBy) {
        LinkEvent event = (LinkEvent) log.payload(stored);
        return new LinkView(event.entityIds(), stored.type(), new ActionId(stored.eventId()), stored.position(),
                stored.sequence(), stored.recordedAt(), stored.attributes().getOrDefault("actor", "unknown"),
                event.reason(), event.evidence(), unlinkedBy);
    }
}
