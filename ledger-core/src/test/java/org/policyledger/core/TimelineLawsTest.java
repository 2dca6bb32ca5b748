package org.policyledger.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.policyledger.core.Command.AmendListing;
import org.policyledger.core.Command.CorrectAction;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.Command.ListingCommand;
import org.policyledger.core.Command.ReinstateListing;
import org.policyledger.core.Command.SuspendListing;
import org.policyledger.core.Command.VoidAction;
import org.policyledger.core.DayByDay.Broken;
import org.policyledger.core.DayByDay.Evening;
import org.policyledger.core.DayByDay.Known;
import org.policyledger.core.Histories.Attempt;
import org.policyledger.core.Histories.History;
import org.policyledger.core.Histories.Recorded;
import org.policyledger.core.Timeline.Period;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingReinstated;
import org.policyledger.core.event.ListingSuspended;

/**
 * What holds for every history, on generated ones. A failure names the call that makes the history again. The system properties
 * {@code histories.seed} and {@code histories.count} choose others and more.
 */
class TimelineLawsTest {

    private static final int ENTITIES = 2;
    private static final int LISTS = 2;
    private static final int COMMANDS = 50;
    /** Every day on which anything can happen, and some around them. */
    private static final List<LocalDate> DAYS = Stream
            .iterate(Histories.FIRST_DAY.minusDays(5), day -> day.plusDays(1)).limit(Histories.WINDOW + 30L).toList();
    private static final ActionId PROPOSED = Sample.action(0);

    /** A generated history with the call that makes it again. */
    private record Case(String called, History history) {
        static Case of(long seed) {
            return new Case("Histories.generate(%dL, %d, %d, %d)".formatted(seed, ENTITIES, LISTS, COMMANDS),
                    Histories.history(seed, ENTITIES, LISTS, COMMANDS));
        }

        List<Recorded> recorded() {
            return history.recorded();
        }
    }

    private static final long FIRST_SEED = Long.getLong("histories.seed", 20_200_605L);
    private static final int COUNT = Integer.getInteger("histories.count", 200);
    private static final List<Case> CASES = LongStream.range(FIRST_SEED, FIRST_SEED + COUNT).mapToObj(Case::of)
            .toList();

    @BeforeAll
    static void printSeeds() {
        System.out.println(COUNT + " histories of seeds from " + FIRST_SEED + " on");
    }

    @Test
    void givenAnyMomentKnown_whenLivedDayByDay_thenNoDayIsIllegalAndEveryAnswerIsTheSame() {
        for (Case each : CASES) {
            for (long position = -1; position < each.recorded().size(); position++) {
                for (EntityId entityId : entities()) {
                    for (ListId listId : lists()) {
                        compareEveryDay(each, entityId, listId, position);
                    }
                }
            }
        }
    }

    private static void compareEveryDay(Case each, EntityId entityId, ListId listId, long position) {
        DayByDay life = DayByDay.live(DayByDay.known(each.recorded(), entityId, listId, position));
        if (life.broken().isPresent()) {
            fail("%s: %s on %s as known at %d: %s", each.called(), entityId, listId, position, life.broken().get());
        }
        Timeline timeline = Histories.stateAt(each.recorded(), entityId, position).timeline(listId);
        for (LocalDate day : DAYS) {
            Optional<Evening> answer = timeline.at(day).map(TimelineLawsTest::evening);
            if (!answer.equals(life.evening(day))) {
                fail("%s: %s on %s as of %s as known at %d is %s, but lived day by day it is %s", each.called(),
                        entityId, listId, day, position, answer, life.evening(day));
            }
        }
    }

    @Test
    void givenAnyDemand_whenDecided_thenAcceptedOrRefusedExactlyAsTheRulesSay() {
        for (Case each : CASES) {
            for (Attempt attempt : each.history().attempts()) {
                Verdict expected = verdict(each.recorded(), attempt);
                Optional<Rejection.Code> actual = attempt.refusal().map(Rejection::code);
                assertThat(actual).as("%s: %s after position %d", each.called(), attempt.command(),
                        attempt.knownPosition()).isEqualTo(Optional.ofNullable(expected.code()));
                if (expected.broken() != null && expected.code() != null) {
                    assertThat(attempt.refusal().orElseThrow().detail()).as(each.called())
                            .contains(expected.broken().date().toString());
                    if (expected.code() == Rejection.Code.TIMELINE_CONFLICT) {
                        assertThat(attempt.refusal().orElseThrow().detail()).as(each.called())
                                .contains(expected.broken().actionId().toString(), expected.broken().met());
                    }
                }
            }
        }
    }

    @Test
    void givenAnyTimeline_whenRead_thenItsPeriodsAreHalfOpenOrderedAndWithoutGaps() {
        forEachTimeline((each, timeline) -> {
            List<Period> periods = timeline.periods();
            for (int i = 0; i < periods.size(); i++) {
                Period period = periods.get(i);
                Optional<LocalDate> next = i + 1 < periods.size()
                        ? Optional.of(periods.get(i + 1).from())
                        : Optional.empty();
                assertThat(period.to()).as(each.called()).isEqualTo(next);
                assertThat(next.orElse(LocalDate.MAX)).as(each.called()).isAfter(period.from());
                assertThat(period.since()).as(each.called()).isBeforeOrEqualTo(period.from());
                assertThat(period.until().orElse(LocalDate.MAX)).as(each.called()).isAfter(period.from())
                        .isAfterOrEqualTo(next.orElse(LocalDate.MIN));
                assertThat(period.inForce().isEmpty()).as(each.called())
                        .isEqualTo(period.state() == Timeline.State.NOT_LISTED);
                assertThat(timeline.at(period.from())).as(each.called()).contains(period);
            }
        });
    }

    @Test
    void givenTheStepsInAnyOrder_whenWalked_thenTheTimelineIsTheSame() {
        Random random = new Random(20_231_116L);
        for (Case each : CASES) {
            for (EntityId entityId : entities()) {
                EntityState state = Histories.stateAt(each.recorded(), entityId, Long.MAX_VALUE);
                for (ListId listId : lists()) {
                    List<Timeline.Step> steps = new ArrayList<>(state.steps(listId));
                    List<Period> periods = Timeline.ofLegal(steps).periods();
                    Collections.shuffle(steps, random);
                    assertThat(Timeline.ofLegal(steps).periods()).as(each.called()).isEqualTo(periods);
                }
            }
        }
    }

    @Test
    void givenAnAcceptedAction_whenItIsVoidedNext_thenTheTimelineIsTheOneBefore() {
        forEachAccepted((each, attempt, after) -> {
            if (attempt.event().orElseThrow() instanceof ListingAction action) {
                ActionId actionId = lastOf(each, attempt);
                EntityEvent voiding = Decide.entity(after,
                        new VoidAction(action.entityId(), actionId, Circumstances.stated()), Histories::isRegistered,
                        OptionalLong.empty());
                assertThat(periods(after.after(voiding, Sample.action(1)))).as(each.called())
                        .isEqualTo(periods(attempt.before()));
            }
        });
    }

    @Test
    void givenAnyStandingAction_whenCorrectedToTheSameContent_thenNoAnswerChanges() {
        for (Case each : CASES) {
            for (EntityId entityId : entities()) {
                EntityState state = Histories.stateAt(each.recorded(), entityId, Long.MAX_VALUE);
                for (ListId listId : lists()) {
                    for (Timeline.Step step : state.steps(listId)) {
                        EntityEvent same = Decide.entity(state, new CorrectAction(entityId, step.actionId(),
                                Histories.demandOf(step.action()), Circumstances.observed()),
                                Histories::isRegistered, OptionalLong.empty());
                        assertThat(periods(state.after(same, Sample.action(1)))).as(each.called())
                                .isEqualTo(periods(state));
                    }
                }
            }
        }
    }

    @Test
    void givenLaterEvents_whenAskedAsKnownBeforeThem_thenTheAnswerIsTheOneGivenThen() {
        for (Case each : CASES) {
            for (Attempt attempt : each.history().attempts()) {
                EntityId entityId = attempt.command().entityId();
                assertThat(periods(Histories.stateAt(each.recorded(), entityId, attempt.knownPosition())))
                        .as("%s at %d", each.called(), attempt.knownPosition()).isEqualTo(periods(attempt.before()));
                LocalDate day = Histories.FIRST_DAY.plusDays(attempt.knownPosition() % Histories.WINDOW);
                assertThat(Histories.statusAt(each.recorded(), entityId, Histories.list(0), day,
                        attempt.knownPosition())).as(each.called())
                        .isEqualTo(Histories.statusAt(
                                each.recorded().subList(0, Math.toIntExact(attempt.knownPosition()) + 1), entityId,
                                Histories.list(0), day, Long.MAX_VALUE));
            }
        }
    }

    @Test
    void givenARefusedDemand_whenAskedAgain_thenTheStateIsEqualAndTheRefusalTheSame() {
        for (Case each : CASES) {
            for (Attempt attempt : each.history().attempts()) {
                if (attempt.refusal().isPresent()) {
                    EntityState state = Histories.stateAt(each.recorded(), attempt.command().entityId(),
                            attempt.knownPosition());
                    List<List<Timeline.Step>> before = steps(state);
                    Rejection again = null;
                    try {
                        Decide.entity(state, attempt.command(), Histories::isRegistered, attempt.expectedSequence());
                    } catch (Rejection refusal) {
                        again = refusal;
                    }
                    assertThat(again).as(each.called()).isNotNull().hasMessage(attempt.refusal().get().detail());
                    assertThat(steps(state)).as(each.called()).isEqualTo(before);
                    assertThat(state.nextSequence()).as(each.called()).isEqualTo(attempt.before().nextSequence());
                }
            }
        }
    }

    @Test
    void givenAnAcceptedDemand_whenAskedAboutDaysBeforeItsEffect_thenNoAnswerHasChanged() {
        forEachAccepted((each, attempt, after) -> {
            EntityEvent event = attempt.event().orElseThrow();
            LocalDate effect = switch (event) {
                case ListingAction action -> action.effectiveDate();
                case ActionCorrected corrected -> earlier(corrected.replacement().effectiveDate(),
                        attempt.before().find(corrected.actionId()).orElseThrow().action().effectiveDate());
                case ActionVoided voided ->
                    attempt.before().find(voided.actionId()).orElseThrow().action().effectiveDate();
            };
            for (ListId listId : lists()) {
                Timeline before = attempt.before().timeline(listId);
                Timeline now = after.timeline(listId);
                for (LocalDate day : DAYS) {
                    if (day.isBefore(effect) || !listId.equals(event.listId())) {
                        Optional<Evening> wasThen = before.at(day).map(TimelineLawsTest::evening);
                        Optional<Evening> isNow = now.at(day).map(TimelineLawsTest::evening);
                        if (!wasThen.equals(isNow)) {
                            fail("%s: %s changed %s on %s from %s to %s", each.called(), event, listId, day, wasThen,
                                    isNow);
                        }
                    }
                }
            }
        });
    }

    // The rules of deciding, said once more on top of the day-by-day life.

    private record Verdict(Rejection.@Nullable Code code, @Nullable Broken broken) {
        static final Verdict ACCEPTED = new Verdict(null, null);

        static Verdict refused(Rejection.Code code) {
            return new Verdict(code, null);
        }
    }

    private static Verdict verdict(List<Recorded> history, Attempt attempt) {
        EntityCommand command = attempt.command();
        List<Recorded> stream = history.stream().filter(each -> each.position() <= attempt.knownPosition())
                .filter(each -> each.stream().equals(command.stream())).toList();
        if (attempt.expectedSequence().isPresent()
                && attempt.expectedSequence().getAsLong() != stream.size() - 1L) {
            return Verdict.refused(Rejection.Code.STALE_SEQUENCE);
        }
        if (command instanceof ListingCommand listing) {
            return verdict(DayByDay.known(stream, command.entityId(), listing.listId(), Long.MAX_VALUE), listing,
                    stream.size());
        }
        ActionId actionId = command instanceof CorrectAction correct
                ? correct.actionId()
                : ((VoidAction) command).actionId();
        Optional<ListingAction> original = stream.stream().filter(each -> each.actionId().equals(actionId))
                .map(Recorded::event).filter(ListingAction.class::isInstance).map(ListingAction.class::cast)
                .findFirst();
        if (original.isEmpty()) {
            return Verdict.refused(Rejection.Code.UNKNOWN_ACTION);
        }
        ListId listId = original.get().listId();
        List<Known> actions = new ArrayList<>(
                DayByDay.known(stream, command.entityId(), listId, Long.MAX_VALUE));
        Optional<Known> target = actions.stream().filter(known -> known.actionId().equals(actionId)).findFirst();
        if (target.isEmpty()) {
            return Verdict.refused(Rejection.Code.ACTION_VOIDED);
        }
        actions.remove(target.get());
        if (command instanceof CorrectAction correct) {
            ListingAction right = happening(correct.replacement());
            if (right.getClass() != original.get().getClass() || !right.listId().equals(listId)) {
                return Verdict.refused(Rejection.Code.CORRECTION_MISMATCH);
            }
            actions.add(new Known(actionId, target.get().sequence(), right));
        }
        Broken broken = DayByDay.live(actions).broken().orElse(null);
        return broken == null ? Verdict.ACCEPTED : new Verdict(Rejection.Code.TIMELINE_CONFLICT, broken);
    }

    private static Verdict verdict(List<Known> actions, ListingCommand command, long sequence) {
        if (!Histories.isRegistered(command.listId())) {
            return Verdict.refused(Rejection.Code.UNKNOWN_LIST);
        }
        List<Known> with = new ArrayList<>(actions);
        with.add(new Known(PROPOSED, sequence, happening(command)));
        Broken broken = DayByDay.live(with).broken().orElse(null);
        if (broken != null) {
            if (!broken.actionId().equals(PROPOSED)) {
                return new Verdict(Rejection.Code.TIMELINE_CONFLICT, broken);
            }
            return new Verdict(broken.met().equals("NOT_LISTED")
                    ? Rejection.Code.NOT_LISTED
                    : command instanceof ReinstateListing
                            ? Rejection.Code.NOT_SUSPENDED
                            : command instanceof SuspendListing
                                    ? Rejection.Code.ALREADY_SUSPENDED
                                    : Rejection.Code.ALREADY_LISTED,
                    broken);
        }
        if (command instanceof AmendListing amend) {
            ActionId inForce = DayByDay.live(actions).evening(amend.effectiveDate()).map(Evening::inForce)
                    .orElseThrow();
            ListingAction before = actions.stream().filter(known -> known.actionId().equals(inForce)).findFirst()
                    .orElseThrow().content();
            Entry entry = before instanceof EntityListed listed ? listed.entry() : ((ListingAmended) before).entry();
            Optional<LocalDate> until = before instanceof EntityListed listed
                    ? listed.until()
                    : ((ListingAmended) before).until();
            if (entry.equals(amend.entry()) && until.equals(amend.until())) {
                return Verdict.refused(Rejection.Code.NOTHING_TO_AMEND);
            }
        }
        return Verdict.ACCEPTED;
    }

    private static ListingAction happening(ListingCommand command) {
        return switch (command) {
            case Command.ListEntity c -> new EntityListed(c.entityId(), c.listId(), c.effectiveDate(), c.until(),
                    c.entry(), c.circumstances());
            case AmendListing c -> new ListingAmended(c.entityId(), c.listId(), c.effectiveDate(), c.until(),
                    c.entry(), List.of(), c.circumstances());
            case SuspendListing c ->
                new ListingSuspended(c.entityId(), c.listId(), c.effectiveDate(), c.until(), c.circumstances());
            case ReinstateListing c ->
                new ListingReinstated(c.entityId(), c.listId(), c.effectiveDate(), c.circumstances());
            case Command.DelistEntity c ->
                new EntityDelisted(c.entityId(), c.listId(), c.effectiveDate(), c.circumstances());
        };
    }

    private interface TimelineLaw {
        void check(Case each, Timeline timeline);
    }

    private interface AcceptedLaw {
        void check(Case each, Attempt attempt, EntityState after);
    }

    private static void forEachTimeline(TimelineLaw law) {
        for (Case each : CASES) {
            for (Attempt attempt : each.history().attempts()) {
                lists().forEach(listId -> law.check(each, attempt.before().timeline(listId)));
            }
        }
    }

    private static void forEachAccepted(AcceptedLaw law) {
        for (Case each : CASES) {
            for (Attempt attempt : each.history().attempts()) {
                if (attempt.event().isPresent()) {
                    law.check(each, attempt, attempt.before().after(attempt.event().get(), lastOf(each, attempt)));
                }
            }
        }
    }

    /** The identity of the event that the attempt recorded. */
    private static ActionId lastOf(Case each, Attempt attempt) {
        return each.recorded().get(Math.toIntExact(attempt.knownPosition()) + 1).actionId();
    }

    private static Evening evening(Period period) {
        return new Evening(period.state().name(), period.since(), period.until().orElse(null),
                period.inForce().map(Timeline.Step::actionId).orElse(null), period.decidedBy().actionId(),
                period.expired());
    }

    private static List<List<Period>> periods(EntityState state) {
        return lists().stream().map(listId -> state.timeline(listId).periods()).toList();
    }

    private static List<List<Timeline.Step>> steps(EntityState state) {
        return lists().stream().map(state::steps).toList();
    }

    private static List<EntityId> entities() {
        return List.of(Histories.entity(0), Histories.entity(1));
    }

    private static List<ListId> lists() {
        return List.of(Histories.list(0), Histories.list(1));
    }

    private static LocalDate earlier(LocalDate one, LocalDate other) {
        return one.isBefore(other) ? one : other;
    }
}
