package org.policyledger.api.replay;

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
import org.policyledger.projections.listing.ListingReplay;
import org.policyledger.projections.listing.ListingReplay.Difference;
import org.policyledger.projections.listing.ListingReplay.EntityReplay;
import org.policyledger.projections.listing.ListingReplay.Figures;
import org.policyledger.projections.listing.ListingReplay.ListReplay;
import org.policyledger.projections.listing.ListingReplay.Standing;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Answers what follows from the events alone, beside what the reading says. No answer is kept: it tells of the reading today. */
@RestController
class ReplayController {

    /** An entity by both ways. */
    record EntityReplayAnswer(EntityId entityId, LocalDate asOf, long position, boolean equal, long events,
            Map<ListId, Standing> replayed, Map<ListId, Standing> reading, List<Difference> differences) {}

    /** A list by both ways. */
    record ListReplayAnswer(ListId listId, LocalDate asOf, long position, boolean equal, Figures replayed,
            Figures reading, long differing, List<Difference> differences) {}

    private final ListingReplay replay;
    private final Edge edge;

    ReplayController(ListingReplay replay, Edge edge) {
        this.replay = replay;
        this.edge = edge;
    }

    @GetMapping(path = "/v1/entities/{entityId}/replay", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<EntityReplayAnswer> entity(@PathVariable String entityId, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt) {
        Coordinates at = edge.unguarded(asOf, asKnownAt);
        EntityId id = Edge.parse(entityId, EntityId::new);
        EntityReplay came = replay.entity(id, at.asOf(), at.known()).orElseThrow(
                () -> new Refused(Problem.Kind.UNKNOWN_ENTITY, "Nothing is recorded about entity " + id));
        return ResponseEntity.ok().cacheControl(CacheControl.noStore())
                .body(new EntityReplayAnswer(id, at.asOf(), at.known(), came.differences().isEmpty(), came.events(),
                        came.replayed(), came.reading(), came.differences()));
    }

    @GetMapping(path = "/v1/lists/{listId}/replay", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<ListReplayAnswer> list(@PathVariable String listId, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt) {
        Coordinates at = edge.unguarded(asOf, asKnownAt);
        ListId id = Edge.parse(listId, ListId::new);
        ListReplay came = replay.list(id, at.asOf(), at.known())
                .orElseThrow(() -> new Refused(Problem.Kind.UNKNOWN_LIST, "List " + id
                        + " is not registered as known at position " + at.known() + ": /v1/lists tells which are"));
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(new ListReplayAnswer(id, at.asOf(),
                at.known(), came.replayed().equals(came.reading()) && came.differences().isEmpty(), came.replayed(),
                came.reading(), came.differing(), came.differences()));
    }
}
