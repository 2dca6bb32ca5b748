package org.policyledger.api;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Dates as HTTP writes them (RFC 9110, section 5.6.7): whole seconds in GMT. */
final class HttpDate {

    private static final DateTimeFormatter PREFERRED = strict(
            new DateTimeFormatterBuilder().appendPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'"));

    /** Of a year in two digits the century is that which makes it lie less than 50 years ahead. */
    private static List<DateTimeFormatter> forms() {
        LocalDate earliest = LocalDate.now(ZoneOffset.UTC).minusYears(49);
        return List.of(PREFERRED,
                strict(new DateTimeFormatterBuilder().appendPattern("EEEE, dd-MMM-")
                        .appendValueReduced(ChronoField.YEAR, 2, 2, earliest).appendPattern(" HH:mm:ss 'GMT'")),
                strict(new DateTimeFormatterBuilder().appendPattern("EEE MMM ppd HH:mm:ss uuuu")));
    }

    private HttpDate() {}

    private static DateTimeFormatter strict(DateTimeFormatterBuilder form) {
        return form.toFormatter(Locale.US).withResolverStyle(ResolverStyle.STRICT);
    }

    /** The beginning of the second that the text names, in any of the three forms; empty when it is in none of them. */
    static Optional<Instant> parse(String text) {
        for (DateTimeFormatter form : forms()) {
            try {
                return Optional.of(LocalDateTime.parse(text, form).toInstant(ZoneOffset.UTC));
            } catch (DateTimeException notInThisForm) {
                // the next form may fit
            }
        }
        return Optional.empty();
    }

    /** The second in which the instant lies. */
    static String of(Instant instant) {
        return PREFERRED.format(instant.atOffset(ZoneOffset.UTC));
    }
}
