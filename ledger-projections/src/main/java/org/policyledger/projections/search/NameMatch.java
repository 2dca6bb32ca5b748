package org.policyledger.projections.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * How well names fit the one that is asked for, as a number from 0 to 1 that depends on the two names alone:
 *
 * <ul>
 * <li>1: the same words, in any order; 0.99 when only weak words differ;
 * <li>0.8 to 0.98: every word that counts, and others, the more of them the less;
 * <li>0.44 to 0.8: words that are misspelt, sound alike, are run together or taken apart; some may be missing;
 * <li>0: nothing of this.
 * </ul>
 *
 * Used by one thread.
 */
final class NameMatch {

    private static final double SAME_BUT_WEAK = 0.99;
    private static final double ALL_WORDS = 0.8;
    private static final double MORE_WORDS = 0.18;
    /** What a loose match must come to before it is scaled; below it are names that share a word by chance. */
    private static final double LEAST = 0.55;
    private static final double OF_QUERY = 0.7;
    private static final double SOUNDS_ALIKE = 0.65;
    private static final double RUN_TOGETHER = 0.95;
    private static final double LEAST_TOGETHER = 0.75;

    private final NameWords query;
    private final String queryTogether;
    private final String queryInOneOrder;
    private final List<String> querySounds;

    /** Words {@code from} to {@code from + count} of one name that stand for such words of the other. */
    private record Pair(int queryFrom, int queryCount, int nameFrom, int nameCount, double likeness, double gain) {}

    NameMatch(NameWords query) {
        this.query = query;
        queryTogether = query.together();
        queryInOneOrder = query.inOneOrder();
        querySounds = query.words().stream().map(NameWords::sound).toList();
    }

    double score(NameWords name) {
        if (queryInOneOrder.equals(name.inOneOrder())) {
            return sorted(query).equals(sorted(name)) ? 1 : SAME_BUT_WEAK;
        }
        double[] likenessOfQuery = new double[query.words().size()];
        double[] likenessOfName = new double[name.words().size()];
        align(name, likenessOfQuery, likenessOfName);
        double ofName = share(name.words(), likenessOfName);
        if (allThere(likenessOfQuery)) {
            return ALL_WORDS + MORE_WORDS * ofName;
        }
        double loose = Math.max(OF_QUERY * share(query.words(), likenessOfQuery) + (1 - OF_QUERY) * ofName,
                together(name));
        return loose < LEAST ? 0 : ALL_WORDS * loose;
    }

    private static List<String> sorted(NameWords name) {
        return name.words().stream().sorted().toList();
    }

    private boolean allThere(double[] likenessOfQuery) {
        boolean onlyWeak = query.words().stream().allMatch(NameWords::isWeak);
        for (int i = 0; i < likenessOfQuery.length; i++) {
            if (likenessOfQuery[i] < 1 && (onlyWeak || !NameWords.isWeak(query.words().get(i)))) {
                return false;
            }
        }
        return true;
    }

    /** How much of a name's weight is matched. */
    private static double share(List<String> words, double[] likeness) {
        double matched = 0;
        double all = 0;
        for (int i = 0; i < likeness.length; i++) {
            matched += weight(words.get(i)) * likeness[i];
            all += weight(words.get(i));
        }
        return matched / all;
    }

    private static double weight(String word) {
        return NameWords.isWeak(word) ? 1 : Math.min(8, Math.max(2, word.length()));
    }

    /** Pairs the words of both names off, the best pair first. */
    private void align(NameWords name, double[] likenessOfQuery, double[] likenessOfName) {
        List<Pair> pairs = pairs(name);
        pairs.sort(Comparator.comparingDouble(Pair::gain).reversed().thenComparingInt(Pair::queryFrom)
                .thenComparingInt(Pair::nameFrom));
        BitSet inQuery = new BitSet();
        BitSet inName = new BitSet();
        for (Pair pair : pairs) {
            int queryTo = pair.queryFrom + pair.queryCount;
            int nameTo = pair.nameFrom + pair.nameCount;
            if (inQuery.get(pair.queryFrom, queryTo).isEmpty() && inName.get(pair.nameFrom, nameTo).isEmpty()) {
                inQuery.set(pair.queryFrom, queryTo);
                inName.set(pair.nameFrom, nameTo);
                Arrays.fill(likenessOfQuery, pair.queryFrom, queryTo, pair.likeness);
                Arrays.fill(likenessOfName, pair.nameFrom, nameTo, pair.likeness);
            }
        }
    }

    private List<Pair> pairs(NameWords name) {
        List<String> asked = query.words();
        List<String> named = name.words();
        List<String> nameSounds = named.stream().map(NameWords::sound).toList();
        List<Pair> pairs = new ArrayList<>();
        for (int q = 0; q < asked.size(); q++) {
            for (int n = 0; n < named.size(); n++) {
                double alike = likeness(asked.get(q), querySounds.get(q), named.get(n), nameSounds.get(n));
                add(pairs, new Pair(q, 1, n, 1, alike, alike * weight(asked.get(q))));
                if (n + 1 < named.size()) {
                    double parted = RUN_TOGETHER
                            * likeness(asked.get(q), "", named.get(n) + named.get(n + 1), "");
                    add(pairs, new Pair(q, 1, n, 2, parted, parted * weight(asked.get(q))));
                }
                if (q + 1 < asked.size()) {
                    double joined = RUN_TOGETHER * likeness(asked.get(q) + asked.get(q + 1), "", named.get(n), "");
                    add(pairs, new Pair(q, 2, n, 1, joined,
                            joined * (weight(asked.get(q)) + weight(asked.get(q + 1)))));
                }
            }
        }
        return pairs;
    }

    private static void add(List<Pair> pairs, Pair pair) {
        if (pair.likeness > 0) {
            pairs.add(pair);
        }
    }

    private static double likeness(String one, String oneSound, String other, String otherSound) {
        if (one.equals(other)) {
            return 1;
        }
        if (NameWords.isWeak(one) || NameWords.isWeak(other)) {
            return 0;
        }
        int shorter = Math.min(one.length(), other.length());
        int longer = Math.max(one.length(), other.length());
        int allowed = edits(shorter);
        double alike = 0;
        if (longer - shorter <= allowed) {
            int distance = distance(one, other, allowed);
            alike = distance > allowed ? 0 : 1 - (double) distance / longer;
        }
        return alike < SOUNDS_ALIKE && !oneSound.isEmpty() && oneSound.equals(otherSound) ? SOUNDS_ALIKE : alike;
    }

    /** How many typing errors a word of this length is forgiven. */
    static int edits(int length) {
        return length <= 2 ? 0 : length <= 4 ? 1 : length <= 11 ? 2 : 3;
    }

    /** How like both names are in the order they are written in, blanks aside. */
    private double together(NameWords name) {
        String nameTogether = name.together();
        int longer = Math.max(queryTogether.length(), nameTogether.length());
        int allowed = (int) ((1 - LEAST_TOGETHER) * longer);
        if (Math.abs(queryTogether.length() - nameTogether.length()) > allowed) {
            return 0;
        }
        int distance = distance(queryTogether, nameTogether, allowed);
        return distance > allowed ? 0 : RUN_TOGETHER * (1 - (double) distance / longer);
    }

    /**
     * The least number of letters to put in, leave out, replace, or swap with their neighbour, each place edited once (the optimal
     * string alignment distance); more than {@code most} is told as {@code most + 1}.
     */
    static int distance(String one, String other, int most) {
        int[] beforeLast = new int[other.length() + 1];
        int[] last = new int[other.length() + 1];
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            row[0] = i;
            int least = i;
            for (int j = 1; j <= other.length(); j++) {
                boolean same = one.charAt(i - 1) == other.charAt(j - 1);
                int cost = Math.min(Math.min(last[j], row[j - 1]) + 1, last[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1)) {
                    cost = Math.min(cost, beforeLast[j - 2] + 1);
                }
                row[j] = cost;
                least = Math.min(least, cost);
            }
            if (least > most + 1) {
                return most + 1;
            }
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }
        return Math.min(last[other.length()], most + 1);
    }
}
