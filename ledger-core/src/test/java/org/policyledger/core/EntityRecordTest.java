package org.policyledger.core;

import static org.policyledger.core.Sample.ENTITY;
import static org.policyledger.core.Sample.ENTRY;
import static org.policyledger.core.Sample.LIST;
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

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.hamcrest.CustomTypeSafeMatcher;
import org.junit.jupiter.api.Test;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.Command.ListEntity;
import org.policyledger.core.Command.RecordStatement;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingReinstated;
import org.policyledger.core.event.ListingSuspended;
import org.policyledger.core.event.StatementRecorded;

class EntityRecordTest {

    private static final Circumstances STATED = Circumstances.stated();
    private static final EntityListed LISTED = new EntityListed(ENTITY, LIST, day("2020-06-05"), Optional.empty(),
            ENTRY,
            STATED);
    private static final ListingSuspended SUSPENDED = new ListingSuspended(ENTITY, LIST, day("2020-07-01"),
            Optional.empty(), STATED);

    private AggregateTestFixture<EntityRecord> fixture = fixture();

    @Test
    void givenNothing_whenListEntity_thenEntityListedMakesTheRecord() {
        fixture.givenNoPriorActivity().when(list("2020-06-05")).expectSuccessfulHandlerExecution()
                .expectEvents(LISTED);
    }

    @Test
    void givenListed_whenAmendListing_thenListingAmended() {
        fixture.given(LISTED).when(amend("2020-07-22", entry("second wording"))).expectEvents(new ListingAmended(ENTITY,
                LIST, day("2020-07-22"), Optional.empty(), entry("second wording"), List.of("/entry/remarks"), STATED));
    }

    @Test
    void givenListed_whenSuspendListing_thenListingSuspended() {
        fixture.given(LISTED).when(suspend("2020-07-01")).expectEvents(SUSPENDED);
    }

    @Test
    void givenSuspended_whenReinstateListing_thenListingReinstated() {
        fixture.given(LISTED, SUSPENDED).when(reinstate("2020-08-01"))
                .expectEvents(new ListingReinstated(ENTITY, LIST, day("2020-08-01"), STATED));
    }

    @Test
    void givenListed_whenDelistEntity_thenEntityDelisted() {
        fixture.given(LISTED).when(delist("2023-11-16"))
                .expectEvents(new EntityDelisted(ENTITY, LIST, day("2023-11-16"), STATED));
    }

    @Test
    void givenListed_whenCorrectAction_thenTheActionIsFoundByTheEventsIdentifier() {
        fixture.given(LISTED);
        ActionId listing = recorded().getFirst();
        fixture.when(correct(listing, list("2020-06-06"))).expectEvents(new ActionCorrected(ENTITY, LIST, listing,
                new EntityListed(ENTITY, LIST, day("2020-06-06"), Optional.empty(), ENTRY, STATED), STATED));
    }

    @Test
    void givenListed_whenVoidAction_thenTheActionIsFoundByTheEventsIdentifier() {
        fixture.given(LISTED, SUSPENDED);
        ActionId suspension = recorded().getLast();
        fixture.when(strike(suspension)).expectEvents(new ActionVoided(ENTITY, LIST, suspension, STATED));
    }

    @Test
    void givenListed_whenAStatementIsMade_thenStatementRecordedAndTheNextDemandDecidedAfterIt() {
        Statement said = new Statement(Optional.of("A speaker"), Optional.empty(), day("2023-11-16"), "opposes",
                "Words", Optional.empty(), Optional.empty());
        StatementRecorded recorded = new StatementRecorded(Optional.of(ENTITY), Optional.empty(), Optional.empty(),
                said, Optional.of("ifs"));
        fixture.given(LISTED).when(new RecordStatement(Optional.of(ENTITY), Optional.empty(), Optional.empty(), said,
                Optional.of("ifs"))).expectEvents(recorded);
        fixture = fixture();
        fixture.given(LISTED, recorded).when(delist("2023-11-16"), Map.of(ExpectedSequence.KEY, 1L))
                .expectEvents(new EntityDelisted(ENTITY, LIST, day("2023-11-16"), STATED));
    }

    @Test
    void givenAnUnknownEntity_whenAnyOtherCommand_thenOurOwnRefusalAndNothingRecorded() {
        Map<EntityCommand, Rejection.Code> refusals = Map.of(amend("2020-06-05", ENTRY), Rejection.Code.NOT_LISTED,
                suspend("2020-06-05"), Rejection.Code.NOT_LISTED, reinstate("2020-06-05"), Rejection.Code.NOT_LISTED,
                delist("2020-06-05"), Rejection.Code.NOT_LISTED, correct(action(1), list("2020-06-05")),
                Rejection.Code.UNKNOWN_ACTION, strike(action(1)), Rejection.Code.UNKNOWN_ACTION);
        refusals.forEach((demand, code) -> {
            fixture = fixture();
            fixture.givenNoPriorActivity();
            refused(demand, Map.of(), code);
        });
    }

    @Test
    void givenARecord_whenRefused_thenNothingIsRecordedAndItsStateIsThatOfItsEvents() {
        fixture.given(LISTED, SUSPENDED);
        refused(list("2020-07-02"), Map.of(), Rejection.Code.ALREADY_LISTED);
    }

    @Test
    void givenAnUnregisteredList_whenListEntity_thenUnknownListAndNothingRecorded() {
        fixture.givenNoPriorActivity();
        refused(new ListEntity(ENTITY, UNREGISTERED_LIST, day("2020-06-05"), Optional.empty(), ENTRY, STATED), Map.of(),
                Rejection.Code.UNKNOWN_LIST);
    }

    @Test
    void givenTwoEvents_whenAnOlderSequenceIsExpected_thenStaleSequenceAndNothingRecorded() {
        fixture.given(LISTED, SUSPENDED);
        refused(reinstate("2020-08-01"), Map.of(ExpectedSequence.KEY, 0L), Rejection.Code.STALE_SEQUENCE);
    }

    @Test
    void givenTwoEvents_whenTheLastSequenceIsExpected_thenRecorded() {
        fixture.given(LISTED, SUSPENDED).when(reinstate("2020-08-01"), Map.of(ExpectedSequence.KEY, 1L))
                .expectEvents(new ListingReinstated(ENTITY, LIST, day("2020-08-01"), STATED));
    }

    @Test
    void givenAnExpectedSequenceThatIsNoLong_whenDecided_thenItIsNotPassedOver() {
        fixture.given(LISTED).when(suspend("2020-07-01"), Map.of(ExpectedSequence.KEY, 0))
                .expectException(IllegalArgumentException.class)
                .expectExceptionMessage("expectedSequence is of type Integer: give a Long").expectNoEvents();
    }

    @Test
    void givenDemandsInARow_whenDecided_thenEachIsDecidedAgainstTheOnesBefore() {
        fixture.givenCommands(list("2020-06-05"), suspend("2020-07-01"), reinstate("2020-08-01"),
                delist("2023-11-16")).when(list("2025-09-27")).expectEvents(
                        new EntityListed(ENTITY, LIST, day("2025-09-27"), Optional.empty(), ENTRY, STATED));
    }

    private void refused(EntityCommand demand, Map<String, ?> metaData, Rejection.Code code) {
        fixture.when(demand, metaData).expectNoEvents().expectException(new RefusedAs(code));
    }

    private static AggregateTestFixture<EntityRecord> fixture() {
        AggregateTestFixture<EntityRecord> fixture = new AggregateTestFixture<>(EntityRecord.class);
        fixture.registerInjectableResource(Sample.LISTS);
        return fixture;
    }

    private static final class RefusedAs extends CustomTypeSafeMatcher<Rejection> {
        private final Rejection.Code code;

        RefusedAs(Rejection.Code code) {
            super("a refusal with code " + code);
            this.code = code;
        }

        @Override
        protected boolean matchesSafely(Rejection rejection) {
            return rejection.code() == code;
        }
    }

    private List<ActionId> recorded() {
        return fixture.getEventStore().readEvents(ENTITY.stream()).asStream().map(DomainEventMessage::getIdentifier)
                .map(ActionId::of).toList();
    }
}
