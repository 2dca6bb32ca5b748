package org.policyledger.api.entity;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.policyledger.api.Edge;
import org.policyledger.api.Edge.Coordinates;
import org.policyledger.api.Html;
import org.policyledger.api.Rows;
import org.policyledger.api.Rows.Column;
import org.policyledger.api.log.EvidenceBundle;
import org.policyledger.api.log.Proofs;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.ListId;
import org.policyledger.core.Notice;
import org.policyledger.core.Statement;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.StatementRecorded;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.listing.ListingReader.HistoryItem;
import org.policyledger.projections.listing.ListingReader.Period;
import org.policyledger.projections.listing.ListingReader.Status;
import org.springframework.http.CacheControl;
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

    /**
     * The status on each list.
     *
     * @param proof if asked for, the events that decided it, proved; absent where none did
     */
    record StatusAnswer(EntityId entityId, LocalDate asOf, long position, List<Status> lists,
            Optional<Proofs.Evidence> proof) {}

    /** What a bundle of evidence is about: the status, and the whole history that it follows from. */
    record EvidenceAnswer(StatusAnswer status, List<HistoryItem> history) {}

    /** The periods on each list. */
    record TimelineAnswer(EntityId entityId, long position, Map<ListId, List<Period>> lists) {}

    /** What was recorded, in recorded order. */
    record HistoryAnswer(EntityId entityId, long position, List<HistoryItem> actions) {}

    /** The columns of the history as a table. Their names and order are a promise: new ones are added at the end only. */
    private static final List<Column<HistoryItem>> HISTORY = List.of(Column.of("position", HistoryItem::position),
            Column.of("sequence", HistoryItem::sequence), Column.of("actionId", HistoryItem::actionId),
            Column.of("type", HistoryItem::type), new Column<>("listId", HistoryItem::listId),
            new Column<>("effectiveDate", HistoryItem::effectiveDate),
            new Column<>("until", item -> item.onListing().flatMap(EntityEvent::content).flatMap(ListingAction::term)),
            circumstance("basis", about -> Optional.of(about.basis())),
            Column.of("recordedAt", HistoryItem::recordedAt),
            circumstance("announcedOn", Circumstances::announcedOn), notice("publishedOn", Notice::publishedOn),
            circumstance("applicableAsOf", Circumstances::applicableAsOf), Column.of("actor", HistoryItem::actor),
            notice("noticePublisher", notice -> Optional.of(notice.publisher())),
            notice("noticeReference", notice -> Optional.of(notice.reference())), notice("noticeTitle", Notice::title),
            notice("noticeUrl", Notice::url), notice("noticeSha256", Notice::sha256),
            circumstance("cause", Circumstances::cause),
            circumstance("rationale", about -> about.rationale().map(Circumstances.Rationale::text)),
            circumstance("rationaleSource", about -> about.rationale().flatMap(Circumstances.Rationale::source)),
            new Column<>("dossier",
                    item -> item.onListing().flatMap(event -> event.circumstances().dossier())
                            .or(() -> item.statement().flatMap(StatementRecorded::dossier))),
            Column.list("changes", HistoryItem::changes),
            new Column<>("corrects", HistoryItem::corrects), new Column<>("voids", HistoryItem::voids),
            Column.list("correctedBy", HistoryItem::correctedBy), new Column<>("voidedBy", HistoryItem::voidedBy),
            new Column<>("statementOn", item -> item.statement().flatMap(StatementRecorded::actionId)),
            statement("speaker", Statement::speaker), statement("organisation", Statement::organisation),
            statement("saidOn", said -> Optional.of(said.saidOn())),
            statement("stance", said -> Optional.of(said.stance())),
            statement("text", said -> Optional.of(said.text())), statement("language", Statement::language));

    private final ListingReader reader;
    private final Edge edge;
    private final Proofs proofs;
    private final EvidenceBundle bundle;

    EntityController(ListingReader reader, Edge edge, Proofs proofs, EvidenceBundle bundle) {
        this.reader = reader;
        this.edge = edge;
        this.proofs = proofs;
        this.bundle = bundle;
    }

    @GetMapping
    ResponseEntity<Profile> profile(@PathVariable String entityId, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt, HttpServletRequest request) {
        Coordinates at = edge.coordinates(request, asOf, asKnownAt);
        EntityId id = Edge.known(reader, entityId, at.known());
        List<HistoryItem> history = reader.history(id, at.known());
        String name = history.stream().flatMap(item -> item.onListing().stream())
                .flatMap(event -> event.content().stream())
                .flatMap(action -> action.newEntry().stream()).map(entry -> entry.subject().name())
                .reduce((first, last) -> last).orElse(id.value());
        long sequence = history.getLast().sequence();
        // Of the day that is today another answer is given tomorrow, though nothing may be recorded meanwhile.
        String tag = asOf.isPresent() ? Long.toString(sequence) : sequence + ";" + at.asOf();
        return answer(request, at).eTag("\"" + tag + "\"").body(new Profile(id, name, sequence, at.asOf(), at.known(),
                reader.status(id, Optional.empty(), at.asOf(), at.known())));
    }

    @GetMapping("/status")
    ResponseEntity<StatusAnswer> status(@PathVariable String entityId, @RequestParam Optional<String> listId,
            @RequestParam Optional<String> asOf, @RequestParam Optional<String> asKnownAt,
            @RequestParam(defaultValue = "false") boolean proof, HttpServletRequest request) {
        Coordinates at = edge.coordinates(request, asOf, asKnownAt);
        Optional<ListId> list = list(listId, at);
        EntityId id = ever(entityId);
        List<Status> lists = reader.status(id, list, at.asOf(), at.known());
        TreeSet<Long> deciding = new TreeSet<>();
        if (proof) {
            // A correction stands in the log beside what it corrects: both decide.
            reader.history(id, at.known()).stream()
                    .filter(item -> lists.stream().flatMap(status -> status.decidedBy().stream())
                            .anyMatch(decided -> decided.position() == item.position()
                                    || decided.actionId().equals(item.actionId())))
                    .forEach(item -> deciding.add(item.position()));
        }
        ResponseEntity.BodyBuilder answer = answer(request, at);
        if (proof) {
            // The checkpoint that it is proved against is another one soon.
            answer.cacheControl(CacheControl.noCache());
        }
        return answer.body(new StatusAnswer(id, at.asOf(), at.known(), lists,
                deciding.isEmpty() ? Optional.empty() : Optional.of(proofs.of(deciding))));
    }

    @GetMapping(path = "/evidence", produces = EvidenceBundle.ZIP)
    ResponseEntity<byte[]> evidence(@PathVariable String entityId, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt, HttpServletRequest request) {
        Coordinates at = edge.coordinates(request, asOf, asKnownAt);
        EntityId id = Edge.known(reader, entityId, at.known());
        List<HistoryItem> history = reader.history(id, at.known());
        return bundle.answer(id.value(), "entity " + id + " as of " + at.asOf(),
                new EvidenceAnswer(
                        new StatusAnswer(id, at.asOf(), at.known(),
                                reader.status(id, Optional.empty(), at.asOf(), at.known()), Optional.empty()),
                        history),
                history.stream().map(HistoryItem::position).collect(Collectors.toCollection(TreeSet::new)));
    }

    @GetMapping("/timeline")
    ResponseEntity<TimelineAnswer> timeline(@PathVariable String entityId, @RequestParam Optional<String> listId,
            @RequestParam Optional<String> asKnownAt, HttpServletRequest request) {
        Coordinates at = onKnownAxis(request, asKnownAt);
        Optional<ListId> list = list(listId, at);
        EntityId id = ever(entityId);
        return answer(request, at).body(new TimelineAnswer(id, at.known(), reader.timeline(id, list, at.known())));
    }

    @GetMapping("/history")
    ResponseEntity<HistoryAnswer> history(@PathVariable String entityId, @RequestParam Optional<String> asKnownAt,
            HttpServletRequest request) {
        Coordinates at = onKnownAxis(request, asKnownAt);
        EntityId id = ever(entityId);
        return answer(request, at).body(new HistoryAnswer(id, at.known(), reader.history(id, at.known())));
    }

    @GetMapping(path = "/history", produces = Rows.CSV)
    ResponseEntity<Rows<HistoryItem>> historyTable(@PathVariable String entityId,
            @RequestParam Optional<String> asKnownAt, HttpServletRequest request) {
        Coordinates at = onKnownAxis(request, asKnownAt);
        EntityId id = ever(entityId);
        return rendered(request, at).body(Rows.of(reader.history(id, at.known()), HISTORY));
    }

    @GetMapping(path = "/history", produces = MediaType.TEXT_HTML_VALUE)
    ResponseEntity<String> historyPage(@PathVariable String entityId, @RequestParam Optional<String> asKnownAt,
            HttpServletRequest request) {
        Coordinates at = onKnownAxis(request, asKnownAt);
        EntityId id = ever(entityId);
        return rendered(request, at).headers(Html.headers(HistoryPage.STYLE))
                .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
                .body(HistoryPage.of(id, at.known(), reader.history(id, at.known())));
    }

    /** The head of an answer whose body has no place for the position. */
    private ResponseEntity.BodyBuilder rendered(HttpServletRequest request, Coordinates at) {
        return answer(request, at).header("Ledger-Position", Long.toString(at.known()));
    }

    /** A question without a day: its answer is pinned as soon as the position is. */
    private Coordinates onKnownAxis(HttpServletRequest request, Optional<String> asKnownAt) {
        return edge.coordinates(request, Optional.of("1900-01-01"), asKnownAt);
    }

    private static Column<HistoryItem> circumstance(String name, Function<Circumstances, Optional<?>> value) {
        return new Column<>(name, item -> item.onListing().flatMap(event -> value.apply(event.circumstances())));
    }

    private static Column<HistoryItem> statement(String name, Function<Statement, Optional<?>> value) {
        return new Column<>(name, item -> item.statement().flatMap(said -> value.apply(said.statement())));
    }

    private static Column<HistoryItem> notice(String name, Function<Notice, Optional<?>> value) {
        return new Column<>(name, item -> item.onListing().flatMap(event -> event.circumstances().notice())
                .or(() -> item.statement().flatMap(said -> said.statement().source())).flatMap(value));
    }

    private Optional<ListId> list(Optional<String> listId, Coordinates at) {
        return listId.map(given -> Edge.registered(reader, given, at.known()));
    }

    /** An entity of which something is recorded by now, if perhaps not yet at the position asked for. */
    private EntityId ever(String entityId) {
        return Edge.known(reader, entityId, Long.MAX_VALUE);
    }

    private ResponseEntity.BodyBuilder answer(HttpServletRequest request, Coordinates at) {
        return edge.memento(request, at, Optional.empty());
    }
}
