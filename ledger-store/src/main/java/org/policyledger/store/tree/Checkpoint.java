package org.policyledger.store.tree;

import java.util.List;
import java.util.regex.Pattern;
import org.policyledger.store.Sha256;

/**
 * What the log is at a size: the text that is signed (C2SP tlog-checkpoint).
 *
 * @param origin the log's identity
 * @param size how many events it holds
 * @param root the root of the Merkle tree over them
 */
public record Checkpoint(String origin, long size, Sha256 root) {

    private static final Pattern SIZE = Pattern.compile("0|[1-9][0-9]{0,17}");

    /** The three lines that are signed. */
    public String text() {
        return origin + "\n" + size + "\n" + root.base64() + "\n";
    }

    /** Reads the text of a signed note; lines of extensions after the third are passed over. */
    public static Checkpoint parse(String text) {
        List<String> lines = text.lines().toList();
        if (lines.size() < 3 || lines.getFirst().isEmpty() || !SIZE.matcher(lines.get(1)).matches()) {
            throw new IllegalArgumentException(
                    "this is no checkpoint: its lines must be an origin, a size and a root in Base64");
        }
        return new Checkpoint(lines.getFirst(), Long.parseLong(lines.get(1)),
                Sha256.ofBase64(lines.get(2)));
    }
}
