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
 * hexadecimal, the key in Base64 after the byte that says Ed25519.
 *
 * @param name as a rule the origin of the log; no space, no plus sign
 * @param publicKey the 32 bytes of RFC 8032
 */
public record NoteKey(String name, Bytes publicKey) {

    static final byte ED25519 = 0x01;
    static final int KEY_LENGTH = 32;

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
            if (typed.length == 1 + KEY_LENGTH && typed[0] == ED25519) {
                NoteKey key = new NoteKey(form.group(1), Bytes.of(Arrays.copyOfRange(typed, 1, typed.length)));
                if (HexFormat.of().toHexDigits(key.id()).equals(form.group(2))) {
                    return key;
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
                .wrap(Sha256.ofBytes(ByteBuffer.allocate(named.length + 1 + KEY_LENGTH).put(named).put(ED25519)
                        .put(publicKey.value()).array()).bytes())
                .getInt();
    }

    /** Whether the signature is this key's over the text. */
    boolean verifies(byte[] text, byte[] signature) {
        try {
            byte[] encoded = ByteBuffer.allocate(X509_PREFIX.length + KEY_LENGTH).put(X509_PREFIX)
                    .put(publicKey.value()).array();
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
            verifier.update(text);
            return verifier.verify(signature);
        } catch (GeneralSecurityException notASignature) {
            return false;
        }
    }

    @Override
    public String toString() {
        byte[] typed = ByteBuffer.allocate(1 + KEY_LENGTH).put(ED25519).put(publicKey.value()).array();
        return name + "+" + HexFormat.of().toHexDigits(id()) + "+" + Base64.getEncoder().encodeToString(typed);
    }
}
