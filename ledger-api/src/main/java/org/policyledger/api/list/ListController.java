package org.policyledger.api.list;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.policyledger.api.Edge;
import org.policyledger.api.Edge.Coordinates;
import org.policyledger.api.Edge.PageRequest;
import org.policyledger.api.Edge.Views;
import org.policyledger.api.Refused;
import org.policyledger.api.action.Receipt;
import org.policyledger.api.action.Recorder;
import org.policyledger.api.snapshot.SnapshotImport;
import org.policyledger.core.Command.RegisterList;
import org.policyledger.core.ListId;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.listing.ListingReader.ListChange;
import org.policyledger.projections.listing.ListingReader.ListEntry;
import org.policyledger.projections.listing.ListingReader.ListRevision;
import org.policyledger.projections.listing.ListingReader.ListView;
import org.policyledger.projections.listing.ListingReader.Page;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Registers lists, imports their files and answers about them. */
@RestController
@RequestMapping(path = "/v1/lists", produces = MediaType.APPLICATION_JSON_VALUE)
class ListController {

    record ListsAnswer(LocalDate asOf, long position, List<ListView> lists) {}

    record ListAnswer(LocalDate asOf, long position, ListView list) {}

    record EntriesAnswer(ListId listId, LocalDate asOf, long position, List<ListEntry> entries,
            Optional<String> cursor) {}

    record ChangesAnswer(ListId listId, LocalDate from, LocalDate to, long position, List<ListChange> changes,
            Optional<String> cursor) {}

    /** The positions are those the two views reflect. */
    record RevisionsAnswer(ListId listId, LocalDate asOf, long knownFrom, long knownTo, List<ListRevision> revisions,
            Optional<String> cursor) {}

    private final ListingReader reader;
    private final Recorder recorder;
    private final SnapshotImport snapshots;
    private final Edge edge;

    ListController(ListingReader reader, Recorder recorder, SnapshotImport snapshots, Edge edge) {
        this.reader = reader;
        this.recorder = recorder;
        this.snapshots = snapshots;
        this.edge = edge;
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Receipt> register(HttpServletRequest request) throws IOException {
        byte[] body = edge.body(request, edge.limits().action());
        RegisterList command = Edge.command(body, RegisterList.class);
        Receipt receipt = recorder.record(command, edge.caller(request, body));
        return edge.answer(receipt, request, "/v1/lists/" + command.listId());
    }

    @PostMapping("/{listId}/snapshots")
    ResponseEntity<SnapshotImport.Result> importSnapshot(@PathVariable String listId, @RequestParam String format,
            @RequestParam String snapshotDate, @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestParam(defaultValue = "false") boolean backfill, @RequestParam Optional<Double> maxDrop,
            @RequestParam Optional<String> cursor, @RequestParam Optional<Integer> limit, HttpServletRequest request)
            throws IOException {
        PageRequest page = edge.page(cursor, limit);
        byte[] file = edge.body(request, edge.limits().snapshot());
        SnapshotImport.Request order = new SnapshotImport.Request(Edge.parse(listId, ListId::new), format,
                Edge.date("snapshotDate", snapshotDate), dryRun, backfill, share(maxDrop.orElse(edge.maxDrop())));
        SnapshotImport.Result result = snapshots.run(order, file, edge.callerOfMany(request, file), page);
        if (dryRun) {
            return ResponseEntity.ok(result);
        }
        boolean seen = !Edge.respondAsync(request) && edge.seen(result.position());
        ResponseEntity.BodyBuilder answer = Edge.written(request, seen, HttpStatus.CREATED);
        result.next().ifPresent(next -> answer.header(HttpHeaders.LINK, "<" + next + ">; rel=\"next\""));
        return answer.body(result);
    }

    private static double share(double maxDrop) {
        if (!(maxDrop >= 0 && maxDrop <= 1)) {
            throw Refused
                    .malformed("maxDrop " + maxDrop + " is not a share: use 0 to 1, where 0.2 is one entry in five");
        }
        return maxDrop;
    }

    @GetMapping
    ResponseEntity<ListsAnswer> lists(@RequestParam Optional<String> asOf, @RequestParam Optional<String> asKnownAt) {
        Coordinates at = edge.coordinates(asOf, asKnownAt);
        return Edge.page(at, Optional.empty())
                .body(new ListsAnswer(at.asOf(), at.known(), reader.lists(at.asOf(), at.known())));
    }

    @GetMapping("/{listId}")
    ResponseEntity<ListAnswer> list(@PathVariable String listId, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt) {
        Coordinates at = edge.coordinates(asOf, asKnownAt);
        return Edge.page(at, Optional.empty())
                .body(new ListAnswer(at.asOf(), at.known(),
                        reader.list(Edge.registered(reader, listId, at.known()), at.asOf(), at.known()).orElseThrow()));
    }

    @GetMapping("/{listId}/entries")
    ResponseEntity<EntriesAnswer> entries(@PathVariable String listId, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt, @RequestParam Optional<String> cursor,
            @RequestParam Optional<Integer> limit) {
        PageRequest page = edge.page(cursor, limit);
        Coordinates at = page.pin(edge.coordinates(asOf, asKnownAt));
        ListId id = Edge.registered(reader, listId, at.known());
        Page<ListEntry> entries = reader.entries(id, at.asOf(), at.known(), page.after(), page.limit());
        Optional<String> next = entries.next().map(after -> Edge.cursor(at, after));
        return Edge.page(at, next).body(new EntriesAnswer(id, at.asOf(), at.known(), entries.items(), next));
    }

    @GetMapping("/{listId}/changes")
    ResponseEntity<ChangesAnswer> changes(@PathVariable String listId, @RequestParam String from,
            @RequestParam String to,
            @RequestParam Optional<String> asKnownAt, @RequestParam Optional<String> cursor,
            @RequestParam Optional<Integer> limit) {
        LocalDate first = Edge.date("from", from);
        LocalDate last = Edge.date("to", to);
        if (last.isBefore(first)) {
            throw Refused.malformed("from " + first + " is after to " + last + ": changes are asked for forwards");
        }
        PageRequest page = edge.page(cursor, limit);
        Coordinates at = page.pin(edge.coordinates(Optional.of(to), asKnownAt));
        ListId id = Edge.registered(reader, listId, at.known());
        Page<ListChange> changes = reader.changes(id, first, last, at.known(), page.after(), page.limit());
        Optional<String> next = changes.next().map(after -> Edge.cursor(at, after));
        return Edge.page(at, next).body(new ChangesAnswer(id, first, last, at.known(), changes.items(), next));
    }

    @GetMapping("/{listId}/revisions")
    ResponseEntity<RevisionsAnswer> revisions(@PathVariable String listId, @RequestParam Optional<String> asOf,
            @RequestParam String knownFrom, @RequestParam Optional<String> knownTo,
            @RequestParam Optional<String> cursor, @RequestParam Optional<Integer> limit) {
        PageRequest page = edge.page(cursor, limit);
        Views views = edge.views(asOf, knownFrom, knownTo, page);
        Coordinates at = views.at();
        ListId id = Edge.registered(reader, listId, at.known());
        Page<ListRevision> revisions = reader.revisions(id, at.asOf(), views.knownFrom(), at.known(), views.after(),
                page.limit());
        Optional<String> next = revisions.next().map(views::cursor);
        return Edge.page(at, next).body(
                new RevisionsAnswer(id, at.asOf(), views.knownFrom(), at.known(), revisions.items(), next));
    }
}
