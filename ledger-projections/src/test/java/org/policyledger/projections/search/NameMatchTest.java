package org.policyledger.projections.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NameMatchTest {

    private static double score(String query, String name) {
        return new NameMatch(NameWords.of(query)).score(NameWords.of(name));
    }

    @Test
    void givenTheSameWords_whenScored_thenOneWhateverTheirOrder() {
        assertThat(score("Ayman al-Zawahiri", "AL-ZAWAHIRI, Ayman")).isEqualTo(1);
        assertThat(score("havana shipping ltd", "Havana Shipping, Limited")).isEqualTo(1);
    }

    @Test
    void givenOtherLegalForms_whenScored_thenJustBelowOne() {
        assertThat(score("Havana Shipping", "Havana Shipping Co., Ltd.")).isEqualTo(0.99);
        assertThat(score("Havana Shipping GmbH", "Havana Shipping Ltd.")).isEqualTo(0.99);
    }

    @Test
    void givenNamesThatFitLessAndLess_whenScored_thenInThisOrder() {
        String query = "Mohammed Ali";
        double[] scores = {score(query, "ALI, Mohammed"), score(query, "Mohammed Ali Hassan"),
                score(query, "Mohammed Ali Hassan Ibrahim"), score(query, "Mohamed Ali"),
                score(query, "Muhamad Aly"), score(query, "Jane Smith")};
        for (int i = 1; i < scores.length; i++) {
            assertThat(scores[i]).as("%d", i).isLessThan(scores[i - 1]);
        }
        assertThat(scores[1]).isGreaterThan(0.8).isLessThan(0.99);
        assertThat(scores[3]).isLessThan(0.8);
        assertThat(scores[4]).isPositive();
        assertThat(scores[5]).isZero();
    }

    @ParameterizedTest
    @CsvSource({"Zhong Xing, Zhongxing", "Huawei Technologies, Hua Wei Technologies", "Havanashipping, Havana Shipping",
            "Hussein Kamel, Husayn Kamil", "Institut of Forensic Sciense, Institute of Forensic Science",
            "Xavana Shipping, Havana Shipping", "Kuang Chi, Kuangchi"})
    void givenMisspeltOrRunTogether_whenScored_thenItFitsAllTheSame(String query, String name) {
        assertThat(score(query, name)).isGreaterThan(0.5).isLessThan(0.8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Peter", "Al", "Lost Mall Ltd", "Bank of Nowhere"})
    void givenNamesThatShareNothingOrAWeakWordOnly_whenScored_thenNothing(String query) {
        assertThat(score(query, "Havana Shipping Ltd")).isZero();
    }

    @Test
    void givenWordsDrawnBySeed_whenTheirDistanceIsTaken_thenItIsSymmetricAndNoMoreThanTheEditsMade() {
        long seed = 4_711;
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            String word = word(random);
            String other = word;
            int edits = random.nextInt(4);
            for (int edit = 0; edit < edits; edit++) {
                int at = random.nextInt(other.length());
                other = random.nextBoolean()
                        ? other.substring(0, at) + 'q' + other.substring(at)
                        : other.substring(0, at) + other.substring(at + 1) + "z";
            }
            int distance = NameMatch.distance(word, other, 20);
            assertThat(distance).as("seed %d: %s, %s", seed, word, other).isLessThanOrEqualTo(2 * edits)
                    .isEqualTo(NameMatch.distance(other, word, 20));
            for (int most = 0; most < 8; most++) {
                assertThat(NameMatch.distance(word, other, most)).as("seed %d: %s, %s", seed, word, other)
                        .isEqualTo(Math.min(distance, most + 1));
            }
            assertThat(distance == 0).isEqualTo(word.equals(other));
        }
        assertThat(NameMatch.distance("abcd", "acbd", 9)).isEqualTo(1);
        assertThat(NameMatch.distance("", "abc", 9)).isEqualTo(3);
    }

    private static String word(Random random) {
        StringBuilder word = new StringBuilder();
        for (int length = 1 + random.nextInt(10); length > 0; length--) {
            word.append((char) ('a' + random.nextInt(5)));
        }
        return word.toString();
    }
}
