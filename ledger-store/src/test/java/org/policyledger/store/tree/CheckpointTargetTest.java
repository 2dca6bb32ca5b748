package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerDamaged;
import org.policyledger.store.Sha256;

class CheckpointTargetTest extends TreeFixture {

    @SuppressWarnings("NullAway.Init")
    private Path outside;

    @BeforeEach
    void makeFolder() throws IOException {
        outside = Files.createDirectory(folder.resolve("outside"));
    }

    private CheckpointTarget target() {
        return closing(new CheckpointTarget(outside));
    }

    private LedgerTree tree() {
        return tree(SOON, Quorum.NONE, Optional.of(target()));
    }

    private SignedNote kept(String name) {
        try {
            return SignedNote.parse(Files.readString(outside.resolve(name)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Map<String, String> files() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> files = Files.list(outside)) {
            for (Path file : files.toList()) {
                all.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return all;
    }

    /** Records some events and has the checkpoint over them kept. */
    private void keep(int events) {
        record(events);
        LedgerTree tree = tree();
        CheckpointTarget target = target();
        target.follow(tree, SOON);
        until(() -> target.kept() == log.head());
        target.close();
        tree.close();
    }

    @ParameterizedTest
    @EnumSource
    void givenAFolder_whenTheLogGrows_thenEachCheckpointIsKeptThereAndTheLatestIsCalledSo(Databases kind)
            throws IOException {
        create(kind);
        LedgerTree tree = tree();
        CheckpointTarget target = target();
        target.follow(tree, SOON);
        for (int events : new int[]{1, 4, 300}) {
            record(events);
            String name = log.head() + ".checkpoint";
            until(() -> target.kept() == log.head());
            assertThat(kept(name)).isEqualTo(kept("latest")).hasToString(tree.latest().orElseThrow().note());
        }
        assertThat(files().keySet()).containsExactlyInAnyOrder(".lock", "1.checkpoint", "5.checkpoint",
                "305.checkpoint", "latest");
        assertThat(target.trouble()).isEmpty();
        LedgerTree again = tree();
        assertThat(size(again)).isEqualTo(305);
    }

    @ParameterizedTest
    @EnumSource
    void givenAWitness_whenItsSignatureComesLater_thenTheFileGainsItAndIsOtherwiseTheSame(Databases kind)
            throws IOException {
        create(kind);
        WitnessServer server = closing(
                WitnessServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        NoteSigner.openWitness(folder.resolve("w.key"), "w.example"), signer().keys(),
                        folder.resolve("w")));
        Witness witness = new Witness(NoteSigner.openWitness(folder.resolve("w.key"), "w.example").key(),
                server.address());
        record(3);
        CheckpointTarget target = target();
        LedgerTree tree = tree(SOON, new Quorum(List.of(witness.key()), 1), Optional.of(target));
        target.follow(tree, SOON);
        until(() -> target.kept() == 3);
        SignedNote before = kept("3.checkpoint");
        assertThat(before.signatures()).hasSize(1);
        closing(Witnesses.open(tree, List.of(witness), SOON, Duration.ofSeconds(5)));
        until(() -> kept("latest").isSignedBy(witness.key()));
        assertThat(kept("3.checkpoint").text()).isEqualTo(before.text());
        assertThat(kept("3.checkpoint").signedBy(List.of(signer().key(), witness.key()))).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource
    void givenADatabaseThatWasRolledBack_whenTheServiceStarts_thenItIsRefusedAndNothingIsSigned(Databases kind)
            throws Exception {
        create(kind);
        keep(5);
        keep(5);
        Map<String, String> before = files();
        Checkpoint ten = Checkpoint.parse(kept("10.checkpoint").text());
        Checkpoint five = Checkpoint.parse(kept("5.checkpoint").text());
        rollBackTo(5);
        record(2);
        assertThatThrownBy(this::tree).isInstanceOf(LedgerDamaged.class).hasMessageContaining("10.checkpoint")
                .hasMessageContainingAll("10 events", ten.root().toString(), "covers 5", five.root().toString(),
                        "rolled back");
        assertThat(size(treeWithoutTarget())).as("only without the folder").isEqualTo(7);
        record(3);
        treeWithoutTarget();
        assertThatThrownBy(this::tree).isInstanceOf(LedgerDamaged.class)
                .hasMessageContainingAll("10.checkpoint", ten.root().toString(), "forked");
        record(9);
        treeWithoutTarget();
        assertThatThrownBy(this::tree).isInstanceOf(LedgerDamaged.class)
                .hasMessageContainingAll("10.checkpoint", ten.root().toString(), "of 19 events", "forked");
        assertThat(files()).isEqualTo(before);
    }

    private LedgerTree treeWithoutTarget() {
        return tree(SELDOM, Quorum.NONE, Optional.empty());
    }

    @ParameterizedTest
    @EnumSource
    void givenARefusedStart_whenTheDatabaseIsLookedAt_thenNoCheckpointWasAdded(Databases kind) throws Exception {
        create(kind);
        keep(10);
        rollBackTo(0);
        record(3);
        assertThatThrownBy(this::tree).isInstanceOf(LedgerDamaged.class).hasMessageContainingAll("of none", "covers 0");
        try (var connection = database.dataSource().getConnection();
                var rows = connection.createStatement().executeQuery("SELECT COUNT(*) FROM ledger_checkpoint")) {
            rows.next();
            assertThat(rows.getInt(1)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenARollBackUnderARunningService_whenCheckpointsAreKept_thenItIsAnAlarmAndTheFilesStay(Databases kind)
            throws Exception {
        create(kind);
        keep(5);
        keep(5);
        Map<String, String> before = files();
        rollBackTo(5);
        LedgerTree blind = tree(SOON, Quorum.NONE, Optional.empty());
        CheckpointTarget target = target();
        target.follow(blind, SOON);
        until(target::isAlarmed);
        assertThat(target.trouble().orElseThrow()).contains("10.checkpoint", "rolled back");
        record(20);
        until(() -> size(blind) == 25);
        assertThat(files()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenWhatIsKeptIsAnotherLogsOrForgedOrNoCheckpoint_whenTheServiceStarts_thenItIsRefusedByName(Databases kind)
            throws IOException {
        create(kind);
        keep(5);
        Checkpoint real = Checkpoint.parse(kept("latest").text());
        NoteSigner stranger = NoteSigner.open(folder.resolve("stranger.key"), ORIGIN);
        put("6.checkpoint", stranger.sign(real.text()).toString());
        assertThatThrownBy(this::tree).hasMessageContainingAll("6.checkpoint", stranger.key().shortName(),
                signer().key().shortName(), "forgery");
        NoteSigner other = NoteSigner.open(folder.resolve("other.key"), "other.example");
        put("6.checkpoint", other.sign(new Checkpoint("other.example", 5, real.root()).text()).toString());
        assertThatThrownBy(this::tree).hasMessageContainingAll("of the log 'other.example'", ORIGIN);
        put("6.checkpoint", "half a check");
        assertThatThrownBy(this::tree).isInstanceOf(LedgerDamaged.class).hasMessageContaining("6.checkpoint");
        Files.delete(outside.resolve("6.checkpoint"));
        // What a process leaves that died while it wrote.
        put(".new42", "half a check");
        assertThat(size(tree())).isEqualTo(5);
        put("latest", signer().sign(new Checkpoint(ORIGIN, 9, Sha256.ofBytes(new byte[1])).text()).toString());
        assertThatThrownBy(this::tree).as("the others were taken away").hasMessageContainingAll("latest", "9 events",
                "covers 5");
    }

    private void put(String name, String text) throws IOException {
        Files.writeString(outside.resolve(name), text);
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenTwoProcessesAndOneIsBehind_whenBothKeep_thenTheLatestIsNeverReplacedByASmallerOne(Databases kind)
            throws IOException {
        create(kind);
        LedgerTree tree = tree();
        CheckpointTarget one = target();
        record(5);
        until(() -> size(tree) == 5);
        one.follow(tree, SELDOM);
        until(() -> one.kept() == 5);
        // The other process has put more, of which this one's database, read a moment ago, may not tell yet.
        record(5);
        until(() -> size(tree) == 10);
        CheckpointTarget other = target();
        other.follow(tree, SELDOM);
        until(() -> other.kept() == 10);
        SignedNote latest = kept("latest");
        one.put(5, kept("5.checkpoint"));
        assertThat(kept("latest")).isEqualTo(latest);
        SignedNote forked = signer().sign(new Checkpoint(ORIGIN, 5, Sha256.ofBytes(new byte[1])).text());
        assertThatThrownBy(() -> one.put(5, forked)).isInstanceOf(LedgerDamaged.class)
                .hasMessageContainingAll("5.checkpoint", "forked");
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenAFolderThatGoesAway_whenItIsBack_thenCheckpointsAreKeptAgainAndAMissingOneIsNeverMade(Databases kind)
            throws IOException {
        create(kind);
        assertThatThrownBy(() -> new CheckpointTarget(folder.resolve("missing")))
                .hasMessageContainingAll("missing", "make the folder");
        LedgerTree tree = tree();
        CheckpointTarget target = target();
        record(1);
        target.follow(tree, SOON);
        until(() -> target.kept() == 1);
        Path away = Files.move(outside, folder.resolve("away"));
        record(1);
        until(() -> target.trouble().isPresent());
        assertThat(target.isAlarmed()).isFalse();
        assertThat(outside).doesNotExist();
        Files.move(away, outside);
        until(() -> target.kept() == 2 && target.trouble().isEmpty());
    }
}
