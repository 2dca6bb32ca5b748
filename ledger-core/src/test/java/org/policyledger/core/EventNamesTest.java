package org.policyledger.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;

class EventNamesTest {

    @Test
    void givenEveryKindOfEvent_whenNamed_thenItIsFoundAgainByThatName() {
        assertThat(kinds(LedgerEvent.class)).hasSize(16)
                .allSatisfy(kind -> assertThat(EventNames.find(EventNames.of(kind))).isEqualTo(Optional.of(kind)));
    }

    @Test
    void givenTheStoredNames_whenListed_thenTheyAreTheSixteenThatAreOnDisk() {
        assertThat(EventNames.all().map(name -> name.type() + "." + name.revision())).containsExactlyInAnyOrder(
                "ListRegistered.1", "SnapshotImported.1", "EntityListed.1", "ListingAmended.1", "ListingSuspended.1",
                "ListingReinstated.1", "EntityDelisted.1", "ActionCorrected.1", "ActionVoided.1",
                "StatementRecorded.1", "CommitmentRecorded.1", "CommitmentAssessed.1", "CommitmentClosed.1",
                "EntitiesLinked.1", "EntitiesUnlinked.1", "NoticeRecorded.1");
        assertThat(EventNames.of(EntityDelisted.class)).isEqualTo(new EventNames.Name("EntityDelisted", 1));
    }

    @Test
    void givenAnUnknownNameOrRevision_whenLookedUp_thenThereIsNone() {
        assertThat(EventNames.find(new EventNames.Name("EntityErased", 1))).isEmpty();
        assertThat(EventNames.find(new EventNames.Name("EntityListed", 2))).isEmpty();
    }

    @Test
    void givenWhatIsNoKindOfEvent_whenNamed_thenRefused() {
        assertThatThrownBy(() -> EventNames.of(EntityEvent.class)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("EntityEvent has no stored name");
    }

    private static Stream<Class<? extends LedgerEvent>> kinds(Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses()).flatMap(EventNamesTest::kinds)
                : Stream.of(type.asSubclass(LedgerEvent.class));
    }
}
