package org.policyledger.store.tree;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Signs notes with Ed25519 keys kept in a file that only its owner can read. Of each key that signs the file has two lines: the
 * private key, in the form in which Go's {@code note} package has it ({@code PRIVATE+KEY+<name>+<id>+<key>}), and the verifier key.
 * Of a key that has signed and no longer does, the verifier key alone is left. The current key comes first.
 *
 * <p>The file, and not the database, says which keys are ours: whoever can write to the database could name a key of his own there.
 */
public final class NoteSigner {

    private static final String PRIVATE = "PRIVATE+KEY+";

    /** A key and, as long as it signs, its private half. */
    private record Held(NoteKey key, Optional<Pair> pair) {}

    /** A line of the file and what is signed with it. */
    private record Pair(String line, PrivateKey secret) {}

    private final List<Held> keys;

    private NoteSigner(List<Held> keys) {
        this.keys = keys;
    }

    /** The log's signer whose keys are in the file; made, with a new key of that name, where there is no such file. */
    public static NoteSigner open(Path file, String name) {
        return open(file, name, NoteKey.Type.LOG);
    }

    /** The same of a witness. */
    public static NoteSigner openWitness(Path file, String name) {
        return open(file, name, NoteKey.Type.WITNESS);
    }

    private static NoteSigner open(Path file, String name, NoteKey.Type type) {
        return using(file, () -> {
            if (!Files.exists(file)) {
                DurableFile.create(file, text(List.of(generate(name, type))));
            }
            NoteSigner signer = read(file);
            if (!signer.key().name().equals(name) || signer.key().type() != type) {
                throw new IllegalArgumentException("the key is of the " + signer.key().type() + " '"
                        + signer.key().name() + "', not of the " + type + " '" + name + "'");
            }
            return signer;
        });
    }

    /** Puts a new key before those in the file. It signs first, and those that signed go on signing, until they {@link #retire}. */
    public static NoteSigner rotate(Path file) {
        return using(file, () -> {
            List<Held> keys = new ArrayList<>(read(file).keys);
            keys.addFirst(generate(keys.getFirst().key().name(), keys.getFirst().key().type()));
            return replace(file, keys);
        });
    }

    /** Takes the private half of every key but the current one out of the file. What they signed stays verifiable. */
    public static NoteSigner retire(Path file) {
        return using(file, () -> {
            List<Held> keys = read(file).keys;
            List<Held> left = new ArrayList<>(keys.subList(0, 1));
            keys.stream().skip(1).forEach(held -> left.add(new Held(held.key(), Optional.empty())));
            return replace(file, left);
        });
    }

    private interface FileUse {
        NoteSigner of() throws IOException, GeneralSecurityException;
    }

    private static NoteSigner using(Path file, FileUse use) {
        try {
            return use.of();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException unusable) {
            throw new IllegalStateException("the signing key in " + file + " cannot be used (" + unusable.getMessage()
                    + "): put the right file there, or move it away and a new key is made", unusable);
        }
    }

    private static Held generate(String name, NoteKey.Type type) throws GeneralSecurityException {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] encoded = pair.getPublic().getEncoded();
        NoteKey key = new NoteKey(name, type,
                NoteKey.Bytes.of(Arrays.copyOfRange(encoded, encoded.length - NoteKey.KEY_LENGTH, encoded.length)));
        byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes()
                .orElseThrow(() -> new GeneralSecurityException("the platform does not give the private key out"));
        return new Held(key, Optional.of(new Pair(PRIVATE + name + "+" + HexFormat.of().toHexDigits(key.id()) + "+"
                + Base64.getEncoder().encodeToString(key.typed(seed)), pair.getPrivate())));
    }

    // ---- the file ----

    private static String text(List<Held> keys) {
        StringBuilder text = new StringBuilder();
        for (Held held : keys) {
            held.pair().ifPresent(pair -> text.append(pair.line()).append('\n'));
            text.append(held.key()).append('\n');
        }
        return text.toString();
    }

    private static NoteSigner replace(Path file, List<Held> keys) throws IOException, GeneralSecurityException {
        DurableFile.replace(file, text(keys));
        return read(file);
    }

    private static NoteSigner read(Path file) throws IOException, GeneralSecurityException {
        List<Held> keys = new ArrayList<>();
        Optional<Pair> pair = Optional.empty();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(PRIVATE) && pair.isEmpty()) {
                pair = Optional.of(new Pair(line, secret(line)));
            } else {
                keys.add(new Held(verifier(line), pair));
                pair = Optional.empty();
            }
        }
        if (keys.isEmpty() || pair.isPresent() || keys.getFirst().pair().isEmpty()) {
            throw new IllegalArgumentException("it does not begin with two lines, a private key and a verifier key");
        }
        NoteKey current = keys.getFirst().key();
        for (Held held : keys) {
            if (!held.key().name().equals(current.name()) || held.key().type() != current.type()) {
                throw new IllegalArgumentException("its keys are not all of one name and type");
            }
            if (held.pair().isPresent() && !held.key().verifies("probe\n", signature(held, "probe\n", 0).bytes())) {
                throw new IllegalArgumentException("its private key and its verifier key are not of one pair");
            }
        }
        return new NoteSigner(List.copyOf(keys));
    }

    private static NoteKey verifier(String line) {
        try {
            return NoteKey.parse(line);
        } catch (IllegalArgumentException notOne) {
            // What the line says is not told: it may be a damaged private key.
            throw new IllegalArgumentException("it does not consist of two lines for each key that signs, a private"
                    + " key and a verifier key, and one for each that signed before");
        }
    }

    private static PrivateKey secret(String line) throws GeneralSecurityException {
        String[] parts = line.substring(PRIVATE.length()).split("\\+", 3);
        byte[] typed = parts.length == 3 ? Base64.getDecoder().decode(parts[2]) : new byte[0];
        if (typed.length != 1 + NoteKey.KEY_LENGTH) {
            throw new IllegalArgumentException("its private key is not one of Ed25519");
        }
        return KeyFactory.getInstance("Ed25519").generatePrivate(
                new EdECPrivateKeySpec(NamedParameterSpec.ED25519, Arrays.copyOfRange(typed, 1, typed.length)));
    }

    // ---- signing ----

    /** The key that verifies what is signed from now on. */
    public NoteKey key() {
        return keys.getFirst().key();
    }

    /** All keys that ever signed, as far as the file knows, the current one first. */
    public List<NoteKey> keys() {
        return keys.stream().map(Held::key).toList();
    }

    /** The text, signed by each key that signs; by a witness, as of now. */
    public SignedNote sign(String text) {
        return new SignedNote(text, keys.stream().filter(held -> held.pair().isPresent())
                .map(held -> signature(held, text, Instant.now().getEpochSecond())).toList());
    }

    private static SignedNote.Signature signature(Held held, String text, long time) {
        NoteKey key = held.key();
        return new SignedNote.Signature(key.name(), key.id(), NoteKey.Bytes.of(switch (key.type()) {
            case LOG -> signature(held, text.getBytes(StandardCharsets.UTF_8));
            case WITNESS -> ByteBuffer.allocate(Long.BYTES + NoteKey.SIGNATURE_LENGTH).putLong(time)
                    .put(signature(held, NoteKey.cosigned(time, text))).array();
        }));
    }

    private static byte[] signature(Held held, byte[] message) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(held.pair().orElseThrow().secret());
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("the platform cannot sign with Ed25519", impossible);
        }
    }
}
