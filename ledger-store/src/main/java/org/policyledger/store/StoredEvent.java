package org.policyledger.store;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * An event as recorded. {@code event} is the record itself; the other components are read from its columns.
 *
 * @param position place in the whole log: dense, from 0, in commit order
 * @param stream what the event is about; the CloudEvent's {@code subject}
 * @param sequence place in the stream: dense, from 0
 * @param recordedAt when the log wrote it, in whole microseconds; never earlier than that of any lower position
 * @param event the canonical CloudEvent (RFC 8785); its UTF-8 bytes are the leaf of the Merkle tree
 * @param leafHash hash of that leaf (RFC 6962 section 2.1)
 */
public record StoredEvent(long position, String stream, long sequence, UUID eventId, String type, int revision,
        Instant recordedAt, String event, Sha256 leafHash) {

    /** The most bytes of an event: an entry of a C2SP tlog-tiles entry bundle has its length as an unsigned 16-bit number. */
    public static final int LIMIT = 65_535;

    /** {@code recordedAt} as the event has it: RFC 3339 with six fraction digits. */
    public String time() {
        return CanonicalEvent.time(Database.micros(recordedAt));
    }

    /** The leaf hash of {@code event} as it is here, whatever stands beside it as {@code leafHash}. */
    public Sha256 hashedLeaf() {
        return Sha256.ofLeaf(event.getBytes(StandardCharsets.UTF_8));
    }

    /** The JSON text of {@code data}, canonical as it is inside the event. */
    public String data() {
        return CanonicalEvent.parse(event).data();
    }

    /** The extension attributes that came with the event: those that are not the log's own. */
    public Map<String, String> attributes() {
        return CanonicalEvent.parse(event).attributes();
    }
}
