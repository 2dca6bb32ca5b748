package org.policyledger.store.tree;

import java.util.ArrayList;
import java.util.List;
import org.policyledger.store.Sha256;

/**
 * The Merkle tree of RFC 6962, section 2.1, over leaf hashes that stand elsewhere: roots, proofs and their verification. Sizes and
 * indexes count leaves; a leaf's index is its position in the log.
 */
public final class MerkleTree {

    /** Where the hashes of complete subtrees come from. */
    public interface Subtrees {
        /** The hash of the {@code 2^level} leaves from {@code index * 2^level} on; all of them are there. */
        Sha256 hash(int level, long index);
    }

    static final Sha256 EMPTY = Sha256.ofBytes(new byte[0]);

    private final Subtrees subtrees;

    public MerkleTree(Subtrees subtrees) {
        this.subtrees = subtrees;
    }

    /** The hash of the tree of the first {@code size} leaves (MTH). */
    public Sha256 root(long size) {
        return size == 0 ? EMPTY : range(0, size);
    }

    /** The audit path of a leaf in the tree of the first {@code size} leaves (RFC 6962, section 2.1.1). */
    public List<Sha256> inclusion(long index, long size) {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException("leaf " + index + " is not in a tree of " + size + " leaves");
        }
        List<Sha256> path = new ArrayList<>();
        path(index, 0, size, path);
        return path;
    }

    private void path(long index, long from, long to, List<Sha256> path) {
        if (to - from == 1) {
            return;
        }
        long middle = from + split(to - from);
        if (index < middle) {
            path(index, from, middle, path);
            path.add(range(middle, to));
        } else {
            path(index, middle, to, path);
            path.add(range(from, middle));
        }
    }

    /** The proof that the tree of {@code to} leaves begins with the tree of {@code from} (RFC 6962, section 2.1.2). */
    public List<Sha256> consistency(long from, long to) {
        if (from < 0 || from > to) {
            throw new IllegalArgumentException("a tree of " + from + " leaves is no beginning of one of " + to);
        }
        List<Sha256> proof = new ArrayList<>();
        if (from > 0 && from < to) {
            subproof(from, 0, to, true, proof);
        }
        return proof;
    }

    private void subproof(long old, long from, long to, boolean known, List<Sha256> proof) {
        if (old == to) {
            if (!known) {
                proof.add(range(from, to));
            }
            return;
        }
        long middle = from + split(to - from);
        if (old <= middle) {
            subproof(old, from, middle, known, proof);
            proof.add(range(middle, to));
        } else {
            subproof(old, middle, to, false, proof);
            proof.add(range(from, middle));
        }
    }

    /** The hash over the leaves {@code [from, to)}, a subtree of the tree that ends with {@code to}. */
    private Sha256 range(long from, long to) {
        long leaves = to - from;
        if (Long.bitCount(leaves) == 1) {
            int level = Long.numberOfTrailingZeros(leaves);
            return subtrees.hash(level, from >> level);
        }
        long middle = from + split(leaves);
        return Sha256.ofNode(range(from, middle), range(middle, to));
    }

    /** The largest power of two below a number of leaves. */
    private static long split(long leaves) {
        return Long.highestOneBit(leaves - 1);
    }

    /** Whether the path shows that the leaf stands at the index in the tree of that size and root (RFC 9162, section 2.1.3.2). */
    public static boolean verifyInclusion(Sha256 leaf, long index, long size, List<Sha256> path, Sha256 root) {
        if (index < 0 || index >= size) {
            return false;
        }
        long node = index;
        long last = size - 1;
        Sha256 hash = leaf;
        for (Sha256 sibling : path) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                hash = Sha256.ofNode(sibling, hash);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = Sha256.ofNode(hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && hash.equals(root);
    }

    /** Whether the proof shows that the new tree begins with the old one (RFC 9162, section 2.1.4.2). */
    public static boolean verifyConsistency(long from, Sha256 oldRoot, long to, Sha256 newRoot, List<Sha256> proof) {
        if (from < 0 || from > to) {
            return false;
        }
        if (from == 0) {
            return proof.isEmpty() && oldRoot.equals(EMPTY);
        }
        if (from == to) {
            return proof.isEmpty() && oldRoot.equals(newRoot);
        }
        List<Sha256> path = new ArrayList<>(proof);
        if (Long.bitCount(from) == 1) {
            path.addFirst(oldRoot);
        }
        if (path.isEmpty()) {
            return false;
        }
        long node = from - 1;
        long last = to - 1;
        while ((node & 1) == 1) {
            node >>= 1;
            last >>= 1;
        }
        Sha256 oldHash = path.getFirst();
        Sha256 newHash = oldHash;
        for (Sha256 hash : path.subList(1, path.size())) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                oldHash = Sha256.ofNode(hash, oldHash);
                newHash = Sha256.ofNode(hash, newHash);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                newHash = Sha256.ofNode(newHash, hash);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && oldHash.equals(oldRoot) && newHash.equals(newRoot);
    }
}
