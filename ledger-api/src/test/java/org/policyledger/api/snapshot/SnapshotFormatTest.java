package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.policyledger.api.snapshot.Refusals.assertRefused;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.policyledger.api.snapshot.SnapshotRefused.Code;

class SnapshotFormatTest {

    @Test
    void givenTheFormats_whenAskedByName_thenEachIsFoundAndNoOther() {
        assertThat(SnapshotFormat.names()).containsExactly("ofac-sdn-csv", "ofac-sdn-csv-zip", "bis-entity-list-json",
                "un-sc-consolidated-xml", "trade-gov-csl-csv-cap", "trade-gov-csl-csv-cmic", "trade-gov-csl-csv-dpl",
                "trade-gov-csl-csv-dtc", "trade-gov-csl-csv-el", "trade-gov-csl-csv-fse", "trade-gov-csl-csv-isn",
                "trade-gov-csl-csv-meu", "trade-gov-csl-csv-ns-mbs", "trade-gov-csl-csv-plc", "trade-gov-csl-csv-sdn",
                "trade-gov-csl-csv-ssi", "trade-gov-csl-csv-uvl");
        for (String name : SnapshotFormat.names()) {
            assertThat(SnapshotFormat.named(name).orElseThrow().name()).isEqualTo(name);
            assertThat(SnapshotFormat.named(name).orElseThrow().version()).isEqualTo(1);
        }
        assertThat(SnapshotFormat.named("ofac-sdn-xml")).isEmpty();
        assertThat(SnapshotFormat.named("trade-gov-csl-csv")).as("of which source?").isEmpty();
    }

    /** Those whose files are text. */
    private static List<SnapshotFormat> textFormats() {
        return SnapshotFormat.all().stream().filter(format -> !format.name().endsWith("-zip")).toList();
    }

    @Test
    void givenNothingAtAll_whenParsed_thenEveryFormatRefusesIt() {
        for (SnapshotFormat format : SnapshotFormat.all()) {
            assertRefused(format, "", Code.EMPTY, "0 bytes", "delist everyone", "retrieve it again");
        }
        for (SnapshotFormat format : textFormats()) {
            assertRefused(format, "\u001A", Code.EMPTY, "delist everyone");
            assertRefused(format, "\r\n\u001A", Code.EMPTY, "delist everyone");
            assertRefused(format, "  \n", Code.EMPTY, "delist everyone");
        }
    }

    @Test
    void givenAFileBeyondTheLimit_whenParsed_thenItIsRefusedBeforeItIsRead() {
        byte[] file = new byte[SnapshotFormat.MAX_BYTES + 1];
        for (SnapshotFormat format : SnapshotFormat.all()) {
            assertRefused(format, file, Code.TOO_LARGE, "33554433 bytes", "at most 33554432");
        }
    }

    @Test
    void givenBytesThatAreNoText_whenParsed_thenTheLineAndByteAreNamed() {
        for (SnapshotFormat format : textFormats()) {
            assertRefused(format, "a\nb\u0000", Code.BAD_VALUE, "Line 2 holds a NUL byte, at offset 3");
            assertRefused(format, new byte[]{'a', '\n', (byte) 0xE9, 'b'}, Code.BAD_VALUE, "Line 2", "0xE9",
                    "offset 2", "not UTF-8");
            assertRefused(format, new byte[]{'a', (byte) 0xC3}, Code.BAD_VALUE, "Line 1", "0xC3", "not UTF-8");
            assertRefused(format, new byte[]{0x1F, (byte) 0x8B, 8}, Code.WRONG_FORMAT, "gzip", "unpack it");
            assertRefused(format, "PK\u0003\u0004", Code.WRONG_FORMAT, "zip", "unpack it");
            assertRefused(format, "\uFEFF{}", Code.WRONG_FORMAT, "byte order mark");
        }
    }
}
