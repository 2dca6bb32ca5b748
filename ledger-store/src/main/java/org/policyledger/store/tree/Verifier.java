package org.policyledger.store.tree;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.policyledger.store.Sha256;

/**
 * Verifies what was taken out of a log, without the log: an export, an evidence bundle, or a proof. It trusts nothing but the keys it
 * is given.
 *
 * <p>That a whole export verifies means: these are, to the byte and in this order, all the events of which the log's key signed the
 * checkpoint. That a bundle or proof verifies means that its events are among them; whether later ones say otherwise is not told.
 */
public final class Verifier {

    /**
     * What came of it.
     *
     * @param events events that were read
     * @param checkpoint what they were held against
     * @param signers the names of those given keys that signed it
     * @param findings all that does not hold; none if it verifies
     * @param remarks what a reader should know besides
     */
    public record Report(long events, Checkpoint checkpoint, List<String> signers, List<Finding> findings,
            List<String> remarks) {}

    private static final int LINES_AT_ONCE = 4_096;
    private static final int LONGEST_LINE = 1 << 20;

    private final List<NoteKey> keys;
    private final List<SignedNote> since;
    private final LongConsumer progress;

    /**
     * @param keys whose signature makes a checkpoint true: of the log one of them suffices, of witnesses each must have signed
     * @param since checkpoints that somebody kept: the log must begin with what they covered
     * @param progress told now and then how many events were read
     */
    public Verifier(List<NoteKey> keys, List<SignedNote> since, LongConsumer progress) {
        this.keys = List.copyOf(keys);
        this.since = List.copyOf(since);
        this.progress = progress;
    }

    /**
     * An export of a whole log: one event a line, from the first on, in one file or several in a row, which may be packed with gzip.
     * Files are read as they come, and of each event the fingerprint of its id is kept, {@link Repeats 8 to 12 bytes}; of each stream
     * its sequence.
     *
     * @throws IllegalArgumentException if the checkpoint is none
     */
    public Report export(List<Path> files, String checkpoint) throws IOException {
        return export(files, checkpoint, (events, leaves) -> {
        });
    }

    /** Takes what was read, some lines at once, as long as nothing was found against it. */
    interface Reader {
        void take(List<byte[]> events, List<EventCheck.Leaf> leaves);
    }

    Report export(List<Path> files, String checkpoint, Reader reader) throws IOException {
        EventCheck.Findings findings = new EventCheck.Findings();
        List<String> remarks = new ArrayList<>();
        Held held = held(checkpoint, findings);
        EventCheck check = new EventCheck(true, findings);
        Repeats ids = new Repeats();
        CompactRange tree = CompactRange.EMPTY;
        Map<Long, Sha256> roots = new HashMap<>();
        roots.put(0L, MerkleTree.EMPTY);
        List<Checkpoint> kept = since.stream().map(note -> kept(note, findings)).toList();
        Set<Long> asked = Stream.concat(kept.stream(), Stream.of(held.checkpoint())).map(Checkpoint::size)
                .collect(Collectors.toSet());
        for (Path file : files) {
            long line = 0;
            try (Lines lines = new Lines(file)) {
                for (List<byte[]> some = lines.next(); !some.isEmpty(); some = lines.next()) {
                    List<EventCheck.Leaf> leaves = some.parallelStream().map(EventCheck::read).toList();
                    for (EventCheck.Leaf leaf : leaves) {
                        check.take(leaf, file.getFileName() + ", line " + ++line);
                        if (!leaf.id().isEmpty()) {
                            ids.add(leaf.id());
                        }
                        tree = tree.plus(List.of(leaf.hash()));
                        if (asked.contains(tree.size())) {
                            roots.put(tree.size(), tree.root());
                        }
                    }
                    if (findings.all().isEmpty()) {
                        reader.take(some, leaves);
                    }
                    progress.accept(tree.size());
                }
                if (lines.cutShort()) {
                    findings.accept(new Finding(file.getFileName() + ", line " + line,
                            "the last line has no end: the file was cut short"));
                }
            }
        }
        checkTwice(files, ids.found(), findings);
        long surplus = tree.size() - held.checkpoint().size();
        check.checkOrigin(held.checkpoint().origin());
        if (surplus < 0) {
            findings.accept(new Finding("the end", "the checkpoint covers " + held.checkpoint().size()
                    + " events, but only " + tree.size() + " are here"));
        } else if (surplus > 0) {
            remarks.add("the last " + surplus + " events are not covered by the checkpoint: nothing vouches for them");
        }
        Optional.ofNullable(roots.get(held.checkpoint().size())).filter(root -> !root.equals(held.checkpoint().root()))
                .ifPresent(root -> findings.accept(new Finding("the tree", "the first " + held.checkpoint().size()
                        + " events have the root " + root + ", but the checkpoint says " + held.checkpoint().root()
                        + ": an event was altered, removed, added or moved")));
        kept.forEach(old -> compare(old, held.checkpoint(), roots, findings));
        return new Report(tree.size(), held.checkpoint(), held.signers(), findings.all(), remarks);
    }

    /** Reads the files again, if two events seem to have the same id, to see and to name them. */
    private static void checkTwice(List<Path> files, Set<Long> suspects, EventCheck.Findings findings)
            throws IOException {
        Map<String, String> firsts = new HashMap<>();
        for (Path file : suspects.isEmpty() ? List.<Path>of() : files) {
            long line = 0;
            try (Lines lines = new Lines(file)) {
                for (List<byte[]> some = lines.next(); !some.isEmpty(); some = lines.next()) {
                    for (EventCheck.Leaf leaf : some.parallelStream().map(EventCheck::read).toList()) {
                        String where = file.getFileName() + ", line " + ++line;
                        String first = suspects.contains(Repeats.fingerprint(leaf.id()))
                                ? firsts.putIfAbsent(leaf.id(), where)
                                : null;
                        if (first != null) {
                            findings.accept(new Finding(where, "the event has the id " + leaf.id()
                                    + ", as the event in " + first + " has"));
                        }
                    }
                }
            }
        }
    }

    /**
     * An evidence bundle: a ZIP with {@code checkpoint}, {@code events.ndjson} and {@code proofs/<position>.tlog-proof}.
     *
     * @throws IllegalArgumentException if a part is missing or is not what its name says
     */
    public Report bundle(Path zip) throws IOException {
        EventCheck.Findings findings = new EventCheck.Findings();
        List<String> remarks = new ArrayList<>();
        try (ZipFile parts = new ZipFile(zip.toFile())) {
            String note = text(parts, "checkpoint");
            Held held = held(note, findings);
            EventCheck check = new EventCheck(false, findings);
            long proofs = parts.stream().filter(entry -> entry.getName().startsWith("proofs/") && !entry.isDirectory())
                    .count();
            long events = 0;
            for (String line : text(parts, "events.ndjson").lines().toList()) {
                EventCheck.Leaf leaf = EventCheck.read(line.getBytes(StandardCharsets.UTF_8));
                String where = "events.ndjson, line " + ++events;
                check.take(leaf, where);
                String name = "proofs/" + leaf.position() + ".tlog-proof";
                if (parts.getEntry(name) == null) {
                    findings.accept(new Finding(where, "the event has no proof " + name));
                } else {
                    checkProof(name, text(parts, name), leaf, note, findings);
                }
            }
            if (proofs > events) {
                findings.accept(new Finding("proofs", "there are " + proofs + " proofs for " + events + " events"));
            }
            check.checkOrigin(held.checkpoint().origin());
            for (Checkpoint old : since.stream().map(kept -> kept(kept, findings)).toList()) {
                if (old.size() > held.checkpoint().size() || old.size() == held.checkpoint().size()) {
                    compare(old, held.checkpoint(), Map.of(), findings);
                } else {
                    remarks.add("the kept checkpoint of " + old.size()
                            + " events cannot be held against this bundle: an"
                            + " export of the log, or a consistency proof, tells whether the log still begins with them");
                }
            }
            remarks.add("the proofs say that these events are in the log, not that no later event says otherwise");
            return new Report(events, held.checkpoint(), held.signers(), findings.all(), remarks);
        }
    }

    /** One event and its proof. */
    public Report proof(byte[] event, String proof) {
        EventCheck.Findings findings = new EventCheck.Findings();
        String note = TlogProof.parse(proof).checkpoint();
        Held held = held(note, findings);
        EventCheck.Leaf leaf = EventCheck.read(event);
        EventCheck check = new EventCheck(false, findings);
        check.take(leaf, "the event");
        check.checkOrigin(held.checkpoint().origin());
        checkProof("the proof", proof, leaf, note, findings);
        return new Report(1, held.checkpoint(), held.signers(), findings.all(), List.of());
    }

    private static void checkProof(String name, String text, EventCheck.Leaf leaf, String checkpoint,
            EventCheck.Findings findings) {
        try {
            TlogProof proof = TlogProof.parse(text);
            if (!proof.checkpoint().equals(checkpoint)) {
                findings.accept(new Finding(name, "it proves against another checkpoint than that beside it"));
            }
            if (proof.index() != leaf.position()) {
                findings.accept(new Finding(name, "it is of position " + proof.index() + ", the event of position "
                        + leaf.position()));
            } else if (!proof.holdsFor(leaf.hash())) {
                findings.accept(new Finding(name, "it does not hold: the event, the proof or the checkpoint was"
                        + " altered"));
            }
        } catch (IllegalArgumentException unreadable) {
            findings.accept(new Finding(name, String.valueOf(unreadable.getMessage())));
        }
    }

    private record Held(Checkpoint checkpoint, List<String> signers) {}

    private Held held(String note, EventCheck.Findings findings) {
        SignedNote signed = SignedNote.parse(note);
        List<NoteKey> signers = keys.stream().filter(signed::isSignedBy).toList();
        Predicate<NoteKey> ofTheLog = key -> key.type() == NoteKey.Type.LOG;
        if (keys.isEmpty() || (keys.stream().anyMatch(ofTheLog) && signers.stream().noneMatch(ofTheLog))) {
            findings.accept(new Finding("the checkpoint", "none of the keys given signed it"));
        }
        keys.stream().filter(ofTheLog.negate()).filter(key -> !signers.contains(key))
                .forEach(witness -> findings
                        .accept(new Finding("the checkpoint", "the witness " + witness.name() + " has not signed it")));
        return new Held(Checkpoint.parse(signed.text()), signers.stream().map(NoteKey::toString).toList());
    }

    private Checkpoint kept(SignedNote note, EventCheck.Findings findings) {
        Checkpoint checkpoint = Checkpoint.parse(note.text());
        if (keys.stream().noneMatch(note::isSignedBy)) {
            findings.accept(new Finding("the kept checkpoint of " + checkpoint.size() + " events",
                    "none of the keys given signed it"));
        }
        return checkpoint;
    }

    private static void compare(Checkpoint old, Checkpoint now, Map<Long, Sha256> roots, EventCheck.Findings findings) {
        String where = "the kept checkpoint of " + old.size() + " events";
        Sha256 root = old.size() == now.size() ? now.root() : roots.get(old.size());
        if (!old.origin().equals(now.origin())) {
            findings.accept(new Finding(where, "it is of " + old.origin() + ", this log of " + now.origin()));
        } else if (old.size() > now.size()) {
            findings.accept(new Finding(where, "the log has only " + now.size()
                    + " events: it was rolled back to an earlier state"));
        } else if (root != null && !root.equals(old.root())) {
            findings.accept(new Finding(where, "the first " + old.size() + " events of this log have the root " + root
                    + ", not " + old.root() + ": it is another history"));
        }
    }

    private static String text(ZipFile parts, String name) throws IOException {
        ZipEntry entry = parts.getEntry(name);
        if (entry == null) {
            throw new IllegalArgumentException("this is no evidence bundle: it has no part '" + name + "'");
        }
        try (InputStream in = parts.getInputStream(entry)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The lines of a file, some at once, as bytes: a text that was decoded and encoded again is not always the same bytes. */
    private static final class Lines implements AutoCloseable {
        private final InputStream in;
        private final byte[] buffer = new byte[1 << 20];
        private int at;
        private int end;
        private boolean cutShort;

        Lines(Path file) throws IOException {
            InputStream raw = new FileInputStream(file.toFile());
            in = file.toString().endsWith(".gz") ? new GZIPInputStream(new BufferedInputStream(raw, 1 << 16)) : raw;
        }

        /** The next lines, without their ends; none at the end. */
        List<byte[]> next() throws IOException {
            List<byte[]> lines = new ArrayList<>(LINES_AT_ONCE);
            ByteArrayOutputStream begun = new ByteArrayOutputStream();
            while (lines.size() < LINES_AT_ONCE) {
                if (at == end) {
                    at = 0;
                    end = Math.max(0, in.read(buffer));
                    if (end == 0) {
                        cutShort |= begun.size() > 0;
                        break;
                    }
                }
                int from = at;
                while (at < end && buffer[at] != '\n') {
                    at++;
                }
                begun.write(buffer, from, at - from);
                if (begun.size() > LONGEST_LINE) {
                    throw new IOException("a line has more than " + LONGEST_LINE + " bytes: this is no export");
                }
                if (at < end) {
                    at++;
                    lines.add(begun.toByteArray());
                    begun.reset();
                }
            }
            return lines;
        }

        boolean cutShort() {
            return cutShort;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
