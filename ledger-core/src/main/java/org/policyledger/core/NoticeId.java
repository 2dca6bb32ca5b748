package org.policyledger.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Names one notice: the publisher, a colon and the reference, such as {@code federal-register:88-FR-80131}. It follows from the
 * two texts alone and can stand in an address as it is.
 *
 * <p>The publisher is written in lower case. Letters, digits, {@code .} and {@code _} of ASCII stay; blanks and hyphens, however
 * many together, become one {@code -}; any other character becomes {@code ~} and two hexadecimal digits for each byte of it in UTF-8. Of
 * a part that would be longer than 90 characters the first 90 stay, followed by {@code ~~} and 12 digits of the part's SHA-256. So two
 * spellings name one notice only if they differ in blanks, hyphens and the publisher's case.
 */
public record NoticeId(@JsonValue String value) implements Comparable<NoticeId> {

    private static final Pattern FORM = Pattern.compile("[a-z0-9._~A-F-]{1,110}:[A-Za-z0-9._~-]{1,110}");
    private static final Pattern BLANKS = Pattern.compile("[\\p{Z}\\s-]+");
    private static final int LONGEST = 90;
    private static final String STREAM_PREFIX = "notice/";

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public NoticeId {
        Check.form("noticeId", value, FORM, "publisher:reference, such as federal-register:88-FR-80131");
    }

    /** The identity of the notice that a citation names. */
    public static NoticeId of(Notice notice) {
        return new NoticeId(part(notice.publisher().toLowerCase(Locale.ROOT)) + ":" + part(notice.reference()));
    }

    private static String part(String text) {
        StringBuilder part = new StringBuilder();
        BLANKS.matcher(text.strip()).replaceAll("-").codePoints().forEach(c -> {
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_'
                    || c == '-') {
                part.appendCodePoint(c);
            } else {
                for (byte each : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    part.append('~').append(HexFormat.of().withUpperCase().toHexDigits(each));
                }
            }
        });
        return part.length() <= LONGEST ? part.toString() : part.substring(0, LONGEST) + "~~" + hash(part.toString());
    }

    private static String hash(String part) {
        return Digest.sha256(part).substring(0, 12);
    }

    /** The name of the stream that holds this notice's record. */
    public String stream() {
        return STREAM_PREFIX + value;
    }

    @Override
    public int compareTo(NoticeId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
