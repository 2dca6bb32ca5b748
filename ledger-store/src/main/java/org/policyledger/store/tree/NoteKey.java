package org.policyledger.store.tree;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.policyledger.store.Sha256;

/**
 * Who verifies a signed note: a name and an Ed25519 public key (C2SP signed-note). Written {@code <name>+<id>+<key>}, the id in
 * hexadecimal, the key in Base64 after the byte that says its type.
 *
 * @param name of a log as a rule its origin; no space, no plus sign
 * @param publicKey the 32 bytes of RFC 8032
 */
public record NoteKey(String name, Type type, Bytes publicKey) {

    /** What is signed with the key, and so what its signatures look like. */
    public enum Type {
        /** The note's text: the key of a log. */
        LOG(0x01),
        /** The text after a line with the time, which stands before the signature: the key of a witness (C2SP tlog-cosignature). */
        WITNESS(0x04);

        private final byte code;

        Type(int code) {
            this.code = (byte) code;
        }
    }

    static final int KEY_LENGTH = 32;
    static final int SIGNATURE_LENGTH = 64;

    private static final Pattern NAME = Pattern.compile("[^\\s+\\p{Z}\\p{Cntrl}]{1,200}");
    private static final Pattern FORM = Pattern.compile("([^+]+)\\+([0-9a-f]{8})\\+([A-Za-z0-9+/]+={0,2})");
    /** What stands before the 32 bytes in an X.509 SubjectPublicKeyInfo (RFC 8410). */
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    /** Bytes compared by content. */
    public record Bytes(String hex) {
        static Bytes of(byte[] bytes) {
            return new Bytes(HexFormat.of().formatHex(bytes));
        }

        public byte[] value() {
            return HexFormat.of().parseHex(hex);
        }
    }

    public NoteKey {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("the name '" + name
                    + "' cannot sign notes: use 1 to 200 characters without spaces and plus signs");
        }
        if (publicKey.value().length != KEY_LENGTH) {
            throw new IllegalArgumentException("an Ed25519 public key has 32 bytes, not " + publicKey.value().length);
        }
    }

    /** Reads a key as {@link #toString} writes it. */
    public static NoteKey parse(String text) {
        Matcher form = FORM.matcher(text);
        if (form.matches()) {
            byte[] typed = Base64.getDecoder().decode(form.group(3));
            for (Type type : Type.values()) {
                if (typed.length == 1 + KEY_LENGTH && typed[0] == type.code) {
                    NoteKey key = new NoteKey(form.group(1), type,
                            Bytes.of(Arrays.copyOfRange(typed, 1, typed.length)));
                    if (key.shortName().equals(form.group(1) + "+" + form.group(2))) {
                        return key;
                    }
                }
            }
        }
        throw new IllegalArgumentException("'" + text
                + "' is no verifier key: it is <name>+<8 hexadecimal digits>+<Base64>, for Ed25519, and its digits follow from the rest");
    }

    /** The first four bytes of SHA-256(name || 0x0A || type || key), which name the key in signatures. */
    public int id() {
        byte[] named = (name + "\n").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer
                .wrap(Sha256.ofBytes(ByteBuffer.allocate(named.length + 1 + KEY_LENGTH).put(named).put(type.code)
                        .put(publicKey.value()).array()).bytes())
                .getInt();
    }

    /** {@code <name>+<id>}, which tells it from other keys. */
    public String shortName() {
        return name + "+" + HexFormat.of().toHexDigits(id());
    }

    /** Whether the signature is this key's over the text. */
    boolean verifies(String text, Bytes signature) {
        ByteBuffer bytes = ByteBuffer.wrap(signature.value());
        return switch (type) {
            case LOG -> verifies(text.getBytes(StandardCharsets.UTF_8), bytes);
            case WITNESS -> {
                long time = bytes.remaining() == Long.BYTES + SIGNATURE_LENGTH ? bytes.getLong() : -1;
                yield time >= 0 && verifies(cosigned(time, text), bytes);
            }
        };
    }

    /** What a witness signs. */
    static byte[] cosigned(long time, String text) {
        return ("cosignature/v1\ntime " + time + "\n" + text).getBytes(StandardCharsets.UTF_8);
    }

    private boolean verifies(byte[] message, ByteBuffer signature) {
        try {
            byte[] encoded = ByteBuffer.allocate(X509_PREFIX.length + KEY_LENGTH).put(X509_PREFIX)
                    .put(publicKey.value()).array();
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
            verifier.update(message);
            byte[] bytes = new byte[signature.remaining()];
            signature.get(bytes);
            return verifier.verify(bytes);
        } catch (GeneralSecurityException notASignature) {
            return false;
        }
    }

    /** The type and the key's bytes, as keys are written. */
    byte[] typed(byte[] key) {
        return ByteBuffer.allocate(1 + key.length).put(type.code).put(key).array();
    }

    @Override
    public String toString() {
        return shortName() + "+" + Base64.getEncoder().encodeToString(typed(publicKey.value()));
    }
}
