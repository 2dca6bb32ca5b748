package org.policyledger.projections.search;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameWordsTest {

    private static String folded(String name) {
        return NameWords.of(name).text();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            HAVANA Trading             | havana trading
            Société Générale           | societe generale
            Straße & Øst               | strasse ost
            AL-QA'IDA                  | al qaida
            Al-Qaʻida                  | al qaida
            AERO-CARIBBEAN             | aero caribbean
            "BIG" Bank (the first)     | big bank the first
            Acme Co., Ltd.             | acme co ltd
            Acme Company Limited       | acme co ltd
            Acme, S.A.                 | acme sa
            J.S.C. Acme                | jsc acme
            A.B. Smith                 | ab smith
            Ａcme １２                  | acme 12
            Сергей Лавров              | sergey lavrov
            Хрущёв                     | khrushchev
            华为                         | hua wei
            ZAWAHIRI, Dr. Ayman al     | zawahiri dr ayman al
            """)
    void givenANameAsWritten_whenFolded_thenItsWordsInPlainLatinLettersAreLeft(String name, String words) {
        assertThat(folded(name)).isEqualTo(words);
    }

    @Test
    void givenArabicLettersWithoutVowels_whenFolded_thenTheSoundIsThatOfTheUsualSpellings() {
        String written = folded("محمد");
        assertThat(written).matches("[a-z]+");
        for (String usual : new String[]{"mohammed", "muhammad", "mohamed", "mohammad"}) {
            assertThat(NameWords.sound(usual)).as(usual).isEqualTo(NameWords.sound(written));
        }
    }

    @ParameterizedTest
    @CsvSource({"hussein, husayn", "gaddafi, qadhafi", "yousef, yusuf", "ivanov, ivanoff", "hasan, hassan"})
    void givenTwoSpellingsOfAName_whenSounded_thenTheyAreTheSame(String one, String other) {
        assertThat(NameWords.sound(one)).isNotEmpty().isEqualTo(NameWords.sound(other));
    }

    @Test
    void givenShortWords_whenSounded_thenTheyTellNothing() {
        assertThat(NameWords.sound("ali")).isEmpty();
        assertThat(NameWords.sound("abou")).isEmpty();
    }

    @Test
    void givenNothingButSigns_whenFolded_thenNoWordIsLeft() {
        assertThat(NameWords.of("  +-&&||!(){}[]^\"~*?:\\/ 🎉 ' ").words()).isEmpty();
    }

    @Test
    void givenAVeryLongName_whenFolded_thenItsFirstWordsCount() {
        assertThat(NameWords.of("word ".repeat(500)).words()).hasSize(NameWords.MOST_WORDS);
    }
}
