package org.policyledger.store.tree;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.policyledger.store.Sha256;

/**
 * That one event is in the log, to be checked without it (C2SP tlog-proof, version 1).
 *
 * @param index the event's position
 * @param path the audit path, from the leaf's sibling up
 * @param checkpoint the signed note, to the byte, over the tree that the path leads to
 */
public record TlogProof(long index, List<Sha256> path, String checkpoint) {

    private static final String FIRST = "c2sp.org/tlog-proof@v1";
    private static final Pattern FORM = Pattern.compile(Pattern.quote(FIRST)
            + "\n(?:extra [A-Za-z0-9+/=]*\n)?index (0|[1-9][0-9]{0,17})\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n(.+)",
            Pattern.DOTALL);

    public TlogProof {
        path = List.copyOf(path);
    }

    /** Reads a proof; whether it holds is another question. Extra data is passed over: nothing vouches for it. */
    public static TlogProof parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("this is no proof: it does not have the lines of " + FIRST);
        }
        return new TlogProof(Long.parseLong(parts.group(1)), parts.group(2).lines().map(Sha256::ofBase64).toList(),
                parts.group(3));
    }

    /** Whether the leaf stands at the index in the tree of the checkpoint; who signed the checkpoint is another question. */
    public boolean holdsFor(Sha256 leaf) {
        Checkpoint signed = Checkpoint.parse(SignedNote.parse(checkpoint).text());
        return MerkleTree.verifyInclusion(leaf, index, signed.size(), path, signed.root());
    }

    /** The proof as it is published. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(FIRST).append("\nindex ").append(index).append('\n');
        path.forEach(hash -> text.append(hash.base64()).append('\n'));
        return text.append('\n').append(checkpoint).toString();
    }
}
