package org.policyledger.api.event;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.policyledger.api.Edge;
import org.policyledger.api.Edge.Coordinates;
import org.policyledger.api.Edge.PageRequest;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.core.ActionId;
import org.policyledger.core.Check;
import org.policyledger.core.EntityId;
import org.policyledger.core.EventNames;
import org.policyledger.core.ListId;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows the recorded events themselves, byte for byte: CloudEvents 1.0 in RFC 8785 canonical JSON. */
@RestController
@RequestMapping("/v1/events")
class EventController {

    private static final String ONE = "application/cloudevents+json";
    private static final String BATCH = "application/cloudevents-batch+json";

    private final LedgerLog log;
    private final ListingReader reader;
    private final Edge edge;

    EventController(LedgerLog log, ListingReader reader, Edge edge) {
        this.log = log;
        this.reader = reader;
        this.edge = edge;
    }

    @GetMapping(produces = {BATCH, MediaType.APPLICATION_JSON_VALUE})
    ResponseEntity<byte[]> batch(@RequestParam Optional<Long> after, @RequestParam Optional<Long> through,
            @RequestParam Optional<String> type, @RequestParam Optional<String> entityId,
            @RequestParam Optional<String> listId,
            @RequestParam Optional<String> actor, @RequestParam Optional<String> dossier,
            @RequestParam Optional<String> cursor,
            @RequestParam Optional<Integer> limit) {
        Answer answer = events(after, through, type, entityId, listId, actor, dossier, cursor, limit);
        return answer.write(BATCH,
                answer.events().stream().map(StoredEvent::event).collect(Collectors.joining(",", "[", "]")));
    }

    @GetMapping(produces = MediaType.APPLICATION_NDJSON_VALUE)
    ResponseEntity<byte[]> lines(@RequestParam Optional<Long> after, @RequestParam Optional<Long> through,
            @RequestParam Optional<String> type, @RequestParam Optional<String> entityId,
            @RequestParam Optional<String> listId,
            @RequestParam Optional<String> actor, @RequestParam Optional<String> dossier,
            @RequestParam Optional<String> cursor,
            @RequestParam Optional<Integer> limit) {
        Answer answer = events(after, through, type, entityId, listId, actor, dossier, cursor, limit);
        return answer.write(MediaType.APPLICATION_NDJSON_VALUE,
                answer.events().stream().map(event -> event.event() + "\n").collect(Collectors.joining()));
    }

    @GetMapping(path = "/{actionId}", produces = {ONE, MediaType.APPLICATION_JSON_VALUE})
    ResponseEntity<byte[]> one(@PathVariable String actionId) {
        ActionId id = Edge.parse(actionId, ActionId::of);
        StoredEvent event = log.find(id.value())
                .orElseThrow(() -> new Refused(Problem.Kind.UNKNOWN_EVENT,
                        "No event " + id + " is recorded: /v1/events lists them"));
        // An event never changes, and comes from the log itself: no reading has to reflect it first.
        return new Answer(List.of(event), new Coordinates(LocalDate.EPOCH, event.position(), true), Optional.empty())
                .write(ONE, event.event());
    }

    private record Answer(List<StoredEvent> events, Coordinates at, Optional<String> next) {
        ResponseEntity<byte[]> write(String mediaType, String body) {
            return Edge.page(at, next).contentType(MediaType.parseMediaType(mediaType))
                    .body(body.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Events by position: all of them straight from the log, filtered ones by way of the reading that indexes them. */
    private Answer events(Optional<Long> after, Optional<Long> through, Optional<String> type,
            Optional<String> entityId,
            Optional<String> listId, Optional<String> actor, Optional<String> dossier, Optional<String> cursor,
            Optional<Integer> limit) {
        type.filter(name -> EventNames.all().noneMatch(known -> known.type().equals(name))).ifPresent(name -> {
            throw Refused.malformed("type '" + Check.excerpt(name) + "' is not an event type: use one of "
                    + EventNames.all().map(EventNames.Name::type).distinct().sorted().toList());
        });
        actor.ifPresent(name -> Edge.parse(name, given -> Check.text("actor", given, 200)));
        dossier.ifPresent(label -> Edge.parse(label, given -> Check.text("dossier", given, 100)));
        PageRequest page = edge.page(cursor, limit);
        Optional<EntityId> entity = entityId.map(given -> Edge.parse(given, EntityId::new));
        Optional<ListId> list = listId.map(given -> Edge.parse(given, ListId::new));
        Coordinates now = page.pin(edge.unguarded(Optional.empty(), Optional.empty()));
        Coordinates at = through.filter(last -> last < now.known()).map(last -> new Coordinates(now.asOf(), last, true))
                .orElse(now);
        long from = page.afterNumber(after.orElse(-1L));
        // One more than the page holds tells whether there is a next one.
        int wanted = page.limit() + 1;
        List<StoredEvent> found;
        if (type.isEmpty() && entity.isEmpty() && list.isEmpty() && actor.isEmpty() && dossier.isEmpty()) {
            found = log.read(from, wanted).stream().filter(event -> event.position() <= at.known()).toList();
        } else {
            edge.mustBeComplete(ListingProjection.NAME);
            found = log.readAt(new TreeSet<>(
                    reader.positions(entity, list, type, actor, dossier, from, at.known(), wanted)));
        }
        if (found.size() < wanted) {
            return new Answer(found, at, Optional.empty());
        }
        List<StoredEvent> shown = found.subList(0, page.limit());
        return new Answer(shown, at, Optional.of(Edge.cursor(at, Long.toString(shown.getLast().position()))));
    }
}
