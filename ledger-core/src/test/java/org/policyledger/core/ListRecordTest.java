package org.policyledger.core;

import static org.policyledger.core.Sample.LIST;
import static org.policyledger.core.Sample.day;

import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.Test;
import org.policyledger.core.Command.RegisterList;
import org.policyledger.core.event.ListRegistered;
import org.policyledger.core.event.SnapshotImported;

class ListRecordTest {

    private static final ListDetails DETAILS = new ListDetails("Entity List", "Bureau of Industry and Security",
            Optional.of("US"), ZoneId.of("America/New_York"), Optional.empty(), Optional.empty());
    private static final RegisterList REGISTER = new RegisterList(LIST, DETAILS);
    private static final ListRegistered REGISTERED = new ListRegistered(LIST, DETAILS);

    private final AggregateTestFixture<ListRecord> fixture = new AggregateTestFixture<>(ListRecord.class);

    @Test
    void givenNothing_whenRegisterList_thenListRegisteredMakesTheRecord() {
        fixture.givenNoPriorActivity().when(REGISTER).expectSuccessfulHandlerExecution().expectEvents(REGISTERED);
    }

    @Test
    void givenNothing_whenNothingIsExpectedThere_thenListRegistered() {
        fixture.givenNoPriorActivity().when(REGISTER, Map.of(ExpectedSequence.KEY, -1L)).expectEvents(REGISTERED);
    }

    @Test
    void givenRegistered_whenRegisteredAgain_thenRefusedAndNothingRecorded() {
        fixture.given(REGISTERED).when(REGISTER).expectNoEvents().expectException(Rejection.class)
                .expectExceptionMessage("List entity-list is registered already: use it, or choose another listId");
    }

    @Test
    void givenASnapshotWasImported_whenAnOlderSequenceIsExpected_thenRefusedWithTheLastOne() {
        SnapshotImported imported = new SnapshotImported(LIST, day("2026-07-09"), "0".repeat(64), "sdn-csv", 1, false,
                0,
                0, 0, 0);
        fixture.given(REGISTERED, imported).when(REGISTER, Map.of(ExpectedSequence.KEY, 0L)).expectNoEvents()
                .expectException(Rejection.class).expectExceptionMessage("Sequence 0 was expected to be the last of"
                        + " list/entity-list, but its last is 1: read it again and decide anew");
    }
}
