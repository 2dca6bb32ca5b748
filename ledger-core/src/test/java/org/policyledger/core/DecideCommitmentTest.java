package org.policyledger.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.policyledger.core.GivenRecord.given;
import static org.policyledger.core.Sample.ENTITY;
import static org.policyledger.core.Sample.LIST;
import static org.policyledger.core.Sample.action;
import static org.policyledger.core.Sample.day;
import static org.policyledger.core.Sample.delist;
import static org.policyledger.core.Sample.list;
import static org.policyledger.core.Sample.strike;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.policyledger.core.Assessment.Finding;
import org.policyledger.core.Closure.Outcome;
import org.policyledger.core.Command.AssessCommitment;
import org.policyledger.core.Command.CloseCommitment;
import org.policyledger.core.Command.CommitmentCommand;
import org.policyledger.core.Command.RecordCommitment;
import org.policyledger.core.Command.RecordStatement;
import org.policyledger.core.CommitmentState.KnownAssessment;
import org.policyledger.core.CommitmentState.Standing;
import org.policyledger.core.CommitmentState.State;
import org.policyledger.core.Rejection.Code;
import org.policyledger.core.event.CommitmentAssessed;
import org.policyledger.core.event.CommitmentClosed;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.CommitmentRecorded;
import org.policyledger.core.event.StatementRecorded;

/** Commitments, what is found about them, and what is said: given a record, when something is demanded, then what follows. */
class DecideCommitmentTest {

    private static final CommitmentId ID = new CommitmentId("c");
    private static final RecordedActions ACTIONS = List.of(action(1), action(2))::contains;
    private static final Commitment COMMITMENT = new Commitment("China", "United States", "To act", Optional.empty(),
            day("2023-11-15"), Optional.of(day("2024-11-15")), Optional.of(day("2024-02-15")), Optional.empty());
    private static final RecordCommitment RECORD = new RecordCommitment(ID, COMMITMENT, List.of(action(1)),
            Optional.of("ifs"));

    private static CommitmentState recorded(CommitmentCommand... demands) {
        CommitmentState state = CommitmentState.EMPTY;
        for (CommitmentCommand demand : demands) {
            state = state.after(decide(state, demand), action((int) state.nextSequence() + 10));
        }
        return state;
    }

    private static CommitmentEvent decide(CommitmentState state, CommitmentCommand demand) {
        return Decide.commitment(state, demand, ACTIONS, OptionalLong.empty());
    }

    private static AssessCommitment assess(Finding finding, String on, Optional<String> nextReviewOn) {
        return new AssessCommitment(ID, new Assessment(finding, day(on), "Working group", Optional.empty(),
                Optional.empty(), nextReviewOn.map(Sample::day)));
    }

    private static CloseCommitment close(String on) {
        return new CloseCommitment(ID,
                new Closure(Outcome.FULFILLED, day(on), Optional.empty(), Optional.empty()));
    }

    private static Statement said(String on) {
        return new Statement(Optional.empty(), Optional.of("Ministry"), day(on), "explains", "Words", Optional.empty(),
                Optional.empty());
    }

    private static RecordStatement onEntity(Optional<ActionId> about) {
        return new RecordStatement(Optional.of(ENTITY), about, Optional.empty(), said("2023-11-16"), Optional.empty());
    }

    private static void refused(Code code, String detail, ThrowingCallable decision) {
        Rejection rejection = catchThrowableOfType(Rejection.class, decision);
        assertThat(rejection).isNotNull();
        assertThat(rejection.code()).isEqualTo(code);
        assertThat(rejection.detail()).isEqualTo(detail);
    }

    @Test
    void givenNothing_whenRecorded_thenTheCommitmentStandsOpenFromTheDayItWasMade() {
        assertThat(decide(CommitmentState.EMPTY, RECORD))
                .isEqualTo(new CommitmentRecorded(ID, COMMITMENT, List.of(action(1)), Optional.of("ifs")));
        CommitmentState state = recorded(RECORD);
        assertThat(state.stateAt(day("2023-11-14"))).isEqualTo(State.NOT_MADE);
        assertThat(state.standings()).containsExactly(new Standing(day("2023-11-15"), Optional.empty(), State.OPEN,
                Optional.empty(), Optional.of(day("2024-02-15")), Optional.empty()));
    }

    @Test
    void givenADueDay_whenItGoesByUnfulfilled_thenOverdueFromTheDayAfter() {
        CommitmentState state = recorded(RECORD);
        assertThat(state.overdueAt(day("2024-11-15"))).isFalse();
        assertThat(state.overdueAt(day("2024-11-16"))).isTrue();
        assertThat(recorded(RECORD, close("2024-11-16")).overdueAt(day("2024-11-16"))).as("closed").isFalse();
    }

    @Test
    void givenRecorded_whenRecordedAgain_thenRefused() {
        refused(Code.COMMITMENT_ALREADY_RECORDED,
                "Commitment c is recorded already: assess it, or choose another commitmentId",
                () -> decide(recorded(RECORD), RECORD));
    }

    @Test
    void givenAnActionThatIsNotRecorded_whenACommitmentIsSaidToBeGivenForIt_thenUnknownAction() {
        refused(Code.UNKNOWN_ACTION, "No listing action " + action(9)
                + " is recorded for which commitment c could have been given: take an actionId from an entity's history,"
                + " or leave it out",
                () -> decide(CommitmentState.EMPTY,
                        new RecordCommitment(ID, COMMITMENT, List.of(action(1), action(9)), Optional.empty())));
    }

    @Test
    void givenRecordedBefore_whenAlsoNamingAnUnknownAction_thenTheFirstRuleOfTheTableIsNamed() {
        CommitmentState state = recorded(RECORD);
        refused(Code.COMMITMENT_ALREADY_RECORDED,
                "Commitment c is recorded already: assess it, or choose another commitmentId", () -> decide(state,
                        new RecordCommitment(ID, COMMITMENT, List.of(action(9)), Optional.empty())));
        refused(Code.STALE_SEQUENCE,
                "Sequence 5 was expected to be the last of commitment/c, but its last is 0: read it again and decide anew",
                () -> Decide.commitment(state, RECORD, ACTIONS, OptionalLong.of(5)));
    }

    @Test
    void givenNothing_whenAssessedClosedOrSpokenOf_thenUnknownCommitment() {
        String detail = "Commitment c is not recorded: record it with RecordCommitment first";
        refused(Code.UNKNOWN_COMMITMENT, detail,
                () -> decide(CommitmentState.EMPTY, assess(Finding.KEPT, "2024-01-30", Optional.empty())));
        refused(Code.UNKNOWN_COMMITMENT, detail, () -> decide(CommitmentState.EMPTY, close("2024-01-30")));
        refused(Code.UNKNOWN_COMMITMENT, detail,
                () -> Decide.statement(CommitmentState.EMPTY, new RecordStatement(Optional.empty(), Optional.empty(),
                        Optional.of(ID), said("2023-11-16"), Optional.empty()), OptionalLong.empty()));
    }

    @Test
    void givenRecorded_whenAssessed_thenTheFindingStandsFromItsDayAndSetsTheNextReview() {
        AssessCommitment first = assess(Finding.PARTLY_KEPT, "2024-01-30", Optional.of("2024-07-31"));
        assertThat(decide(recorded(RECORD), first)).isEqualTo(new CommitmentAssessed(ID, first.assessment()));
        CommitmentState state = recorded(RECORD, first, assess(Finding.KEPT, "2024-07-31", Optional.empty()));

        assertThat(findingAt(state, "2024-01-29")).isEmpty();
        assertThat(findingAt(state, "2024-01-30")).contains(Finding.PARTLY_KEPT);
        assertThat(findingAt(state, "2024-07-31")).contains(Finding.KEPT);
        assertThat(reviewAt(state, "2024-01-29")).contains(day("2024-02-15"));
        assertThat(reviewAt(state, "2024-07-30")).contains(day("2024-07-31"));
        assertThat(reviewAt(state, "2024-07-31")).as("an assessment settles the review that was due").isEmpty();
    }

    @Test
    void givenALaterFinding_whenAnEarlierOneIsRecordedAfterIt_thenTheLaterStillStands() {
        CommitmentState state = recorded(RECORD, assess(Finding.BREACHED, "2024-07-31", Optional.empty()),
                assess(Finding.KEPT, "2024-01-30", Optional.empty()));
        assertThat(findingAt(state, "2024-01-30")).contains(Finding.KEPT);
        assertThat(findingAt(state, "2024-08-01")).contains(Finding.BREACHED);
    }

    @Test
    void givenTwoFindingsOfOneDay_whenAsked_thenTheOneRecordedLastStands() {
        CommitmentState state = recorded(RECORD, assess(Finding.BREACHED, "2024-01-30", Optional.empty()),
                assess(Finding.UNDETERMINED, "2024-01-30", Optional.empty()));
        assertThat(findingAt(state, "2024-01-30")).contains(Finding.UNDETERMINED);
        assertThat(state.standings()).hasSize(2);
    }

    @Test
    void givenRecorded_whenAssessedOrClosedOnADayBeforeItWasMade_thenRefused() {
        refused(Code.COMMITMENT_NOT_MADE, "Commitment c was made on 2023-11-15 and cannot be assessed on 2023-11-14:"
                + " choose a day on which it was made already",
                () -> decide(recorded(RECORD), assess(Finding.KEPT, "2023-11-14", Optional.empty())));
        refused(Code.COMMITMENT_NOT_MADE, "Commitment c was made on 2023-11-15 and cannot be closed on 2023-11-14:"
                + " choose a day on which it was made already",
                () -> decide(recorded(RECORD), close("2023-11-14")));
    }

    @Test
    void givenRecorded_whenClosed_thenClosedFromThatDayWithNoReviewSet() {
        CloseCommitment end = close("2024-06-01");
        assertThat(decide(recorded(RECORD), end)).isEqualTo(new CommitmentClosed(ID, end.closure()));
        CommitmentState state = recorded(RECORD, end);
        assertThat(state.stateAt(day("2024-05-31"))).isEqualTo(State.OPEN);
        assertThat(state.stateAt(day("2024-06-01"))).isEqualTo(State.CLOSED);
        assertThat(reviewAt(state, "2024-06-01")).isEmpty();
    }

    @Test
    void givenClosed_whenAssessedAfterItsEndOrClosedAgain_thenRefusedAndAnEarlierFindingStillTaken() {
        CommitmentState state = recorded(RECORD, close("2024-06-01"));
        refused(Code.COMMITMENT_CLOSED, "Commitment c was closed on 2024-06-01 and cannot be assessed on 2024-06-02:"
                + " give a finding of a day up to its end, or record a new commitment",
                () -> decide(state, assess(Finding.KEPT, "2024-06-02", Optional.empty())));
        refused(Code.COMMITMENT_CLOSED,
                "Commitment c was closed on 2024-06-01 already: record a new commitment if there is one",
                () -> decide(state, close("2024-07-01")));
        CommitmentState late = state.after(decide(state, assess(Finding.KEPT, "2024-01-30", Optional.empty())),
                action(20));
        assertThat(findingAt(late, "2024-06-01")).contains(Finding.KEPT);
        assertThat(late.stateAt(day("2024-06-01"))).isEqualTo(State.CLOSED);
    }

    @Test
    void givenAFinding_whenClosedOnADayBeforeIt_thenTimelineConflictNamingIt() {
        refused(Code.TIMELINE_CONFLICT, "Commitment c cannot be closed on 2024-07-30, as action " + action(11)
                + " assessed it on 2024-07-31: close it on that day or later",
                () -> decide(recorded(RECORD, assess(Finding.KEPT, "2024-07-31", Optional.empty())),
                        close("2024-07-30")));
    }

    @Test
    void givenAClosedCommitment_whenSpokenOf_thenKeptAndNothingElseChanges() {
        CommitmentState state = recorded(RECORD, close("2024-06-01"));
        RecordStatement demand = new RecordStatement(Optional.empty(), Optional.empty(), Optional.of(ID),
                said("2024-07-01"), Optional.of("ifs"));
        StatementRecorded event = Decide.statement(state, demand, OptionalLong.of(1));
        assertThat(event).isEqualTo(new StatementRecorded(Optional.empty(), Optional.empty(), Optional.of(ID),
                said("2024-07-01"), Optional.of("ifs")));
        assertThat(event.stream()).isEqualTo("commitment/c");
        CommitmentState after = state.after(event, action(30));
        assertThat(after.standings()).isEqualTo(state.standings());
        assertThat(after.nextSequence()).isEqualTo(3);
    }

    @Test
    void givenAnEntity_whenSpokenOf_thenKeptAndItsTimelineIsAsItWas() {
        EntityState state = given(list("2020-06-05"), delist("2023-11-16")).state();
        StatementRecorded event = Decide.statement(state, onEntity(Optional.of(action(2))), OptionalLong.of(1));
        assertThat(event.stream()).isEqualTo(ENTITY.stream());
        EntityState after = state.after(event, action(3));
        assertThat(after.nextSequence()).isEqualTo(3);
        assertThat(after.timeline(LIST).periods()).isEqualTo(state.timeline(LIST).periods());
        assertThat(after.find(action(3))).as("a statement is no listing action").isEmpty();
        refused(Code.UNKNOWN_ACTION,
                "Entity x has no listing action " + action(3)
                        + " to correct or void: take an actionId from its history; a correction is corrected by correcting"
                        + " its action again",
                () -> Decide.entity(after, strike(action(3)), Sample.LISTS, OptionalLong.empty()));
    }

    @Test
    void givenAStatement_whenTheNextDemandComes_thenItsSequenceFollows() {
        EntityState state = given(list("2020-06-05")).state();
        EntityState after = state.after(Decide.statement(state, onEntity(Optional.empty()), OptionalLong.empty()),
                action(2));
        refused(Code.STALE_SEQUENCE,
                "Sequence 0 was expected to be the last of entity/x, but its last is 1: read it again and decide anew",
                () -> Decide.entity(after, delist("2023-11-16"), Sample.LISTS, OptionalLong.of(0)));
        EntityState delisted = after.after(
                Decide.entity(after, delist("2023-11-16"), Sample.LISTS, OptionalLong.of(1)), action(3));
        assertThat(delisted.timeline(LIST).stateAt(day("2023-11-16"))).isEqualTo(Timeline.State.NOT_LISTED);
    }

    @Test
    void givenAVoidedAction_whenSpokenOf_thenKept() {
        EntityState state = given(list("2020-06-05"), strike(action(1))).state();
        assertThat(Decide.statement(state, onEntity(Optional.of(action(1))), OptionalLong.empty()).actionId())
                .contains(action(1));
    }

    @Test
    void givenAnUnknownEntityOrAction_whenSpokenOf_thenRefused() {
        refused(Code.UNKNOWN_ENTITY, "Nothing is recorded about entity x: record an action on it first, or take the"
                + " entityId of one that is recorded",
                () -> Decide.statement(EntityState.EMPTY, onEntity(Optional.of(action(1))), OptionalLong.empty()));
        refused(Code.UNKNOWN_ACTION, "Entity x has no listing action " + action(9)
                + " to make a statement about: take an actionId from its history, or leave it out",
                () -> Decide.statement(given(list("2020-06-05")).state(), onEntity(Optional.of(action(9))),
                        OptionalLong.empty()));
    }

    @Test
    void givenWhatBelongsToAnotherRecord_whenFolded_thenItStopsLoudly() {
        StatementRecorded onCommitment = new StatementRecorded(Optional.empty(), Optional.empty(), Optional.of(ID),
                said("2023-11-16"), Optional.empty());
        assertThatThrownBy(() -> EntityState.EMPTY.after(onCommitment, action(1)))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("is not about an entity");
        assertThatThrownBy(() -> CommitmentState.EMPTY.after(onCommitment, action(1)))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("is not recorded");
        CommitmentState state = recorded(RECORD);
        assertThatThrownBy(() -> state.after(decide(CommitmentState.EMPTY, RECORD), action(1)))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("records the commitment again");
    }

    @Test
    void givenValuesThatBreakARule_whenMade_thenTheRefusalNamesFieldValueAndRule() {
        assertThatThrownBy(() -> new RecordStatement(Optional.of(ENTITY), Optional.empty(), Optional.of(ID),
                said("2023-11-16"), Optional.empty())).hasMessage(
                        "entityId and commitmentId are both given: a statement is about one of them");
        assertThatThrownBy(() -> new RecordStatement(Optional.empty(), Optional.empty(), Optional.empty(),
                said("2023-11-16"), Optional.empty())).hasMessage(
                        "entityId and commitmentId are both missing: a statement is about one of them");
        assertThatThrownBy(() -> new RecordStatement(Optional.empty(), Optional.of(action(1)), Optional.of(ID),
                said("2023-11-16"), Optional.empty())).hasMessageStartingWith("actionId is given with commitmentId");
        assertThatThrownBy(() -> new Statement(Optional.empty(), Optional.empty(), day("2023-11-16"), "denies", "No",
                Optional.empty(), Optional.empty()))
                .hasMessageStartingWith("speaker and organisation are both missing");
        assertThatThrownBy(() -> new Statement(Optional.of("A"), Optional.empty(), day("2023-11-16"), "denies", "No",
                Optional.of("Chinese language"), Optional.empty())).hasMessage(
                        "statement.language 'Chinese language' has a wrong form: use a tag of BCP 47 such as zh or en-GB");
        assertThatThrownBy(() -> new Commitment("A", "B", "To act", Optional.empty(), day("2023-11-15"),
                Optional.of(day("2023-11-14")), Optional.empty(), Optional.empty())).hasMessage(
                        "commitment.dueOn 2023-11-14 is before madeOn 2023-11-15: give that day or a later one");
        assertThatThrownBy(() -> new CommitmentId("two words")).hasMessageStartingWith("commitmentId 'two words'");
    }

    private static Optional<Finding> findingAt(CommitmentState state, String on) {
        return state.at(day(on)).flatMap(Standing::latest).map(KnownAssessment::assessment).map(Assessment::finding);
    }

    private static Optional<java.time.LocalDate> reviewAt(CommitmentState state, String on) {
        return state.at(day(on)).flatMap(Standing::reviewOn);
    }
}
