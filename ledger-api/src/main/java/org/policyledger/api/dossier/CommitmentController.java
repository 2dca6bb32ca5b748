package org.policyledger.api.dossier;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.policyledger.api.Edge;
import org.policyledger.api.Edge.Coordinates;
import org.policyledger.api.Edge.PageRequest;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.core.Check;
import org.policyledger.core.CommitmentId;
import org.policyledger.core.CommitmentState.State;
import org.policyledger.projections.dossier.CommitmentReader;
import org.policyledger.projections.dossier.CommitmentReader.AssessmentView;
import org.policyledger.projections.dossier.CommitmentReader.CommitmentDetail;
import org.policyledger.projections.dossier.CommitmentReader.CommitmentView;
import org.policyledger.projections.dossier.CommitmentReader.StatementView;
import org.policyledger.projections.dossier.CommitmentReader.Wanted;
import org.policyledger.projections.listing.ListingReader.Page;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Answers about commitments. */
@RestController
@RequestMapping(path = "/v1/commitments", produces = MediaType.APPLICATION_JSON_VALUE)
class CommitmentController {

    record CommitmentsAnswer(LocalDate asOf, long position, List<CommitmentView> commitments,
            Optional<String> cursor) {}

    /**
     * A commitment with all that was found and said about it by the day.
     *
     * @param sequence that of the commitment's last event known: what If-Match takes
     */
    record CommitmentAnswer(CommitmentId commitmentId, LocalDate asOf, long position, long sequence,
            CommitmentView commitment, List<AssessmentView> assessments, List<StatementView> statements) {}

    private final CommitmentReader reader;
    private final Edge edge;

    CommitmentController(CommitmentReader reader, Edge edge) {
        this.reader = reader;
        this.edge = edge;
    }

    @GetMapping
    ResponseEntity<CommitmentsAnswer> commitments(@RequestParam Optional<String> state,
            @RequestParam Optional<String> dossier, @RequestParam Optional<Boolean> overdue,
            @RequestParam Optional<String> reviewDueBy, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt, @RequestParam Optional<String> cursor,
            @RequestParam Optional<Integer> limit) {
        Wanted wanted = new Wanted(state.map(CommitmentController::state), dossier.map(CommitmentController::label),
                overdue, reviewDueBy.map(given -> Edge.date("reviewDueBy", given)));
        PageRequest page = edge.page(cursor, limit);
        Coordinates at = page.pin(edge.coordinates(asOf, asKnownAt));
        Page<CommitmentView> found = reader.commitments(wanted, at.asOf(), at.known(), page.after(), page.limit());
        Optional<String> next = found.next().map(after -> Edge.cursor(at, after));
        return Edge.page(at, next).body(new CommitmentsAnswer(at.asOf(), at.known(), found.items(), next));
    }

    @GetMapping("/{commitmentId}")
    ResponseEntity<CommitmentAnswer> commitment(@PathVariable String commitmentId, @RequestParam Optional<String> asOf,
            @RequestParam Optional<String> asKnownAt) {
        Coordinates at = edge.coordinates(asOf, asKnownAt);
        CommitmentId id = Edge.parse(commitmentId, CommitmentId::new);
        CommitmentDetail detail = reader.find(id, at.asOf(), at.known())
                .orElseThrow(() -> new Refused(Problem.Kind.UNKNOWN_COMMITMENT, "Commitment " + id
                        + " is not recorded as known at position " + at.known() + ": /v1/commitments tells which are"));
        // Of the day that is today another answer is given tomorrow, though nothing may be recorded meanwhile.
        String tag = asOf.isPresent() ? Long.toString(detail.sequence()) : detail.sequence() + ";" + at.asOf();
        return Edge.page(at, Optional.empty()).eTag("\"" + tag + "\"").body(new CommitmentAnswer(id, at.asOf(),
                at.known(), detail.sequence(), detail.view(), detail.assessments(), detail.statements()));
    }

    /** The label of an affair, as a query or an address names it. */
    static String label(String given) {
        return Edge.parse(given, label -> Check.text("dossier", label, 100));
    }

    private static State state(String given) {
        return switch (given) {
            case "OPEN" -> State.OPEN;
            case "CLOSED" -> State.CLOSED;
            default -> throw Refused.malformed("state '" + Check.excerpt(given) + "' is not one a commitment is listed"
                    + " by: use OPEN or CLOSED");
        };
    }
}
