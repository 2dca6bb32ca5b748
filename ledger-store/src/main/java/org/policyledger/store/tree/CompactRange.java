package org.policyledger.store.tree;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.policyledger.store.Sha256;

/**
 * The tree of RFC 6962 over leaves that were seen one after the other, as the hashes of its perfect subtrees: as many as the size
 * has ones among its binary digits, so at most 40 for any log. The root follows from them, and leaves can be added without the ones
 * before. Immutable.
 */
public final class CompactRange {

    /** The tree without a leaf. */
    public static final CompactRange EMPTY = new CompactRange(0, List.of());

    /** Takes the hash of a perfect subtree that has just come about: of {@code 2^level} leaves from {@code index * 2^level} on. */
    interface Perfect {
        void take(int level, long index, Sha256 hash);
    }

    private static final int HASH_BYTES = 32;

    private final long size;
    /** The largest first. */
    private final List<Sha256> subtrees;

    private CompactRange(long size, List<Sha256> subtrees) {
        this.size = size;
        this.subtrees = subtrees;
    }

    /** What {@link #bytes} wrote. */
    public static CompactRange of(byte[] bytes) {
        ByteBuffer from = ByteBuffer.wrap(bytes);
        try {
            long size = from.getLong();
            List<Sha256> subtrees = new ArrayList<>();
            while (from.hasRemaining()) {
                byte[] hash = new byte[HASH_BYTES];
                from.get(hash);
                subtrees.add(Sha256.of(hash));
            }
            return of(size, subtrees);
        } catch (BufferUnderflowException cut) {
            throw new IllegalArgumentException("these " + bytes.length + " bytes are no compact range", cut);
        }
    }

    /** The tree of a size, from the hashes of its perfect subtrees, the largest first. */
    static CompactRange of(long size, List<Sha256> subtrees) {
        if (size < 0 || subtrees.size() != Long.bitCount(size)) {
            throw new IllegalArgumentException(
                    "a tree of " + size + " leaves does not have " + subtrees.size() + " perfect subtrees");
        }
        return new CompactRange(size, List.copyOf(subtrees));
    }

    /** The size, as eight bytes, and the hashes of the perfect subtrees, from the largest on. */
    public byte[] bytes() {
        ByteBuffer to = ByteBuffer.allocate(Long.BYTES + subtrees.size() * HASH_BYTES).putLong(size);
        subtrees.forEach(hash -> to.put(hash.bytes()));
        return to.array();
    }

    /** The number of leaves. */
    public long size() {
        return size;
    }

    /** The tree of these leaves after those it has. */
    public CompactRange plus(List<Sha256> leaves) {
        return plus(leaves, (level, index, hash) -> {});
    }

    /** The same, telling each perfect subtree of two leaves or more that comes about, as it does. */
    CompactRange plus(List<Sha256> leaves, Perfect perfect) {
        List<Sha256> grown = new ArrayList<>(subtrees);
        long count = size;
        for (Sha256 leaf : leaves) {
            Sha256 hash = leaf;
            // Each one at the end of the count is a perfect subtree as large as the one that has just come about.
            for (int level = 1; (count >> (level - 1) & 1) == 1; level++) {
                hash = Sha256.ofNode(grown.removeLast(), hash);
                perfect.take(level, count >> level, hash);
            }
            grown.add(hash);
            count++;
        }
        return new CompactRange(count, List.copyOf(grown));
    }

    /** The hash of the tree (MTH). */
    public Sha256 root() {
        return subtrees.reversed().stream().reduce((right, left) -> Sha256.ofNode(left, right))
                .orElse(MerkleTree.EMPTY);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CompactRange that && size == that.size && subtrees.equals(that.subtrees);
    }

    @Override
    public int hashCode() {
        return Objects.hash(size, subtrees);
    }

    /** The size and the root, for messages. */
    @Override
    public String toString() {
        return size + " leaves, root " + root();
    }
}
