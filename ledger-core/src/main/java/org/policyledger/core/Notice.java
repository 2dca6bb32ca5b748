package org.policyledger.core;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.LocalDate;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A citation of the published document that carries one or more actions.
 *
 * @param publisher who published it, for example {@code Federal Register}
 * @param reference its reference there, for example {@code 88 FR 80131}
 * @param publishedOn the day of publication; never used to compute status
 * @param sha256 the digest of the retrieved document, 64 lower-case hexadecimal digits
 */
public record Notice(String publisher, String reference, Optional<String> title, Optional<String> url,
        Optional<LocalDate> publishedOn, Optional<String> sha256) {

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public Notice {
        Check.text("notice.publisher", publisher, 200);
        Check.text("notice.reference", reference, 200);
        Check.optionalText("notice.title", title, 1000);
        Check.optionalText("notice.url", url, 2000);
        url.ifPresent(Notice::webAddress);
        Check.optionalDate("notice.publishedOn", publishedOn);
        sha256.ifPresent(digest -> Check.form("notice.sha256", digest, SHA256, "64 lower-case hexadecimal digits"));
    }

    /** A citation that gives only the publisher and the reference. */
    public static Notice of(String publisher, String reference) {
        return new Notice(publisher, reference, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    static void webAddress(String url) {
        try {
            URI address = new URI(url);
            if (("https".equals(address.getScheme()) || "http".equals(address.getScheme()))
                    && address.getHost() != null) {
                return;
            }
        } catch (URISyntaxException notAnAddress) {
            // falls through to the one refusal below
        }
        throw new IllegalArgumentException(
                "url '" + Check.excerpt(url) + "' is not a web address: use http:// or https://");
    }
}
