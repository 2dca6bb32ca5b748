package org.policyledger.store.tree;

import java.util.ArrayList;
import java.util.List;
import org.policyledger.store.Sha256;

/**
 * The right edge of a growing tree: of each level of tiles, the hashes whose tile is not complete yet. From it the root follows, and
 * leaves can be added without reading anything. Used by one thread.
 */
final class Edge {

    /** Takes the hash of a subtree that has just become complete. */
    interface Complete {
        void take(int level, long index, Sha256 hash);
    }

    private final List<List<Sha256>> levels;
    private long size;

    private Edge(List<List<Sha256>> levels, long size) {
        this.levels = levels;
        this.size = size;
    }

    /** The edge at a size, with the hashes of each level's last, incomplete tile; level 0 are leaves. */
    static Edge of(long size, List<List<Sha256>> levels) {
        return new Edge(new ArrayList<>(levels.stream().map(ArrayList::new).toList()), size);
    }

    Edge copy() {
        return of(size, List.copyOf(levels));
    }

    long size() {
        return size;
    }

    void add(Sha256 leaf, Complete complete) {
        size++;
        Sha256 hash = leaf;
        for (int level = 0;; level++) {
            if (level == levels.size()) {
                levels.add(new ArrayList<>());
            }
            List<Sha256> tile = levels.get(level);
            tile.add(hash);
            if (tile.size() < Tile.FULL) {
                return;
            }
            hash = fold(tile);
            tile.clear();
            complete.take(level + 1, (size >> (8 * (level + 1))) - 1, hash);
        }
    }

    /** The hash over a power of two of subtrees of one size. */
    static Sha256 fold(List<Sha256> hashes) {
        int half = hashes.size() / 2;
        return half == 0
                ? hashes.getFirst()
                : Sha256.ofNode(fold(hashes.subList(0, half)), fold(hashes.subList(half, hashes.size())));
    }

    /** The root of the tree: its perfect subtrees, of which each is smaller than the one before, joined from the right. */
    Sha256 root() {
        List<Sha256> perfect = new ArrayList<>();
        for (List<Sha256> tile : levels.reversed()) {
            int from = 0;
            for (int width = Tile.FULL / 2; width > 0; width /= 2) {
                if ((tile.size() & width) != 0) {
                    perfect.add(fold(tile.subList(from, from + width)));
                    from += width;
                }
            }
        }
        return perfect.isEmpty()
                ? MerkleTree.EMPTY
                : perfect.reversed().stream().reduce((right, left) -> Sha256.ofNode(left, right)).orElseThrow();
    }
}
