package org.policyledger.api.entity;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.policyledger.api.Edge;
import org.policyledger.api.Edge.Coordinates;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.core.EntityId;
import org.policyledger.core.ListId;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.listing.ListingReader.HistoryItem;
import org.policyledger.projections.listing.ListingReader.Period;
import org.policyledger.projections.listing.ListingReader.Status;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Answers about one entity. */
@RestController
@RequestMapping(path = "/v1/entities/{entityId}", produces = MediaType.APPLICATION_JSON_VALUE)
class EntityController {

    /**
     * An entity with its status on every list.
     *
     * @param name the name in the entry most recently put in force, as known
     * @param sequence that of the entity's last event known: what If-Match takes
     */
    record Profile(EntityId entityId, String name, long sequence, LocalDate asOf, long position, List<Status> lists) {}

    /** The status on each list. */
    record StatusAnswer(EntityId entityId, LocalDate asOf, long position, List<Status> lists) {}

    /** The periods on each list. */
    record TimelineAnswer(EntityId entityId, long position, Map<ListId, List<Period>> lists) {}

    /** What was recorded, in recorded order. */
    record HistoryAnswer(EntityId entityId, long position, List<HistoryItem> actions) {}

    private final ListingReader reader;
    private final Edge edge;

    EntityController(ListingReader reader, Edge edge) {
        this.reader = reader;
        this.edge = edge;
    }

    @GetMapping
    ResponseEntity<Profile> profile(@PathVariable String entityId, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt) {
        Coordinates at = edge.coordinates(asOf, asKnownAt);
        EntityId id = known(entityId, at.known());
        List<HistoryItem> history = reader.history(id, at.known());
        String name = history.stream().map(HistoryItem::event).filter(EntityEvent.class::isInstance)
                .map(EntityEvent.class::cast).flatMap(event -> event.content().stream())
                .flatMap(action -> action.newEntry().stream()).map(entry -> entry.subject().name())
                .reduce((first, last) -> last).orElse(id.value());
        long sequence = history.getLast().sequence();
        // Of the day that is today another answer is given tomorrow, though nothing may be recorded meanwhile.
        String tag = asOf.isPresent() ? Long.toString(sequence) : sequence + ";" + at.asOf();
        return answer(at).eTag("\"" + tag + "\"").body(new Profile(id, name, sequence, at.asOf(), at.known(),
                reader.status(id, Optional.empty(), at.asOf(), at.known())));
    }

    @GetMapping("/status")
    ResponseEntity<StatusAnswer> status(@PathVariable String entityId, @RequestParam Optional<String> listId,
            @RequestParam Optional<String> asOf, @RequestParam Optional<String> asKnownAt) {
        Coordinates at = edge.coordinates(asOf, asKnownAt);
        Optional<ListId> list = list(listId, at);
        EntityId id = ever(entityId);
        return answer(at)
                .body(new StatusAnswer(id, at.asOf(), at.known(), reader.status(id, list, at.asOf(), at.known())));
    }

    @GetMapping("/timeline")
    ResponseEntity<TimelineAnswer> timeline(@PathVariable String entityId, @RequestParam Optional<String> listId,
            @RequestParam Optional<String> asKnownAt) {
        Coordinates at = onKnownAxis(asKnownAt);
        Optional<ListId> list = list(listId, at);
        EntityId id = ever(entityId);
        return answer(at).body(new TimelineAnswer(id, at.known(), reader.timeline(id, list, at.known())));
    }

    @GetMapping("/history")
    ResponseEntity<HistoryAnswer> history(@PathVariable String entityId, @RequestParam Optional<String> asKnownAt) {
        Coordinates at = onKnownAxis(asKnownAt);
        EntityId id = ever(entityId);
        return answer(at).body(new HistoryAnswer(id, at.known(), reader.history(id, at.known())));
    }

    /** A question without a day: its answer is pinned as soon as the position is. */
    private Coordinates onKnownAxis(Optional<String> asKnownAt) {
        return edge.coordinates(Optional.of("1900-01-01"), asKnownAt);
    }

    private Optional<ListId> list(Optional<String> listId, Coordinates at) {
        return listId.map(given -> Edge.registered(reader, given, at.known()));
    }

    /** An entity of which something is recorded by now, if perhaps not yet at the position asked for. */
    private EntityId ever(String entityId) {
        return known(entityId, Long.MAX_VALUE);
    }

    private EntityId known(String entityId, long position) {
        EntityId id = Edge.parse(entityId, EntityId::new);
        if (!reader.knows(id, position)) {
            throw new Refused(Problem.Kind.UNKNOWN_ENTITY, "Nothing is recorded about entity " + id
                    + (position == Long.MAX_VALUE ? "" : " up to position " + position));
        }
        return id;
    }

    private static ResponseEntity.BodyBuilder answer(Coordinates at) {
        return ResponseEntity.ok().cacheControl(at.caching());
    }
}
