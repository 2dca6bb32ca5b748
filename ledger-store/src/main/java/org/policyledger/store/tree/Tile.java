package org.policyledger.store.tree;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names a piece of the tree as it is served (C2SP tlog-tiles): consecutive hashes of one level of tiles, or the entries under those
 * of level 0.
 *
 * @param level 0 for leaves; a hash at level L is that of a complete subtree of {@code 256^L} leaves
 * @param index which tile of the level, from 0 on
 * @param width how many hashes: 256 for a full tile, fewer for one that the tree does not fill yet
 */
public record Tile(int level, long index, int width) {

    /** Hashes of a full tile. */
    public static final int FULL = 256;

    /** Levels of the tree between two levels of tiles: a full tile is a subtree of as many. */
    static final int LEVEL_BITS = 8;

    private static final Pattern LEVEL = Pattern.compile("0|[1-9]|[1-5][0-9]|6[0-3]");
    private static final Pattern INDEX = Pattern.compile("((?:x[0-9]{3}/){0,4}[0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");

    public Tile {
        if (level < 0 || level > 63 || index < 0 || width < 1 || width > FULL) {
            throw new IllegalArgumentException("there is no tile of level " + level + ", index " + index + " and width "
                    + width);
        }
    }

    /** Reads what stands after {@code /tile/}, without a level for entries: {@code <N>[.p/<W>]}. Empty if that names no tile. */
    public static Optional<Tile> parse(String level, String path) {
        Matcher parts = INDEX.matcher(path);
        if (!LEVEL.matcher(level).matches() || !parts.matches() || hasNeedlessZeros(parts.group(1))) {
            return Optional.empty();
        }
        int width = parts.group(2) == null ? FULL : Integer.parseInt(parts.group(2));
        if (width > FULL || (parts.group(2) != null && width == FULL)) {
            return Optional.empty();
        }
        return Optional.of(new Tile(Integer.parseInt(level),
                Long.parseLong(parts.group(1).replace("x", "").replace("/", "")), width));
    }

    /** An index has one form only: as many elements as it needs. */
    private static boolean hasNeedlessZeros(String index) {
        return index.startsWith("x000/");
    }

    /** {@code <N>[.p/<W>]}. */
    public String path() {
        StringBuilder path = new StringBuilder("%03d".formatted(index % 1_000));
        for (long rest = index / 1_000; rest > 0; rest /= 1_000) {
            path.insert(0, "x%03d/".formatted(rest % 1_000));
        }
        return width == FULL ? path.toString() : path + ".p/" + width;
    }

    /** {@code <L>/<N>[.p/<W>]}. */
    @Override
    public String toString() {
        return level + "/" + path();
    }
}
