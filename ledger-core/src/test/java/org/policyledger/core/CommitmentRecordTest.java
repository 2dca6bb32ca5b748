package org.policyledger.core;

import static org.policyledger.core.Sample.action;
import static org.policyledger.core.Sample.day;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.messaging.GenericMessage;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.policyledger.core.Command.AssessCommitment;
import org.policyledger.core.Command.CloseCommitment;
import org.policyledger.core.Command.RecordCommitment;
import org.policyledger.core.Command.RecordStatement;
import org.policyledger.core.event.CommitmentAssessed;
import org.policyledger.core.event.CommitmentClosed;
import org.policyledger.core.event.CommitmentRecorded;
import org.policyledger.core.event.StatementRecorded;

class CommitmentRecordTest {

    private static final CommitmentId ID = new CommitmentId("c");
    private static final Commitment COMMITMENT = new Commitment("China", "United States", "To act", Optional.empty(),
            day("2023-11-15"), Optional.empty(), Optional.empty(), Optional.empty());
    private static final RecordCommitment RECORD = new RecordCommitment(ID, COMMITMENT, List.of(action(1)),
            Optional.empty());
    private static final CommitmentRecorded RECORDED = new CommitmentRecorded(ID, COMMITMENT, List.of(action(1)),
            Optional.empty());
    private static final Assessment ASSESSMENT = new Assessment(Assessment.Finding.KEPT, day("2024-01-30"),
            "Working group", Optional.empty(), Optional.empty(), Optional.empty());
    private static final Closure CLOSURE = new Closure(Closure.Outcome.FULFILLED, day("2024-07-31"), Optional.empty(),
            Optional.empty());
    private static final Statement SAID = new Statement(Optional.empty(), Optional.of("Ministry"), day("2023-11-16"),
            "explains", "Words", Optional.empty(), Optional.empty());
    private static final RecordStatement STATE = new RecordStatement(Optional.empty(), Optional.empty(),
            Optional.of(ID), SAID, Optional.empty());

    private final AggregateTestFixture<CommitmentRecord> fixture = new AggregateTestFixture<>(CommitmentRecord.class);

    @BeforeEach
    void injectTheActionsThatAreRecorded() {
        RecordedActions actions = action(1)::equals;
        fixture.registerInjectableResource(actions);
    }

    @Test
    void givenNothing_whenRecordCommitment_thenCommitmentRecordedMakesTheRecord() {
        fixture.givenNoPriorActivity().when(RECORD).expectSuccessfulHandlerExecution().expectEvents(RECORDED);
    }

    @Test
    void givenRecorded_whenAssessed_thenCommitmentAssessed() {
        fixture.given(RECORDED).when(new AssessCommitment(ID, ASSESSMENT))
                .expectEvents(new CommitmentAssessed(ID, ASSESSMENT));
    }

    @Test
    void givenAssessed_whenClosed_thenCommitmentClosed() {
        fixture.given(RECORDED, new CommitmentAssessed(ID, ASSESSMENT)).when(new CloseCommitment(ID, CLOSURE))
                .expectEvents(new CommitmentClosed(ID, CLOSURE));
    }

    @Test
    void givenRecorded_whenAStatementIsHandledAsOneOnACommitment_thenStatementRecorded() {
        CommandMessage<RecordStatement> message = new GenericCommandMessage<>(new GenericMessage<>(STATE),
                STATE.handledAs());
        fixture.given(RECORDED).when(message).expectEvents(new StatementRecorded(Optional.empty(), Optional.empty(),
                Optional.of(ID), SAID, Optional.empty()));
    }

    @Test
    void givenTwoEvents_whenAnOlderSequenceIsExpected_thenStaleSequenceAndNothingRecorded() {
        fixture.given(RECORDED, new CommitmentAssessed(ID, ASSESSMENT))
                .when(new CloseCommitment(ID, CLOSURE), Map.of(ExpectedSequence.KEY, 0L)).expectNoEvents()
                .expectException(Rejection.class).expectExceptionMessage("Sequence 0 was expected to be the last of"
                        + " commitment/c, but its last is 1: read it again and decide anew");
    }

    @Test
    void givenNothing_whenAssessed_thenOurOwnRefusalAndNothingRecorded() {
        fixture.givenNoPriorActivity().when(new AssessCommitment(ID, ASSESSMENT)).expectNoEvents()
                .expectException(Rejection.class)
                .expectExceptionMessage("Commitment c is not recorded: record it with RecordCommitment first");
    }
}
