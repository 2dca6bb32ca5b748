package org.policyledger.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.policyledger.core.GivenRecord.given;
import static org.policyledger.core.Sample.ENTITY;
import static org.policyledger.core.Sample.ENTRY;
import static org.policyledger.core.Sample.LIST;
import static org.policyledger.core.Sample.action;
import static org.policyledger.core.Sample.correct;
import static org.policyledger.core.Sample.day;
import static org.policyledger.core.Sample.delist;
import static org.policyledger.core.Sample.list;
import static org.policyledger.core.Sample.strike;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.policyledger.core.EntityState.KnownAction;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.EntityListed;

class EntityStateTest {

    private static final EntityListed LISTED = new EntityListed(ENTITY, LIST, day("2020-06-05"), Optional.empty(),
            ENTRY,
            Circumstances.stated());

    @Test
    void givenNothing_whenAsked_thenNothingIsKnown() {
        assertThat(EntityState.EMPTY.nextSequence()).isZero();
        assertThat(EntityState.EMPTY.lists()).isEmpty();
        assertThat(EntityState.EMPTY.steps(LIST)).isEmpty();
        assertThat(EntityState.EMPTY.find(action(1))).isEmpty();
    }

    @Test
    void givenACorrectedAction_whenFound_thenItHasTheNewContentAndItsOldPlace() {
        EntityState state = given(list("2020-06-05"), delist("2020-07-01"), correct(action(1), list("2020-06-01")))
                .state();
        KnownAction known = state.find(action(1)).orElseThrow();
        assertThat(known.sequence()).isZero();
        assertThat(known.action().effectiveDate()).isEqualTo(day("2020-06-01"));
        assertThat(known.voided()).isFalse();
        assertThat(state.find(action(3))).as("a correction is no action").isEmpty();
        assertThat(state.nextSequence()).isEqualTo(3);
    }

    @Test
    void givenAVoidedAction_whenFound_thenItIsKnownAsVoidedAndIsNoStep() {
        EntityState state = given(list("2020-06-05"), strike(action(1))).state();
        assertThat(state.find(action(1)).orElseThrow().voided()).isTrue();
        assertThat(state.steps(LIST)).isEmpty();
        assertThat(state.lists()).containsExactly(LIST);
    }

    @Test
    void givenAState_whenAnEventFollows_thenTheStateBeforeIsUntouched() {
        EntityState before = given(list("2020-06-05")).state();
        before.after(new ActionVoided(ENTITY, LIST, action(1), Circumstances.stated()), action(2));
        assertThat(before.nextSequence()).isEqualTo(1);
        assertThat(before.steps(LIST)).hasSize(1);
    }

    @Test
    void givenAnEventAboutAnUnrecordedAction_whenFolded_thenItIsNotSkipped() {
        assertThatThrownBy(() -> EntityState.EMPTY
                .after(new ActionVoided(ENTITY, LIST, action(1), Circumstances.stated()), action(2)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("entity/x: event 0 is about action " + action(1) + ", which is not recorded");
        assertThatThrownBy(() -> EntityState.EMPTY.after(
                new ActionCorrected(ENTITY, LIST, action(1), LISTED, Circumstances.stated()), action(2)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void givenAnActionRecordedTwice_whenFolded_thenItIsRefused() {
        EntityState once = EntityState.EMPTY.after(LISTED, action(1));
        assertThatThrownBy(() -> once.after(LISTED, action(1))).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("recorded twice");
    }
}
