package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.policyledger.store.Sha256;

class SignedNoteTest {

    /** The example of the specification C2SP signed-note, and of Go's package note. */
    private static final String PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private static final String PUBLISHED = """
            If you think cryptography is the answer to your problem,
            then you don't know what your problem is.

            \u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
            """;

    @TempDir
    private Path folder;

    @Test
    void givenThePublishedNote_whenItIsVerified_thenItsSignatureHoldsForThePublishedKeyAlone() {
        SignedNote note = SignedNote.parse(PUBLISHED);
        NoteKey key = NoteKey.parse(PUBLISHED_KEY);
        assertThat(note.isSignedBy(key)).isTrue();
        assertThat(key).hasToString(PUBLISHED_KEY);
        assertThat(note).hasToString(PUBLISHED);
        assertThat(SignedNote.parse(PUBLISHED.replace("your problem,", "my problem,")).isSignedBy(key)).isFalse();
        assertThat(note.isSignedBy(NoteSigner.open(folder.resolve("key"), "PeterNeumann").key())).isFalse();
    }

    @Test
    void givenASignatureInAnotherSpellingOfTheSameBytes_whenTheNoteIsRead_thenItIsRefused() {
        String spelt = PUBLISHED.replace("JnAM=", "JnAN=");
        assertThat(Base64.getDecoder().decode("nAN=")).isEqualTo(Base64.getDecoder().decode("nAM="));
        assertThatThrownBy(() -> SignedNote.parse(spelt)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no signature line");
    }

    /** The example of the specification C2SP tlog-cosignature, and the second line of the message that it says is signed. */
    private static final String COSIGNED = """
            example.com/behind-the-sofa
            20852163
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

            \u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
            \u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
            """;
    private static final long COSIGNED_AT = 1_679_315_147;

    @Test
    void givenThePublishedCosignature_whenItIsRead_thenItsTimeIsThatOfThePublishedMessage() {
        SignedNote note = SignedNote.parse(COSIGNED);
        assertThat(note).hasToString(COSIGNED);
        assertThat(Checkpoint.parse(note.text()).size()).isEqualTo(20_852_163);
        SignedNote.Signature witness = note.signatures().getLast();
        assertThat(witness.name()).isEqualTo("witness.example.com/w1");
        ByteBuffer signature = ByteBuffer.wrap(witness.bytes().value());
        assertThat(signature.getLong()).isEqualTo(COSIGNED_AT);
        assertThat(signature.remaining()).isEqualTo(64);
        assertThat(NoteKey.cosigned(COSIGNED_AT, note.text())).asString(StandardCharsets.UTF_8).isEqualTo("""
                cosignature/v1
                time 1679315147
                example.com/behind-the-sofa
                20852163
                CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
                """);
    }

    @Test
    void givenACosignature_whenItsTimeItsTextOrItsKeysTypeIsAnother_thenItDoesNotHold() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] encoded = pair.getPublic().getEncoded();
        NoteKey.Bytes publicKey = NoteKey.Bytes.of(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
        NoteKey key = new NoteKey("w.example", NoteKey.Type.WITNESS, publicKey);
        assertThat(NoteKey.parse(key.toString())).isEqualTo(key);
        assertThat(Base64.getDecoder().decode(key.toString().split("\\+", 3)[2])).startsWith(4).hasSize(33);
        NoteKey log = new NoteKey("w.example", NoteKey.Type.LOG, publicKey);
        assertThat(log.id()).isNotEqualTo(key.id());

        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(pair.getPrivate());
        signer.update("cosignature/v1\ntime 1679315147\nany.example\n1\nAAAA\n".getBytes(StandardCharsets.UTF_8));
        byte[] signed = signer.sign();
        assertThat(holds(key, "any.example\n1\nAAAA\n", COSIGNED_AT, signed)).isTrue();
        assertThat(holds(key, "any.example\n2\nAAAA\n", COSIGNED_AT, signed)).isFalse();
        assertThat(holds(key, "any.example\n1\nAAAA\n", COSIGNED_AT + 1, signed)).isFalse();
        assertThat(holds(log, "any.example\n1\nAAAA\n", COSIGNED_AT, signed)).isFalse();

        signer.update("cosignature/v1\ntime -1\na\n".getBytes(StandardCharsets.UTF_8));
        assertThat(holds(key, "a\n", -1, signer.sign())).as("a time beyond 2^63 - 1").isFalse();
    }

    private static boolean holds(NoteKey key, String text, long time, byte[] signature) {
        byte[] timed = ByteBuffer.allocate(8 + signature.length).putLong(time).put(signature).array();
        return new SignedNote(text,
                List.of(new SignedNote.Signature(key.name(), key.id(), NoteKey.Bytes.of(timed)))).isSignedBy(key);
    }

    @Test
    void givenANoteWithAFurtherSignatureInTheNameOfAKey_whenThatDoesNotHold_thenTheKeyDidNotSignTheNote() {
        NoteSigner one = NoteSigner.open(folder.resolve("one"), "one");
        NoteSigner two = NoteSigner.open(folder.resolve("two"), "two");
        SignedNote note = one.sign("text\n").with(two.sign("text\n").signatures());
        assertThat(note.signedBy(List.of(two.key(), one.key()))).containsExactly(two.key(), one.key());
        assertThat(note.with(one.sign("text\n").signatures())).isEqualTo(note);
        SignedNote spoilt = note.with(List.of(new SignedNote.Signature("one", one.key().id(),
                two.sign("text\n").signatures().getFirst().bytes())));
        assertThat(spoilt.signedBy(List.of(one.key(), two.key()))).containsExactly(two.key());
    }

    @Test
    void givenAKeyFile_whenItsKeyIsRotatedAndTheOldOneRetired_thenBothSignAndThenTheNewOneAlone() throws IOException {
        Path file = folder.resolve("key");
        NoteSigner before = NoteSigner.open(file, "log");
        SignedNote old = before.sign("text\n");
        NoteSigner both = NoteSigner.rotate(file);
        assertThat(both.keys()).containsExactly(both.key(), before.key()).doesNotHaveDuplicates();
        assertThat(both.sign("text\n").signedBy(both.keys())).containsExactlyElementsOf(both.keys());
        assertThat(both.sign("text\n").signatures().getFirst().isOf(both.key())).isTrue();
        assertThat(NoteSigner.open(file, "log").keys()).isEqualTo(both.keys());

        NoteSigner after = NoteSigner.retire(file);
        assertThat(after.keys()).isEqualTo(both.keys());
        assertThat(after.sign("text\n").signedBy(after.keys())).containsExactly(both.key());
        assertThat(old.signedBy(after.keys())).containsExactly(before.key());
        assertThat(Files.readString(file)).containsOnlyOnce("PRIVATE");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(folder.toFile().list()).containsExactly("key");
    }

    @Test
    void givenAKeyFileThatIsDamaged_whenItIsRefused_thenNothingOfThePrivateKeyIsSaid() throws IOException {
        Path file = folder.resolve("key");
        NoteSigner.open(file, "log");
        String text = Files.readString(file);
        String secret = text.lines().findFirst().orElseThrow().substring("PRIVATE+KEY+log+01234567+".length());
        for (String damaged : List.of(text.substring(1), text.lines().findFirst().orElseThrow() + "\n" + text,
                text + secret + "\n", text.replace("PRIVATE+KEY+", "PRIVATE+KEY"))) {
            Files.writeString(file, damaged);
            assertThatThrownBy(() -> NoteSigner.open(file, "log")).isInstanceOf(IllegalStateException.class)
                    .satisfies(failure -> assertThat(failure.toString() + failure.getCause()).doesNotContain(secret));
        }
    }

    @Test
    void givenNoKeyFile_whenItIsOpened_thenAKeyIsMadeThatOnlyItsOwnerReadsAndThatStays() throws IOException {
        Path file = folder.resolve("key");
        NoteSigner made = NoteSigner.open(file, "example.org/ledger");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(folder.toFile().list()).containsExactly("key");
        NoteSigner again = NoteSigner.open(file, "example.org/ledger");
        assertThat(again.key()).isEqualTo(made.key());
        SignedNote note = again.sign("text\n");
        assertThat(SignedNote.parse(note.toString()).isSignedBy(made.key())).isTrue();
        assertThat(Files.readString(file)).contains(made.key().toString());
    }

    @Test
    void givenAKeyFileThatIsNotOne_whenItIsOpened_thenItIsRefusedByName() throws IOException {
        Path file = folder.resolve("key");
        NoteSigner.open(file, "one");
        assertThatThrownBy(() -> NoteSigner.open(file, "other")).hasMessageContainingAll(file.toString(), "'one'");
        Path second = folder.resolve("second");
        NoteSigner.open(second, "one");
        Files.writeString(file, Files.readString(file).lines().findFirst().orElseThrow() + "\n"
                + Files.readString(second).lines().skip(1).findFirst().orElseThrow() + "\n");
        assertThatThrownBy(() -> NoteSigner.open(file, "one")).hasMessageContaining("not of one pair");
        Files.writeString(file, "anything");
        assertThatThrownBy(() -> NoteSigner.open(file, "one")).hasMessageContaining("two lines");
    }

    @Test
    void givenTextThatIsNoNoteOrKey_whenItIsRead_thenItIsRefused() {
        for (String wrong : new String[]{"", "a\n", "a\n\n", "a\n\nb\n", "a\n\n\u2014 n AAAA\n", "\n\n\u2014 n \n",
                "a\u0001\n\n\u2014 n AAAAAAA=\n", PUBLISHED.stripTrailing()}) {
            assertThatThrownBy(() -> SignedNote.parse(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
        for (String wrong : new String[]{"", "a+b", PUBLISHED_KEY.replace("c74f", "c74e"),
                PUBLISHED_KEY.replace("Peter", "Peter "), "a+00000000+AAAA"}) {
            assertThatThrownBy(() -> NoteKey.parse(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void givenACheckpoint_whenItIsWritten_thenItIsThreeLinesAndReadBackTheSame() {
        Checkpoint checkpoint = new Checkpoint("example.org/ledger", 42, Sha256.ofBytes(new byte[0]));
        assertThat(checkpoint.text())
                .isEqualTo("example.org/ledger\n42\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
        assertThat(Checkpoint.parse(checkpoint.text())).isEqualTo(checkpoint);
        assertThat(Checkpoint.parse(checkpoint.text() + "extension\n")).isEqualTo(checkpoint);
        for (String wrong : new String[]{"", "o\n1\n", "o\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
                "\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", "o\n1\nAAAA\n", "o\n1\n?\n"}) {
            assertThatThrownBy(() -> Checkpoint.parse(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
