package org.policyledger.core;

import java.time.ZoneId;
import java.util.Optional;

/**
 * What a restricted-party list is.
 *
 * @param authority who keeps the list
 * @param jurisdiction the country or organisation whose law it is
 * @param timeZone the zone in which the list's effective dates are days
 */
public record ListDetails(String name, String authority, Optional<String> jurisdiction, ZoneId timeZone,
        Optional<String> legalBasis, Optional<String> url) {

    public ListDetails {
        Check.text("name", name, 300);
        Check.text("authority", authority, 300);
        Check.optionalText("jurisdiction", jurisdiction, 200);
        Check.required("timeZone", timeZone);
        Check.optionalText("legalBasis", legalBasis, 2000);
        Check.optionalText("url", url, 2000);
        url.ifPresent(Notice::webAddress);
    }
}
