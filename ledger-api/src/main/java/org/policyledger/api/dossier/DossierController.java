package org.policyledger.api.dossier;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.policyledger.api.Edge;
import org.policyledger.api.Edge.Coordinates;
import org.policyledger.api.Edge.PageRequest;
import org.policyledger.api.Html;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.api.log.EvidenceBundle;
import org.policyledger.core.Check;
import org.policyledger.projections.EventFilter;
import org.policyledger.projections.dossier.CommitmentReader.CommitmentView;
import org.policyledger.projections.dossier.DossierReader;
import org.policyledger.projections.dossier.DossierReader.Affair;
import org.policyledger.projections.dossier.DossierReader.ChronologyItem;
import org.policyledger.projections.dossier.DossierReader.EntityStanding;
import org.policyledger.projections.dossier.DossierReader.Place;
import org.policyledger.projections.listing.ListingReader;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Tells an affair whole: as JSON, or as a page to read and print. */
@RestController
@RequestMapping("/v1/dossiers/{dossier}")
class DossierController {

    private static final MediaType HTML = new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8);
    /** More than a bundle takes: it says so itself. */
    private static final int MOST_ITEMS = 100_000;
    private static final Pattern PLACE = Pattern.compile("([0-9]{4}-[0-9]{2}-[0-9]{2}):([0-9]{1,18})");

    /** An affair as a chronology, with how its entities and commitments stand on the day. */
    record DossierAnswer(String dossier, LocalDate asOf, long position, List<ChronologyItem> chronology,
            List<EntityStanding> entities, List<CommitmentView> commitments, Optional<String> cursor) {}

    private final DossierReader reader;
    private final Edge edge;
    private final ListingReader listings;
    private final EvidenceBundle bundle;

    DossierController(DossierReader reader, Edge edge, ListingReader listings, EvidenceBundle bundle) {
        this.reader = reader;
        this.edge = edge;
        this.listings = listings;
        this.bundle = bundle;
    }

    @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<DossierAnswer> dossier(@PathVariable String dossier, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt, @RequestParam Optional<String> cursor,
            @RequestParam Optional<Integer> limit) {
        PageRequest page = edge.page(cursor, limit);
        Coordinates at = page.pin(edge.coordinates(asOf, asKnownAt));
        DossierAnswer answer = answer(dossier, at, page);
        return Edge.page(at, answer.cursor()).body(answer);
    }

    @GetMapping(produces = MediaType.TEXT_HTML_VALUE)
    ResponseEntity<byte[]> page(@PathVariable String dossier, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt, @RequestParam Optional<String> cursor,
            @RequestParam Optional<Integer> limit) {
        PageRequest page = edge.page(cursor, Optional.of(limit.orElse(edge.limits().page())));
        Coordinates at = page.pin(edge.coordinates(asOf, asKnownAt));
        DossierAnswer answer = answer(dossier, at, page);
        return Edge.page(at, answer.cursor()).headers(Html.headers(DossierPage.STYLE)).contentType(HTML)
                .body(DossierPage.of(answer).getBytes(StandardCharsets.UTF_8));
    }

    @GetMapping(path = "/evidence", produces = EvidenceBundle.ZIP)
    ResponseEntity<byte[]> evidence(@PathVariable String dossier, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt) {
        Coordinates at = edge.coordinates(asOf, asKnownAt);
        DossierAnswer answer = answer(dossier, at, new PageRequest("", Optional.empty(), MOST_ITEMS));
        return bundle.answer(answer.dossier(), "dossier " + answer.dossier() + " as of " + at.asOf(), answer,
                new TreeSet<>(listings.positions(EventFilter.ofDossier(answer.dossier()), -1, at.known(), MOST_ITEMS)));
    }

    private DossierAnswer answer(String dossier, Coordinates at, PageRequest page) {
        String label = CommitmentController.label(dossier);
        Affair affair = reader.affair(label, at.asOf(), at.known(), place(page.after()), page.limit())
                .orElseThrow(() -> new Refused(Problem.Kind.UNKNOWN_DOSSIER, "Nothing carries the label '"
                        + Check.excerpt(label) + "' as known at position " + at.known()
                        + ": take the dossier of an action, a commitment or a statement"));
        Optional<String> next = affair.next().map(place -> Edge.cursor(at, place.date() + ":" + place.position()));
        return new DossierAnswer(label, at.asOf(), at.known(), affair.chronology(), affair.entities(),
                affair.commitments(), next);
    }

    private static Optional<Place> place(String after) {
        if (after.isEmpty()) {
            return Optional.empty();
        }
        Matcher form = PLACE.matcher(after);
        if (!form.matches()) {
            throw Refused.malformed("cursor is one that another address gave: start again without it");
        }
        return Optional.of(new Place(Edge.date("cursor", form.group(1)), Long.parseLong(form.group(2))));
    }
}
