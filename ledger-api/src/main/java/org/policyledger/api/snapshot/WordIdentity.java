package org.policyledger.api.snapshot;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.policyledger.store.Sha256;

/** Identities made of words, for records to which their source gives no number: ASCII letters and digits, parted by {@code -}. */
final class WordIdentity {

    private static final Pattern MARKS = Pattern.compile("\\p{M}+");
    private static final Pattern NO_SLUG = Pattern.compile("[^a-z0-9]+");

    private WordIdentity() {}

    /** A text that stands in an identity, and how many characters of it at most. */
    record Part(String text, int longest) {}

    /** The prefix and the parts; with a short hash of the parts when letters were lost, or nothing is left of the last. */
    static String of(String prefix, Part... parts) {
        List<String> words = new ArrayList<>(List.of(prefix));
        boolean lost = false;
        for (Part part : parts) {
            String slug = slug(part.text());
            words.add(slug.length() <= part.longest() ? slug : slug.substring(0, part.longest()));
            lost |= slug.length() > part.longest() || losesLetters(part.text());
        }
        lost |= words.getLast().isEmpty();
        return lost
                ? joined(joined(words), hash(List.of(parts).stream().map(Part::text).toList()))
                : joined(words);
    }

    /** The identity of a record when another has the plain one: with a short hash of all that tells it from others. */
    static String beside(String identity, String... key) {
        return joined(identity, hash(List.of(key)));
    }

    private static String slug(String text) {
        return NO_SLUG.matcher(unaccented(text)).replaceAll(" ").strip().replace(' ', '-');
    }

    private static String unaccented(String text) {
        return MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFKD)).replaceAll("").toLowerCase(Locale.ROOT);
    }

    private static boolean losesLetters(String text) {
        return unaccented(text).codePoints().anyMatch(c -> c > 127 && Character.isLetterOrDigit(c));
    }

    private static String joined(String... parts) {
        return joined(List.of(parts));
    }

    private static String joined(List<String> parts) {
        return String.join("-", parts.stream().filter(Predicate.not(String::isEmpty)).toList());
    }

    private static String hash(List<String> texts) {
        byte[] digest = Sha256.digest().digest(String.join("\n", texts).getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest, 0, 4);
    }
}
