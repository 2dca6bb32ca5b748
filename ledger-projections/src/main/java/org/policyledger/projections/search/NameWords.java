package org.policyledger.projections.search;

import com.ibm.icu.text.Transliterator;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A name as it is compared: its words in lower-case Latin letters and digits, without accents and punctuation, legal forms in
 * one spelling. Words that many names share, legal forms and particles, are weak. Immutable.
 *
 * @param words in the order of the name
 */
record NameWords(List<String> words) {

    /** Of a longer name the words after these are not compared. */
    static final int MOST_WORDS = 40;

    private static final int GRAM = 3;
    /** The letters that ICU's general rules would write as a scholar does, not as a passport does, go by the BGN's rules. */
    private static final String TO_LATIN = "Russian-Latin/BGN; Any-Latin; NFKD; [:Nonspacing Mark:] Remove; Latin-ASCII";
    /** Apostrophes, and the signs that stand for soft signs, hamza and ayn: they part no word. */
    private static final String WITHIN_WORDS = "'’‘‛`´ʹʺʻʼʽʾʿˈ′″·";

    private static final Map<String, String> ONE_SPELLING = Map.of("limited", "ltd", "company", "co", "corporation",
            "corp", "incorporated", "inc", "saint", "st");

    private static final Set<String> WEAK = Set.of("ltd", "llc", "llp", "lp", "inc", "co", "corp", "plc", "pte", "pty",
            "sdn", "bhd", "gmbh", "ag", "kg", "sa", "sas", "sarl", "srl", "spa", "bv", "nv", "oy", "ab", "kft", "doo",
            "sro", "fze", "fzc", "fzco", "jsc", "ojsc", "pjsc", "cjsc", "ooo", "oao", "pao", "zao", "ao", "joint",
            "stock", "and", "of", "the", "for", "de", "al", "el", "ul", "bin", "ibn", "bint");

    /** Not documented as fit for several threads at once; only names of other scripts come here. */
    private static final Transliterator LATIN = Transliterator.getInstance(TO_LATIN);

    /** The words of a name as published or asked for; none when it holds neither letter nor digit. */
    static NameWords of(String name) {
        String latin = latin(name).toLowerCase(Locale.ROOT);
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean initials = false;
        int next;
        for (int at = 0; at < latin.length(); at = next) {
            int character = latin.codePointAt(at);
            next = at + Character.charCount(character);
            if (Character.isLetterOrDigit(character)) {
                word.appendCodePoint(character);
            } else if (character == '.' && (initials || word.length() == 1) && isInitial(latin, next)) {
                initials = true; // S.A. is one word
            } else if (WITHIN_WORDS.indexOf(character) < 0) {
                add(word, words);
                initials = false;
            }
        }
        add(word, words);
        return new NameWords(List.copyOf(words));
    }

    private static boolean isInitial(String text, int at) {
        return at < text.length() && Character.isLetter(text.charAt(at))
                && (at + 1 == text.length() || !Character.isLetterOrDigit(text.charAt(at + 1)));
    }

    private static void add(StringBuilder word, List<String> words) {
        if (!word.isEmpty() && words.size() < MOST_WORDS) {
            String whole = word.toString();
            words.add(ONE_SPELLING.getOrDefault(whole, whole));
        }
        word.setLength(0);
    }

    private static String latin(String text) {
        if (text.chars().allMatch(c -> c < 0x80)) {
            return text;
        }
        synchronized (LATIN) {
            return LATIN.transliterate(text);
        }
    }

    /** Reads back what {@link #text} wrote. */
    static NameWords read(String text) {
        return new NameWords(text.isEmpty() ? List.of() : List.of(text.split(" ")));
    }

    /** The words, with blanks between them. */
    String text() {
        return String.join(" ", words);
    }

    /** The words without blanks between them. */
    String together() {
        return String.join("", words);
    }

    static boolean isWeak(String word) {
        return WEAK.contains(word);
    }

    /** The words that count: those that are not weak, or all if none is left. */
    List<String> strong() {
        List<String> strong = words.stream().filter(word -> !isWeak(word)).toList();
        return strong.isEmpty() ? words : strong;
    }

    /** The words that count in one order: the same for names that differ in nothing but order and weak words. */
    String inOneOrder() {
        return String.join(" ", strong().stream().sorted().toList());
    }

    /** Every three letters in a row, whatever the words: what is left of a name when a blank is lost or put in. */
    Set<String> grams() {
        String together = together();
        if (together.length() <= GRAM) {
            return Set.of(together);
        }
        Set<String> grams = new TreeSet<>();
        for (int from = 0; from + GRAM <= together.length(); from++) {
            grams.add(together.substring(from, from + GRAM));
        }
        return grams;
    }

    /** How the words that count sound. */
    Set<String> sounds() {
        Set<String> sounds = new HashSet<>();
        strong().stream().map(NameWords::sound).filter(sound -> !sound.isEmpty()).forEach(sounds::add);
        return sounds;
    }

    /**
     * How a word sounds, roughly: the consonants in which spellings of one Arabic, Persian or Russian name agree when they are written
     * in Latin letters, such as Muhammad and Mohamed. Empty for a word too short to tell by it.
     */
    static String sound(String word) {
        if (word.length() < 4) {
            return "";
        }
        StringBuilder sound = new StringBuilder();
        char before = 0;
        for (int at = 0; at < word.length(); at++) {
            char letter = one(word.charAt(at));
            boolean vowel = "aeiouywh".indexOf(letter) >= 0;
            if (at == 0) {
                sound.append("aeiou".indexOf(letter) >= 0 ? 'a' : letter);
            } else if (!vowel && letter != before) {
                sound.append(letter);
            }
            before = letter;
        }
        return sound.length() < 3 ? "" : sound.toString();
    }

    private static char one(char letter) {
        return switch (letter) {
            case 'c', 'q', 'g' -> 'k';
            case 'v' -> 'f';
            case 'z' -> 's';
            default -> letter;
        };
    }
}
