package org.policyledger.projections.listing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.core.ActionId;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityState;
import org.policyledger.core.Entry;
import org.policyledger.core.FieldChange;
import org.policyledger.core.Histories;
import org.policyledger.core.Histories.Recorded;
import org.policyledger.core.ListId;
import org.policyledger.core.Timeline;
import org.policyledger.core.Timeline.Period;
import org.policyledger.core.Timeline.State;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.LedgerCodec;
import org.policyledger.projections.listing.ListingReader.ChangeKind;
import org.policyledger.projections.listing.ListingReader.HistoryItem;
import org.policyledger.projections.listing.ListingReader.ListChange;
import org.policyledger.projections.listing.ListingReader.ListEntry;
import org.policyledger.projections.listing.ListingReader.ListRevision;
import org.policyledger.projections.listing.ListingReader.NextChange;
import org.policyledger.projections.listing.ListingReader.Origin;
import org.policyledger.projections.listing.ListingReader.OriginKind;
import org.policyledger.projections.listing.ListingReader.Page;
import org.policyledger.projections.listing.ListingReader.Standing;
import org.policyledger.projections.listing.ListingReader.Status;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.policyledger.store.StoredEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Every answer from SQL equals the oracle's, at every point of both time axes, for generated histories on both databases. */
class ListingOracleTest {

    private static final long FIRST_SEED = 20_240_731;
    private static final int HISTORIES = 3;
    private static final int ENTITIES = 5;
    private static final int LISTS = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ParameterizedTest
    @EnumSource
    void givenGeneratedHistories_whenAskedAnywhereOnBothAxes_thenTheAnswerIsTheOracles(Databases kind)
            throws Exception {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
            List<Recorded> history = Histories.generate(seed, ENTITIES, LISTS, 120);
            AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
            try (Databases.Fresh database = kind.create();
                    LedgerLog log = LedgerLog.open(database.dataSource(), new LedgerCodec(),
                            LogSettings.defaults().withClock(clock(now)))) {
                catchUpInPieces(database, log, history, now, new Random(seed));
                List<StoredEvent> stored = log.read(-1, history.size());
                new Comparison(history, stored.stream().map(StoredEvent::recordedAt).toList(),
                        new ListingReader(JdbcClient.create(database.dataSource()), log), kind + ", seed " + seed)
                        .everything(new Random(seed));
            }
        }
    }

    private static Clock clock(AtomicReference<Instant> now) {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return Objects.requireNonNull(now.get());
            }
        };
    }

    /** Appends and reads side by side, with restarts between: how the batches are cut must make no difference. */
    private static void catchUpInPieces(Databases.Fresh database, LedgerLog log, List<Recorded> history,
            AtomicReference<Instant> now, Random random) throws InterruptedException {
        int done = 0;
        while (done < history.size()) {
            int piece = Math.min(history.size() - done, 1 + random.nextInt(60));
            try (Catchup catchup = new Catchup(log, database.dataSource())) {
                catchup.start();
                int cut = piece / 2;
                append(log, history.subList(done, done + cut), now);
                for (Recorded one : history.subList(done + cut, done + piece)) {
                    append(log, List.of(one), now);
                }
                done += piece;
                assertThat(catchup.await(done - 1, PATIENCE)).isTrue();
                assertThat(catchup.position()).isEqualTo(done - 1);
                assertThat(catchup.lag()).isZero();
            }
        }
    }

    private static void append(LedgerLog log, List<Recorded> events, AtomicReference<Instant> now) {
        if (!events.isEmpty()) {
            now.set(events.getLast().recordedAt());
            log.append(events.stream().map(each -> new NewEvent(each.stream(), each.sequence(), each.actionId().value(),
                    each.event(), Map.of("actor", "generator"))).toList(), Optional.empty());
        }
    }

    /** One history's answers side by side with the oracle's. */
    private record Comparison(List<Recorded> history, List<Instant> recordedAt, ListingReader reader,
            String called) {

        void everything(Random random) {
            for (long known = -1; known < history.size(); known += 1 + random.nextInt(3)) {
                for (int n = 0; n < ENTITIES; n++) {
                    timelines(Histories.entity(n), known);
                    history(Histories.entity(n), known);
                }
            }
            Set<OriginKind> told = EnumSet.noneOf(OriginKind.class);
            for (int i = 0; i < 120; i++) {
                long known = random.nextInt(history.size() + 1) - 1L;
                LocalDate asOf = day(random);
                LocalDate later = asOf.plusDays(random.nextInt(20));
                for (int l = 0; l < LISTS; l++) {
                    status(Histories.entity(random.nextInt(ENTITIES)), Histories.list(l), asOf, known);
                    entries(Histories.list(l), asOf, known, 1 + random.nextInt(ENTITIES));
                    changes(Histories.list(l), asOf, later, known, 1 + random.nextInt(ENTITIES));
                }
                long earlier = random.nextInt((int) known + 2) - 1L;
                for (int l = 0; l < LISTS && known >= LISTS - 1; l++) {
                    revisions(Histories.list(l), asOf, earlier, known, 1 + random.nextInt(ENTITIES), told);
                }
            }
            assertThat(told).as(called).contains(OriginKind.values());
        }

        private static LocalDate day(Random random) {
            return Histories.FIRST_DAY.plusDays(random.nextInt(Histories.WINDOW + 20) - 2L);
        }

        private void timelines(EntityId entityId, long known) {
            EntityState state = Histories.stateAt(history, entityId, known);
            Map<ListId, List<String>> expected = new TreeMap<>();
            for (ListId listId : state.lists()) {
                List<Period> periods = state.timeline(listId).periods();
                if (!periods.isEmpty()) {
                    expected.put(listId, periods.stream().map(Comparison::text).toList());
                }
            }
            Map<ListId, List<String>> answered = new TreeMap<>();
            reader.timeline(entityId, Optional.empty(), known)
                    .forEach((list, periods) -> answered.put(list, periods.stream().map(Comparison::text).toList()));
            assertThat(answered).as("%s: timeline of %s known at %d", called, entityId, known).isEqualTo(expected);
        }

        private static String text(Period period) {
            return String.join(" ", period.from().toString(), period.to().toString(), period.state().toString(),
                    period.since().toString(),
                    period.until().toString(), period.decidedBy().actionId().toString(),
                    String.valueOf(period.expired()),
                    period.inForce().flatMap(step -> step.action().newEntry()).toString(), cause(period).toString());
        }

        private static String text(ListingReader.Period period) {
            return String.join(" ", period.from().toString(), period.to().toString(), period.state().toString(),
                    period.since().toString(),
                    period.until().toString(), period.decidedBy().actionId().toString(),
                    String.valueOf(period.expired()),
                    period.entry().toString(), period.cause().toString());
        }

        private static Optional<String> cause(Period period) {
            return period.expired() ? Optional.of("expiry") : period.decidedBy().action().circumstances().cause();
        }

        private void status(EntityId entityId, ListId listId, LocalDate asOf, long known) {
            Timeline timeline = Histories.stateAt(history, entityId, known).timeline(listId);
            Optional<Period> now = timeline.at(asOf);
            Optional<Period> next = timeline.periods().stream().filter(period -> period.from().isAfter(asOf))
                    .findFirst();
            List<Status> answer = reader.status(entityId, Optional.of(listId), asOf, known);
            String about = "%s: status of %s on %s as of %s known at %d".formatted(called, entityId, listId, asOf,
                    known);
            assertThat(answer).as(about).hasSize(1);
            Status status = answer.getFirst();
            assertThat(status.state()).as(about).isEqualTo(timeline.stateAt(asOf));
            assertThat(status.since()).as(about).isEqualTo(now.map(Period::since));
            assertThat(status.until()).as(about).isEqualTo(now.flatMap(Period::until));
            assertThat(status.entry()).as(about)
                    .isEqualTo(now.flatMap(Period::inForce).flatMap(step -> step.action().newEntry()));
            assertThat(status.cause()).as(about).isEqualTo(now.flatMap(Comparison::cause));
            List<Standing> inShort = reader.standings(List.of(entityId), Optional.of(listId), asOf, known)
                    .getOrDefault(entityId, List.of());
            // Of a listing whose every action was voided, or none is known yet, there is nothing to tell in short.
            assertThat(inShort).as(about).isEqualTo(timeline.periods().isEmpty()
                    ? List.of()
                    : List.of(new Standing(listId, status.state(), status.since(), status.until())));
            assertThat(status.decidedBy().map(by -> by.actionId())).as(about)
                    .isEqualTo(now.map(period -> period.decidedBy().actionId()));
            assertThat(status.decidedBy().map(by -> by.circumstances())).as(about)
                    .isEqualTo(now.map(period -> period.decidedBy().action().circumstances()));
            assertThat(status.nextChange()).as(about).isEqualTo(next.map(
                    period -> new NextChange(period.from(), period.state(), cause(period),
                            period.decidedBy().actionId())));
        }

        private void entries(ListId listId, LocalDate asOf, long known, int pageSize) {
            Map<EntityId, Entry> expected = new TreeMap<>();
            for (int n = 0; n < ENTITIES; n++) {
                EntityId entityId = Histories.entity(n);
                Histories.statusAt(history, entityId, listId, asOf, known).flatMap(Period::inForce)
                        .ifPresent(step -> expected.put(entityId, step.action().newEntry().orElseThrow()));
            }
            Map<EntityId, Entry> answered = new TreeMap<>();
            Optional<String> after = Optional.of("");
            while (after.isPresent()) {
                Page<ListEntry> page = reader.entries(listId, asOf, known, after.get(), pageSize);
                assertThat(page.items()).hasSizeLessThanOrEqualTo(pageSize);
                page.items().forEach(entry -> assertThat(answered.put(entry.entityId(), entry.entry())).isNull());
                after = page.next();
            }
            assertThat(answered).as("%s: entries of %s as of %s known at %d", called, listId, asOf, known)
                    .isEqualTo(expected);
            reader.list(listId, asOf, known).ifPresent(view -> assertThat(view.entries()).isEqualTo(expected.size()));
        }

        private void changes(ListId listId, LocalDate from, LocalDate to, long known, int pageSize) {
            Map<EntityId, String> expected = new TreeMap<>();
            for (int n = 0; n < ENTITIES; n++) {
                EntityId entityId = Histories.entity(n);
                Timeline timeline = Histories.stateAt(history, entityId, known).timeline(listId);
                Optional<Entry> before = timeline.at(from).flatMap(Period::inForce)
                        .flatMap(step -> step.action().newEntry());
                Optional<Entry> after = timeline.at(to).flatMap(Period::inForce)
                        .flatMap(step -> step.action().newEntry());
                List<FieldChange> fields = before.isPresent() && after.isPresent()
                        ? FieldChange.between(before.get(), after.get())
                        : List.of();
                kind(timeline.stateAt(from), timeline.stateAt(to), fields)
                        .ifPresent(kind -> expected.put(entityId, kind + " " + before + " " + after + " " + fields));
            }
            Map<EntityId, String> answered = new TreeMap<>();
            Optional<String> after = Optional.of("");
            while (after.isPresent()) {
                Page<ListChange> page = reader.changes(listId, from, to, known, after.get(), pageSize);
                assertThat(page.items()).hasSizeLessThanOrEqualTo(pageSize);
                page.items().forEach(change -> assertThat(answered.put(change.entityId(),
                        change.change() + " " + change.before() + " " + change.after() + " " + change.fields()))
                        .isNull());
                after = page.next();
            }
            assertThat(answered).as("%s: changes of %s from %s to %s known at %d", called, listId, from, to, known)
                    .isEqualTo(expected);
        }

        private static Optional<ChangeKind> kind(State before, State after, List<FieldChange> fields) {
            if (before == State.NOT_LISTED) {
                return after == State.NOT_LISTED ? Optional.empty() : Optional.of(ChangeKind.ADDED);
            }
            if (after == State.NOT_LISTED) {
                return Optional.of(ChangeKind.REMOVED);
            }
            if (before != after) {
                return Optional.of(after == State.SUSPENDED ? ChangeKind.SUSPENDED : ChangeKind.REINSTATED);
            }
            return fields.isEmpty() ? Optional.empty() : Optional.of(ChangeKind.AMENDED);
        }

        private void revisions(ListId listId, LocalDate asOf, long knownFrom, long knownTo, int pageSize,
                Set<OriginKind> told) {
            Map<EntityId, String> expected = new TreeMap<>();
            for (int n = 0; n < ENTITIES; n++) {
                EntityId entityId = Histories.entity(n);
                Timeline first = Histories.stateAt(history, entityId, knownFrom).timeline(listId);
                Timeline last = Histories.stateAt(history, entityId, knownTo).timeline(listId);
                List<FieldChange> fields = entry(first, asOf).isPresent() && entry(last, asOf).isPresent()
                        ? FieldChange.between(entry(first, asOf).get(), entry(last, asOf).get())
                        : List.of();
                kind(first.stateAt(asOf), last.stateAt(asOf), fields).ifPresent(kind -> expected.put(entityId,
                        kind + " " + entry(first, asOf) + " " + entry(last, asOf) + " " + fields + " "
                                + origins(entityId, listId, asOf, knownFrom, knownTo)));
            }
            Map<EntityId, String> answered = new TreeMap<>();
            Optional<String> after = Optional.of("");
            while (after.isPresent()) {
                Page<ListRevision> page = reader.revisions(listId, asOf, knownFrom, knownTo, after.get(), pageSize);
                assertThat(page.items()).hasSizeLessThanOrEqualTo(pageSize);
                page.items().forEach(revision -> assertThat(answered.put(revision.entityId(),
                        revision.change() + " " + revision.before() + " " + revision.after() + " " + revision.fields()
                                + " " + revision.origins()))
                        .isNull());
                page.items().forEach(revision -> revision.origins().forEach(origin -> told.add(origin.kind())));
                after = page.next();
            }
            assertThat(answered).as("%s: revisions of %s as of %s known from %d to %d", called, listId, asOf,
                    knownFrom, knownTo).isEqualTo(expected);
        }

        private static Optional<Entry> entry(Timeline timeline, LocalDate asOf) {
            return timeline.at(asOf).flatMap(Period::inForce).flatMap(step -> step.action().newEntry());
        }

        /** Every event on the listing after which the day is told otherwise than before it. */
        private List<Origin> origins(EntityId entityId, ListId listId, LocalDate asOf, long knownFrom, long knownTo) {
            List<Origin> origins = new ArrayList<>();
            for (Recorded each : history) {
                if (each.position() > knownFrom && each.position() <= knownTo
                        && each.event() instanceof EntityEvent event && event.entityId().equals(entityId)
                        && event.listId().equals(listId)) {
                    Timeline before = Histories.stateAt(history, entityId, each.position() - 1).timeline(listId);
                    Timeline after = Histories.stateAt(history, entityId, each.position()).timeline(listId);
                    if (before.stateAt(asOf) != after.stateAt(asOf)
                            || !entry(before, asOf).equals(entry(after, asOf))) {
                        origins.add(origin(each, event));
                    }
                }
            }
            return origins;
        }

        private Origin origin(Recorded recorded, EntityEvent event) {
            Instant at = recordedAt.get((int) recorded.position());
            ZoneId zone = event.listId().equals(Histories.list(0)) ? ZoneOffset.UTC : ZoneId.of("Pacific/Kiritimati");
            OriginKind kind = switch (event) {
                case ActionCorrected corrected -> OriginKind.CORRECTION;
                case ActionVoided voided -> OriginKind.VOIDING;
                case ListingAction action when action.effectiveDate().isBefore(at.atZone(zone).toLocalDate()) ->
                    OriginKind.LATE_RECORDING;
                case ListingAction action -> OriginKind.NEW_ACTION;
            };
            return new Origin(kind, recorded.position(), at, recorded.actionId(), event.getClass().getSimpleName(),
                    event.effectiveOn(), "generator", event.circumstances(),
                    event instanceof ActionCorrected corrected ? Optional.of(corrected.actionId()) : Optional.empty(),
                    event instanceof ActionVoided voided ? Optional.of(voided.actionId()) : Optional.empty());
        }

        private void history(EntityId entityId, long known) {
            List<ActionId> expected = new ArrayList<>();
            for (Recorded each : history) {
                if (each.position() <= known && each.stream().equals(entityId.stream())) {
                    expected.add(each.actionId());
                }
            }
            List<HistoryItem> answered = reader.history(entityId, known);
            assertThat(answered.stream().map(HistoryItem::actionId))
                    .as("%s: history of %s known at %d", called, entityId, known)
                    .containsExactlyElementsOf(expected);
            assertThat(reader.knows(entityId, known)).isEqualTo(!expected.isEmpty());
            EntityState state = Histories.stateAt(history, entityId, known);
            for (HistoryItem item : answered) {
                state.find(item.actionId()).ifPresent(action -> assertThat(item.voidedBy().isPresent())
                        .as("%s: %s", called, item.actionId()).isEqualTo(action.voided()));
                item.corrects().ifPresent(target -> assertThat(answered.stream()
                        .filter(each -> each.actionId().equals(target)).findFirst().orElseThrow().correctedBy())
                        .contains(item.actionId()));
            }
        }
    }
}
