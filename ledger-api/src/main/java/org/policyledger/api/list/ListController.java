package org.policyledger.api.list;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.policyledger.api.Edge;
import org.policyledger.api.Edge.Coordinates;
import org.policyledger.api.Edge.PageRequest;
import org.policyledger.api.Edge.Views;
import org.policyledger.api.Refused;
import org.policyledger.api.Rows;
import org.policyledger.api.Rows.Column;
import org.policyledger.api.action.Receipt;
import org.policyledger.api.action.Recorder;
import org.policyledger.api.snapshot.CitationBackfill;
import org.policyledger.api.snapshot.SnapshotImport;
import org.policyledger.core.Command.RegisterList;
import org.policyledger.core.LedgerJson;
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

    private static final String AS_OF = "Ledger-As-Of";

    private final ListingReader reader;
    private final Recorder recorder;
    private final SnapshotImport snapshots;
    private final CitationBackfill citations;
    private final Edge edge;

    ListController(ListingReader reader, Recorder recorder, SnapshotImport snapshots,
            CitationBackfill citations, Edge edge) {
        this.reader = reader;
        this.recorder = recorder;
        this.snapshots = snapshots;
        this.citations = citations;
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

    @PostMapping(path = "/{listId}/citations", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<CitationBackfill.Result> backfillCitations(@PathVariable String listId,
            @RequestParam(defaultValue = "false") boolean dryRun, HttpServletRequest request) throws IOException {
        byte[] body = edge.body(request, edge.limits().snapshot());
        CitationBackfill.Files files = LedgerJson.MAPPER.readValue(body, CitationBackfill.Files.class);
        if (files == null) {
            throw Refused.malformed("null holds no files: give an object with the members chain, entries and notices");
        }
        CitationBackfill.Result result = citations.run(Edge.parse(listId, ListId::new), files, dryRun,
                edge.callerOfMany(request, body));
        if (dryRun) {
            return ResponseEntity.ok(result);
        }
        boolean seen = !Edge.respondAsync(request) && edge.seen(result.position());
        return Edge.written(request, seen, HttpStatus.CREATED).body(result);
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
            @RequestParam Optional<String> asKnownAt, HttpServletRequest request) {
        Coordinates at = edge.coordinates(request, asOf, asKnownAt);
        return edge.memento(request, at, Optional.empty())
                .body(new ListAnswer(at.asOf(), at.known(),
                        reader.list(Edge.registered(reader, listId, at.known()), at.asOf(), at.known()).orElseThrow()));
    }

    @GetMapping("/{listId}/entries")
    ResponseEntity<EntriesAnswer> entries(@PathVariable String listId, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt, @RequestParam Optional<String> cursor,
            @RequestParam Optional<Integer> limit, HttpServletRequest request) {
        Asked<ListEntry> asked = askEntries(listId, asOf, asKnownAt, edge.page(cursor, limit), request);
        return asked.head().body(new EntriesAnswer(asked.list(), asked.at().asOf(), asked.at().known(),
                asked.first().items(), asked.next()));
    }

    @GetMapping(path = "/{listId}/entries", produces = {MediaType.APPLICATION_NDJSON_VALUE, Rows.CSV})
    ResponseEntity<Rows<ListEntry>> entryRows(@PathVariable String listId, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt, @RequestParam Optional<String> cursor,
            @RequestParam Optional<Integer> limit, HttpServletRequest request) {
        Asked<ListEntry> asked = askEntries(listId, asOf, asKnownAt, edge.pageOfRows(cursor, limit), request);
        return asked.rows(limit, Tables.ENTRIES, Map.of(AS_OF, asked.at().asOf()));
    }

    private Asked<ListEntry> askEntries(String listId, Optional<String> asOf, Optional<String> asKnownAt,
            PageRequest page, HttpServletRequest request) {
        Coordinates at = page.pin(edge.coordinates(request, asOf, asKnownAt));
        ListId id = Edge.registered(reader, listId, at.known());
        return Asked.of(id, at, page.after(), after -> Edge.cursor(at, after), next -> edge.memento(request, at, next),
                after -> reader.entries(id, at.asOf(), at.known(), after, page.limit()));
    }

    @GetMapping("/{listId}/changes")
    ResponseEntity<ChangesAnswer> changes(@PathVariable String listId, @RequestParam String from,
            @RequestParam String to, @RequestParam Optional<String> asKnownAt, @RequestParam Optional<String> cursor,
            @RequestParam Optional<Integer> limit) {
        Asked<ListChange> asked = askChanges(listId, from, to, asKnownAt, edge.page(cursor, limit));
        return asked.head().body(new ChangesAnswer(asked.list(), Edge.date("from", from), asked.at().asOf(),
                asked.at().known(), asked.first().items(), asked.next()));
    }

    @GetMapping(path = "/{listId}/changes", produces = {MediaType.APPLICATION_NDJSON_VALUE, Rows.CSV})
    ResponseEntity<Rows<ListChange>> changeRows(@PathVariable String listId, @RequestParam String from,
            @RequestParam String to, @RequestParam Optional<String> asKnownAt, @RequestParam Optional<String> cursor,
            @RequestParam Optional<Integer> limit) {
        Asked<ListChange> asked = askChanges(listId, from, to, asKnownAt, edge.pageOfRows(cursor, limit));
        return asked.rows(limit, Tables.CHANGES, Map.of());
    }

    private Asked<ListChange> askChanges(String listId, String from, String to, Optional<String> asKnownAt,
            PageRequest page) {
        LocalDate first = Edge.date("from", from);
        LocalDate last = Edge.date("to", to);
        if (last.isBefore(first)) {
            throw Refused.malformed("from " + first + " is after to " + last + ": changes are asked for forwards");
        }
        Coordinates at = page.pin(edge.coordinates(Optional.of(to), asKnownAt));
        ListId id = Edge.registered(reader, listId, at.known());
        return Asked.of(id, at, page.after(), after -> Edge.cursor(at, after), next -> Edge.page(at, next),
                after -> reader.changes(id, first, at.asOf(), at.known(), after, page.limit()));
    }

    @GetMapping("/{listId}/revisions")
    ResponseEntity<RevisionsAnswer> revisions(@PathVariable String listId, @RequestParam Optional<String> asOf,
            @RequestParam String knownFrom, @RequestParam Optional<String> knownTo,
            @RequestParam Optional<String> cursor, @RequestParam Optional<Integer> limit) {
        PageRequest page = edge.page(cursor, limit);
        Views views = edge.views(asOf, knownFrom, knownTo, page);
        Asked<ListRevision> asked = askRevisions(listId, views, page);
        return asked.head().body(new RevisionsAnswer(asked.list(), asked.at().asOf(), views.knownFrom(),
                asked.at().known(), asked.first().items(), asked.next()));
    }

    @GetMapping(path = "/{listId}/revisions", produces = {MediaType.APPLICATION_NDJSON_VALUE, Rows.CSV})
    ResponseEntity<Rows<ListRevision>> revisionRows(@PathVariable String listId, @RequestParam Optional<String> asOf,
            @RequestParam String knownFrom, @RequestParam Optional<String> knownTo,
            @RequestParam Optional<String> cursor, @RequestParam Optional<Integer> limit) {
        PageRequest page = edge.pageOfRows(cursor, limit);
        Views views = edge.views(asOf, knownFrom, knownTo, page);
        Asked<ListRevision> asked = askRevisions(listId, views, page);
        return asked.rows(limit, Tables.REVISIONS,
                Map.of(AS_OF, asked.at().asOf(), "Ledger-Known-From", views.knownFrom()));
    }

    private Asked<ListRevision> askRevisions(String listId, Views views, PageRequest page) {
        Coordinates at = views.at();
        ListId id = Edge.registered(reader, listId, at.known());
        return Asked.of(id, at, views.after(), views::cursor, next -> Edge.page(at, next),
                after -> reader.revisions(id, at.asOf(), views.knownFrom(), at.known(), after, page.limit()));
    }

    /** A question about a list, with the first page of its answer and the way to the others. */
    private record Asked<T>(ListId list, Coordinates at, Page<T> first, Function<String, String> cursor,
            Function<Optional<String>, ResponseEntity.BodyBuilder> heading, Function<String, Page<T>> pages) {

        static <T> Asked<T> of(ListId list, Coordinates at, String after, Function<String, String> cursor,
                Function<Optional<String>, ResponseEntity.BodyBuilder> heading, Function<String, Page<T>> pages) {
            return new Asked<>(list, at, pages.apply(after), cursor, heading, pages);
        }

        Optional<String> next() {
            return first.next().map(cursor);
        }

        ResponseEntity.BodyBuilder head() {
            return heading.apply(next());
        }

        /** A page where a limit asks for one, else all rows from the first page on. */
        ResponseEntity<Rows<T>> rows(Optional<Integer> limit, List<Column<T>> columns, Map<String, ?> coordinates) {
            ResponseEntity.BodyBuilder head = heading.apply(limit.flatMap(size -> next()));
            coordinates.forEach((name, value) -> head.header(name, value.toString()));
            return head.header("Ledger-Position", Long.toString(at.known()))
                    .body(limit.isPresent() ? Rows.of(first.items(), columns) : new Rows<>(first, pages, columns));
        }
    }
}
