package org.policyledger.api.projection;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.core.Check;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.Rebuild.Busy;
import org.policyledger.projections.Rebuild.Progress;
import org.policyledger.projections.Rebuilds;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.search.NameSearch;
import org.policyledger.store.LedgerLog;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Tells how far the readings are, and has them made anew beside themselves. */
@RestController
@RequestMapping(path = "/v1/projections", produces = MediaType.APPLICATION_JSON_VALUE)
class ProjectionController {

    /** What a reading is doing. */
    enum Work {
        /** It reflects all that is recorded. */
        CURRENT,
        /** It reflects less, and is being kept up. */
        CATCHING_UP,
        /** It is not being kept up: the service's log says why. */
        STOPPED
    }

    /**
     * A reading.
     *
     * @param lag events recorded that it does not reflect yet
     * @param rebuild the latest rebuild that this service was asked for
     */
    record Projection(String name, Work state, long position, long lag, boolean healthy, Optional<Progress> rebuild) {}

    record ProjectionsAnswer(long head, List<Projection> projections) {}

    /** The latest rebuild of a reading that this service was asked for; absent if there was none since it started. */
    record RebuildAnswer(String name, Optional<Progress> rebuild) {}

    private final LedgerLog log;
    private final Catchup catchup;
    private final NameSearch search;
    private final Rebuilds rebuilds;

    ProjectionController(LedgerLog log, Catchup catchup, NameSearch search, Rebuilds rebuilds) {
        this.log = log;
        this.catchup = catchup;
        this.search = search;
        this.rebuilds = rebuilds;
    }

    @GetMapping
    ResponseEntity<ProjectionsAnswer> projections() {
        // The head comes last: no reading may seem to be ahead of it.
        long listings = catchup.position();
        long names = search.position();
        long head = log.head();
        return now().body(new ProjectionsAnswer(head,
                List.of(projection(ListingProjection.NAME, listings, head, catchup.isHealthy()),
                        projection(NameSearch.NAME, names, head, search.isHealthy()))));
    }

    private Projection projection(String name, long position, long head, boolean healthy) {
        long lag = head - 1 - position;
        return new Projection(name, !healthy ? Work.STOPPED : lag == 0 ? Work.CURRENT : Work.CATCHING_UP, position, lag,
                healthy, rebuilds.progress(name));
    }

    @PostMapping("/{name}/rebuild")
    ResponseEntity<RebuildAnswer> start(@PathVariable String name,
            @RequestParam(defaultValue = "false") boolean switchIfDifferent) {
        String known = known(name);
        try {
            Progress begun = rebuilds.start(known, switchIfDifferent);
            return ResponseEntity.status(HttpStatus.ACCEPTED).cacheControl(CacheControl.noStore())
                    .location(URI.create("/v1/projections/" + known + "/rebuild"))
                    .body(new RebuildAnswer(known, Optional.of(begun)));
        } catch (Busy busy) {
            throw new Refused(Problem.Kind.REBUILD_RUNNING, String.valueOf(busy.getMessage()));
        }
    }

    @GetMapping("/{name}/rebuild")
    ResponseEntity<RebuildAnswer> rebuild(@PathVariable String name) {
        String known = known(name);
        return now().body(new RebuildAnswer(known, rebuilds.progress(known)));
    }

    @DeleteMapping("/{name}/rebuild")
    ResponseEntity<RebuildAnswer> cancel(@PathVariable String name) throws InterruptedException {
        String known = known(name);
        return now().body(new RebuildAnswer(known, rebuilds.cancel(known)));
    }

    private String known(String name) {
        if (!rebuilds.names().contains(name)) {
            throw new Refused(Problem.Kind.UNKNOWN_PROJECTION, "There is no reading '" + Check.excerpt(name)
                    + "': use one of " + String.join(", ", rebuilds.names()));
        }
        return name;
    }

    private static ResponseEntity.BodyBuilder now() {
        return ResponseEntity.ok().cacheControl(CacheControl.noStore());
    }
}
