package org.policyledger.projections.dossier;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.core.ActionId;
import org.policyledger.core.CommitmentId;
import org.policyledger.core.CommitmentState;
import org.policyledger.core.CommitmentState.Standing;
import org.policyledger.core.CommitmentState.State;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityState;
import org.policyledger.core.EntityState.KnownAction;
import org.policyledger.core.Histories;
import org.policyledger.core.Histories.Recorded;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.CommitmentAssessed;
import org.policyledger.core.event.CommitmentClosed;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.CommitmentRecorded;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.core.event.ListEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;
import org.policyledger.projections.EventFilter;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.LedgerCodec;
import org.policyledger.projections.dossier.CommitmentReader.CommitmentDetail;
import org.policyledger.projections.dossier.CommitmentReader.CommitmentView;
import org.policyledger.projections.dossier.CommitmentReader.Wanted;
import org.policyledger.projections.dossier.DossierReader.Affair;
import org.policyledger.projections.dossier.DossierReader.Place;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.listing.ListingReader.Page;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Every answer about commitments and affairs equals the oracle's, for generated histories on both databases. */
class DossierOracleTest {

    private static final long FIRST_SEED = 20_231_116;
    private static final int HISTORIES = 3;
    private static final int ENTITIES = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ParameterizedTest
    @EnumSource
    void givenGeneratedHistories_whenAskedAnywhereOnBothAxes_thenTheAnswerIsTheOracles(Databases kind)
            throws Exception {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
            List<Recorded> history = Histories.generate(seed, ENTITIES, 2, 150);
            try (Databases.Fresh database = kind.create();
                    LedgerLog log = LedgerLog.open(database.dataSource(), new LedgerCodec(), LogSettings.defaults())) {
                catchUpInPieces(database, log, history, new Random(seed));
                JdbcClient jdbc = JdbcClient.create(database.dataSource());
                ListingReader listings = new ListingReader(jdbc, log);
                CommitmentReader commitments = new CommitmentReader(jdbc, log);
                new Comparison(history, listings, commitments,
                        new DossierReader(jdbc, log, listings, commitments), kind + ", seed " + seed)
                        .everything(new Random(seed));
            }
        }
    }

    /** With restarts between: how the batches are cut must make no difference. */
    private static void catchUpInPieces(Databases.Fresh database, LedgerLog log, List<Recorded> history, Random random)
            throws InterruptedException {
        int done = 0;
        while (done < history.size()) {
            int piece = Math.min(history.size() - done, 1 + random.nextInt(50));
            try (Catchup catchup = new Catchup(log, database.dataSource())) {
                catchup.start();
                log.append(history.subList(done, done + piece).stream()
                        .map(each -> new NewEvent(each.stream(), each.sequence(), each.actionId().value(),
                                each.event(), Map.of("actor", "generator")))
                        .toList(), Optional.empty());
                done += piece;
                assertThat(catchup.await(done - 1, PATIENCE)).isTrue();
            }
        }
    }

    private record Comparison(List<Recorded> history, ListingReader listings, CommitmentReader reader,
            DossierReader dossiers, String called) {

        void everything(Random random) {
            for (int i = 0; i < 150; i++) {
                long known = random.nextInt(history.size() + 1) - 1L;
                LocalDate asOf = Histories.FIRST_DAY.plusDays(random.nextInt(Histories.WINDOW + 40) - 2L);
                for (int n = 0; n < Histories.COMMITMENTS; n++) {
                    one(Histories.commitment(n), asOf, known);
                }
                commitments(new Wanted(pick(random, State.OPEN, State.CLOSED),
                        pick(random, "dossier-0", "dossier-1"), pick(random, true, false),
                        pick(random, asOf, asOf.plusDays(10))), asOf, known, 1 + random.nextInt(4));
                String dossier = "dossier-" + random.nextInt(3);
                affair(dossier, asOf, known, 1 + random.nextInt(12));
                events(dossier, known);
            }
            assertThat(dossiers.affair("unheard-of", Histories.FIRST_DAY, history.size(), Optional.empty(), 10))
                    .isEmpty();
        }

        private static <T> Optional<T> pick(Random random, T one, T other) {
            return random.nextInt(3) == 0 ? Optional.of(random.nextBoolean() ? one : other) : Optional.empty();
        }

        private String about(Object what, LocalDate asOf, long known) {
            return "%s: %s as of %s known at %d".formatted(called, what, asOf, known);
        }

        private void one(CommitmentId id, LocalDate asOf, long known) {
            CommitmentState state = Histories.commitmentAt(history, id, known);
            Optional<CommitmentDetail> answer = reader.find(id, asOf, known);
            assertThat(answer.isPresent()).as(about(id, asOf, known)).isEqualTo(state.recorded().isPresent());
            answer.ifPresent(detail -> {
                same(detail.view(), id, asOf, known);
                assertThat(detail.sequence()).isEqualTo(state.nextSequence() - 1);
                assertThat(detail.assessments().stream().map(each -> each.actionId())).as(about(id, asOf, known))
                        .containsExactlyElementsOf(state.assessments().stream()
                                .filter(each -> !each.assessment().assessedOn().isAfter(asOf))
                                .map(each -> each.actionId()).toList());
                assertThat(detail.statements().stream().map(each -> each.position())).as(about(id, asOf, known))
                        .containsExactlyElementsOf(history.stream()
                                .filter(each -> each.stream().equals(id.stream()) && each.position() <= known)
                                .filter(each -> each.event() instanceof StatementRecorded said
                                        && !said.statement().saidOn().isAfter(asOf))
                                .sorted(Comparator.comparing(each -> ((StatementRecorded) each.event()).statement()
                                        .saidOn()))
                                .map(Recorded::position).toList());
            });
        }

        private void same(CommitmentView view, CommitmentId id, LocalDate asOf, long known) {
            CommitmentState state = Histories.commitmentAt(history, id, known);
            Optional<Standing> standing = state.at(asOf);
            String about = about(id, asOf, known);
            assertThat(view.commitmentId()).as(about).isEqualTo(id);
            assertThat(view.state()).as(about).isEqualTo(state.stateAt(asOf));
            assertThat(view.overdue()).as(about).isEqualTo(state.overdueAt(asOf));
            assertThat(view.reviewOn()).as(about).isEqualTo(standing.flatMap(Standing::reviewOn));
            assertThat(Optional.of(view.commitment())).as(about)
                    .isEqualTo(state.recorded().map(CommitmentRecorded::commitment));
            assertThat(view.latestAssessment().map(each -> each.actionId())).as(about)
                    .isEqualTo(standing.flatMap(Standing::latest).map(each -> each.actionId()));
            assertThat(view.latestAssessment().map(each -> each.assessment())).as(about)
                    .isEqualTo(standing.flatMap(Standing::latest).map(each -> each.assessment()));
            assertThat(view.closure().map(each -> each.closure())).as(about)
                    .isEqualTo(standing.flatMap(Standing::closure).map(each -> each.closure()));
            assertThat(view.actionId()).as(about).isEqualTo(history.stream()
                    .filter(each -> each.stream().equals(id.stream())).findFirst().orElseThrow().actionId());
        }

        private void commitments(Wanted wanted, LocalDate asOf, long known, int pageSize) {
            List<CommitmentId> expected = new ArrayList<>();
            for (int n = 0; n < Histories.COMMITMENTS; n++) {
                CommitmentState state = Histories.commitmentAt(history, Histories.commitment(n), known);
                Optional<Standing> standing = state.at(asOf);
                boolean open = state.stateAt(asOf) == State.OPEN;
                if (standing.isPresent() && wanted.state().map(state.stateAt(asOf)::equals).orElse(true)
                        && wanted.dossier()
                                .map(label -> state.recorded().orElseThrow().dossier().equals(Optional.of(label)))
                                .orElse(true)
                        && wanted.overdue().map(overdue -> overdue == state.overdueAt(asOf)).orElse(true)
                        && wanted.reviewDueBy().map(day -> open && standing.get().reviewOn()
                                .filter(review -> !review.isAfter(day)).isPresent()).orElse(true)) {
                    expected.add(Histories.commitment(n));
                }
            }
            List<CommitmentId> answered = new ArrayList<>();
            Optional<String> after = Optional.of("");
            while (after.isPresent()) {
                Page<CommitmentView> page = reader.commitments(wanted, asOf, known, after.get(), pageSize);
                assertThat(page.items()).hasSizeLessThanOrEqualTo(pageSize);
                page.items().forEach(view -> {
                    same(view, view.commitmentId(), asOf, known);
                    answered.add(view.commitmentId());
                });
                after = page.next();
            }
            assertThat(answered).as(about(wanted, asOf, known)).isEqualTo(expected);
        }

        private void affair(String dossier, LocalDate asOf, long known, int pageSize) {
            List<String> expected = history.stream().filter(each -> each.position() <= known)
                    .flatMap(each -> told(each, dossier, known).stream()
                            .filter(date -> !date.isAfter(asOf)).map(date -> new Place(date, each.position())))
                    .sorted(Comparator.comparing(Place::date).thenComparingLong(Place::position)).map(Place::toString)
                    .toList();
            List<String> answered = new ArrayList<>();
            Optional<Place> after = Optional.empty();
            boolean labelled = true;
            do {
                Optional<Affair> page = dossiers.affair(dossier, asOf, known, after, pageSize);
                labelled = page.isPresent();
                page.ifPresent(told -> {
                    assertThat(told.chronology()).hasSizeLessThanOrEqualTo(pageSize);
                    told.chronology().forEach(
                            item -> answered.add(new Place(item.date(), item.position()).toString()));
                    told.commitments().forEach(view -> same(view, view.commitmentId(), asOf, known));
                    told.entities().forEach(entity -> assertThat(entity.lists())
                            .isEqualTo(listings.status(entity.entityId(), Optional.empty(), asOf, known)));
                });
                after = page.flatMap(Affair::next);
            } while (after.isPresent());
            assertThat(answered).as(about(dossier, asOf, known)).isEqualTo(expected);
            assertThat(labelled).as(about(dossier, asOf, known)).isEqualTo(!labelled(dossier, known).isEmpty());
        }

        /** The day on which an event is told in the dossier, if it is. */
        private Optional<LocalDate> told(Recorded each, String dossier, long known) {
            return switch (each.event()) {
                case ListingAction action -> action(action.entityId(), each.actionId(), known)
                        .filter(now -> !now.voided()).map(KnownAction::action)
                        .filter(now -> now.circumstances().dossier().equals(Optional.of(dossier)))
                        .map(ListingAction::effectiveDate);
                case StatementRecorded said -> Optional.of(said.statement().saidOn())
                        .filter(date -> said.dossier().equals(Optional.of(dossier))
                                || said.commitmentId().filter(id -> of(id, known).equals(Optional.of(dossier)))
                                        .isPresent()
                                || said.actionId().flatMap(id -> action(said.entityId().orElseThrow(), id, known))
                                        .flatMap(now -> now.action().circumstances().dossier())
                                        .equals(Optional.of(dossier)));
                case CommitmentRecorded made ->
                    Optional.of(made.commitment().madeOn()).filter(date -> isOf(made, dossier, known));
                case CommitmentAssessed assessed ->
                    Optional.of(assessed.assessment().assessedOn()).filter(date -> isOf(assessed, dossier, known));
                case CommitmentClosed closed ->
                    Optional.of(closed.closure().closedOn()).filter(date -> isOf(closed, dossier, known));
                case ActionCorrected corrected -> Optional.empty();
                case ActionVoided voided -> Optional.empty();
                case ListEvent list -> Optional.empty();
                case LinkEvent link -> Optional.empty();
                case NoticeRecorded none -> Optional.empty();
            };
        }

        private boolean isOf(CommitmentEvent event, String dossier, long known) {
            return of(event.commitmentId(), known).equals(Optional.of(dossier));
        }

        private Optional<String> of(CommitmentId id, long known) {
            return Histories.commitmentAt(history, id, known).recorded().flatMap(CommitmentRecorded::dossier);
        }

        private Optional<KnownAction> action(EntityId entityId, ActionId actionId, long known) {
            return Histories.stateAt(history, entityId, known).find(actionId);
        }

        private void events(String dossier, long known) {
            assertThat(listings.positions(EventFilter.ofDossier(dossier), -1, known, history.size()))
                    .as("%s: events of %s", called, dossier)
                    .containsExactlyElementsOf(labelled(dossier, known));
        }

        /** The events that carry the label, or are about something that carried it as known when they were recorded. */
        private List<Long> labelled(String dossier, long known) {
            TreeSet<Long> positions = new TreeSet<>();
            Map<EntityId, EntityState> before = new TreeMap<>();
            Optional<String> label = Optional.of(dossier);
            for (Recorded each : history) {
                if (each.position() > known) {
                    break;
                }
                boolean carries = switch (each.event()) {
                    case ListingAction action -> action.circumstances().dossier().equals(label);
                    case ActionCorrected c -> c.circumstances().dossier().equals(label)
                            || c.replacement().circumstances().dossier().equals(label)
                            || carried(before.get(c.entityId()), c.actionId(), label);
                    case ActionVoided v -> v.circumstances().dossier().equals(label)
                            || carried(before.get(v.entityId()), v.actionId(), label);
                    case StatementRecorded said -> said.dossier().equals(label)
                            || said.commitmentId().filter(id -> of(id, each.position()).equals(label)).isPresent()
                            || said.actionId()
                                    .filter(id -> carried(before.get(said.entityId().orElseThrow()), id, label))
                                    .isPresent();
                    case CommitmentEvent event -> of(event.commitmentId(), each.position()).equals(label);
                    case ListEvent list -> false;
                    case LinkEvent link -> false;
                    case NoticeRecorded none -> false;
                };
                if (carries) {
                    positions.add(each.position());
                }
                for (int n = 0; n < ENTITIES; n++) {
                    EntityId entity = Histories.entity(n);
                    if (each.stream().equals(entity.stream())) {
                        before.put(entity, before.getOrDefault(entity, EntityState.EMPTY).after(each.event(),
                                each.actionId()));
                    }
                }
            }
            return List.copyOf(positions);
        }

        private static boolean carried(@Nullable EntityState before, ActionId actionId,
                Optional<String> label) {
            return before != null && before.find(actionId)
                    .filter(action -> action.action().circumstances().dossier().equals(label)).isPresent();
        }
    }
}
