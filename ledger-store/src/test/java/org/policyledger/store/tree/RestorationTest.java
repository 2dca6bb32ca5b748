package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.store.AppendRefused;
import org.policyledger.store.Databases;
import org.policyledger.store.EventCodec;
import org.policyledger.store.IdempotencyKey;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogAssertions;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.policyledger.store.StoredEvent;
import org.policyledger.store.Thing;
import org.policyledger.store.UnknownEventType;

/** Makes logs of exports of logs. */
class RestorationTest extends TreeFixture {

    private static final int SINGLE = 300;

    /** A log with single events, demands of several events under a key, and texts that are hard to write down. */
    private String fill() {
        for (int i = 0; i < SINGLE; i++) {
            Thing.append(log, "s/" + i % 7, i / 7);
        }
        log.append(
                List.of(Thing.event("t/1", 0, "Soci\u00e9t\u00e9 \uD83D\uDE00 \u2028 \\ \" \t"), Thing.event("t/2", 0)),
                Optional.empty());
        for (int key = 0; key < 3; key++) {
            demand(log, key);
        }
        LedgerTree tree = tree(SELDOM, Quorum.NONE, Optional.empty());
        String note = tree.latest().orElseThrow().note();
        tree.close();
        return note;
    }

    /** The demand of this number: two events, of a stream of its own, under one key. */
    private static List<StoredEvent> demand(LedgerLog log, int number) {
        Map<String, String> attributes = Map.of("idempotencykey", "clerk k-" + number, "requesthash", "print");
        List<NewEvent> events = new ArrayList<>();
        for (int sequence = 0; sequence < 2; sequence++) {
            events.add(new NewEvent("d/" + number, sequence, UUID.randomUUID(), new Thing("demanded"), attributes));
        }
        return log.append(events, Optional.of(new IdempotencyKey("clerk k-" + number, "print"))).events();
    }

    private List<String> lines() {
        return log.stored(-1, 10_000).stream().map(StoredEvent::event).toList();
    }

    private Path write(List<String> lines) throws IOException {
        return Files.writeString(folder.resolve("export.ndjson"),
                lines.stream().map(line -> line + "\n").collect(Collectors.joining()), StandardCharsets.UTF_8);
    }

    private Verifier.Report restore(Databases.Fresh into, EventCodec codec, Path export, String note)
            throws IOException {
        return new Restoration(into.dataSource(), codec)
                .restore(new Verifier(signer().keys(), List.of(), events -> {
                }), List.of(export), note);
    }

    private LedgerLog opened(Databases.Fresh restored) {
        return closing(LedgerLog.open(restored.dataSource(), Thing.CODEC, LogSettings.defaults()));
    }

    @ParameterizedTest
    @EnumSource
    void givenAnExport_whenALogIsMadeOfIt_thenItIsTheSameLogAndGoesOn(Databases kind) throws Exception {
        create(kind);
        String note = fill();
        List<StoredEvent> originals = log.stored(-1, 10_000);
        Databases.Fresh other = closing(kind.create());

        Verifier.Report report = restore(other, Thing.CODEC, write(lines()), note);

        assertThat(report.findings()).isEmpty();
        assertThat(report.events()).isEqualTo(originals.size());
        LedgerLog restored = opened(other);
        assertThat(restored.origin()).isEqualTo(ORIGIN);
        assertThat(restored.stored(-1, 10_000)).isEqualTo(originals);
        LogAssertions.assertSound(restored);
        LedgerTree tree = closing(LedgerTree.open(restored, other.dataSource(), signer(), SOON));
        // Ed25519 signs the same text with the same key always in the same way.
        assertThat(tree.latest().orElseThrow().note()).isEqualTo(note);
        assertThat(demand(restored, 1)).as("a retry finds what was recorded before it was exported")
                .isEqualTo(originals.subList(SINGLE + 4, SINGLE + 6));
        StoredEvent next = Thing.append(restored, "s/0", (SINGLE + 6) / 7).events().getFirst();
        assertThat(next.position()).isEqualTo(originals.size());
        assertThat(next.recordedAt()).isAfterOrEqualTo(originals.getLast().recordedAt());
        until(() -> size(tree) == originals.size() + 1);
        assertThat(new LogVerification(restored, other.dataSource(), signer().keys()).run(events -> {
        }).findings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void givenAnExportThatDoesNotVerify_whenALogIsToBeMadeOfIt_thenNothingIsThere(Databases kind) throws Exception {
        create(kind);
        String note = fill();
        Databases.Fresh other = closing(kind.create());
        List<String> good = lines();
        List<List<String>> bad = new ArrayList<>();
        for (int change = 0; change < 5; change++) {
            List<String> lines = new ArrayList<>(good);
            switch (change) {
                case 0 -> lines.set(3, lines.get(3).replace("happened to", "happened at"));
                case 1 -> lines.removeLast();
                case 2 -> Collections.swap(lines, 10, 11);
                case 3 -> lines.add(50, lines.get(50));
                default -> lines.set(200, "{");
            }
            bad.add(lines);
        }
        for (List<String> lines : bad) {
            assertThat(restore(other, Thing.CODEC, write(lines), note).findings()).isNotEmpty();
        }
        assertThat(new Restoration(other.dataSource(), Thing.CODEC)
                .restore(
                        new Verifier(NoteSigner.open(folder.resolve("other.key"), ORIGIN).keys(), List.of(), events -> {
                        }), List.of(write(good)), note)
                .findings()).singleElement().asString()
                .contains("none of the keys given signed it");
        List<String> more = new ArrayList<>(good);
        Thing.append(log, "more", 0);
        more.add(lines().getLast());
        assertThatThrownBy(() -> restore(other, Thing.CODEC, write(more), note))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("309 events", "covers 308", "nothing vouches for the rest");
        assertThatThrownBy(() -> restore(other, Thing.CODEC, write(good), "no note"))
                .isInstanceOf(IllegalArgumentException.class);
        EventCodec younger = new EventCodec() {
            @Override
            public Encoded encode(Object payload) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Object decode(String type, int revision, String data) {
                throw new UnknownEventType(type, revision);
            }
        };
        assertThatThrownBy(() -> restore(other, younger, write(good), note)).isInstanceOf(AppendRefused.class)
                .hasMessageContainingAll("position ", "ThingHappened of revision 1", "cannot be read by this version");

        LedgerLog empty = opened(other);
        assertThat(empty.head()).isZero();
        assertThat(empty.stored(-1, 10)).isEmpty();
        assertThat(empty.findRecorded(new IdempotencyKey("clerk k-1", "print"))).isEmpty();
        assertThat(empty.origin()).as("the origin is not that of the refused export").isNotEqualTo(ORIGIN);
    }

    @ParameterizedTest
    @EnumSource
    void givenADatabaseWithALedger_whenAnotherIsToBeMadeInIt_thenItIsRefusedUnlessThatOneIsEmptyAndTheSame(
            Databases kind) throws Exception {
        create(kind);
        String note = fill();
        Path export = write(lines());

        assertThatThrownBy(() -> restore(database, Thing.CODEC, export, note)).isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("already", ORIGIN, "308 events");
        assertThat(log.head()).isEqualTo(308);
        Thing.append(log, "after", 0); // the log goes on as if nothing had been tried
        Databases.Fresh foreign = closing(kind.create());
        closing(LedgerLog.open(foreign.dataSource(), Thing.CODEC, LogSettings.defaults().withOrigin("example.org/x")));
        assertThatThrownBy(() -> restore(foreign, Thing.CODEC, export, note))
                .isInstanceOf(IllegalStateException.class).hasMessageContainingAll("example.org/x", "0 events");
        Databases.Fresh begun = closing(kind.create());
        LedgerLog open = closing(LedgerLog.open(begun.dataSource(), Thing.CODEC,
                LogSettings.defaults().withOrigin(ORIGIN)));

        assertThat(restore(begun, Thing.CODEC, export, note).findings()).isEmpty();

        assertThat(Thing.append(open, "next", 0).events().getFirst().position())
                .as("one who has it open meanwhile goes on after it").isEqualTo(308);
    }

    /** Restores until the first events are in the database, says so and then does nothing any more. */
    static final class KilledRestoration {

        private KilledRestoration() {}

        public static void main(String[] arguments) throws IOException {
            HikariDataSource pool = Databases.pool(arguments[0], arguments[1], 30_000);
            Path folder = Path.of(arguments[2]);
            new Restoration(pool, Thing.CODEC).restore(
                    new Verifier(NoteSigner.open(folder.resolve("ledger.key"), ORIGIN).keys(), List.of(), events -> {
                        System.out.println("restored " + events);
                        while (true) {
                            LockSupport.park();
                        }
                    }), List.of(folder.resolve("export.ndjson")), Files.readString(folder.resolve("checkpoint")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenAProcessKilledWhileItMakesALog_whenLookedAt_thenNothingIsThereAndItCanBeMadeAgain(Databases kind)
            throws Exception {
        create(kind);
        String note = fill();
        Files.writeString(folder.resolve("checkpoint"), note);
        Path export = write(lines());
        Databases.Fresh other = closing(kind.create());
        other.suspend();
        Process child = other.run(KilledRestoration.class, folder.toString());
        try (BufferedReader output = child.inputReader()) {
            assertThat(output.lines().filter(line -> line.startsWith("restored")).findFirst())
                    .hasValue("restored 308");
        } finally {
            child.toHandle().destroyForcibly();
            child.waitFor();
        }
        other.resume();

        LedgerLog left = closing(LedgerLog.open(other.dataSource(), Thing.CODEC,
                LogSettings.defaults().withOrigin(ORIGIN)));
        assertThat(left.stored(-1, 10)).isEmpty();
        assertThat(left.head()).isZero();
        left.close();
        assertThat(restore(other, Thing.CODEC, export, note).findings()).isEmpty();
        assertThat(opened(other).head()).isEqualTo(308);
    }
}
