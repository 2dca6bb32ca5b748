package org.policyledger.store.tree;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
    public record Signature(String name, int keyId, NoteKey.Bytes bytes) {

        /** Reads a line, without its end. Of the spellings that Base64 has for the same bytes it takes the one that is written. */
        public static Signature parse(String line) {
            Matcher parts = LINE.matcher(line);
            byte[] bytes = parts.matches() ? Base64.getDecoder().decode(parts.group(2)) : new byte[0];
            if (bytes.length > ID_LENGTH) {
                Signature signature = new Signature(parts.group(1), ByteBuffer.wrap(bytes).getInt(),
                        NoteKey.Bytes.of(Arrays.copyOfRange(bytes, ID_LENGTH, bytes.length)));
                if (signature.toString().equals(line)) {
                    return signature;
                }
            }
            throw new IllegalArgumentException("'" + line + "' is no signature line");
        }

        /** Whether it says that it is this key's; whether it holds is another question. */
        public boolean isOf(NoteKey key) {
            return name.equals(key.name()) && keyId == key.id();
        }

        /** {@code <name>+<id>} of the key that it says it is of. */
        String keyName() {
            return name + "+" + HexFormat.of().toHexDigits(keyId);
        }

        /** The line, without its end. */
        @Override
        public String toString() {
            byte[] signature = bytes.value();
            return "\u2014 " + name + " " + Base64.getEncoder().encodeToString(
                    ByteBuffer.allocate(ID_LENGTH + signature.length).putInt(keyId).put(signature).array());
        }
    }

    private static final Pattern LINE = Pattern.compile("\u2014 ([^\\s+\\p{Z}\\p{Cntrl}]+) ([A-Za-z0-9+/]+={0,2})");
    private static final int MOST_SIGNATURES = 100;
    private static final int ID_LENGTH = 4;

    public SignedNote {
        if (!text.endsWith("\n") || hasControls(text)) {
            throw new IllegalArgumentException(
                    "a note's text consists of lines, each ended by a line feed, without control characters");
        }
        signatures = List.copyOf(signatures);
    }

    private static boolean hasControls(String text) {
        return text.chars().anyMatch(c -> c < ' ' && c != '\n');
    }

    /** Reads a note; whether its signatures hold is another question. */
    public static SignedNote parse(String note) {
        int end = note.lastIndexOf("\n\n");
        if (end < 0 || !note.endsWith("\n") || hasControls(note)) {
            throw new IllegalArgumentException(
                    "this is no signed note: it has no blank line with signature lines after it");
        }
        List<Signature> signatures = note.substring(end + 2).lines().map(Signature::parse).toList();
        if (signatures.isEmpty() || signatures.size() > MOST_SIGNATURES) {
            throw new IllegalArgumentException("this is no signed note: it has " + signatures.size()
                    + " signature lines, not 1 to " + MOST_SIGNATURES);
        }
        return new SignedNote(note.substring(0, end + 1), signatures);
    }

    /** Whether a signature by this key is there, and all by this key hold. Signatures by other keys are passed over. */
    public boolean isSignedBy(NoteKey key) {
        List<Signature> lines = signatures.stream().filter(line -> line.isOf(key)).toList();
        return !lines.isEmpty() && lines.stream().allMatch(line -> key.verifies(text, line.bytes()));
    }

    /** Those of the keys whose signatures are there and hold. */
    public List<NoteKey> signedBy(Collection<NoteKey> keys) {
        return keys.stream().filter(this::isSignedBy).toList();
    }

    /** The note with the signatures that it does not have yet under those it has. */
    public SignedNote with(Collection<Signature> more) {
        return new SignedNote(text, Stream.concat(signatures.stream(), more.stream()).distinct().toList());
    }

    /** The note as it is published. */
    @Override
    public String toString() {
        return text + "\n"
                + signatures.stream().map(line -> line + "\n").collect(Collectors.joining());
    }
}
