package org.policyledger.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.policyledger.core.GivenRecord.given;
import static org.policyledger.core.Rejection.Code.ACTION_VOIDED;
import static org.policyledger.core.Rejection.Code.ALREADY_LISTED;
import static org.policyledger.core.Rejection.Code.ALREADY_SUSPENDED;
import static org.policyledger.core.Rejection.Code.CORRECTION_MISMATCH;
import static org.policyledger.core.Rejection.Code.LIST_ALREADY_REGISTERED;
import static org.policyledger.core.Rejection.Code.NOTHING_TO_AMEND;
import static org.policyledger.core.Rejection.Code.NOT_LISTED;
import static org.policyledger.core.Rejection.Code.NOT_SUSPENDED;
import static org.policyledger.core.Rejection.Code.STALE_SEQUENCE;
import static org.policyledger.core.Rejection.Code.TIMELINE_CONFLICT;
import static org.policyledger.core.Rejection.Code.UNKNOWN_ACTION;
import static org.policyledger.core.Rejection.Code.UNKNOWN_LIST;
import static org.policyledger.core.Sample.ENTITY;
import static org.policyledger.core.Sample.ENTRY;
import static org.policyledger.core.Sample.LIST;
import static org.policyledger.core.Sample.OTHER_ENTITY;
import static org.policyledger.core.Sample.OTHER_LIST;
import static org.policyledger.core.Sample.UNREGISTERED_LIST;
import static org.policyledger.core.Sample.action;
import static org.policyledger.core.Sample.amend;
import static org.policyledger.core.Sample.correct;
import static org.policyledger.core.Sample.day;
import static org.policyledger.core.Sample.delist;
import static org.policyledger.core.Sample.entry;
import static org.policyledger.core.Sample.list;
import static org.policyledger.core.Sample.reinstate;
import static org.policyledger.core.Sample.strike;
import static org.policyledger.core.Sample.suspend;
import static org.policyledger.core.Sample.until;
import static org.policyledger.core.Timeline.State.LISTED;
import static org.policyledger.core.Timeline.State.SUSPENDED;

import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.policyledger.core.Command.AmendListing;
import org.policyledger.core.Command.CorrectAction;
import org.policyledger.core.Command.DelistEntity;
import org.policyledger.core.Command.ListEntity;
import org.policyledger.core.Command.RegisterList;
import org.policyledger.core.Command.VoidAction;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.ListRegistered;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingReinstated;
import org.policyledger.core.event.ListingSuspended;

class DecideTest {

    private static final Circumstances STATED = Circumstances.stated();

    @Nested
    class Accepted {

        @Test
        void givenNothing_whenListed_thenListedAsDemanded() {
            given().when(list("2020-06-05", "2021-06-05"))
                    .then(new EntityListed(ENTITY, LIST, day("2020-06-05"), until("2021-06-05"), ENTRY, STATED));
        }

        @Test
        void givenListed_whenAmended_thenAmendedNamingWhatChanged() {
            given(list("2020-06-05")).when(amend("2020-07-22", entry("second wording")))
                    .then(new ListingAmended(ENTITY, LIST, day("2020-07-22"), Optional.empty(),
                            entry("second wording"), List.of("/entry/remarks"), STATED));
        }

        @Test
        void givenListed_whenSuspended_thenSuspendedAsDemanded() {
            given(list("2020-06-05")).when(suspend("2020-07-01", "2020-08-01"))
                    .then(new ListingSuspended(ENTITY, LIST, day("2020-07-01"), until("2020-08-01"), STATED));
        }

        @Test
        void givenSuspended_whenReinstated_thenReinstatedAsDemanded() {
            given(list("2020-06-05"), suspend("2020-07-01")).when(reinstate("2020-07-10"))
                    .then(new ListingReinstated(ENTITY, LIST, day("2020-07-10"), STATED));
        }

        @Test
        void givenListed_whenDelisted_thenDelistedAsDemanded() {
            given(list("2020-06-05")).when(delist("2023-11-16"))
                    .then(new EntityDelisted(ENTITY, LIST, day("2023-11-16"), STATED));
        }

        @Test
        void givenListed_whenItsListingIsCorrected_thenTheReplacementIsRecordedWithItsOwnCircumstances() {
            Circumstances found = Circumstances.observed();
            given(list("2020-06-05")).when(new CorrectAction(ENTITY, action(1), list("2020-06-06"), found))
                    .then(new ActionCorrected(ENTITY, LIST, action(1), new EntityListed(ENTITY, LIST,
                            day("2020-06-06"), Optional.empty(), ENTRY, STATED), found));
        }

        @Test
        void givenListed_whenItsListingIsVoided_thenStruckOutWithItsOwnCircumstances() {
            Circumstances found = Circumstances.observed();
            given(list("2020-06-05")).when(new VoidAction(ENTITY, action(1), found))
                    .then(new ActionVoided(ENTITY, LIST, action(1), found));
        }

        @Test
        void givenSuspended_whenAmendedOrDelisted_thenAccepted() {
            GivenRecord suspended = given(list("2020-06-05"), suspend("2020-07-01"));
            assertThat(suspended.when(amend("2020-07-02", entry("second wording"))).thenAccepted()
                    .stateAt("2020-07-02")).isEqualTo(SUSPENDED);
            assertThat(suspended.when(delist("2020-07-02")).thenAccepted().stateAt("2020-07-02"))
                    .isEqualTo(Timeline.State.NOT_LISTED);
        }

        @Test
        void givenDelisted_whenListedAgainTheSameOrALaterDay_thenListed() {
            GivenRecord delisted = given(list("2020-06-05"), delist("2020-07-01"));
            assertThat(delisted.when(list("2020-07-01")).thenAccepted().stateAt("2020-07-01")).isEqualTo(LISTED);
            assertThat(delisted.when(list("2025-09-27")).thenAccepted().stateAt("2025-09-27")).isEqualTo(LISTED);
        }

        @Test
        void givenAnyRecord_whenTheLastSequenceIsExpected_thenAccepted() {
            assertThat(given().when(list("2020-06-05"), -1).thenAccepted().state().nextSequence()).isEqualTo(1);
            assertThat(given(list("2020-06-05")).when(delist("2020-07-01"), 0).thenAccepted().state().nextSequence())
                    .isEqualTo(2);
        }

        @Test
        void givenListedOnOneList_whenListedOnAnother_thenTheListingsDoNotMeet() {
            ListEntity elsewhere = new ListEntity(ENTITY, OTHER_LIST, day("2020-06-05"), Optional.empty(), ENTRY,
                    STATED);
            GivenRecord both = given(list("2020-06-05"), elsewhere, delist("2020-07-01"));
            assertThat(both.state().lists()).containsExactly(LIST, OTHER_LIST);
            assertThat(both.state().timeline(LIST).stateAt(day("2020-07-01"))).isEqualTo(Timeline.State.NOT_LISTED);
            assertThat(both.state().timeline(OTHER_LIST).stateAt(day("2020-07-01"))).isEqualTo(LISTED);
        }
    }

    @Nested
    class RefusedWhereItStands {

        @Test
        void givenNothing_whenAnythingButListed_thenNotListed() {
            Stream.of(amend("2020-06-05", ENTRY), suspend("2020-06-05"), reinstate("2020-06-05"),
                    delist("2020-06-05"))
                    .forEach(demand -> given().when(demand).thenRefused(NOT_LISTED,
                            "x on entity-list is not listed on 2020-06-05: list it first, or choose a date on which"
                                    + " it is listed"));
        }

        @Test
        void givenListed_whenListedAgain_thenAlreadyListed() {
            given(list("2020-06-05")).when(list("2020-06-06")).thenRefused(ALREADY_LISTED,
                    "x on entity-list is listed on 2020-06-06 already: amend the listing, or delist it first");
        }

        @Test
        void givenSuspended_whenListedAgain_thenAlreadyListed() {
            given(list("2020-06-05"), suspend("2020-06-10")).when(list("2020-06-12"))
                    .thenRefusedNaming(ALREADY_LISTED, "x on entity-list is listed on 2020-06-12 already");
        }

        @Test
        void givenListed_whenReinstated_thenNotSuspended() {
            given(list("2020-06-05")).when(reinstate("2020-06-06")).thenRefused(NOT_SUSPENDED,
                    "x on entity-list is listed but not suspended on 2020-06-06: only a suspended listing can be"
                            + " reinstated");
        }

        @Test
        void givenSuspended_whenSuspendedAgain_thenAlreadySuspended() {
            given(list("2020-06-05"), suspend("2020-06-10")).when(suspend("2020-06-12")).thenRefused(
                    ALREADY_SUSPENDED,
                    "x on entity-list is suspended on 2020-06-12 already: reinstate it first, or correct the"
                            + " suspension");
        }

        @Test
        void givenDelisted_whenAnythingButListed_thenNotListed() {
            GivenRecord delisted = given(list("2020-06-05"), delist("2020-07-01"));
            Stream.of(amend("2020-07-01", entry("late")), suspend("2020-07-01"), reinstate("2020-07-01"),
                    delist("2020-07-01"))
                    .forEach(demand -> delisted.when(demand).thenRefusedNaming(NOT_LISTED, "2020-07-01"));
        }

        @Test
        void givenAnUnregisteredList_whenListedThere_thenUnknownList() {
            given().when(new ListEntity(ENTITY, UNREGISTERED_LIST, day("2020-06-05"), Optional.empty(), ENTRY, STATED))
                    .thenRefused(UNKNOWN_LIST,
                            "List unheard-of is not registered: register it with RegisterList first");
        }

        @Test
        void givenAShorterOrLongerRecord_whenAnotherSequenceIsExpected_thenStaleSequence() {
            given().when(list("2020-06-05"), 0).thenRefused(STALE_SEQUENCE,
                    "Sequence 0 was expected to be the last of entity/x, but nothing is recorded there: read it again"
                            + " and decide anew");
            given(list("2020-06-05"), delist("2020-07-01")).when(list("2020-08-01"), 0).thenRefused(STALE_SEQUENCE,
                    "Sequence 0 was expected to be the last of entity/x, but its last is 1: read it again and decide"
                            + " anew");
            given(list("2020-06-05")).when(delist("2020-07-01"), 1).thenRefusedNaming(STALE_SEQUENCE, "its last is 0");
            given(list("2020-06-05")).when(delist("2020-07-01"), -1).thenRefusedNaming(STALE_SEQUENCE, "Sequence -1");
        }
    }

    @Nested
    class SameDay {

        @Test
        void givenListedToday_whenEverythingElseFollowsTheSameDay_thenTakenInRecordedOrder() {
            GivenRecord day = given(list("2020-06-05"), amend("2020-06-05", entry("second wording")),
                    suspend("2020-06-05"), reinstate("2020-06-05"), delist("2020-06-05"), list("2020-06-05"));
            assertThat(day.timeline().periods()).singleElement()
                    .satisfies(period -> assertThat(period.decidedBy().actionId()).isEqualTo(action(6)));
        }

        @Test
        void givenDelistedToday_whenAmendedToday_thenTheDelistingWentFirst() {
            given(list("2020-06-05"), delist("2020-07-01")).when(amend("2020-07-01", entry("second wording")))
                    .thenRefusedNaming(NOT_LISTED, "2020-07-01");
        }

        @Test
        void givenSuspendedAndReinstatedToday_whenSuspendedAgainToday_thenAccepted() {
            assertThat(given(list("2020-06-05"), suspend("2020-07-01"), reinstate("2020-07-01"))
                    .when(suspend("2020-07-01")).thenAccepted().stateAt("2020-07-01")).isEqualTo(SUSPENDED);
        }
    }

    @Nested
    class BackdatedAndFuture {

        @Test
        void givenAFutureDelisting_whenAmendedBeforeIt_thenAccepted() {
            assertThat(given(list("2020-06-05"), delist("2030-01-01"))
                    .when(amend("2029-12-31", entry("second wording"))).thenAccepted().stateAt("2030-01-01"))
                    .isEqualTo(Timeline.State.NOT_LISTED);
        }

        @Test
        void givenAFutureListing_whenDelistedBeforeItBegins_thenNotListed() {
            given(list("2030-01-01")).when(delist("2029-12-31")).thenRefusedNaming(NOT_LISTED, "2029-12-31");
        }

        @Test
        void givenListed_whenListedEarlier_thenTheLaterListingIsNamed() {
            given(list("2020-06-05")).when(list("2020-06-01")).thenRefused(TIMELINE_CONFLICT,
                    "After a listing of x on entity-list effective 2020-06-01, the listing of action " + action(1)
                            + " effective 2020-06-05 would meet the state LISTED, in which it is not allowed:"
                            + " correct or void that action first");
        }

        @Test
        void givenListed_whenListedEarlierForATermThatEndsBefore_thenAccepted() {
            GivenRecord twice = given(list("2020-06-05"), list("2020-05-01", "2020-06-05"));
            assertThat(twice.timeline().periods()).extracting(Timeline.Period::state).containsExactly(LISTED, LISTED);
            given(list("2020-06-05")).when(list("2020-05-01", "2020-06-06"))
                    .thenRefusedNaming(TIMELINE_CONFLICT, action(1), "2020-06-05");
        }

        @Test
        void givenAmendedLater_whenDelistedBefore_thenTheAmendmentIsNamed() {
            given(list("2020-06-05"), amend("2020-07-22", entry("second wording"))).when(delist("2020-07-01"))
                    .thenRefused(TIMELINE_CONFLICT,
                            "After a delisting of x on entity-list effective 2020-07-01, the amendment of action "
                                    + action(2) + " effective 2020-07-22 would meet the state NOT_LISTED, in which it"
                                    + " is not allowed: correct or void that action first");
        }

        @Test
        void givenSuspendedLater_whenSuspendedBefore_thenTheSuspensionIsNamed() {
            GivenRecord suspended = given(list("2020-06-05"), suspend("2020-08-01"));
            suspended.when(suspend("2020-07-01")).thenRefusedNaming(TIMELINE_CONFLICT,
                    "After a suspension of", "2020-07-01", "the suspension of action " + action(2), "2020-08-01",
                    "SUSPENDED");
            assertThat(suspended.when(suspend("2020-07-01", "2020-08-01")).thenAccepted().stateAt("2020-07-31"))
                    .isEqualTo(SUSPENDED);
        }

        @Test
        void givenReinstatedLater_whenReinstatedBefore_thenTheReinstatementIsNamed() {
            given(list("2020-06-05"), suspend("2020-07-01"), reinstate("2020-08-01")).when(reinstate("2020-07-15"))
                    .thenRefusedNaming(TIMELINE_CONFLICT, "After a reinstatement of", "2020-07-15",
                            "the reinstatement of action " + action(3), "2020-08-01", "LISTED");
        }

        @Test
        void givenDelistedLater_whenDelistedBefore_thenTheDelistingIsNamed() {
            given(list("2020-06-05"), delist("2020-08-01")).when(delist("2020-07-15"))
                    .thenRefusedNaming(TIMELINE_CONFLICT, "the delisting of action " + action(2), "2020-08-01",
                            "NOT_LISTED");
        }

        @Test
        void givenAFirstAndASecondConflict_whenRefused_thenTheFirstIsNamed() {
            given(list("2020-06-05"), suspend("2020-08-01"), reinstate("2020-09-01")).when(delist("2020-07-01"))
                    .thenRefusedNaming(TIMELINE_CONFLICT, action(2), "2020-08-01");
        }
    }

    @Nested
    class FixedTerms {

        @Test
        void givenAFixedTerm_whenAnythingButListedOnItsLastMorning_thenNotListed() {
            GivenRecord term = given(list("2023-09-28", "2024-09-28"));
            assertThat(term.stateAt("2024-09-27")).isEqualTo(LISTED);
            Stream.of(amend("2024-09-28", "2025-09-28", ENTRY), suspend("2024-09-28"), delist("2024-09-28"))
                    .forEach(demand -> term.when(demand).thenRefusedNaming(NOT_LISTED, "2024-09-28"));
        }

        @Test
        void givenAFixedTerm_whenListedOnTheDayItEnds_thenListedAgain() {
            GivenRecord again = given(list("2023-09-28", "2024-09-28"), list("2024-09-28"));
            assertThat(again.stateAt("2024-09-28")).isEqualTo(LISTED);
        }

        @Test
        void givenAFixedTerm_whenListedTheDayBeforeItEnds_thenAlreadyListed() {
            given(list("2023-09-28", "2024-09-28")).when(list("2024-09-27"))
                    .thenRefusedNaming(ALREADY_LISTED, "2024-09-27");
        }

        @Test
        void givenAFixedTerm_whenRenewedTwiceBeforeItEnds_thenItHoldsWithoutABreak() {
            GivenRecord renewed = given(list("2023-03-29", "2023-09-25"), amend("2023-09-22", "2024-09-21", ENTRY),
                    amend("2024-09-19", "2025-09-19", ENTRY));
            assertThat(renewed.timeline().periods()).extracting(Timeline.Period::since)
                    .containsExactly(day("2023-03-29"), day("2023-03-29"), day("2023-03-29"), day("2025-09-19"));
            assertThat(renewed.stateAt("2025-09-18")).isEqualTo(LISTED);
            assertThat(renewed.stateAt("2025-09-19")).isEqualTo(Timeline.State.NOT_LISTED);
        }

        @Test
        void givenARenewal_whenOnlyTheTermDiffers_thenOnlyTheTermIsNamedAsChanged() {
            given(list("2023-03-29", "2023-09-25")).when(amend("2023-09-22", "2024-09-21", ENTRY))
                    .then(new ListingAmended(ENTITY, LIST, day("2023-09-22"), until("2024-09-21"), ENTRY,
                            List.of("/until"), STATED));
        }

        @Test
        void givenAFixedTerm_whenAmendedWithoutOne_thenItIsOpen() {
            GivenRecord open = given(list("2023-03-29", "2023-09-25"), amend("2023-09-22", ENTRY));
            assertThat(open.stateAt("2199-12-31")).isEqualTo(LISTED);
            assertThat(open.timeline().at(day("2023-09-25")).orElseThrow().until()).isEqualTo(Optional.empty());
        }

        @Test
        void givenListedAgainAfterAnExpiry_whenTheTermIsLengthenedOverIt_thenTheRelistingIsNamed() {
            given(list("2023-03-29", "2023-09-25"), list("2023-10-01")).when(amend("2023-09-22", ENTRY))
                    .thenRefusedNaming(TIMELINE_CONFLICT, "the listing of action " + action(2), "2023-10-01", "LISTED");
        }

        @Test
        void givenAnOpenListingWithALaterAmendment_whenATermIsSetThatEndsBefore_thenTheAmendmentIsNamed() {
            GivenRecord amended = given(list("2020-06-05"), amend("2020-08-01", entry("second wording")));
            amended.when(amend("2020-07-01", "2020-08-01", ENTRY)).thenRefusedNaming(TIMELINE_CONFLICT,
                    "the amendment of action " + action(2), "2020-08-01", "NOT_LISTED");
            assertThat(amended.when(amend("2020-07-01", "2020-08-02", ENTRY)).thenAccepted().stateAt("2020-08-02"))
                    .isEqualTo(LISTED);
        }
    }

    @Nested
    class SuspensionsThatEndByThemselves {

        private final GivenRecord suspended = given(list("2025-09-29"), suspend("2025-11-10", "2026-11-10"));

        @Test
        void givenASuspensionsLastMorning_whenReinstated_thenNotSuspended() {
            suspended.when(reinstate("2026-11-10")).thenRefusedNaming(NOT_SUSPENDED, "2026-11-10");
        }

        @Test
        void givenASuspensionsLastMorning_whenSuspendedAgain_thenSuspended() {
            GivenRecord again = suspended.when(suspend("2026-11-10")).thenAccepted();
            assertThat(again.stateAt("2026-11-10")).isEqualTo(SUSPENDED);
        }

        @Test
        void givenSuspended_whenReinstatedBeforeItsEnd_thenTheEndDoesNothingMore() {
            GivenRecord early = suspended.when(reinstate("2026-01-01")).thenAccepted();
            assertThat(early.timeline().periods()).extracting(Timeline.Period::from)
                    .containsExactly(day("2025-09-29"), day("2025-11-10"), day("2026-01-01"));
        }

        @Test
        void givenSuspended_whenDelistedAndListedAgainBeforeItsEnd_thenTheEndDoesNothingMore() {
            GivenRecord relisted = given(list("2025-09-29"), suspend("2025-11-10", "2026-11-10"),
                    delist("2026-01-01"), list("2026-02-01"));
            assertThat(relisted.timeline().periods()).extracting(Timeline.Period::from).containsExactly(
                    day("2025-09-29"), day("2025-11-10"), day("2026-01-01"), day("2026-02-01"));
        }

        @Test
        void givenAReinstatementOnRecord_whenTheSuspensionIsCorrectedToEndBefore_thenTheReinstatementIsNamed() {
            given(list("2025-09-29"), suspend("2025-11-10"), reinstate("2026-02-01"))
                    .when(correct(action(2), suspend("2025-11-10", "2026-02-01")))
                    .thenRefusedNaming(TIMELINE_CONFLICT, "the reinstatement of action " + action(3), "2026-02-01");
        }

        @Test
        void givenAListingThatEndsWithItsSuspension_whenTheDayComes_thenNotListed() {
            GivenRecord both = given(list("2025-09-29", "2026-11-10"), suspend("2025-11-10", "2026-11-10"));
            assertThat(both.stateAt("2026-11-10")).isEqualTo(Timeline.State.NOT_LISTED);
            both.when(amend("2026-11-10", entry("late"))).thenRefusedNaming(NOT_LISTED, "2026-11-10");
        }
    }

    @Nested
    class NothingToAmend {

        @Test
        void givenListed_whenAmendedToTheSame_thenTheActionInForceIsNamed() {
            given(list("2020-06-05")).when(amend("2020-07-22", ENTRY)).thenRefused(NOTHING_TO_AMEND,
                    "The amendment of x on entity-list effective 2020-07-22 states the entry and term that action "
                            + action(1) + " already put in force: amend something, or record nothing");
        }

        @Test
        void givenAmendedLater_whenAmendedBeforeToWhatIsInForceThen_thenTheEarlierActionIsNamed() {
            given(list("2020-06-05"), amend("2020-07-22", entry("second wording"))).when(amend("2020-07-01", ENTRY))
                    .thenRefusedNaming(NOTHING_TO_AMEND, action(1), "2020-07-01");
        }

        @Test
        void givenAmendedTheSameDay_whenAmendedToTheSame_thenTheSameDaysActionIsNamed() {
            given(list("2020-06-05"), amend("2020-07-22", entry("second wording")))
                    .when(amend("2020-07-22", entry("second wording")))
                    .thenRefusedNaming(NOTHING_TO_AMEND, action(2), "2020-07-22");
        }

        @Test
        void givenAmendedAndAmendedLater_whenAmendedBetweenToWhatHoldsLater_thenAccepted() {
            given(list("2020-06-05"), amend("2020-07-22", entry("second wording")))
                    .when(amend("2020-07-01", entry("second wording")))
                    .then(new ListingAmended(ENTITY, LIST, day("2020-07-01"), Optional.empty(),
                            entry("second wording"), List.of("/entry/remarks"), STATED));
        }

        @Test
        void givenASuspendedListing_whenAmendedToTheSame_thenNothingToAmend() {
            given(list("2020-06-05"), suspend("2020-07-01")).when(amend("2020-07-02", ENTRY))
                    .thenRefusedNaming(NOTHING_TO_AMEND, action(1));
        }

        @Test
        void givenACorrectedListing_whenAmendedToItsCorrectedContent_thenNothingToAmend() {
            ListEntity right = new ListEntity(ENTITY, LIST, day("2020-06-05"), Optional.empty(), entry("right"),
                    STATED);
            GivenRecord corrected = given(list("2020-06-05"), correct(action(1), right));
            corrected.when(amend("2020-07-01", entry("right"))).thenRefusedNaming(NOTHING_TO_AMEND, action(1));
            assertThat(corrected.when(amend("2020-07-01", ENTRY)).thenAccepted().state().nextSequence()).isEqualTo(3);
        }

        @Test
        void givenListed_whenEverythingIsAmended_thenEveryChangedFieldIsNamedOnce() {
            Entry other = new Entry(
                    new Entry.Subject("X Institute", Optional.of(Entry.Type.ORGANISATION), Optional.empty(),
                            List.of(Entry.Alias.of("XI")), List.of(Entry.Address.of("1 Road")), List.of("CN"),
                            List.of(), Optional.of(OTHER_ENTITY), Optional.empty()),
                    new Entry.Terms(Optional.of("all items"), Optional.empty(), List.of("P"), Optional.empty()),
                    Optional.empty());
            given(list("2020-06-05")).when(amend("2020-07-01", "2021-07-01", other))
                    .then(new ListingAmended(ENTITY, LIST, day("2020-07-01"), until("2021-07-01"), other,
                            List.of("/entry/remarks", "/entry/subject/addresses", "/entry/subject/aliases",
                                    "/entry/subject/countries", "/entry/subject/parent", "/entry/subject/type",
                                    "/entry/terms/licenseRequirement", "/entry/terms/programs", "/until"),
                            STATED));
        }
    }

    @Nested
    class Corrections {

        @Test
        void givenListed_whenTheDateIsCorrected_thenThePeriodMoves() {
            GivenRecord moved = given(list("2020-06-05"), correct(action(1), list("2020-05-22")));
            assertThat(moved.timeline().periods()).singleElement().satisfies(period -> {
                assertThat(period.from()).isEqualTo(day("2020-05-22"));
                assertThat(period.decidedBy().actionId()).isEqualTo(action(1));
            });
        }

        @Test
        void givenAmendedLater_whenTheListingIsMovedBehindIt_thenTheAmendmentIsNamed() {
            given(list("2020-06-05"), amend("2020-07-22", entry("second wording")))
                    .when(correct(action(1), list("2020-07-23")))
                    .thenRefused(TIMELINE_CONFLICT,
                            "After the correction of action " + action(1) + " to effective date 2020-07-23, the"
                                    + " amendment of action " + action(2) + " effective 2020-07-22 would meet the"
                                    + " state NOT_LISTED, in which it is not allowed: correct or void that action"
                                    + " first");
        }

        @Test
        void givenAmendedLater_whenTheListingIsMovedToTheSameDay_thenItStillGoesFirst() {
            GivenRecord sameDay = given(list("2020-06-05"), amend("2020-07-22", entry("second wording")),
                    correct(action(1), list("2020-07-22")));
            assertThat(sameDay.timeline().periods()).singleElement().satisfies(period -> assertThat(
                    period.inForce().orElseThrow().actionId()).isEqualTo(action(2)));
        }

        @Test
        void givenDelistedAndListedAgain_whenTheDelistingIsMovedBehindTheRelisting_thenTheRelistingIsNamed() {
            given(list("2020-06-05"), delist("2020-07-01"), list("2020-08-01"))
                    .when(correct(action(2), delist("2020-08-02")))
                    .thenRefusedNaming(TIMELINE_CONFLICT, "the listing of action " + action(3), "2020-08-01", "LISTED");
        }

        @Test
        void givenARelisting_whenItIsMovedBeforeTheDelisting_thenTheCorrectedActionItselfIsNamed() {
            given(list("2020-06-05"), delist("2020-07-01"), list("2020-08-01"))
                    .when(correct(action(3), list("2020-06-15")))
                    .thenRefused(TIMELINE_CONFLICT,
                            "After the correction of action " + action(3) + " to effective date 2020-06-15, that"
                                    + " action itself would meet the state LISTED, in which a listing is not allowed:"
                                    + " choose another date");
        }

        @Test
        void givenACorrectedAction_whenCorrectedAgain_thenTheLatestContentHolds() {
            GivenRecord twice = given(list("2020-06-05"), correct(action(1), list("2020-05-22")),
                    correct(action(1), list("2020-06-01", "2020-07-01")));
            assertThat(twice.timeline().periods()).extracting(Timeline.Period::from)
                    .containsExactly(day("2020-06-01"), day("2020-07-01"));
        }

        @Test
        void givenACorrection_whenItIsItselfCorrectedOrVoided_thenUnknownActionTellsTheWayOut() {
            GivenRecord corrected = given(list("2020-06-05"), correct(action(1), list("2020-05-22")));
            String detail = "Entity x has no listing action " + action(2) + " to correct or void: take an actionId"
                    + " from its history; a correction is corrected by correcting its action again";
            corrected.when(correct(action(2), list("2020-06-05"))).thenRefused(UNKNOWN_ACTION, detail);
            corrected.when(strike(action(2))).thenRefused(UNKNOWN_ACTION, detail);
        }

        @Test
        void givenNothing_whenAnActionIsCorrectedOrVoided_thenUnknownAction() {
            given().when(correct(action(1), list("2020-06-05"))).thenRefusedNaming(UNKNOWN_ACTION, action(1));
            given().when(strike(action(1))).thenRefusedNaming(UNKNOWN_ACTION, action(1));
        }

        @Test
        void givenAVoidedAction_whenCorrectedOrVoidedAgain_thenActionVoided() {
            GivenRecord voided = given(list("2020-06-05"), strike(action(1)));
            String detail = "Action " + action(1) + " of x has been voided: record a new action instead";
            voided.when(correct(action(1), list("2020-06-06"))).thenRefused(ACTION_VOIDED, detail);
            voided.when(strike(action(1))).thenRefused(ACTION_VOIDED, detail);
        }

        @Test
        void givenAVoiding_whenItIsItselfVoided_thenUnknownAction() {
            given(list("2020-06-05"), strike(action(1))).when(strike(action(2)))
                    .thenRefusedNaming(UNKNOWN_ACTION, action(2));
        }

        @Test
        void givenListed_whenCorrectedToAnotherKind_thenMismatch() {
            given(list("2020-06-05")).when(correct(action(1), amend("2020-06-05", ENTRY))).thenRefused(
                    CORRECTION_MISMATCH,
                    "Action " + action(1) + " is a listing of x on entity-list; its replacement is an amendment of x"
                            + " on entity-list: a correction keeps the kind of action, the entity and the list; void"
                            + " the action and record another instead");
        }

        @Test
        void givenListed_whenCorrectedToAnotherEntityOrList_thenMismatch() {
            given(list("2020-06-05"))
                    .when(correct(action(1), new ListEntity(OTHER_ENTITY, LIST, day("2020-06-05"), Optional.empty(),
                            ENTRY, STATED)))
                    .thenRefusedNaming(CORRECTION_MISMATCH, "its replacement is a listing of y on entity-list");
            given(list("2020-06-05"))
                    .when(correct(action(1), new ListEntity(ENTITY, OTHER_LIST, day("2020-06-05"), Optional.empty(),
                            ENTRY, STATED)))
                    .thenRefusedNaming(CORRECTION_MISMATCH, "its replacement is a listing of x on other-list");
        }

        @Test
        void givenAnAmendment_whenCorrected_thenWhatItWasKnownToChangeThenStays() {
            given(list("2020-06-05"), amend("2020-07-22", entry("second wording")))
                    .when(correct(action(2), amend("2020-07-22", entry("third wording"))))
                    .then(new ActionCorrected(ENTITY, LIST, action(2), new ListingAmended(ENTITY, LIST,
                            day("2020-07-22"), Optional.empty(), entry("third wording"), List.of("/entry/remarks"),
                            STATED), STATED));
        }

        @Test
        void givenListed_whenCorrectedToTheSameContent_thenAccepted() {
            GivenRecord same = given(list("2020-06-05"), correct(action(1), list("2020-06-05")));
            assertThat(same.timeline().periods()).isEqualTo(given(list("2020-06-05")).timeline().periods());
        }
    }

    @Nested
    class Voidings {

        @Test
        void givenOnlyAListing_whenVoided_thenTheListingHasNoPeriod() {
            GivenRecord voided = given(list("2020-06-05"), strike(action(1)));
            assertThat(voided.timeline().periods()).isEmpty();
            assertThat(voided.when(list("2020-06-05")).thenAccepted().stateAt("2020-06-05")).isEqualTo(LISTED);
        }

        @Test
        void givenAmendedLater_whenTheListingIsVoided_thenTheAmendmentIsNamed() {
            given(list("2020-06-05"), amend("2020-07-22", entry("second wording"))).when(strike(action(1)))
                    .thenRefused(TIMELINE_CONFLICT,
                            "After the voiding of action " + action(1) + ", the amendment of action " + action(2)
                                    + " effective 2020-07-22 would meet the state NOT_LISTED, in which it is not"
                                    + " allowed: correct or void that action first");
        }

        @Test
        void givenListedAgain_whenTheDelistingIsVoided_thenTheRelistingIsNamed() {
            given(list("2020-06-05"), delist("2020-07-01"), list("2025-09-27")).when(strike(action(2)))
                    .thenRefusedNaming(TIMELINE_CONFLICT, "the listing of action " + action(3), "2025-09-27", "LISTED");
        }

        @Test
        void givenReinstated_whenTheSuspensionIsVoided_thenTheReinstatementIsNamed() {
            given(list("2020-06-05"), suspend("2020-07-01"), reinstate("2020-08-01")).when(strike(action(2)))
                    .thenRefusedNaming(TIMELINE_CONFLICT, "the reinstatement of action " + action(3), "2020-08-01",
                            "LISTED");
        }

        @Test
        void givenARenewedTerm_whenTheRenewalIsVoidedUnderALaterAction_thenTheLaterActionIsNamed() {
            GivenRecord renewed = given(list("2023-03-29", "2023-09-25"), amend("2023-09-22", "2024-09-21", ENTRY),
                    suspend("2023-09-25"));
            renewed.when(strike(action(2))).thenRefusedNaming(TIMELINE_CONFLICT, "the suspension of action "
                    + action(3), "2023-09-25", "NOT_LISTED");
            assertThat(renewed.when(strike(action(3))).thenAccepted().when(strike(action(2))).thenAccepted()
                    .stateAt("2023-09-25")).isEqualTo(Timeline.State.NOT_LISTED);
        }
    }

    @Nested
    class Precedence {

        private final ListEntity onUnregistered = new ListEntity(ENTITY, UNREGISTERED_LIST, day("2020-06-05"),
                Optional.empty(), ENTRY, STATED);

        @Test
        void givenAStaleSequence_whenAnythingElseIsWrongToo_thenStaleSequence() {
            given().when(onUnregistered, 7).thenRefusedNaming(STALE_SEQUENCE, "Sequence 7");
            given().when(delist("2020-06-05"), 7).thenRefusedNaming(STALE_SEQUENCE, "Sequence 7");
            given().when(strike(action(9)), 7).thenRefusedNaming(STALE_SEQUENCE, "Sequence 7");
            given(list("2020-06-05"), strike(action(1))).when(strike(action(1)), 7)
                    .thenRefusedNaming(STALE_SEQUENCE, "Sequence 7");
            given(list("2020-06-05")).when(amend("2020-06-06", ENTRY), 7)
                    .thenRefusedNaming(STALE_SEQUENCE, "Sequence 7");
            given(list("2020-06-05")).when(list("2020-06-01"), 7).thenRefusedNaming(STALE_SEQUENCE, "Sequence 7");
        }

        @Test
        void givenAnUnregisteredList_whenNotListedThereEither_thenUnknownList() {
            given().when(new DelistEntity(ENTITY, UNREGISTERED_LIST, day("2020-06-05"), STATED))
                    .thenRefusedNaming(UNKNOWN_LIST, UNREGISTERED_LIST);
        }

        @Test
        void givenAnUnknownAction_whenTheReplacementIsOfAnotherListToo_thenUnknownAction() {
            given(list("2020-06-05")).when(correct(action(9), onUnregistered))
                    .thenRefusedNaming(UNKNOWN_ACTION, action(9));
        }

        @Test
        void givenAVoidedAction_whenTheReplacementIsOfAnotherKindToo_thenActionVoided() {
            given(list("2020-06-05"), strike(action(1))).when(correct(action(1), delist("2020-06-05")))
                    .thenRefusedNaming(ACTION_VOIDED, action(1));
        }

        @Test
        void givenAMismatch_whenTheReplacementIsOnAnUnregisteredListOrConflictsToo_thenMismatch() {
            given(list("2020-06-05")).when(correct(action(1), onUnregistered))
                    .thenRefusedNaming(CORRECTION_MISMATCH, UNREGISTERED_LIST);
            given(list("2020-06-05"), delist("2020-07-01")).when(correct(action(2), suspend("2020-06-01")))
                    .thenRefusedNaming(CORRECTION_MISMATCH, action(2));
        }

        @Test
        void givenADemandIllegalWhereItStands_whenALaterActionConflictsToo_thenTheDemandsOwnFaultIsNamed() {
            GivenRecord listed = given(list("2020-06-05"), suspend("2020-07-01"), reinstate("2020-08-01"));
            listed.when(delist("2020-06-01")).thenRefusedNaming(NOT_LISTED, "2020-06-01");
            listed.when(list("2020-06-10")).thenRefusedNaming(ALREADY_LISTED, "2020-06-10");
            listed.when(reinstate("2020-06-10")).thenRefusedNaming(NOT_SUSPENDED, "2020-06-10");
            listed.when(suspend("2020-07-10")).thenRefusedNaming(ALREADY_SUSPENDED, "2020-07-10");
        }

        @Test
        void givenTheSameEntry_whenTheNewTermConflictsWithALaterAction_thenTimelineConflict() {
            given(list("2020-06-05"), delist("2020-08-01")).when(amend("2020-07-01", "2020-07-10", ENTRY))
                    .thenRefusedNaming(TIMELINE_CONFLICT, action(2));
        }

        @Test
        void givenTheCodes_whenRead_thenTheyStandInTheirPublishedOrder() {
            assertThat(Rejection.Code.values()).extracting(Rejection.Code::text).containsExactly("malformed",
                    "idempotency-key-reused", "stale-sequence", "list-already-registered",
                    "commitment-already-recorded", "notice-already-recorded", "unknown-list", "unknown-entity",
                    "unknown-commitment",
                    "unknown-action", "action-voided", "correction-mismatch", "already-listed", "not-listed",
                    "already-suspended", "not-suspended", "already-linked", "not-linked", "commitment-not-made",
                    "commitment-closed",
                    "timeline-conflict", "nothing-to-amend");
        }
    }

    @Nested
    class Lists {

        private final ListDetails details = new ListDetails("Entity List", "Bureau of Industry and Security",
                Optional.of("US"), ZoneId.of("America/New_York"), Optional.empty(), Optional.empty());
        private final RegisterList register = new RegisterList(LIST, details);

        @Test
        void givenNothing_whenRegistered_thenRegisteredAsDemanded() {
            assertThat(Decide.list(0, register, OptionalLong.empty())).isEqualTo(new ListRegistered(LIST, details));
            assertThat(Decide.list(0, register, OptionalLong.of(-1))).isEqualTo(new ListRegistered(LIST, details));
        }

        @Test
        void givenRegistered_whenRegisteredAgain_thenListAlreadyRegistered() {
            assertThatThrownBy(() -> Decide.list(1, register, OptionalLong.empty()))
                    .isInstanceOfSatisfying(Rejection.class, rejection -> {
                        assertThat(rejection.code()).isEqualTo(LIST_ALREADY_REGISTERED);
                        assertThat(rejection.detail()).isEqualTo(
                                "List entity-list is registered already: use it, or choose another listId");
                    });
        }

        @Test
        void givenRegistered_whenAnotherSequenceIsExpected_thenStaleSequenceGoesFirst() {
            assertThatThrownBy(() -> Decide.list(1, register, OptionalLong.of(4)))
                    .isInstanceOfSatisfying(Rejection.class, rejection -> {
                        assertThat(rejection.code()).isEqualTo(STALE_SEQUENCE);
                        assertThat(rejection.detail()).contains("Sequence 4", "list/entity-list", "its last is 0");
                    });
        }
    }

    @Test
    void givenARefusal_whenDecided_thenTheStateIsUntouched() {
        EntityState before = given(list("2020-06-05")).state();
        LocalDate date = day("2020-06-05");
        assertThatThrownBy(() -> Decide.entity(before, list("2020-06-06"), Sample.LISTS, OptionalLong.empty()))
                .isInstanceOf(Rejection.class);
        assertThat(before.nextSequence()).isEqualTo(1);
        assertThat(before.timeline(LIST).at(date)).isPresent();
        assertThat(before.steps(LIST)).hasSize(1);
    }

    @Test
    void givenAnAmendment_whenReadAsACommand_thenItDoesNotCarryWhatChanged() {
        assertThat(AmendListing.class.getRecordComponents()).extracting(c -> c.getName()).doesNotContain("changed");
    }
}
