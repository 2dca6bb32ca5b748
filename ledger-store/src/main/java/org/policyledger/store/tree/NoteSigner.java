package org.policyledger.store.tree;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * Signs notes with an Ed25519 key kept in a file that only its owner can read. The file has two lines: the private key, in the form
 * in which Go's {@code note} package has it ({@code PRIVATE+KEY+<name>+<id>+<key>}), and the verifier key.
 */
public final class NoteSigner {

    private static final String PRIVATE = "PRIVATE+KEY+";

    private final NoteKey key;
    private final PrivateKey secret;

    private NoteSigner(NoteKey key, PrivateKey secret) {
        this.key = key;
        this.secret = secret;
    }

    /** The signer whose key is in the file; made, with a new key of that name, where there is no such file. */
    public static NoteSigner open(Path file, String name) {
        try {
            if (!Files.exists(file)) {
                create(file, name);
            }
            NoteSigner signer = read(Files.readString(file));
            if (!signer.key.name().equals(name)) {
                throw new IllegalArgumentException("the key is of '" + signer.key.name() + "', not of '" + name + "'");
            }
            return signer;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException unusable) {
            throw new IllegalStateException("the signing key in " + file + " cannot be used (" + unusable.getMessage()
                    + "): put the right file there, or move it away and a new key is made", unusable);
        }
    }

    private static void create(Path file, String name) throws IOException, GeneralSecurityException {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] encoded = pair.getPublic().getEncoded();
        NoteKey key = new NoteKey(name,
                NoteKey.Bytes.of(Arrays.copyOfRange(encoded, encoded.length - NoteKey.KEY_LENGTH, encoded.length)));
        byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes()
                .orElseThrow(() -> new GeneralSecurityException("the platform does not give the private key out"));
        byte[] typed = ByteBuffer.allocate(1 + NoteKey.KEY_LENGTH).put(NoteKey.ED25519).put(seed).array();
        String text = PRIVATE + name + "+" + HexFormat.of().toHexDigits(key.id()) + "+"
                + Base64.getEncoder().encodeToString(typed) + "\n" + key + "\n";
        Path whole = Files.createTempFile(file.toAbsolutePath().getParent(), ".key", "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(whole, text, StandardOpenOption.SYNC);
            // A hard link, unlike a move, does not replace the key that another process has just made.
            Files.createLink(file, whole);
        } catch (FileAlreadyExistsException madeMeanwhile) {
            return;
        } catch (UnsupportedOperationException noLinks) {
            Files.copy(whole, file, StandardCopyOption.COPY_ATTRIBUTES);
        } finally {
            Files.deleteIfExists(whole);
        }
    }

    private static NoteSigner read(String text) throws GeneralSecurityException {
        List<String> lines = text.lines().toList();
        if (lines.size() != 2 || !lines.getFirst().startsWith(PRIVATE)) {
            throw new IllegalArgumentException("it does not have two lines, a private key and a verifier key");
        }
        NoteKey key = NoteKey.parse(lines.getLast());
        String[] parts = lines.getFirst().substring(PRIVATE.length()).split("\\+", 3);
        byte[] typed = parts.length == 3 ? Base64.getDecoder().decode(parts[2]) : new byte[0];
        if (typed.length != 1 + NoteKey.KEY_LENGTH || typed[0] != NoteKey.ED25519) {
            throw new IllegalArgumentException("its private key is not one of Ed25519");
        }
        PrivateKey secret = KeyFactory.getInstance("Ed25519").generatePrivate(
                new EdECPrivateKeySpec(NamedParameterSpec.ED25519, Arrays.copyOfRange(typed, 1, typed.length)));
        NoteSigner signer = new NoteSigner(key, secret);
        if (!signer.sign("probe\n").isSignedBy(key)) {
            throw new IllegalArgumentException("its private key and its verifier key are not of one pair");
        }
        return signer;
    }

    /** The key that verifies what is signed. */
    public NoteKey key() {
        return key;
    }

    /** The text, signed. */
    public SignedNote sign(String text) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(secret);
            signer.update(text.getBytes(StandardCharsets.UTF_8));
            return new SignedNote(text,
                    List.of(new SignedNote.Signature(key.name(), key.id(), NoteKey.Bytes.of(signer.sign()))));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("the platform cannot sign with Ed25519", impossible);
        }
    }
}
