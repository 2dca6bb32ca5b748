package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.store.Databases;
import org.policyledger.store.IdempotencyKey;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.policyledger.store.Sha256;
import org.policyledger.store.StoredEvent;
import org.policyledger.store.Thing;

/** Changes a log behind its back, in every way one by one, and looks whether it is told where. */
class TamperingTest {

    private static final Duration SELDOM = Duration.ofHours(1);
    private static final int EVENTS = 600;
    private static final List<String> TABLES = List.of("ledger_event", "ledger_subtree", "ledger_checkpoint",
            "ledger_cosignature", "ledger_idempotency_key");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /**
     * A change, and how it is undone.
     *
     * @param told the beginning of the finding that must come of it
     */
    private record Tampering(String told, List<String> change, List<String> undo) {
        static Tampering flip(String told, String set, String back) {
            return new Tampering(told, List.of(set), List.of(back));
        }

        /** One bit of the first byte of a binary column. */
        static Tampering bit(Databases kind, String told, String table, String column, String where) {
            String flipped = kind == Databases.H2
                    ? "CAST(X'%02x' || SUBSTRING(" + column + " FROM 2) AS BINARY(32))"
                    : "set_bit(" + column + ", 0, 1 - get_bit(" + column + ", 0))";
            if (kind == Databases.POSTGRESQL) {
                String change = "UPDATE " + table + " SET " + column + " = " + flipped + " WHERE " + where;
                return new Tampering(told, List.of(change), List.of(change));
            }
            return new Tampering(told,
                    List.of("CREATE TABLE kept AS SELECT " + column + " AS bytes FROM " + table + " WHERE " + where,
                            "UPDATE " + table + " SET " + column + " = CASE WHEN SUBSTRING(" + column
                                    + " FROM 1 FOR 1) = X'00' THEN " + flipped.formatted(1) + " ELSE "
                                    + flipped.formatted(0) + " END WHERE " + where),
                    List.of("UPDATE " + table + " SET " + column + " = (SELECT bytes FROM kept) WHERE " + where,
                            "DROP TABLE kept"));
        }

        /** Rows that go. */
        static Tampering removed(String told, String table, String where) {
            return new Tampering(told,
                    List.of("CREATE TABLE kept AS SELECT * FROM " + table + " WHERE " + where,
                            "DELETE FROM " + table + " WHERE " + where),
                    List.of("INSERT INTO " + table + " SELECT * FROM kept", "DROP TABLE kept"));
        }

        Tampering and(String change, String undo) {
            List<String> changes = new ArrayList<>(change());
            changes.add(change);
            List<String> undone = new ArrayList<>(List.of(undo));
            undone.addAll(undo());
            return new Tampering(told, changes, undone);
        }
    }

    /** Of the signatures of a witness, which stand under the checkpoints of 300 and of 600 events. */
    private static List<Tampering> cosignatures(NoteKey witness, String line) {
        String told = "the signature of " + witness.shortName() + " under the checkpoint of 300 events: ";
        String row = "UPDATE ledger_cosignature SET ";
        List<Tampering> all = new ArrayList<>();
        all.add(Tampering.flip(told.replace("300", "301") + "no such checkpoint", row + "size = 301 WHERE size = 300",
                row + "size = 300 WHERE size = 301"));
        List<String> swap = List.of(row + "size = -5 WHERE size = 300", row + "size = 300 WHERE size = 600",
                row + "size = 600 WHERE size = -5");
        all.add(new Tampering(told + "it does not hold", swap, swap));
        all.add(Tampering.flip("the signature of w.example+00000000 under the checkpoint of 300 events: '",
                row + "witness = 'w.example+00000000' WHERE size = 300",
                row + "witness = '" + witness.shortName() + "' WHERE size = 300"));
        for (int at = 0; at < line.length(); at += 5) {
            String flipped = line.substring(0, at) + (char) (line.charAt(at) ^ 1) + line.substring(at + 1);
            all.add(Tampering.flip(told, row + "line = '" + flipped + "' WHERE size = 300",
                    row + "line = '" + line + "' WHERE size = 300"));
        }
        SignedNote.Signature signature = SignedNote.Signature.parse(line);
        byte[] later = signature.bytes().value();
        later[Long.BYTES - 1] ^= 1;
        for (String forged : List.of(
                new SignedNote.Signature("w.example", signature.keyId(), NoteKey.Bytes.of(later)).toString(),
                line.substring(0, line.length() - 3) + (char) (line.charAt(line.length() - 3) + 1) + "==")) {
            all.add(Tampering.flip(told, row + "line = '" + forged + "' WHERE size = 300",
                    row + "line = '" + line + "' WHERE size = 300"));
        }
        all.add(Tampering.flip("the signature of x.example+00000001 under the checkpoint of 600 events: '",
                "INSERT INTO ledger_cosignature VALUES (600, 'x.example+00000001', '"
                        + new SignedNote.Signature("x.example", 1, NoteKey.Bytes.of(new byte[64])) + "')",
                "DELETE FROM ledger_cosignature WHERE witness LIKE 'x%'"));
        all.add(Tampering.removed("the signature of " + witness.shortName() + " under the checkpoint of 600 events: no",
                "ledger_checkpoint", "size = 600"));
        return all;
    }

    private static List<Tampering> tamperings(Databases kind) {
        String at = " WHERE position = 77";
        String event = "UPDATE ledger_event SET ";
        String last = "position = " + (EVENTS - 1);
        String copied = "INSERT INTO ledger_event SELECT position + 1, stream || '/x', sequence, CAST('"
                + UUID.randomUUID()
                + "' AS UUID), type, revision, recorded_at, event, leaf_hash FROM ledger_event WHERE "
                + last;
        return List.of(
                Tampering.flip("position 77: the column stream", event + "stream = 't/x'" + at,
                        event + "stream = 's/7'" + at),
                Tampering.flip("position 77: the column sequence", event + "sequence = 7777" + at,
                        event + "sequence = 7" + at),
                Tampering.flip("position 77: the column type", event + "type = 'ThingHappenee'" + at,
                        event + "type = 'ThingHappened'" + at),
                Tampering.flip("position 77: the column revision", event + "revision = 3" + at,
                        event + "revision = 1" + at),
                Tampering.flip("position 77: the column recorded_at", event + "recorded_at = recorded_at + 1" + at,
                        event + "recorded_at = recorded_at - 1" + at),
                new Tampering("position 77: the column event_id",
                        List.of("CREATE TABLE kept AS SELECT event_id FROM ledger_event" + at,
                                event + "event_id = CAST('" + UUID.randomUUID() + "' AS UUID)" + at),
                        List.of(event + "event_id = (SELECT event_id FROM kept)" + at, "DROP TABLE kept")),
                new Tampering("event id ",
                        List.of("CREATE TABLE kept AS SELECT event_id FROM ledger_event" + at,
                                event + "event_id = (SELECT event_id FROM ledger_event WHERE position = 78)" + at),
                        List.of(event + "event_id = (SELECT event_id FROM kept)" + at, "DROP TABLE kept")),
                Tampering.flip("position 77: the event has the leaf hash",
                        event + "event = REPLACE(event, 'happened to', 'happenee to')" + at,
                        event + "event = REPLACE(event, 'happenee to', 'happened to')" + at),
                Tampering.flip("position 77: the event is no JSON object",
                        event + "event = REPLACE(event, '{\"actor', '[\"actor')" + at,
                        event + "event = REPLACE(event, '[\"actor', '{\"actor')" + at),
                Tampering.bit(kind, "position 77: the event has the leaf hash", "ledger_event", "leaf_hash",
                        "position = 77"),
                new Tampering("position 77: the column position",
                        List.of(event + "position = -5 WHERE position = 77",
                                event + "position = 77 WHERE position = 78",
                                event + "position = 78 WHERE position = -5"),
                        List.of(event + "position = -5 WHERE position = 77",
                                event + "position = 77 WHERE position = 78",
                                event + "position = 78 WHERE position = -5")),
                Tampering.removed("position 301: the event says it has position 301, where 300", "ledger_event",
                        "position = 300"),
                Tampering.removed("the head: it says that 600", "ledger_event", last),
                Tampering.removed("checkpoint of 600 events: the log has only 599", "ledger_event", last).and(
                        "UPDATE ledger_head SET next_position = 599", "UPDATE ledger_head SET next_position = 600"),
                Tampering.flip("the head: it says that 600 events are recorded, but 1 more", copied,
                        "DELETE FROM ledger_event WHERE position = " + EVENTS),
                Tampering.flip("position 600: the column position", copied,
                        "DELETE FROM ledger_event WHERE position = " + EVENTS)
                        .and("UPDATE ledger_head SET next_position = 601",
                                "UPDATE ledger_head SET next_position = 600"),
                Tampering.flip("the head: it says that 598", "UPDATE ledger_head SET next_position = 598",
                        "UPDATE ledger_head SET next_position = 600"),
                Tampering.flip("origin: ", "UPDATE ledger_head SET origin = 'example.org/other'",
                        "UPDATE ledger_head SET origin = 'example.org/log'"),
                Tampering.bit(kind, "tile level 1, hash 1: ", "ledger_subtree", "hash", "subtree_index = 1"),
                Tampering.flip("tile level 1, hash 1: ", "UPDATE ledger_subtree SET level = 3 WHERE subtree_index = 1",
                        "UPDATE ledger_subtree SET level = 1 WHERE subtree_index = 1"),
                Tampering.flip("tile level 1, hash 1: ",
                        "UPDATE ledger_subtree SET subtree_index = 9 WHERE subtree_index = 1",
                        "UPDATE ledger_subtree SET subtree_index = 1 WHERE subtree_index = 9"),
                Tampering.removed("tile level 1, hash 0: ", "ledger_subtree", "subtree_index = 0"),
                Tampering.flip("tiles: 3 hashes are stored",
                        "INSERT INTO ledger_subtree SELECT 2, 0, hash FROM ledger_subtree WHERE subtree_index = 0",
                        "DELETE FROM ledger_subtree WHERE level = 2"),
                Tampering.bit(kind, "checkpoint of 300 events: its note says the root is", "ledger_checkpoint",
                        "root_hash", "size = 300"),
                Tampering.flip("checkpoint of 301 events: its note says",
                        "UPDATE ledger_checkpoint SET size = 301 WHERE size = 300",
                        "UPDATE ledger_checkpoint SET size = 300 WHERE size = 301"),
                Tampering.flip("checkpoint of 300 events: no key of this ledger signed it",
                        "UPDATE ledger_checkpoint SET note = REPLACE(note, '300', '400') WHERE size = 300",
                        "UPDATE ledger_checkpoint SET note = REPLACE(note, '400', '300') WHERE size = 300"),
                Tampering.removed("checkpoint", "ledger_checkpoint", "size > 0"),
                Tampering.flip("idempotency key 'clerk k-1': ",
                        "UPDATE ledger_idempotency_key SET fingerprint = 'other' WHERE idempotency_key = 'clerk k-1'",
                        "UPDATE ledger_idempotency_key SET fingerprint = 'print' WHERE idempotency_key = 'clerk k-1'"),
                Tampering.flip("idempotency key 'clerk k-1': ",
                        "UPDATE ledger_idempotency_key SET first_position = first_position + 1 WHERE idempotency_key = 'clerk k-1'",
                        "UPDATE ledger_idempotency_key SET first_position = first_position - 1 WHERE idempotency_key = 'clerk k-1'"),
                Tampering.flip("idempotency key 'clerk k-1': ",
                        "UPDATE ledger_idempotency_key SET event_count = 1 WHERE idempotency_key = 'clerk k-1'",
                        "UPDATE ledger_idempotency_key SET event_count = 2 WHERE idempotency_key = 'clerk k-1'"),
                Tampering.flip("idempotency keys: 4 are stored",
                        "INSERT INTO ledger_idempotency_key VALUES ('clerk k-9', 'print', 5, 1)",
                        "DELETE FROM ledger_idempotency_key WHERE idempotency_key = 'clerk k-9'"),
                Tampering.removed("idempotency key 'clerk k-1': ", "ledger_idempotency_key",
                        "idempotency_key = 'clerk k-1'"));
    }

    @ParameterizedTest
    @EnumSource
    void givenALog_whenAnyColumnOrRowOfItIsTamperedWith_thenVerificationNamesIt(Databases kind) throws Exception {
        try (Databases.Fresh database = kind.create();
                LedgerLog log = LedgerLog.open(database.dataSource(), Thing.CODEC,
                        LogSettings.defaults().withOrigin("example.org/log"))) {
            NoteSigner signer = fill(log, database);
            withoutGuards(kind, database);
            assertThat(verified(log, database, signer)).isEmpty();
            List<String> missed = new ArrayList<>();
            List<Tampering> all = new ArrayList<>(tamperings(kind));
            all.addAll(cosignatures(witness().key(), texts(database,
                    "SELECT line FROM ledger_cosignature WHERE size = 300").getFirst()));
            for (Tampering tampering : all) {
                for (String change : tampering.change()) {
                    database.execute(change);
                }
                List<String> told = verified(log, database, signer);
                if (told.stream().noneMatch(finding -> finding.startsWith(tampering.told()))) {
                    missed.add(tampering + " gave " + told);
                }
                for (String undo : tampering.undo()) {
                    database.execute(undo);
                }
            }
            assertThat(missed).isEmpty();
            assertThat(verified(log, database, signer)).isEmpty();
        }
    }

    private NoteSigner fill(LedgerLog log, Databases.Fresh database) {
        NoteSigner signer = NoteSigner.open(folder.resolve("key"), log.origin());
        long[] sequences = new long[10];
        for (int from = 0; from < EVENTS; from += 300) {
            List<NewEvent> events = new ArrayList<>();
            for (int i = from; i < from + 300; i++) {
                events.add(Thing.event("s/" + i % 10, sequences[i % 10]++));
            }
            // Three demands with a key, of two events each.
            if (from == 0) {
                log.append(events.subList(0, 294), Optional.empty());
                for (int k = 0; k < 3; k++) {
                    Map<String, String> attributes = Map.of("idempotencykey", "clerk k-" + k, "requesthash", "print");
                    log.append(
                            events.subList(294 + 2 * k, 296 + 2 * k).stream()
                                    .map(event -> new NewEvent(event.stream(), event.sequence(), event.eventId(),
                                            event.payload(), attributes))
                                    .toList(),
                            Optional.of(new IdempotencyKey("clerk k-" + k, "print")));
                }
            } else {
                log.append(events, Optional.empty());
            }
            try (LedgerTree tree = tree(log, database, signer)) {
                Checkpoint signed = tree.latest().orElseThrow().checkpoint();
                tree.cosign(signed, witness().sign(signed.text()).signatures().getFirst());
            }
        }
        return signer;
    }

    private static List<String> texts(Databases.Fresh database, String query) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = database.dataSource().getConnection();
                PreparedStatement statement = connection.prepareStatement(query);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }

    private NoteSigner witness() {
        return NoteSigner.openWitness(folder.resolve("witness"), "w.example");
    }

    private LedgerTree tree(LedgerLog log, Databases.Fresh database, NoteSigner signer) {
        return LedgerTree.open(log, database.dataSource(), signer, SELDOM,
                new Quorum(List.of(witness().key()), 1), Optional.empty());
    }

    private List<String> verified(LedgerLog log, Databases.Fresh database, NoteSigner signer) {
        return new LogVerification(log, database.dataSource(), List.of(signer.key(), witness().key()))
                .run(events -> {}).findings().stream().map(Finding::toString).toList();
    }

    /** Takes the guards away, as one who owns the database can. */
    private static void withoutGuards(Databases kind, Databases.Fresh database) throws SQLException {
        for (String table : TABLES) {
            database.execute(kind == Databases.H2
                    ? "DROP TRIGGER " + table + "_append_only"
                    : "ALTER TABLE " + table + " DISABLE TRIGGER ALL");
        }
        if (kind == Databases.H2) {
            database.execute("SET REFERENTIAL_INTEGRITY FALSE");
        }
        for (String unique : texts(database, "SELECT constraint_name FROM information_schema.table_constraints"
                + " WHERE LOWER(table_name) = 'ledger_event' AND constraint_type = 'UNIQUE'")) {
            database.execute("ALTER TABLE ledger_event DROP CONSTRAINT \"" + unique + "\"");
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenADatabaseThatWasRolledBack_whenItIsVerified_thenOnlyOneWhoKeptACheckpointCanTell(Databases kind)
            throws Exception {
        try (Databases.Fresh database = kind.create();
                LedgerLog log = LedgerLog.open(database.dataSource(), Thing.CODEC,
                        LogSettings.defaults().withOrigin("example.org/log"))) {
            NoteSigner signer = fill(log, database);
            LedgerTree tree = LedgerTree.open(log, database.dataSource(), signer, SELDOM);
            String kept = tree.latest().orElseThrow().note();
            tree.close();
            Path export = export(log);
            assertThat(offline(signer, export, kept, kept)).isEmpty();

            withoutGuards(kind, database);
            for (String change : List.of("DELETE FROM ledger_event WHERE position >= 300",
                    "DELETE FROM ledger_cosignature WHERE size > 300",
                    "DELETE FROM ledger_checkpoint WHERE size > 300",
                    "DELETE FROM ledger_subtree WHERE subtree_index > 0",
                    "UPDATE ledger_head SET next_position = 300")) {
                database.execute(change);
            }
            assertThat(verified(log, database, signer)).isEmpty();
            LedgerTree after = LedgerTree.open(log, database.dataSource(), signer, SELDOM);
            String now = after.latest().orElseThrow().note();
            assertThat(offline(signer, export(log), now)).isEmpty();
            assertThat(offline(signer, export(log), now, kept)).singleElement().asString()
                    .contains("kept checkpoint of 600 events", "rolled back");

            // Other events take the place of those that went: it is another history.
            long[] next = {30};
            for (int i = 0; i < 40; i++) {
                log.append(List.of(Thing.event("s/0", next[0]++), Thing.event("t/" + i, 0)), Optional.empty());
            }
            log.append(java.util.stream.IntStream.range(0, 400).mapToObj(i -> Thing.event("u/" + i, 0)).toList(),
                    Optional.empty());
            after.close();
            LedgerTree regrown = LedgerTree.open(log, database.dataSource(), signer, SELDOM);
            String forked = regrown.latest().orElseThrow().note();
            regrown.close();
            assertThat(offline(signer, export(log), forked)).isEmpty();
            assertThat(offline(signer, export(log), forked, kept)).singleElement().asString()
                    .contains("kept checkpoint of 600 events", "another history");
        }
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenALogThatSignedTheSameIdTwice_whenItsExportIsVerified_thenBothLinesAreNamed(Databases kind)
            throws Exception {
        try (Databases.Fresh database = kind.create();
                LedgerLog log = LedgerLog.open(database.dataSource(), Thing.CODEC,
                        LogSettings.defaults().withOrigin("example.org/log"))) {
            NoteSigner signer = fill(log, database);
            List<StoredEvent> stored = log.stored(-1, EVENTS);
            List<String> lines = new ArrayList<>(stored.stream().map(StoredEvent::event).toList());
            String id = stored.get(50).eventId().toString();
            lines.set(400, lines.get(400).replace(stored.get(400).eventId().toString(), id));
            CompactRange tree = CompactRange.EMPTY
                    .plus(lines.stream().map(line -> Sha256.ofLeaf(line.getBytes(StandardCharsets.UTF_8))).toList());
            String note = signer.sign(new Checkpoint(log.origin(), tree.size(), tree.root()).text()).toString();
            Path export = Files.writeString(folder.resolve("twice.ndjson"), String.join("\n", lines) + "\n");
            assertThat(offline(signer, export, note)).containsExactly("twice.ndjson, line 401: the event has the id "
                    + id + ", as the event in twice.ndjson, line 51 has");
        }
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenASignatureOfAWitness_whenItIsRemoved_thenVerificationCannotTell(Databases kind) throws Exception {
        try (Databases.Fresh database = kind.create();
                LedgerLog log = LedgerLog.open(database.dataSource(), Thing.CODEC,
                        LogSettings.defaults().withOrigin("example.org/log"))) {
            NoteSigner signer = fill(log, database);
            withoutGuards(kind, database);
            database.execute("DELETE FROM ledger_cosignature WHERE size = 300");
            assertThat(verified(log, database, signer)).isEmpty();
        }
    }

    private Path export(LedgerLog log) throws IOException {
        List<StoredEvent> events = log.stored(-1, 10_000);
        return Files.writeString(folder.resolve("export.ndjson"),
                events.stream().map(event -> event.event() + "\n").collect(Collectors.joining()),
                StandardCharsets.UTF_8);
    }

    private static List<String> offline(NoteSigner signer, Path export, String checkpoint, String... since)
            throws IOException {
        return new Verifier(List.of(signer.key()), List.of(since).stream().map(SignedNote::parse).toList(),
                events -> {}).export(List.of(export), checkpoint).findings().stream().map(Finding::toString).toList();
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenAnExport_whenAnyByteOrLineOfItIsChanged_thenOfflineVerificationTells(Databases kind) throws Exception {
        try (Databases.Fresh database = kind.create();
                LedgerLog log = LedgerLog.open(database.dataSource(), Thing.CODEC,
                        LogSettings.defaults().withOrigin("example.org/log"))) {
            NoteSigner signer = fill(log, database);
            LedgerTree tree = LedgerTree.open(log, database.dataSource(), signer, SELDOM);
            String note = tree.latest().orElseThrow().note();
            tree.close();
            Path export = export(log);
            List<String> lines = Files.readAllLines(export);
            byte[] good = Files.readAllBytes(export);
            for (int at = 0; at < good.length; at += 613) {
                byte[] flipped = good.clone();
                flipped[at] ^= 1;
                Files.write(export, flipped);
                assertThat(offline(signer, export, note)).as("byte " + at).isNotEmpty();
            }
            List<List<String>> others = new ArrayList<>();
            for (int change = 0; change < 4; change++) {
                List<String> changed = new ArrayList<>(lines);
                switch (change) {
                    case 0 -> java.util.Collections.swap(changed, 10, 11);
                    case 1 -> changed.removeLast();
                    case 2 -> changed.remove(200);
                    default -> changed.add(50, lines.get(50));
                }
                others.add(changed);
            }
            for (List<String> changed : others) {
                Files.writeString(export, String.join("\n", changed) + "\n");
                assertThat(offline(signer, export, note)).isNotEmpty();
            }
            Files.write(export, java.util.Arrays.copyOf(good, good.length - 1));
            assertThat(offline(signer, export, note)).anyMatch(told -> told.contains("cut short"));
            Files.write(export, good);
            assertThat(offline(signer, export, note)).isEmpty();
            NoteSigner other = NoteSigner.open(folder.resolve("other"), log.origin());
            assertThat(offline(other, export, note)).singleElement().asString().contains("none of the keys");
            for (int at = 0; at < note.length(); at++) {
                if (note.charAt(at) == '\n' || (at >= note.indexOf("\u2014 ") && at < note.indexOf("\u2014 ") + 2)) {
                    continue;
                }
                String flipped = note.substring(0, at) + (char) (note.charAt(at) ^ 1) + note.substring(at + 1);
                boolean found;
                try {
                    found = !offline(signer, export, flipped).isEmpty();
                } catch (IllegalArgumentException notACheckpoint) {
                    found = true;
                }
                assertThat(found).as("character " + at + " of the checkpoint").isTrue();
            }
        }
    }
}
