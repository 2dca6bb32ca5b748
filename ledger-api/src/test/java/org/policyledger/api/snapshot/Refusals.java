package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import org.policyledger.api.snapshot.SnapshotRefused.Code;

/** States that a file is refused, with what code, and what the refusal names. */
final class Refusals {

    private Refusals() {}

    static void assertRefused(SnapshotFormat format, String file, Code code, String... named) {
        assertRefused(format, file.getBytes(StandardCharsets.UTF_8), code, named);
    }

    static void assertRefused(SnapshotFormat format, byte[] file, Code code, String... named) {
        SnapshotRefused refused = catchThrowableOfType(SnapshotRefused.class, () -> format.parse(file));
        assertThat(refused).as("the refusal").isNotNull();
        assertThat(refused.code()).as(refused.detail()).isEqualTo(code);
        assertThat(refused.detail()).hasSizeBetween(30, 700);
        for (String part : named) {
            assertThat(refused.detail()).contains(part);
        }
        assertThat(refused.getStackTrace()).isEmpty();
    }
}
