package org.policyledger.store.tree;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.policyledger.store.LedgerDamaged;
import org.policyledger.store.Sha256;

/**
 * The signed checkpoints in the database, with the signatures of witnesses under them. What is read there is given out only if a key of
 * ours signed it, and of the witnesses' signatures only those that hold.
 */
final class Checkpoints {

    private static final String COLUMNS = "SELECT note, root_hash, size FROM ledger_checkpoint";

    private final String origin;
    private final NoteSigner signer;
    private final Quorum quorum;
    private final AtomicLong cosigned = new AtomicLong();
    private volatile String verified = "";

    Checkpoints(String origin, NoteSigner signer, Quorum quorum) {
        this.origin = origin;
        this.signer = signer;
        this.quorum = quorum;
    }

    /** Signs a checkpoint and adds it. */
    void sign(Connection connection, Checkpoint checkpoint) throws SQLException {
        String note = signer.sign(checkpoint.text()).toString();
        try (PreparedStatement insert = connection
                .prepareStatement("INSERT INTO ledger_checkpoint (size, root_hash, note) VALUES (?, ?, ?)")) {
            insert.setLong(1, checkpoint.size());
            insert.setBytes(2, checkpoint.root().bytes());
            insert.setString(3, note);
            insert.executeUpdate();
        }
        verified = note; // it is ours, whether it comes to be committed or not
    }

    /** Adds a witness's signature under a checkpoint. */
    void cosign(Connection connection, Checkpoint checkpoint, NoteKey witness, SignedNote.Signature line)
            throws SQLException {
        try (PreparedStatement insert = connection
                .prepareStatement("INSERT INTO ledger_cosignature (size, witness, line) VALUES (?, ?, ?)")) {
            insert.setLong(1, checkpoint.size());
            insert.setString(2, witness.shortName());
            insert.setString(3, line.toString());
            insert.executeUpdate();
        }
    }

    /** The one signed last, without the signatures of witnesses. */
    Optional<LedgerTree.Signed> newest(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(COLUMNS + " ORDER BY size DESC LIMIT 1")) {
            return first(query);
        }
    }

    /** The one signed last, with the signatures of witnesses that are there. */
    Optional<LedgerTree.Signed> latest(Connection connection) throws SQLException {
        Optional<LedgerTree.Signed> newest = newest(connection);
        return newest.isPresent() ? Optional.of(withWitnesses(connection, newest.get())) : newest;
    }

    /** The last one that as many witnesses have signed as are needed; there are some. */
    Optional<LedgerTree.Signed> cosigned(Connection connection) throws SQLException {
        String names = quorum.witnesses().stream().map(key -> "?").collect(Collectors.joining(", "));
        try (PreparedStatement query = connection.prepareStatement(COLUMNS + " WHERE size = (SELECT size FROM"
                + " ledger_cosignature WHERE size >= ? AND witness IN (" + names + ") GROUP BY size"
                + " HAVING COUNT(*) >= ? ORDER BY size DESC LIMIT 1)")) {
            int next = 1;
            query.setLong(next++, cosigned.get());
            for (NoteKey witness : quorum.witnesses()) {
                query.setString(next++, witness.shortName());
            }
            query.setInt(next, quorum.needed());
            Optional<LedgerTree.Signed> signed = first(query);
            if (signed.isEmpty()) {
                return signed;
            }
            LedgerTree.Signed whole = withWitnesses(connection, signed.get());
            if (SignedNote.parse(whole.note()).signedBy(quorum.witnesses()).size() < quorum.needed()) {
                throw new LedgerDamaged("Under the checkpoint of size " + whole.checkpoint().size()
                        + " stand signatures in the name of witnesses that are not theirs.");
            }
            cosigned.accumulateAndGet(whole.checkpoint().size(), Math::max);
            return Optional.of(whole);
        }
    }

    private Optional<LedgerTree.Signed> first(PreparedStatement query) throws SQLException {
        try (ResultSet row = query.executeQuery()) {
            if (!row.next()) {
                return Optional.empty();
            }
            String note = row.getString(1);
            Checkpoint checkpoint = Checkpoint.parse(SignedNote.parse(note).text());
            if (checkpoint.size() != row.getLong(3) || !checkpoint.root().equals(Sha256.of(row.getBytes(2)))) {
                throw new LedgerDamaged(
                        "The checkpoint of size " + row.getLong(3) + " does not say what its note says.");
            }
            if (!note.equals(verified)) {
                requireOurs(SignedNote.parse(note), "in the database");
                verified = note;
            }
            return Optional.of(new LedgerTree.Signed(checkpoint, note));
        }
    }

    private LedgerTree.Signed withWitnesses(Connection connection, LedgerTree.Signed signed) throws SQLException {
        if (quorum.witnesses().isEmpty()) {
            return signed;
        }
        SignedNote note = SignedNote.parse(signed.note());
        List<SignedNote.Signature> held = new ArrayList<>();
        try (PreparedStatement query = connection
                .prepareStatement("SELECT line FROM ledger_cosignature WHERE size = ? ORDER BY witness")) {
            query.setLong(1, signed.checkpoint().size());
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    SignedNote.Signature line = line(signed.checkpoint(), rows.getString(1));
                    if (!new SignedNote(note.text(), List.of(line)).signedBy(quorum.witnesses()).isEmpty()) {
                        held.add(line);
                    }
                }
            }
        }
        return new LedgerTree.Signed(signed.checkpoint(), note.with(held).toString());
    }

    private static SignedNote.Signature line(Checkpoint checkpoint, String stored) {
        try {
            return SignedNote.Signature.parse(stored);
        } catch (IllegalArgumentException noLine) {
            throw new LedgerDamaged(
                    "Under the checkpoint of size " + checkpoint.size() + ", " + noLine.getMessage() + ".");
        }
    }

    /**
     * @param where it was found
     * @throws LedgerDamaged if the note is not one that this log signed
     */
    void requireOurs(SignedNote note, String where) {
        Checkpoint checkpoint = Checkpoint.parse(note.text());
        String found = "The checkpoint of " + checkpoint.size() + " events " + where;
        if (!checkpoint.origin().equals(origin)) {
            throw new LedgerDamaged(found + " is of the log '" + checkpoint.origin() + "', but this is '" + origin
                    + "': one of the two is not where it belongs.");
        }
        if (note.signedBy(signer.keys()).isEmpty()) {
            throw new LedgerDamaged(found + " is signed by " + note.signatures().stream()
                    .map(SignedNote.Signature::keyName).collect(Collectors.joining(", "))
                    + ", but no signature holds for a key of this ledger ("
                    + signer.keys().stream().map(NoteKey::shortName).collect(Collectors.joining(", "))
                    + "): it is a forgery, or the key file lacks a verifier key that signed before.");
        }
    }
}
