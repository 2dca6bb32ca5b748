package org.policyledger.projections.search;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;
import org.policyledger.projections.Rebuild;
import org.policyledger.projections.Rebuild.Comparison;
import org.policyledger.projections.Rebuild.RowDifference;
import org.policyledger.projections.StateHash;
import org.policyledger.store.Sha256;

/** Compares two indexes at one position, by what is stored of each entity's names, in the order of entity identifiers. */
final class IndexComparison {

    private static final int MOST_DIFFERENCES = 10;

    private IndexComparison() {}

    static Comparison of(SearchIndex.View rebuilt, SearchIndex.View live, Rebuild.Interruption interruption)
            throws IOException, InterruptedException {
        if (rebuilt.position() != live.position()) {
            throw new IllegalStateException("the indexes reflect positions " + rebuilt.position() + " and "
                    + live.position() + ": only at one position can they be compared");
        }
        SortedMap<String, BigInteger> right = rebuilt.digests(interruption);
        SortedMap<String, BigInteger> held = live.digests(interruption);
        List<RowDifference> differences = new ArrayList<>();
        long differing = 0;
        TreeSet<String> entities = new TreeSet<>(right.keySet());
        entities.addAll(held.keySet());
        for (String entityId : entities) {
            if (!Optional.ofNullable(right.get(entityId)).equals(Optional.ofNullable(held.get(entityId)))) {
                List<Map<String, String>> lacking = new ArrayList<>(rebuilt.stored(entityId));
                List<Map<String, String>> wrong = new ArrayList<>(live.stored(entityId));
                wrong.removeAll(rebuilt.stored(entityId));
                lacking.removeAll(live.stored(entityId));
                for (int i = 0; i < Math.max(lacking.size(), wrong.size()); i++) {
                    differing++;
                    if (differences.size() < MOST_DIFFERENCES) {
                        differences.add(new RowDifference(NameSearch.NAME, live.position(), at(lacking, i),
                                at(wrong, i)));
                    }
                }
            }
        }
        return new Comparison(live.position(), rebuilt.size(), sha256(right), sha256(held), differing, differences);
    }

    /** The digest over all that an index says. */
    static StateHash stateHash(SearchIndex.View view, Rebuild.Interruption interruption)
            throws IOException, InterruptedException {
        return new StateHash(view.position(), view.size(), sha256(view.digests(interruption)));
    }

    private static Optional<Map<String, String>> at(List<Map<String, String>> rows, int index) {
        return index < rows.size() ? Optional.of(rows.get(index)) : Optional.empty();
    }

    private static String sha256(SortedMap<String, BigInteger> digests) {
        MessageDigest all = Sha256.digest();
        digests.forEach((entityId, digest) -> all
                .update((entityId + " " + digest.toString(16) + "\n").getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(all.digest());
    }
}
