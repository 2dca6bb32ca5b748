package org.policyledger.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.policyledger.core.Sample.ENTITY;
import static org.policyledger.core.Sample.OTHER_ENTITY;
import static org.policyledger.core.Sample.action;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.policyledger.core.Command.LinkCommand;
import org.policyledger.core.Command.LinkEntities;
import org.policyledger.core.Command.UnlinkEntities;
import org.policyledger.core.Rejection.Code;
import org.policyledger.core.event.EntitiesLinked;
import org.policyledger.core.event.EntitiesUnlinked;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.core.event.ListRegistered;
import tools.jackson.core.JacksonException;

/** Links between entities: given a pair's record, when something is demanded, then what follows. */
class DecideLinkTest {

    private static final EntityPair PAIR = new EntityPair(ENTITY, OTHER_ENTITY);
    private static final KnownEntities KNOWN = List.of(ENTITY, OTHER_ENTITY)::contains;
    private static final List<Notice> EVIDENCE = List.of(Notice.of("Federal Register", "85 FR 34503"));
    private static final LinkEntities LINK = new LinkEntities(PAIR, "The same address", EVIDENCE);
    private static final UnlinkEntities UNLINK = new UnlinkEntities(PAIR, "Two offices", List.of());

    private static LinkState given(LinkCommand... demands) {
        LinkState state = LinkState.EMPTY;
        for (LinkCommand demand : demands) {
            state = state.after(decide(state, demand), action((int) state.nextSequence() + 1));
        }
        return state;
    }

    private static LinkEvent decide(LinkState state, LinkCommand demand) {
        return Decide.link(state, demand, KNOWN, OptionalLong.empty());
    }

    private static void refused(Code code, String detail, ThrowingCallable decision) {
        Rejection rejection = catchThrowableOfType(Rejection.class, decision);
        assertThat(rejection).isNotNull();
        assertThat(rejection.code()).isEqualTo(code);
        assertThat(rejection.detail()).isEqualTo(detail);
    }

    @Test
    void givenNothing_whenLinked_thenTheTwoAreLinkedByThatEvent() {
        assertThat(decide(LinkState.EMPTY, LINK)).isEqualTo(new EntitiesLinked(PAIR, "The same address", EVIDENCE));
        assertThat(given(LINK)).isEqualTo(new LinkState(1, Optional.of(action(1))));
    }

    @Test
    void givenLinked_whenUnlinkedAndLinkedAgain_thenEachIsRecordedWithItsOwnReason() {
        assertThat(decide(given(LINK), UNLINK)).isEqualTo(new EntitiesUnlinked(PAIR, "Two offices", List.of()));
        assertThat(given(LINK, UNLINK)).isEqualTo(new LinkState(2, Optional.empty()));
        assertThat(given(LINK, UNLINK, LINK)).isEqualTo(new LinkState(3, Optional.of(action(3))));
    }

    @Test
    void givenLinked_whenLinkedFromTheOtherSide_thenAlreadyLinkedNamesTheActionThatDidIt() {
        LinkEntities turned = new LinkEntities(new EntityPair(OTHER_ENTITY, ENTITY), "Again", List.of());
        refused(Code.ALREADY_LINKED, "Entities x and y are linked already, by action " + action(1)
                + ": unlink them first if the finding is to rest on another reason",
                () -> decide(given(LINK), turned));
    }

    @Test
    void givenUnlinkedOrNeverLinked_whenUnlinked_thenNotLinked() {
        String detail = "Entities x and y are not linked to each other: the links of an entity tell which are";
        refused(Code.NOT_LINKED, detail, () -> decide(LinkState.EMPTY, UNLINK));
        refused(Code.NOT_LINKED, detail, () -> decide(given(LINK, UNLINK), UNLINK));
    }

    @Test
    void givenAnEntityOfWhichNothingIsRecorded_whenLinkedOrUnlinked_thenUnknownEntityNamesIt() {
        String detail = "Nothing is recorded about entity y: record an action on it first, or take the entityId of one"
                + " that is recorded";
        for (LinkCommand demand : List.of(LINK, UNLINK)) {
            refused(Code.UNKNOWN_ENTITY, detail,
                    () -> Decide.link(LinkState.EMPTY, demand, ENTITY::equals, OptionalLong.empty()));
        }
    }

    @Test
    void givenAnotherSequenceThanTheLast_whenLinked_thenStaleSequenceGoesBeforeAllElse() {
        refused(Code.STALE_SEQUENCE, "Sequence 4 was expected to be the last of link/x/y, but nothing is recorded"
                + " there: read it again and decide anew",
                () -> Decide.link(LinkState.EMPTY, LINK, none -> false, OptionalLong.of(4)));
    }

    @Test
    void givenEventsThatFollowFromNoDecision_whenFolded_thenTheyAreRefusedNotSkipped() {
        EntitiesLinked linked = new EntitiesLinked(PAIR, "r", List.of());
        EntitiesUnlinked unlinked = new EntitiesUnlinked(PAIR, "r", List.of());
        ListRegistered misplaced = (ListRegistered) GoldenEventsTest.full().getFirst();
        assertThatThrownBy(() -> given(LINK).after(linked, action(2))).isInstanceOf(IllegalStateException.class)
                .hasMessage("link/x/y: event 1 links what is linked");
        assertThatThrownBy(() -> LinkState.EMPTY.after(unlinked, action(1))).isInstanceOf(IllegalStateException.class)
                .hasMessage("link/x/y: event 0 unlinks what is not linked");
        assertThatThrownBy(() -> LinkState.EMPTY.after(misplaced, action(1))).isInstanceOf(IllegalStateException.class)
                .hasMessage("list/bis-entity-list: event 0 is not about a link");
    }

    @Test
    void givenTwoIdentifiersInAnyOrder_whenPaired_thenTheyAreOnePairInOneStream() {
        EntityPair turned = new EntityPair(OTHER_ENTITY, ENTITY);
        assertThat(turned).isEqualTo(PAIR).hasToString("x and y");
        assertThat(turned.stream()).isEqualTo("link/x/y");
        assertThat(turned.other(ENTITY)).isEqualTo(OTHER_ENTITY);
        assertThat(turned.other(OTHER_ENTITY)).isEqualTo(ENTITY);
    }

    @Test
    void givenIdentifiersTooLongForAStreamTogether_whenPaired_thenTheStreamIsNamedByADigestOfBoth() {
        EntityId one = new EntityId("a".repeat(200));
        EntityId another = new EntityId("b".repeat(200));
        EntityId third = new EntityId("c".repeat(200));
        String stream = new EntityPair(another, one).stream();
        assertThat(stream).matches("link/[0-9a-f]{64}").isEqualTo(new EntityPair(one, another).stream())
                .isNotEqualTo(new EntityPair(one, third).stream());
        EntityId longestThatFits = new EntityId("b".repeat(300 - "link/".length() - 200 - "/".length()));
        assertThat(new EntityPair(one, longestThatFits).stream()).hasSize(300).isEqualTo(
                "link/" + one + "/" + longestThatFits);
    }

    @Test
    void givenAnEntityWithItself_whenDemanded_thenRefusedAsMalformed() {
        assertThatThrownBy(() -> new EntityPair(ENTITY, new EntityId("x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("entityIds names x twice: a link is between two different entities");
    }

    @Test
    void givenADemandAsJson_whenRead_thenBothEntitiesAndAReasonMustBeThere() {
        assertThat(read("""
                {"action": "LinkEntities", "entityIds": ["y", "x"], "reason": "r"}"""))
                .isEqualTo(new LinkEntities(PAIR, "r", List.of()));
        assertThat(read("""
                {"action": "UnlinkEntities", "entityIds": ["x", "y"], "reason": "r",
                 "evidence": [{"publisher": "Federal Register", "reference": "85 FR 34503"}]}"""))
                .isEqualTo(new UnlinkEntities(PAIR, "r", EVIDENCE));
        unreadable("{'action': 'LinkEntities', 'entityIds': ['x'], 'reason': 'r'}", "entityIds has 1 elements");
        unreadable("{'action': 'LinkEntities', 'entityIds': ['x', 'y', 'z'], 'reason': 'r'}",
                "entityIds has 3 elements");
        unreadable("{'action': 'LinkEntities', 'entityIds': ['x', 'x'], 'reason': 'r'}", "entityIds names x twice");
        unreadable("{'action': 'LinkEntities', 'entityIds': ['x', null], 'reason': 'r'}", "entityIds holds a null");
        unreadable("{'action': 'LinkEntities', 'reason': 'r'}", "entityIds is missing");
        unreadable("{'action': 'UnlinkEntities', 'entityIds': ['x', 'y']}", "reason is missing");
        unreadable("{'action': 'LinkEntities', 'entityIds': ['x', 'y'], 'reason': ' '}", "reason is missing");
        unreadable("{'action': 'LinkEntities', 'entityIds': ['x', 'y'], 'reason': 'r', 'effectiveDate': '2020-06-05'}",
                "effectiveDate");
    }

    private static Command read(String json) {
        return LedgerJson.MAPPER.readValue(json, Command.class);
    }

    private static void unreadable(String json, String rule) {
        assertThatThrownBy(() -> read(json.replace('\'', '"'))).as(json).isInstanceOf(JacksonException.class)
                .hasMessageContaining(rule);
    }
}
