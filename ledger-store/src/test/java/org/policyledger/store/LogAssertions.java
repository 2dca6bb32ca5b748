package org.policyledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What must hold of every log, whatever happened to it. */
public final class LogAssertions {

    private LogAssertions() {}

    /** Positions dense, sequences dense per stream, time never going back, leaf hashes equal to the stored events. */
    public static List<StoredEvent> assertSound(LedgerLog log) {
        List<StoredEvent> all = new ArrayList<>();
        for (List<StoredEvent> chunk = log.read(-1, 1_000); !chunk.isEmpty(); chunk = log.read(all.getLast().position(),
                1_000)) {
            all.addAll(chunk);
        }
        assertThat(log.head()).isEqualTo(all.size());
        Map<String, Long> sequences = new HashMap<>();
        Instant before = Instant.MIN;
        for (int position = 0; position < all.size(); position++) {
            StoredEvent event = all.get(position);
            assertThat(event.position()).isEqualTo(position);
            assertThat(event.sequence()).isEqualTo(sequences.merge(event.stream(), 1L, Long::sum) - 1);
            assertThat(event.recordedAt()).isAfterOrEqualTo(before);
            assertThat(event.leafHash())
                    .isEqualTo(Sha256.ofLeaf(event.event().getBytes(StandardCharsets.UTF_8)));
            before = event.recordedAt();
        }
        return all;
    }
}
