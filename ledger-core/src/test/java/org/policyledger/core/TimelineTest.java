package org.policyledger.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.policyledger.core.Sample.ENTITY;
import static org.policyledger.core.Sample.ENTRY;
import static org.policyledger.core.Sample.LIST;
import static org.policyledger.core.Sample.action;
import static org.policyledger.core.Sample.day;
import static org.policyledger.core.Sample.entry;
import static org.policyledger.core.Timeline.State.LISTED;
import static org.policyledger.core.Timeline.State.NOT_LISTED;
import static org.policyledger.core.Timeline.State.SUSPENDED;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.policyledger.core.Timeline.Conflict;
import org.policyledger.core.Timeline.Period;
import org.policyledger.core.Timeline.State;
import org.policyledger.core.Timeline.Step;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingReinstated;
import org.policyledger.core.event.ListingSuspended;

class TimelineTest {

    private static final Circumstances STATED = Circumstances.stated();

    @Test
    void givenNoSteps_whenAsked_thenNoPeriodsAndNotListed() {
        Timeline none = Timeline.ofLegal(List.of());
        assertThat(none.periods()).isEmpty();
        assertThat(none.at(day("2020-06-05"))).isEmpty();
        assertThat(none.stateAt(day("2020-06-05"))).isEqualTo(NOT_LISTED);
    }

    @Test
    void givenOneListing_whenAsked_thenListedFromItsDayOnAndNotTheDayBefore() {
        Step listed = step(1, listed("2020-06-05", null));
        Timeline timeline = Timeline.ofLegal(List.of(listed));
        assertThat(timeline.periods()).containsExactly(
                period("2020-06-05", null, LISTED, "2020-06-05", null, listed, listed, false));
        assertThat(timeline.at(day("2020-06-04"))).isEmpty();
        assertThat(timeline.stateAt(day("2020-06-04"))).isEqualTo(NOT_LISTED);
        assertThat(timeline.stateAt(day("2020-06-05"))).isEqualTo(LISTED);
        assertThat(timeline.stateAt(day("2199-12-31"))).isEqualTo(LISTED);
    }

    @Test
    void givenEveryKindOfAction_whenAsked_thenEachOpensItsPeriod() {
        Step listed = step(1, listed("2020-06-05", null));
        Step amended = step(2, amended("2020-07-22", null));
        Step suspended = step(3, suspended("2020-08-01", null));
        Step amendedAgain = step(4, amended("2020-08-05", null));
        Step reinstated = step(5, reinstated("2020-08-10"));
        Step delisted = step(6, delisted("2020-09-01"));
        Step relisted = step(7, listed("2020-10-01", null));
        List<Step> steps = List.of(listed, amended, suspended, amendedAgain, reinstated, delisted, relisted);
        assertThat(Timeline.ofLegal(steps).periods()).containsExactly(
                period("2020-06-05", "2020-07-22", LISTED, "2020-06-05", null, listed, listed, false),
                period("2020-07-22", "2020-08-01", LISTED, "2020-06-05", null, amended, amended, false),
                period("2020-08-01", "2020-08-05", SUSPENDED, "2020-08-01", null, amended, suspended, false),
                period("2020-08-05", "2020-08-10", SUSPENDED, "2020-08-01", null, amendedAgain, amendedAgain, false),
                period("2020-08-10", "2020-09-01", LISTED, "2020-08-10", null, amendedAgain, reinstated, false),
                period("2020-09-01", "2020-10-01", NOT_LISTED, "2020-09-01", null, null, delisted, false),
                period("2020-10-01", null, LISTED, "2020-10-01", null, relisted, relisted, false));
    }

    @Test
    void givenTheStepsInAnyOrder_whenAsked_thenTheAnswerIsTheSame() {
        List<Step> steps = new ArrayList<>(List.of(step(1, listed("2020-06-05", null)),
                step(2, delisted("2020-06-05")), step(3, listed("2020-06-05", "2020-07-01")),
                step(4, suspended("2020-06-10", "2020-06-12"))));
        List<Period> periods = Timeline.ofLegal(steps).periods();
        Collections.reverse(steps);
        assertThat(Timeline.ofLegal(steps).periods()).isEqualTo(periods);
    }

    @Test
    void givenAFixedTerm_whenItRunsOut_thenNotListedByTheActionThatSetIt() {
        Step listed = step(1, listed("2020-06-05", "2021-06-05"));
        assertThat(Timeline.ofLegal(List.of(listed)).periods()).containsExactly(
                period("2020-06-05", "2021-06-05", LISTED, "2020-06-05", "2021-06-05", listed, listed, false),
                period("2021-06-05", null, NOT_LISTED, "2021-06-05", null, null, listed, true));
    }

    @Test
    void givenATermOfOneDay_whenAsked_thenItCoversThatDayOnly() {
        Timeline timeline = Timeline.ofLegal(List.of(step(1, listed("2020-06-05", "2020-06-06"))));
        assertThat(timeline.stateAt(day("2020-06-05"))).isEqualTo(LISTED);
        assertThat(timeline.stateAt(day("2020-06-06"))).isEqualTo(NOT_LISTED);
    }

    @Test
    void givenARenewal_whenTheOldTermRunsOut_thenNothingHappens() {
        Step listed = step(1, listed("2020-06-05", "2020-12-05"));
        Step renewed = step(2, amended("2020-12-01", "2021-06-05"));
        assertThat(Timeline.ofLegal(List.of(listed, renewed)).periods()).containsExactly(
                period("2020-06-05", "2020-12-01", LISTED, "2020-06-05", "2020-12-05", listed, listed, false),
                period("2020-12-01", "2021-06-05", LISTED, "2020-06-05", "2021-06-05", renewed, renewed, false),
                period("2021-06-05", null, NOT_LISTED, "2021-06-05", null, null, renewed, true));
    }

    @Test
    void givenASuspensionWithAnEnd_whenItRunsOut_thenListedAgainByTheSuspension() {
        Step listed = step(1, listed("2025-09-29", null));
        Step suspended = step(2, suspended("2025-11-10", "2026-11-10"));
        assertThat(Timeline.ofLegal(List.of(listed, suspended)).periods()).containsExactly(
                period("2025-09-29", "2025-11-10", LISTED, "2025-09-29", null, listed, listed, false),
                period("2025-11-10", "2026-11-10", SUSPENDED, "2025-11-10", "2026-11-10", listed, suspended, false),
                period("2026-11-10", null, LISTED, "2026-11-10", null, listed, suspended, true));
    }

    @Test
    void givenBothTerms_whenTheSuspensionEndsFirst_thenUntilIsTheNearerEndEachTime() {
        Step listed = step(1, listed("2020-01-01", "2020-03-01"));
        Step suspended = step(2, suspended("2020-01-10", "2020-02-01"));
        assertThat(Timeline.ofLegal(List.of(listed, suspended)).periods()).containsExactly(
                period("2020-01-01", "2020-01-10", LISTED, "2020-01-01", "2020-03-01", listed, listed, false),
                period("2020-01-10", "2020-02-01", SUSPENDED, "2020-01-10", "2020-02-01", listed, suspended, false),
                period("2020-02-01", "2020-03-01", LISTED, "2020-02-01", "2020-03-01", listed, suspended, true),
                period("2020-03-01", null, NOT_LISTED, "2020-03-01", null, null, listed, true));
    }

    @Test
    void givenBothTermsEndOnTheSameDay_whenItComes_thenTheListingsEndGoesFirstAndTheSuspensionIsOver() {
        Step listed = step(1, listed("2020-01-01", "2020-02-01"));
        Step suspended = step(2, suspended("2020-01-10", "2020-02-01"));
        Step relisted = step(3, listed("2020-02-01", null));
        List<Period> periods = Timeline.ofLegal(List.of(listed, suspended)).periods();
        assertThat(periods.getLast())
                .isEqualTo(period("2020-02-01", null, NOT_LISTED, "2020-02-01", null, null, listed, true));
        assertThat(periods).hasSize(3);
        assertThat(Timeline.ofLegal(List.of(listed, suspended, relisted)).periods().getLast())
                .isEqualTo(period("2020-02-01", null, LISTED, "2020-02-01", null, relisted, relisted, false));
    }

    @Test
    void givenTheListingEndsWithinItsSuspension_whenTheSuspensionsEndComes_thenNothingHappens() {
        Step listed = step(1, listed("2020-01-01", "2020-02-01"));
        Step suspended = step(2, suspended("2020-01-10", "2020-03-01"));
        Step relisted = step(3, listed("2020-02-10", null));
        assertThat(Timeline.ofLegal(List.of(listed, suspended, relisted)).periods()).extracting(Period::from)
                .containsExactly(day("2020-01-01"), day("2020-01-10"), day("2020-02-01"), day("2020-02-10"));
    }

    @Test
    void givenATermEndsOnTheDayOfAnAction_whenWalked_thenTheEndGoesFirst() {
        Step listed = step(1, listed("2020-01-01", "2020-02-01"));
        assertThat(Timeline.of(List.of(listed, step(2, amended("2020-02-01", null)))))
                .isEqualTo(new Conflict(step(2, amended("2020-02-01", null)), NOT_LISTED));
        Step relisted = step(2, listed("2020-02-01", null));
        assertThat(Timeline.ofLegal(List.of(listed, relisted)).periods()).containsExactly(
                period("2020-01-01", "2020-02-01", LISTED, "2020-01-01", "2020-02-01", listed, listed, false),
                period("2020-02-01", null, LISTED, "2020-01-01", null, relisted, relisted, false));
        Step open = step(1, listed("2020-01-01", null));
        Step suspended = step(2, suspended("2020-01-10", "2020-02-01"));
        assertThat(Timeline.of(List.of(open, suspended, step(3, reinstated("2020-02-01")))))
                .isEqualTo(new Conflict(step(3, reinstated("2020-02-01")), LISTED));
        Step again = step(3, suspended("2020-02-01", null));
        assertThat(Timeline.ofLegal(List.of(open, suspended, again)).periods().getLast())
                .isEqualTo(period("2020-02-01", null, SUSPENDED, "2020-01-10", null, open, again, false));
    }

    @Test
    void givenSameDayActions_whenAsked_thenOnlyTheLastOfThemHasAPeriod() {
        Step listed = step(1, listed("2020-01-01", null));
        Step delisted = step(2, delisted("2020-02-01"));
        Step relisted = step(3, listed("2020-02-01", null));
        assertThat(Timeline.ofLegal(List.of(listed, delisted, relisted)).periods()).containsExactly(
                period("2020-01-01", "2020-02-01", LISTED, "2020-01-01", null, listed, listed, false),
                period("2020-02-01", null, LISTED, "2020-01-01", null, relisted, relisted, false));
    }

    @Test
    void givenListedAndDelistedTheSameFirstDay_whenAsked_thenNotListedFromThatDay() {
        Step delisted = step(2, delisted("2020-01-01"));
        assertThat(Timeline.ofLegal(List.of(step(1, listed("2020-01-01", "2020-02-01")), delisted)).periods())
                .containsExactly(
                        period("2020-01-01", null, NOT_LISTED, "2020-01-01", null, null, delisted, false));
    }

    @Test
    void givenSuspendedAndReinstatedTheSameDay_whenAsked_thenListedWithoutABreak() {
        Step listed = step(1, listed("2020-01-01", null));
        Step reinstated = step(3, reinstated("2020-02-01"));
        assertThat(Timeline.ofLegal(List.of(listed, step(2, suspended("2020-02-01", "2020-03-01")), reinstated))
                .periods().getLast())
                .isEqualTo(period("2020-02-01", null, LISTED, "2020-01-01", null, listed, reinstated, false));
    }

    @Test
    void givenAReinstatementBeforeTheSuspensionsEnd_whenAsked_thenNoEndIsLeft() {
        Step listed = step(1, listed("2020-01-01", null));
        Step reinstated = step(3, reinstated("2020-02-15"));
        assertThat(Timeline.ofLegal(List.of(listed, step(2, suspended("2020-02-01", "2020-03-01")), reinstated))
                .periods().getLast())
                .isEqualTo(period("2020-02-15", null, LISTED, "2020-02-15", null, listed, reinstated, false));
    }

    @Test
    void givenEveryStateAndKind_whenWalked_thenExactlyTheTableIsAllowed() {
        assertThat(allowed(NOT_LISTED)).containsExactly("EntityListed");
        assertThat(allowed(LISTED)).containsExactly("ListingAmended", "ListingSuspended", "EntityDelisted");
        assertThat(allowed(SUSPENDED)).containsExactly("ListingAmended", "ListingReinstated", "EntityDelisted");
    }

    @Test
    void givenIllegalSteps_whenWalked_thenTheFirstOnTheEffectiveAxisIsTheConflict() {
        Step listed = step(1, listed("2020-01-01", null));
        Step first = step(3, reinstated("2020-02-01"));
        Step second = step(2, listed("2020-03-01", null));
        assertThat(Timeline.of(List.of(second, first, listed))).isEqualTo(new Conflict(first, LISTED));
        assertThatThrownBy(() -> Timeline.ofLegal(List.of(listed, first))).isInstanceOf(IllegalStateException.class)
                .hasMessage("recorded action " + action(3) + " is not legal: it meets LISTED on 2020-02-01");
    }

    @Test
    void givenAPeriod_whenAskedWhatItCovers_thenItsFirstDayAndNotItsEnd() {
        Step listed = step(1, listed("2020-01-01", "2020-02-01"));
        Period period = Timeline.ofLegal(List.of(listed)).periods().getFirst();
        assertThat(period.covers(day("2019-12-31"))).isFalse();
        assertThat(period.covers(day("2020-01-01"))).isTrue();
        assertThat(period.covers(day("2020-01-31"))).isTrue();
        assertThat(period.covers(day("2020-02-01"))).isFalse();
    }

    private static List<String> allowed(State state) {
        return List.<ListingAction>of(listed("2020-01-01", null), amended("2020-01-01", null),
                suspended("2020-01-01", null), reinstated("2020-01-01"), delisted("2020-01-01")).stream()
                .filter(action -> Timeline.allows(state, action)).map(action -> action.getClass().getSimpleName())
                .toList();
    }

    private static Step step(int n, ListingAction action) {
        return new Step(action(n), n - 1, action);
    }

    private static EntityListed listed(String date, @Nullable String until) {
        return new EntityListed(ENTITY, LIST, day(date), term(until), ENTRY, STATED);
    }

    private static ListingAmended amended(String date, @Nullable String until) {
        return new ListingAmended(ENTITY, LIST, day(date), term(until), entry("as of " + date), List.of(), STATED);
    }

    private static ListingSuspended suspended(String date, @Nullable String until) {
        return new ListingSuspended(ENTITY, LIST, day(date), term(until), STATED);
    }

    private static ListingReinstated reinstated(String date) {
        return new ListingReinstated(ENTITY, LIST, day(date), STATED);
    }

    private static EntityDelisted delisted(String date) {
        return new EntityDelisted(ENTITY, LIST, day(date), STATED);
    }

    private static Optional<LocalDate> term(@Nullable String until) {
        return Optional.ofNullable(until).map(Sample::day);
    }

    private static Period period(String from, @Nullable String to, State state, String since, @Nullable String until,
            @Nullable Step inForce, Step decidedBy, boolean expired) {
        return new Period(day(from), term(to), state, day(since), term(until), Optional.ofNullable(inForce), decidedBy,
                expired);
    }
}
