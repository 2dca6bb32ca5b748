package org.policyledger.api.link;

import jakarta.servlet.http.HttpServletRequest;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.policyledger.api.Edge;
import org.policyledger.api.Edge.Coordinates;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.core.EntityId;
import org.policyledger.projections.link.LinkReader;
import org.policyledger.projections.link.LinkReader.LinkView;
import org.policyledger.projections.link.LinkReader.Member;
import org.policyledger.projections.link.LinkReader.Party;
import org.policyledger.projections.listing.ListingReader;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Answers about the party that an entity belongs to, and about its links. */
@RestController
@RequestMapping(path = "/v1/entities/{entityId}", produces = MediaType.APPLICATION_JSON_VALUE)
class LinkController {

    /** The entity and all that are linked with it, and the links that say so. */
    record PartyAnswer(EntityId entityId, LocalDate asOf, long position, List<Member> members,
            List<LinkView> links) {}

    /** Every link and unlinking, in recorded order. */
    record LinksAnswer(EntityId entityId, long position, List<LinkView> links) {}

    private final LinkReader reader;
    private final ListingReader listings;
    private final Edge edge;

    LinkController(LinkReader reader, ListingReader listings, Edge edge) {
        this.reader = reader;
        this.listings = listings;
        this.edge = edge;
    }

    @GetMapping("/party")
    ResponseEntity<PartyAnswer> party(@PathVariable String entityId, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt, HttpServletRequest request) {
        Coordinates at = edge.coordinates(request, asOf, asKnownAt);
        EntityId id = Edge.known(listings, entityId, Long.MAX_VALUE);
        int most = edge.limits().party();
        Party party = reader.party(id, at.asOf(), at.known(), most)
                .orElseThrow(() -> new Refused(Problem.Kind.PARTY_TOO_LARGE, "More than " + most
                        + " entities are linked with " + id + " as known at position " + at.known()
                        + ": ask for the links of each and for its own status, or let the operator raise the limit"));
        return edge.memento(request, at, Optional.empty())
                .body(new PartyAnswer(id, at.asOf(), at.known(), party.members(), party.links()));
    }

    @GetMapping("/links")
    ResponseEntity<LinksAnswer> links(@PathVariable String entityId, @RequestParam Optional<String> asKnownAt,
            HttpServletRequest request) {
        // A question without a day: its answer is pinned as soon as the position is.
        Coordinates at = edge.coordinates(request, Optional.of("1900-01-01"), asKnownAt);
        EntityId id = Edge.known(listings, entityId, Long.MAX_VALUE);
        return edge.memento(request, at, Optional.empty())
                .body(new LinksAnswer(id, at.known(), reader.links(id, at.known())));
    }
}
