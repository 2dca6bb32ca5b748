package org.policyledger.api.projection;

import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.policyledger.api.Edge;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.core.Check;
import org.policyledger.projections.Completeness;
import org.policyledger.projections.Completeness.Finding;
import org.policyledger.projections.Consumed;
import org.policyledger.projections.Reading;
import org.policyledger.projections.Rebuild.Busy;
import org.policyledger.projections.Rebuild.Progress;
import org.policyledger.projections.Rebuilds;
import org.policyledger.projections.StateHash;
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

/** Tells how far the readings are and what they consumed, hashes what they say, and has them made anew beside themselves. */
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
        STOPPED,
        /** It did not consume what the log holds: it is not answered from until it is rebuilt. */
        INCOMPLETE
    }

    /**
     * What a reading consumed up to its position.
     *
     * @param treeSize how many events
     * @param rootHash of the Merkle tree over them (RFC 6962), in base64 as in a checkpoint
     */
    record Consumption(long treeSize, String rootHash) {}

    /**
     * The latest comparison of what a reading had consumed with the log's own tree.
     *
     * @param position up to which was compared
     */
    record Agreement(long position, boolean agrees, String consumedRootHash, String logRootHash, Instant comparedAt) {}

    /**
     * A digest over all that a reading says at a position.
     *
     * @param rows how many rows, or names, that is
     */
    record State(long position, long rows, String sha256, Instant computedAt) {}

    /**
     * A reading.
     *
     * @param lag events recorded that it does not reflect yet
     * @param compared absent until there was a comparison
     * @param stateHash the latest that this service was asked for
     * @param rebuild the latest rebuild that this service was asked for
     */
    record Projection(String name, Work state, long position, long lag, boolean healthy, Consumption consumed,
            Optional<Agreement> compared, Optional<State> stateHash, Optional<Progress> rebuild) {}

    record ProjectionsAnswer(long head, List<Projection> projections) {}

    record StateAnswer(String name, State stateHash) {}

    /** The latest rebuild of a reading that this service was asked for; absent if there was none since it started. */
    record RebuildAnswer(String name, Optional<Progress> rebuild) {}

    private final LedgerLog log;
    private final Completeness completeness;
    private final Rebuilds rebuilds;
    private final Edge edge;
    private final Map<String, State> states = new ConcurrentHashMap<>();

    ProjectionController(LedgerLog log, Completeness completeness, Rebuilds rebuilds, Edge edge) {
        this.log = log;
        this.completeness = completeness;
        this.rebuilds = rebuilds;
        this.edge = edge;
    }

    @GetMapping
    ResponseEntity<ProjectionsAnswer> projections() {
        // The head comes last: no reading may seem to be ahead of it.
        List<Consumed> consumed = completeness.readings().stream().map(Reading::consumed).toList();
        long head = log.head();
        List<Projection> projections = new ArrayList<>();
        for (int i = 0; i < consumed.size(); i++) {
            projections.add(projection(completeness.readings().get(i), consumed.get(i), head));
        }
        return now().body(new ProjectionsAnswer(head, projections));
    }

    private Projection projection(Reading reading, Consumed consumed, long head) {
        String name = reading.name();
        long lag = head - 1 - consumed.position();
        // Asked once: the state and what it rests on are of one comparison.
        Optional<Finding> compared = completeness.latest(name);
        boolean incomplete = compared.filter(finding -> !finding.agrees()).isPresent();
        Work work = incomplete
                ? Work.INCOMPLETE
                : !reading.isHealthy() ? Work.STOPPED : lag == 0 ? Work.CURRENT : Work.CATCHING_UP;
        return new Projection(name, work, consumed.position(), lag, !incomplete && reading.isHealthy(),
                new Consumption(consumed.events().size(), consumed.events().root().base64()),
                compared.map(ProjectionController::agreement),
                Optional.ofNullable(states.get(name)), rebuilds.progress(name));
    }

    private static Agreement agreement(Finding finding) {
        return new Agreement(finding.consumed().position(), finding.agrees(),
                finding.consumed().events().root().base64(), finding.logRoot().base64(), finding.at());
    }

    /** Reads all of the reading: one request at a time does. */
    @GetMapping("/{name}/state-hash")
    synchronized ResponseEntity<StateAnswer> stateHash(@PathVariable String name,
            @RequestParam Optional<String> asKnownAt) throws InterruptedException {
        Reading reading = reading(name);
        OptionalLong at = asKnownAt.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(edge.unguarded(Optional.empty(), asKnownAt).known());
        try {
            StateHash hash = reading.stateHash(at);
            State state = new State(hash.position(), hash.rows(), hash.sha256(), Instant.now());
            states.put(reading.name(), state);
            return now().body(new StateAnswer(reading.name(), state));
        } catch (Reading.NoPast none) {
            throw new Refused(Problem.Kind.UNKNOWN_POSITION, String.valueOf(none.getMessage()));
        }
    }

    @PostMapping("/{name}/rebuild")
    ResponseEntity<RebuildAnswer> start(@PathVariable String name,
            @RequestParam(defaultValue = "false") boolean switchIfDifferent) {
        String known = reading(name).name();
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
        String known = reading(name).name();
        return now().body(new RebuildAnswer(known, rebuilds.progress(known)));
    }

    @DeleteMapping("/{name}/rebuild")
    ResponseEntity<RebuildAnswer> cancel(@PathVariable String name) throws InterruptedException {
        String known = reading(name).name();
        return now().body(new RebuildAnswer(known, rebuilds.cancel(known)));
    }

    private Reading reading(String name) {
        for (Reading reading : completeness.readings()) {
            if (reading.name().equals(name)) {
                return reading;
            }
        }
        throw new Refused(Problem.Kind.UNKNOWN_PROJECTION,
                "There is no reading '" + Check.excerpt(name) + "': use one of "
                        + completeness.readings().stream().map(Reading::name).collect(Collectors.joining(", ")));
    }

    private static ResponseEntity.BodyBuilder now() {
        return ResponseEntity.ok().cacheControl(CacheControl.noStore());
    }
}
