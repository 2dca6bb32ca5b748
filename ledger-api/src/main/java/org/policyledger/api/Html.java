package org.policyledger.api;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.policyledger.store.Sha256;
import org.springframework.http.HttpHeaders;
import org.springframework.web.util.HtmlUtils;

/**
 * Answers as pages to read and to print. Whatever was recorded stands in them as text; they have no scripts and fetch nothing, and
 * their headers forbid both.
 */
public final class Html {

    private Html() {}

    /** What was recorded, as text of a page. */
    public static String text(String recorded) {
        return HtmlUtils.htmlEscape(recorded, StandardCharsets.UTF_8.name());
    }

    /** What browsers are told about a page whose one style sheet is that (Content Security Policy Level 3). */
    public static HttpHeaders headers(String style) {
        HttpHeaders headers = new HttpHeaders();
        headers.set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-" + digest(style)
                + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        return headers;
    }

    private static String digest(String style) {
        return Base64.getEncoder()
                .encodeToString(Sha256.digest().digest(style.getBytes(StandardCharsets.UTF_8)));
    }
}
