package org.policyledger.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** A SHA-256 hash value: 32 bytes, compared by content. */
public final class Sha256 {

    private static final int LENGTH = 32;
    private static final byte LEAF_PREFIX = 0x00;
    private static final byte NODE_PREFIX = 0x01;
    private static final MessageDigest NEW = provided();

    private final byte[] bytes;

    private Sha256(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The value these 32 bytes are. */
    public static Sha256 of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("A SHA-256 value has 32 bytes, not " + bytes.length);
        }
        return new Sha256(bytes.clone());
    }

    /** The value that {@link #base64} writes. */
    public static Sha256 ofBase64(String text) {
        return of(Base64.getDecoder().decode(text));
    }

    /** The hash of a Merkle tree leaf: SHA-256(0x00 || entry), RFC 6962 section 2.1. */
    public static Sha256 ofLeaf(byte[] entry) {
        MessageDigest digest = digest();
        digest.update(LEAF_PREFIX);
        return new Sha256(digest.digest(entry));
    }

    /** The hash of an inner node of a Merkle tree: SHA-256(0x01 || left || right), RFC 6962 section 2.1. */
    public static Sha256 ofNode(Sha256 left, Sha256 right) {
        MessageDigest digest = digest();
        digest.update(NODE_PREFIX);
        digest.update(left.bytes);
        return new Sha256(digest.digest(right.bytes));
    }

    /** The hash of a text of bytes. */
    public static Sha256 ofBytes(byte[] text) {
        return new Sha256(digest().digest(text));
    }

    /** A copy of the 32 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Base64 (RFC 4648, section 4), as in checkpoints and proofs. */
    public String base64() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sha256 that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Lower-case hexadecimal. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }

    /** A SHA-256 computation that has taken nothing yet. */
    public static MessageDigest digest() {
        try {
            return (MessageDigest) NEW.clone(); // which spares the search for who provides it
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("The platform's SHA-256 cannot be copied", e);
        }
    }

    private static MessageDigest provided() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
