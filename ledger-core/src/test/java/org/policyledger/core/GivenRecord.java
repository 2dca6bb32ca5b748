package org.policyledger.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.OptionalLong;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.event.EntityEvent;

/** Given an entity's record, when a demand is made, then an event or a refusal follows. */
record GivenRecord(EntityState state) {

    /** The record that the demands make, all of which must be accepted; the n-th event is {@code Sample.action(n)}. */
    static GivenRecord given(EntityCommand... demands) {
        EntityState state = EntityState.EMPTY;
        for (EntityCommand demand : demands) {
            state = new GivenRecord(state).when(demand).state();
        }
        return new GivenRecord(state);
    }

    When when(EntityCommand demand) {
        return new When(state, demand, OptionalLong.empty());
    }

    When when(EntityCommand demand, long expectedSequence) {
        return new When(state, demand, OptionalLong.of(expectedSequence));
    }

    /** The listing's timeline as known now. */
    Timeline timeline() {
        return state.timeline(Sample.LIST);
    }

    Timeline.State stateAt(String date) {
        return timeline().stateAt(Sample.day(date));
    }

    /** A demand on the record. */
    record When(EntityState before, EntityCommand demand, OptionalLong expectedSequence) {

        void then(EntityEvent event) {
            assertThat(decide()).isEqualTo(event);
        }

        /** The record after the demand, which must be accepted. */
        GivenRecord thenAccepted() {
            return new GivenRecord(state());
        }

        void thenRefused(Rejection.Code code, String detail) {
            Rejection rejection = refused(code);
            assertThat(rejection.detail()).isEqualTo(detail);
        }

        void thenRefusedNaming(Rejection.Code code, Object... named) {
            String detail = refused(code).detail();
            assertThat(detail).contains(List.of(named).stream().map(Object::toString).toList());
        }

        private Rejection refused(Rejection.Code code) {
            Rejection rejection = catchThrowableOfType(Rejection.class, this::decide);
            assertThat(rejection).as("%s is refused", demand).isNotNull();
            assertThat(rejection.code()).as(rejection.detail()).isEqualTo(code);
            return rejection;
        }

        private EntityState state() {
            return before.after(decide(), Sample.action((int) before.nextSequence() + 1));
        }

        private EntityEvent decide() {
            return Decide.entity(before, demand, Sample.LISTS, expectedSequence);
        }
    }
}
