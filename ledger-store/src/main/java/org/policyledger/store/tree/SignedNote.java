package org.policyledger.store.tree;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with signatures under it (C2SP signed-note).
 *
 * @param text ends with a line end
 * @param signatures one or more, in the order of their lines
 */
public record SignedNote(String text, List<Signature> signatures) {

    /**
     * One signature line: whose it says it is, and the signature's bytes.
     *
     * @param keyId the first four bytes of the line's Base64
     */
    public record Signature(String name, int keyId, NoteKey.Bytes bytes) {}

    private static final Pattern LINE = Pattern.compile("\u2014 ([^\\s+]+) ([A-Za-z0-9+/]+={0,2})");
    private static final int MOST_SIGNATURES = 100;
    private static final int ID_LENGTH = 4;

    public SignedNote {
        if (text.isEmpty() || !text.endsWith("\n") || text.chars().anyMatch(c -> c < ' ' && c != '\n')) {
            throw new IllegalArgumentException(
                    "a note's text consists of lines, each ended by a line feed, without control characters");
        }
        signatures = List.copyOf(signatures);
    }

    /** Reads a note; whether its signatures hold is another question. */
    public static SignedNote parse(String note) {
        int end = note.lastIndexOf("\n\n");
        if (end < 0 || !note.endsWith("\n")) {
            throw new IllegalArgumentException(
                    "this is no signed note: it has no blank line with signature lines after it");
        }
        List<Signature> signatures = new ArrayList<>();
        for (String line : note.substring(end + 2).lines().toList()) {
            Matcher parts = LINE.matcher(line);
            byte[] bytes = parts.matches() ? Base64.getDecoder().decode(parts.group(2)) : new byte[0];
            if (bytes.length <= ID_LENGTH || signatures.size() == MOST_SIGNATURES) {
                throw new IllegalArgumentException("this is no signed note: '" + line + "' is no signature line");
            }
            signatures.add(new Signature(parts.group(1), ByteBuffer.wrap(bytes).getInt(),
                    NoteKey.Bytes.of(Arrays.copyOfRange(bytes, ID_LENGTH, bytes.length))));
        }
        if (signatures.isEmpty()) {
            throw new IllegalArgumentException("this is no signed note: it has no signature line");
        }
        return new SignedNote(note.substring(0, end + 1), signatures);
    }

    /** Whether a signature by this key is there and holds. Signatures by other keys are passed over. */
    public boolean isSignedBy(NoteKey key) {
        return signatures.stream().anyMatch(line -> line.name().equals(key.name()) && line.keyId() == key.id()
                && key.verifies(text.getBytes(StandardCharsets.UTF_8), line.bytes().value()));
    }

    /** The note as it is published. */
    @Override
    public String toString() {
        StringBuilder note = new StringBuilder(text).append('\n');
        for (Signature line : signatures) {
            byte[] signature = line.bytes().value();
            note.append("\u2014 ").append(line.name()).append(' ').append(Base64.getEncoder().encodeToString(ByteBuffer
                    .allocate(ID_LENGTH + signature.length).putInt(line.keyId()).put(signature).array())).append('\n');
        }
        return note.toString();
    }
}
