package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerDamaged;

class KeyRotationTest extends TreeFixture {

    private Path file() {
        return folder.resolve("ledger.key");
    }

    /** Opens the tree as a service does that starts, and takes its last checkpoint. */
    private SignedNote recorded(int events) {
        record(events);
        return started();
    }

    private SignedNote started() {
        try (LedgerTree tree = LedgerTree.open(log, database.dataSource(), signer(), SELDOM)) {
            return SignedNote.parse(tree.latest().orElseThrow().note());
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenARotation_whenTheLogGoesOn_thenEveryCheckpointVerifiesAndNobodyMeetsAKeyUnannounced(Databases kind) {
        create(kind);
        SignedNote first = recorded(3);
        NoteKey old = signer().key();
        NoteKey current = NoteSigner.rotate(file()).key();
        SignedNote between = recorded(2);
        NoteSigner.retire(file());
        SignedNote last = recorded(2);
        assertThat(first.signedBy(signer().keys())).containsExactly(old);
        assertThat(between.signedBy(signer().keys())).as("by both").containsExactly(current, old);
        assertThat(last.signedBy(signer().keys())).containsExactly(current);
        assertThat(between.signatures().getFirst().isOf(current)).isTrue();
        // A service that is restarted between rotation and its next event finds a checkpoint of the old key.
        NoteSigner.rotate(file());
        NoteSigner.retire(file());
        assertThat(started()).isEqualTo(last);
    }

    @ParameterizedTest
    @EnumSource
    void givenARotation_whenAWitnessLearnsOfTheNewKeyInTime_thenItGoesOnSigning(Databases kind) throws Exception {
        create(kind);
        NoteSigner own = NoteSigner.openWitness(folder.resolve("w.key"), "w.example");
        NoteKey old = signer().key();
        for (int step = 0; step < 4; step++) {
            if (step == 1) {
                NoteSigner.rotate(file());
            } else if (step == 3) {
                NoteSigner.retire(file());
            }
            List<NoteKey> known = step < 2 ? List.of(old) : signer().keys();
            WitnessServer server = WitnessServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), own,
                    known, folder.resolve("w"));
            Witness witness = new Witness(own.key(), server.address());
            LedgerTree tree = LedgerTree.open(log, database.dataSource(), signer(), SOON,
                    new Quorum(List.of(own.key()), 1), Optional.empty());
            try (Witnesses asking = Witnesses.open(tree, List.of(witness), SOON, Duration.ofSeconds(5))) {
                record(2);
                until(() -> cosigned(tree) == log.head());
                assertThat(asking.all()).allMatch(asked -> asked.trouble().isEmpty());
            } finally {
                tree.close();
                server.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenTheKeyFileIsLost_whenAnotherKeyIsMade_thenTheLogIsNotGoneOnWithUntilTheOldVerifierKeyIsNamed(
            Databases kind) throws Exception {
        create(kind);
        recorded(3);
        NoteKey lost = signer().key();
        Files.delete(file());
        assertThatThrownBy(() -> recorded(1)).isInstanceOf(LedgerDamaged.class).hasMessageContainingAll(
                "The checkpoint of 3 events", lost.shortName(), signer().key().shortName(), "lacks a verifier key");
        Files.writeString(file(), Files.readString(file()) + lost + "\n");
        assertThat(recorded(1).signedBy(signer().keys())).containsExactly(signer().key());
    }

    @ParameterizedTest
    @EnumSource
    void givenACheckpointThatAStrangerSignedOverAChangedLog_whenTheServiceStarts_thenItIsFound(Databases kind)
            throws Exception {
        create(kind);
        recorded(3);
        record(1);
        NoteSigner stranger = NoteSigner.open(folder.resolve("stranger.key"), ORIGIN);
        try (LedgerTree right = LedgerTree.open(log, database.dataSource(), signer(), SELDOM)) {
            Checkpoint checkpoint = right.latest().orElseThrow().checkpoint();
            unguarded("ledger_checkpoint", "DELETE FROM ledger_checkpoint WHERE size = 4");
            String root = HexFormat.of().formatHex(checkpoint.root().bytes());
            database.execute("INSERT INTO ledger_checkpoint (size, root_hash, note) VALUES (4, "
                    + (kind == Databases.H2 ? "X'" + root + "'" : "'\\x" + root + "'") + ", '"
                    + stranger.sign(checkpoint.text()) + "')");
            assertThatThrownBy(right::latest).isInstanceOf(LedgerDamaged.class)
                    .hasMessageContaining(stranger.key().shortName());
        }
        assertThatThrownBy(() -> recorded(1)).isInstanceOf(LedgerDamaged.class)
                .hasMessageContainingAll("of 4 events", stranger.key().shortName(), signer().key().shortName());
    }

    @ParameterizedTest
    @EnumSource
    void givenADatabaseThatIsPutBackUnderARunningService_whenItWouldSignAgain_thenItDoesNot(Databases kind)
            throws Exception {
        create(kind);
        recorded(3);
        LedgerTree tree = tree(SOON, Quorum.NONE, Optional.empty());
        record(3);
        until(() -> size(tree) == 6);
        unguarded("ledger_checkpoint", "DELETE FROM ledger_checkpoint WHERE size = 6");
        record(1);
        until(() -> tree.trouble().isPresent());
        assertThat(tree.trouble().orElseThrow()).contains("of 3 events", "but 6 were covered");
        assertThat(size(tree)).isEqualTo(3);
    }
}
