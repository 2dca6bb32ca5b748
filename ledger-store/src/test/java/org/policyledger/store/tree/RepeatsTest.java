package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RepeatsTest {

    @Test
    void givenManyTexts_whenSomeComeAgain_thenTheFingerprintsOfTheseAloneAreFound() {
        Repeats repeats = new Repeats();
        for (int i = 0; i < 200_000; i++) {
            repeats.add("text " + i);
        }
        assertThat(repeats.found()).isEmpty();
        for (String again : List.of("text 0", "text 77", "text 77", "text 199999", "another")) {
            repeats.add(again);
        }
        assertThat(repeats.found()).containsExactlyInAnyOrder(Repeats.fingerprint("text 0"),
                Repeats.fingerprint("text 77"), Repeats.fingerprint("text 199999"));
    }
}
