package org.policyledger.projections.dossier;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.policyledger.core.ActionId;
import org.policyledger.core.Assessment;
import org.policyledger.core.Closure;
import org.policyledger.core.Commitment;
import org.policyledger.core.CommitmentId;
import org.policyledger.core.CommitmentState;
import org.policyledger.core.CommitmentState.Standing;
import org.policyledger.core.CommitmentState.State;
import org.policyledger.core.Statement;
import org.policyledger.core.event.CommitmentAssessed;
import org.policyledger.core.event.CommitmentClosed;
import org.policyledger.core.event.CommitmentRecorded;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.StatementRecorded;
import org.policyledger.projections.listing.ListingReader.Page;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Answers about commitments. Every question names a day ({@code asOf}), up to and with which what was made, found, said and ended
 * counts, and a position on the recorded axis ({@code known}); the answer to the same question is the same for ever. Thread-safe.
 */
public final class CommitmentReader {

    /** A finding with its place. */
    public record AssessmentView(Assessment assessment, ActionId actionId, long position, Instant recordedAt) {}

    /** An end with its place. */
    public record ClosureView(Closure closure, ActionId actionId, long position, Instant recordedAt) {}

    /** A statement with its place. */
    public record StatementView(Statement statement, Optional<String> dossier, ActionId actionId, long position,
            Instant recordedAt) {}

    /**
     * How a commitment stands on a day.
     *
     * @param overdue whether the day by which it was to be fulfilled has gone by and it is open still
     * @param reviewOn the day of the next review that is set
     * @param actionIds the listing actions it was given for
     * @param latestAssessment the finding that stands
     * @param actionId the event that made it known
     */
    public record CommitmentView(CommitmentId commitmentId, State state, boolean overdue, Optional<LocalDate> reviewOn,
            Commitment commitment, List<ActionId> actionIds, Optional<String> dossier,
            Optional<AssessmentView> latestAssessment, Optional<ClosureView> closure, ActionId actionId, long position,
            Instant recordedAt) {}

    /**
     * A commitment with all that was found and said about it by the day, in the order of the days and then of recording.
     *
     * @param sequence that of the commitment's last event known
     */
    public record CommitmentDetail(CommitmentView view, long sequence, List<AssessmentView> assessments,
            List<StatementView> statements) {}

    /**
     * Which commitments are asked for.
     *
     * @param overdue whether they are overdue on the day
     * @param reviewDueBy those open whose next review is set for that day or an earlier one
     */
    public record Wanted(Optional<State> state, Optional<String> dossier, Optional<Boolean> overdue,
            Optional<LocalDate> reviewDueBy) {}

    private record Located(CommitmentId commitmentId, State state, Optional<LocalDate> dueOn,
            Optional<LocalDate> reviewOn, long recorded, Optional<Long> assessed, Optional<Long> closed) {

        Stream<Long> positions() {
            return Stream.of(Stream.of(recorded), assessed.stream(), closed.stream()).flatMap(each -> each);
        }
    }

    private final JdbcClient jdbc;
    private final LedgerLog log;

    public CommitmentReader(JdbcClient jdbc, LedgerLog log) {
        this.jdbc = jdbc;
        this.log = log;
    }

    /** One commitment, if it is recorded by the position; before the day it was made on its state is {@code NOT_MADE}. */
    public Optional<CommitmentDetail> find(CommitmentId commitmentId, LocalDate asOf, long known) {
        CommitmentState state = CommitmentState.EMPTY;
        Map<ActionId, StoredEvent> places = new HashMap<>();
        List<StatementView> statements = new ArrayList<>();
        for (StoredEvent stored : log.readStream(commitmentId.stream(), 0)) {
            if (stored.position() <= known) {
                LedgerEvent event = (LedgerEvent) log.payload(stored);
                ActionId actionId = new ActionId(stored.eventId());
                places.put(actionId, stored);
                state = state.after(event, actionId);
                if (event instanceof StatementRecorded said && !said.statement().saidOn().isAfter(asOf)) {
                    statements.add(new StatementView(said.statement(), said.dossier(), actionId, stored.position(),
                            stored.recordedAt()));
                }
            }
        }
        if (state.recorded().isEmpty()) {
            return Optional.empty();
        }
        statements.sort(Comparator.comparing((StatementView said) -> said.statement().saidOn())
                .thenComparingLong(StatementView::position));
        List<AssessmentView> assessments = state.assessments().stream()
                .filter(each -> !each.assessment().assessedOn().isAfter(asOf))
                .map(each -> assessment(each.assessment(), Objects.requireNonNull(places.get(each.actionId()))))
                .toList();
        Optional<Standing> standing = state.at(asOf);
        CommitmentRecorded made = state.recorded().get();
        StoredEvent place = places.values().stream().filter(stored -> stored.sequence() == 0).findFirst()
                .orElseThrow();
        CommitmentView view = new CommitmentView(commitmentId, state.stateAt(asOf), state.overdueAt(asOf),
                standing.flatMap(Standing::reviewOn), made.commitment(), made.actionIds(), made.dossier(),
                standing.flatMap(Standing::latest)
                        .map(each -> assessment(each.assessment(),
                                Objects.requireNonNull(places.get(each.actionId())))),
                standing.flatMap(Standing::closure)
                        .map(each -> closure(each.closure(), Objects.requireNonNull(places.get(each.actionId())))),
                new ActionId(place.eventId()), place.position(), place.recordedAt());
        return Optional.of(new CommitmentDetail(view, state.nextSequence() - 1, assessments, statements));
    }

    /** A page of the commitments made by the day that are wanted, in the order of their identifiers, after the given one. */
    public Page<CommitmentView> commitments(Wanted wanted, LocalDate asOf, long known, String afterCommitment,
            int limit) {
        StringBuilder sql = new StringBuilder("SELECT * FROM reading_commitment WHERE commitment_id > :after"
                + " AND valid_from <= :asOf AND (valid_to IS NULL OR valid_to > :asOf)"
                + " AND known_from <= :known AND (known_to IS NULL OR known_to > :known)");
        wanted.state().ifPresent(state -> sql.append(" AND state = :state"));
        wanted.dossier().ifPresent(label -> sql.append(" AND dossier = :dossier"));
        wanted.overdue().ifPresent(overdue -> sql.append(overdue
                ? " AND state = 'OPEN' AND due_on < :asOf"
                : " AND (state <> 'OPEN' OR due_on IS NULL OR due_on >= :asOf)"));
        wanted.reviewDueBy().ifPresent(day -> sql.append(" AND state = 'OPEN' AND review_on <= :reviewDueBy"));
        JdbcClient.StatementSpec query = jdbc.sql(sql.append(" ORDER BY commitment_id LIMIT :limit").toString())
                .param("after", afterCommitment).param("asOf", asOf).param("known", known).param("limit", limit + 1);
        wanted.state().ifPresent(state -> query.param("state", state.name()));
        wanted.dossier().ifPresent(label -> query.param("dossier", label));
        wanted.reviewDueBy().ifPresent(day -> query.param("reviewDueBy", day));
        List<Located> located = query
                .query((row, number) -> new Located(new CommitmentId(row.getString("commitment_id")),
                        State.valueOf(row.getString("state")),
                        Optional.ofNullable(row.getObject("due_on", LocalDate.class)),
                        Optional.ofNullable(row.getObject("review_on", LocalDate.class)),
                        row.getLong("recorded_position"),
                        Optional.ofNullable(row.getObject("assessed_position", Long.class)),
                        Optional.ofNullable(row.getObject("closed_position", Long.class))))
                .list();
        boolean more = located.size() > limit;
        List<Located> page = more ? located.subList(0, limit) : located;
        Map<Long, StoredEvent> stored = new HashMap<>();
        log.readAt(page.stream().flatMap(Located::positions)
                .collect(Collectors.toCollection(TreeSet::new)))
                .forEach(event -> stored.put(event.position(), event));
        return new Page<>(page.stream().map(at -> view(at, stored, asOf)).toList(),
                more ? Optional.of(page.getLast().commitmentId().value()) : Optional.empty());
    }

    private CommitmentView view(Located at, Map<Long, StoredEvent> stored, LocalDate asOf) {
        StoredEvent place = stored(stored, at.recorded());
        CommitmentRecorded made = (CommitmentRecorded) log.payload(place);
        return new CommitmentView(at.commitmentId(), at.state(),
                at.state() == State.OPEN && at.dueOn().filter(asOf::isAfter).isPresent(), at.reviewOn(),
                made.commitment(), made.actionIds(), made.dossier(),
                at.assessed().map(position -> stored(stored, position)).map(
                        event -> assessment(((CommitmentAssessed) log.payload(event)).assessment(), event)),
                at.closed().map(position -> stored(stored, position))
                        .map(event -> closure(((CommitmentClosed) log.payload(event)).closure(), event)),
                new ActionId(place.eventId()), place.position(), place.recordedAt());
    }

    private static StoredEvent stored(Map<Long, StoredEvent> stored, long position) {
        StoredEvent event = stored.get(position);
        if (event == null) {
            throw new IllegalStateException(
                    "the reading points to position " + position + ", which the log does not hold");
        }
        return event;
    }

    private static AssessmentView assessment(Assessment assessment, StoredEvent at) {
        return new AssessmentView(assessment, new ActionId(at.eventId()), at.position(), at.recordedAt());
    }

    private static ClosureView closure(Closure closure, StoredEvent at) {
        return new ClosureView(closure, new ActionId(at.eventId()), at.position(), at.recordedAt());
    }
}
