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
    private static final int MOST_EDITS = 3;

    private final NameWords query;
    private final String queryTogether;
    private final String queryInOneOrder;
    private final Weighed asked;

    /** The words of a name with all that is asked of each of them again and again. */
    private static final class Weighed {
        private final List<String> words;
        private final boolean[] weak;
        private final double[] weight;
        private final double all;
        private final String[] sounds;

        Weighed(NameWords name) {
            words = name.words();
            weak = new boolean[words.size()];
            weight = new double[words.size()];
            sounds = new String[words.size()];
            double sum = 0;
            for (int i = 0; i < weak.length; i++) {
                weak[i] = NameWords.isWeak(words.get(i));
                weight[i] = weak[i] ? 1 : Math.min(8, Math.max(2, words.get(i).length()));
                sounds[i] = NameWords.sound(words.get(i));
                sum += weight[i];
            }
            all = sum;
        }

        int size() {
            return weak.length;
        }

        /** How much of the name's weight is matched. */
        double share(double[] likeness) {
            double matched = 0;
            for (int i = 0; i < likeness.length; i++) {
                matched += weight[i] * likeness[i];
            }
            return matched / all;
        }
    }

    /** Words {@code from} to {@code from + count} of one name that stand for such words of the other. */
    private record Pair(int queryFrom, int queryCount, int nameFrom, int nameCount, double likeness, double gain) {}

    NameMatch(NameWords query) {
        this.query = query;
        queryTogether = query.together();
        queryInOneOrder = query.inOneOrder();
        asked = new Weighed(query);
    }

    double score(NameWords name) {
        if (queryInOneOrder.equals(name.inOneOrder())) {
            return sorted(query).equals(sorted(name)) ? 1 : SAME_BUT_WEAK;
        }
        Weighed named = new Weighed(name);
        double[] likenessOfQuery = new double[asked.size()];
        double[] likenessOfName = new double[named.size()];
        align(named, likenessOfQuery, likenessOfName);
        double ofName = named.share(likenessOfName);
        if (allThere(likenessOfQuery)) {
            return ALL_WORDS + MORE_WORDS * ofName;
        }
        double loose = Math.max(OF_QUERY * asked.share(likenessOfQuery) + (1 - OF_QUERY) * ofName, together(name));
        return loose < LEAST ? 0 : ALL_WORDS * loose;
    }

    private static List<String> sorted(NameWords name) {
        return name.words().stream().sorted().toList();
    }

    private boolean allThere(double[] likenessOfQuery) {
        boolean onlyWeak = asked.all == asked.size();
        for (int i = 0; i < likenessOfQuery.length; i++) {
            if (likenessOfQuery[i] < 1 && (onlyWeak || !asked.weak[i])) {
                return false;
            }
        }
        return true;
    }

    /** Pairs the words of both names off, the best pair first. */
    private void align(Weighed named, double[] likenessOfQuery, double[] likenessOfName) {
        List<Pair> pairs = pairs(named);
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

    private List<Pair> pairs(Weighed named) {
        List<Pair> pairs = new ArrayList<>();
        for (int q = 0; q < asked.size(); q++) {
            String word = asked.words.get(q);
            for (int n = 0; n < named.size(); n++) {
                String other = named.words.get(n);
                double alike = alike(q, named, n);
                add(pairs, new Pair(q, 1, n, 1, alike, alike * asked.weight[q]));
                if (n + 1 < named.size() && !asked.weak[q]) {
                    double parted = RUN_TOGETHER * joined(word, other, named.words.get(n + 1));
                    add(pairs, new Pair(q, 1, n, 2, parted, parted * asked.weight[q]));
                }
                if (q + 1 < asked.size() && !named.weak[n]) {
                    double joined = RUN_TOGETHER * joined(other, word, asked.words.get(q + 1));
                    add(pairs, new Pair(q, 2, n, 1, joined, joined * (asked.weight[q] + asked.weight[q + 1])));
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

    private double alike(int q, Weighed named, int n) {
        String one = asked.words.get(q);
        String other = named.words.get(n);
        if (one.equals(other)) {
            return 1;
        }
        if (asked.weak[q] || named.weak[n]) {
            return 0;
        }
        double byLetters = byLetters(one, other);
        return byLetters < SOUNDS_ALIKE && !asked.sounds[q].isEmpty() && asked.sounds[q].equals(named.sounds[n])
                ? SOUNDS_ALIKE
                : byLetters;
    }

    private static double joined(String whole, String first, String second) {
        // Most are too long or too short to be worth putting together.
        return Math.abs(first.length() + second.length() - whole.length()) > MOST_EDITS
                ? 0
                : byLetters(whole, first + second);
    }

    private static double byLetters(String one, String other) {
        int shorter = Math.min(one.length(), other.length());
        int longer = Math.max(one.length(), other.length());
        int allowed = edits(shorter);
        if (longer - shorter > allowed) {
            return 0;
        }
        int distance = distance(one, other, allowed);
        return distance > allowed ? 0 : 1 - (double) distance / longer;
    }

    /** How many typing errors a word of this length is forgiven. */
    static int edits(int length) {
        return length <= 2 ? 0 : length <= 4 ? 1 : length <= 11 ? 2 : MOST_EDITS;
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
        if (Math.abs(one.length() - other.length()) > most) {
            return most + 1;
        }
        int[] beforeLast = new int[other.length() + 1];
        int[] last = new int[other.length() + 1];
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            // Only what lies near enough to the diagonal can stay within the limit.
            int from = Math.max(1, i - most - 1);
            int to = Math.min(other.length(), i + most + 1);
            row[from - 1] = from == 1 ? i : most + 2;
            int least = row[from - 1];
            for (int j = from; j <= to; j++) {
                boolean same = one.charAt(i - 1) == other.charAt(j - 1);
                int cost = Math.min(Math.min(last[j], row[j - 1]) + 1, last[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1)) {
                    cost = Math.min(cost, beforeLast[j - 2] + 1);
                }
                row[j] = cost;
                least = Math.min(least, cost);
            }
            if (to < other.length()) {
                row[to + 1] = most + 2;
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
