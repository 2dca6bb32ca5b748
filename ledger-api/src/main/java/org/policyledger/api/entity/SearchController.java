package org.policyledger.api.entity;

import jakarta.servlet.http.HttpServletRequest;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.policyledger.api.Edge;
import org.policyledger.api.Edge.Coordinates;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.core.Check;
import org.policyledger.core.Entry;
import org.policyledger.core.ListId;
import org.policyledger.core.Timeline;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.search.NameSearch;
import org.policyledger.projections.search.NameSearch.Found;
import org.policyledger.projections.search.NameSearch.Hit;
import org.policyledger.projections.search.NameSearch.Question;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Finds entities by name. */
@RestController
@RequestMapping(path = "/v1/entities", produces = MediaType.APPLICATION_JSON_VALUE)
class SearchController {

    private static final int DEFAULT_LIMIT = 20;

    /** Entities with a name that fits, best first; {@code more} tells whether others fit too. */
    record SearchAnswer(String name, LocalDate asOf, long position, List<Hit> hits, boolean more) {}

    private final NameSearch search;
    private final ListingReader reader;
    private final Edge edge;

    SearchController(NameSearch search, ListingReader reader, Edge edge) {
        this.search = search;
        this.reader = reader;
        this.edge = edge;
    }

    @GetMapping
    ResponseEntity<SearchAnswer> search(@RequestParam String name, @RequestParam Optional<String> listId,
            @RequestParam Optional<String> type, @RequestParam Optional<String> country,
            @RequestParam Optional<String> status, @RequestParam Optional<String> asOf,
            @RequestParam Optional<Integer> limit, HttpServletRequest request) {
        if (request.getParameter("asKnownAt") != null) {
            throw Refused.malformed("asKnownAt is not taken here: a search is about all that is recorded; ask for the"
                    + " status of what it finds as known then");
        }
        Coordinates at = edge.coordinates(asOf, Optional.empty());
        edge.mustBeComplete(NameSearch.NAME);
        Optional<ListId> list = listId.map(given -> Edge.registered(reader, given, at.known()));
        Question question = Edge.parse(name,
                given -> new Question(given, list, type.map(one -> oneOf("type", one, Entry.Type.values())), country,
                        status.map(one -> oneOf("status", one, Timeline.State.values())), at.asOf(),
                        limit.orElse(DEFAULT_LIMIT)));
        Found found = find(question).orElseThrow(() -> new Refused(Problem.Kind.READING_BEHIND,
                "The search index reflects position " + search.position() + ", not all that is recorded yet"));
        return ResponseEntity.ok().cacheControl(CacheControl.noCache())
                .body(new SearchAnswer(name, question.asOf(), found.position(), found.hits(), found.more()));
    }

    private Optional<Found> find(Question question) {
        try {
            return search.find(question);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static <E extends Enum<E>> E oneOf(String parameter, String given, E[] values) {
        return Stream.of(values).filter(value -> value.name().equals(given)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(parameter + " '" + Check.excerpt(given)
                        + "' is not one of "
                        + Stream.of(values).map(Enum::name).collect(Collectors.joining(", "))));
    }
}
