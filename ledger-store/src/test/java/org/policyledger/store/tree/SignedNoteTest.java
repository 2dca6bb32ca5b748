package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
