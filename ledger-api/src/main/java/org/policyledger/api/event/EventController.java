package org.policyledger.api.event;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.policyledger.api.Edge;
import org.policyledger.api.Edge.Coordinates;
import org.policyledger.api.Edge.PageRequest;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.core.Check;
import org.policyledger.core.EntityId;
import org.policyledger.core.EventNames;
import org.policyledger.core.ListId;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.EventFilter;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows the recorded events themselves, byte for byte: CloudEvents 1.0 in RFC 8785 canonical JSON. */
@RestController
@RequestMapping("/v1/events")
class EventController {

    private static final String ONE = "application/cloudevents+json";
    private static final String BATCH = "application/cloudevents-batch+json";
    private static final String LAST_EVENT_ID = "Last-Event-ID";
    private static final Pattern EVENT_ID = Pattern.compile("-1|[0-9]{1,18}");

    private final LedgerLog log;
    private final ListingReader reader;
    private final Edge edge;
    private final LiveEvents live;

    EventController(LedgerLog log, ListingReader reader, Edge edge, LiveEvents live) {
        this.log = log;
        this.reader = reader;
        this.edge = edge;
        this.live = live;
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

    /** The events from a position on, and those that are yet to come: Server-Sent Events, without end. */
    @GetMapping(produces = LiveEvents.MEDIA_TYPE)
    void live(@RequestParam Optional<Long> after, @RequestParam Optional<Long> through,
            @RequestParam Optional<String> type, @RequestParam Optional<String> entityId,
            @RequestParam Optional<String> listId,
            @RequestParam Optional<String> actor, @RequestParam Optional<String> dossier,
            @RequestParam Optional<String> cursor, @RequestParam Optional<Integer> limit,
            @RequestHeader(LAST_EVENT_ID) Optional<String> lastEventId, HttpServletRequest request,
            HttpServletResponse response) throws IOException {
        if (through.isPresent() || cursor.isPresent() || limit.isPresent()) {
            throw Refused
                    .malformed("through, cursor and limit are about pages, and the live stream has none and no end:"
                            + " leave them out, or read pages with Accept: " + MediaType.APPLICATION_NDJSON_VALUE);
        }
        EventFilter filter = filter(type, entityId, listId, actor, dossier);
        // A client that received nothing yet may send the header without a value.
        Optional<String> last = lastEventId.filter(id -> !id.isEmpty());
        long from = last.map(EventController::eventId).or(() -> after).orElse(-1L);
        long head = log.head();
        if (from < -1 || from >= head) {
            throw new Refused(Problem.Kind.UNKNOWN_POSITION, (last.isPresent() ? LAST_EVENT_ID : "after") + " " + from
                    + " is not the position of a recorded event: " + (head == 0
                            ? "nothing is recorded yet"
                            : "they are 0 to " + (head - 1))
                    + "; use one of them, or -1 to start with the first. A position that was sent before and is not"
                    + " recorded any more is of another ledger, or of one that was restored from a backup");
        }
        live.open(request, response, filter, from);
    }

    private static long eventId(String given) {
        if (!EVENT_ID.matcher(given).matches()) {
            throw Refused.malformed(LAST_EVENT_ID + " '" + Check.excerpt(given)
                    + "' is not an id of the live stream: send the last one received, a position such as 42, or leave"
                    + " it out");
        }
        return Long.parseLong(given);
    }

    @GetMapping(path = "/{actionId}", produces = {ONE, MediaType.APPLICATION_JSON_VALUE})
    ResponseEntity<byte[]> one(@PathVariable String actionId) {
        StoredEvent event = edge.event(actionId);
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
        EventFilter filter = filter(type, entityId, listId, actor, dossier);
        PageRequest page = edge.page(cursor, limit);
        Coordinates now = page.pin(edge.unguarded(Optional.empty(), Optional.empty()));
        Coordinates at = through.filter(last -> last < now.known()).map(last -> new Coordinates(now.asOf(), last, true))
                .orElse(now);
        long from = page.afterNumber(after.orElse(-1L));
        // One more than the page holds tells whether there is a next one.
        int wanted = page.limit() + 1;
        List<StoredEvent> found;
        if (filter.isEmpty()) {
            found = log.read(from, wanted).stream().filter(event -> event.position() <= at.known()).toList();
        } else {
            edge.mustBeComplete(ListingProjection.NAME);
            found = log.readAt(new TreeSet<>(
                    reader.positions(filter, from, at.known(), wanted)));
        }
        if (found.size() < wanted) {
            return new Answer(found, at, Optional.empty());
        }
        List<StoredEvent> shown = found.subList(0, page.limit());
        return new Answer(shown, at, Optional.of(Edge.cursor(at, Long.toString(shown.getLast().position()))));
    }

    private static EventFilter filter(Optional<String> type, Optional<String> entityId, Optional<String> listId,
            Optional<String> actor, Optional<String> dossier) {
        type.filter(name -> EventNames.all().noneMatch(known -> known.type().equals(name))).ifPresent(name -> {
            throw Refused.malformed("type '" + Check.excerpt(name) + "' is not an event type: use one of "
                    + EventNames.all().map(EventNames.Name::type).distinct().sorted().toList());
        });
        actor.ifPresent(name -> Edge.parse(name, given -> Check.text("actor", given, 200)));
        dossier.ifPresent(label -> Edge.parse(label, given -> Check.text("dossier", given, 100)));
        return new EventFilter(entityId.map(given -> Edge.parse(given, EntityId::new)),
                listId.map(given -> Edge.parse(given, ListId::new)), type, actor, dossier);
    }
}
