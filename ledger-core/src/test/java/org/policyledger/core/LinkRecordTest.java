package org.policyledger.core;

import static org.policyledger.core.Sample.ENTITY;
import static org.policyledger.core.Sample.OTHER_ENTITY;

import java.util.List;
import java.util.Map;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.policyledger.core.Command.LinkEntities;
import org.policyledger.core.Command.UnlinkEntities;
import org.policyledger.core.event.EntitiesLinked;
import org.policyledger.core.event.EntitiesUnlinked;

class LinkRecordTest {

    private static final EntityPair PAIR = new EntityPair(ENTITY, OTHER_ENTITY);
    private static final LinkEntities LINK = new LinkEntities(PAIR, "The same address", List.of());
    private static final UnlinkEntities UNLINK = new UnlinkEntities(PAIR, "Two offices", List.of());
    private static final EntitiesLinked LINKED = new EntitiesLinked(PAIR, "The same address", List.of());
    private static final EntitiesUnlinked UNLINKED = new EntitiesUnlinked(PAIR, "Two offices", List.of());

    private final AggregateTestFixture<LinkRecord> fixture = new AggregateTestFixture<>(LinkRecord.class);

    @BeforeEach
    void injectTheEntitiesThatAreKnown() {
        KnownEntities entities = List.of(ENTITY, OTHER_ENTITY)::contains;
        fixture.registerInjectableResource(entities);
    }

    @Test
    void givenNothing_whenLinked_thenEntitiesLinkedMakesTheRecord() {
        fixture.givenNoPriorActivity().when(LINK).expectSuccessfulHandlerExecution().expectEvents(LINKED);
    }

    @Test
    void givenLinked_whenUnlinked_thenEntitiesUnlinked() {
        fixture.given(LINKED).when(UNLINK).expectEvents(UNLINKED);
    }

    @Test
    void givenUnlinked_whenLinkedAgain_thenEntitiesLinked() {
        fixture.given(LINKED, UNLINKED).when(LINK).expectEvents(LINKED);
    }

    @Test
    void givenNothing_whenUnlinked_thenOurOwnRefusalAndNothingRecorded() {
        fixture.givenNoPriorActivity().when(UNLINK).expectNoEvents().expectException(Rejection.class)
                .expectExceptionMessage(
                        "Entities x and y are not linked to each other: the links of an entity tell which are");
    }

    @Test
    void givenTwoEvents_whenAnOlderSequenceIsExpected_thenStaleSequenceAndNothingRecorded() {
        fixture.given(LINKED, UNLINKED).when(LINK, Map.of(ExpectedSequence.KEY, 0L)).expectNoEvents()
                .expectException(Rejection.class).expectExceptionMessage("Sequence 0 was expected to be the last of"
                        + " link/x/y, but its last is 1: read it again and decide anew");
    }
}
