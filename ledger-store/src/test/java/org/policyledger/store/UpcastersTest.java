package org.policyledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.policyledger.store.Upcasters.EventUpcaster;

class UpcastersTest {

    private static final EventCodec CODEC = new EventCodec() {
        @Override
        public Encoded encode(Object payload) {
            return new Encoded("Listed", 3, "{}", Map.of());
        }

        @Override
        public Object decode(String type, int revision, String data) {
            if (revision != 3) {
                throw new UnknownEventType(type, revision);
            }
            return data;
        }
    };

    private static EventUpcaster step(int from) {
        return new EventUpcaster("Listed", from, data -> data.put("from" + from, true));
    }

    @Test
    void givenChainOfSteps_whenOldRevisionDecoded_thenLiftedToTheLast() {
        EventCodec codec = new Upcasters(CODEC, List.of(step(2), step(1)));

        assertThat(codec.decode("Listed", 1, "{\"a\":1}")).isEqualTo("{\"a\":1,\"from1\":true,\"from2\":true}");
        assertThat(codec.decode("Listed", 3, "{\"a\":1}")).isEqualTo("{\"a\":1}");
    }

    @Test
    void givenNoStepForRevision_whenDecoded_thenUnknown() {
        EventCodec codec = new Upcasters(CODEC, List.of(step(2)));

        assertThatThrownBy(() -> codec.decode("Listed", 1, "{}")).isInstanceOf(UnknownEventType.class)
                .hasMessageContaining("Listed revision 1");
    }

    @Test
    void givenTwoStepsFromOneRevision_whenBuilt_thenRefused() {
        assertThatThrownBy(() -> new Upcasters(CODEC, List.of(step(1), step(1)))).hasMessageContaining("revision 1");
    }
}
