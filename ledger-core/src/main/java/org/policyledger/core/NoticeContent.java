package org.policyledger.core;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a notice tells about itself, as far as its source says it. What the source was asked for and does not tell is named in
 * {@code notTold}; what is neither there nor named was not asked for. Nothing here is used to compute status.
 *
 * @param kinds the kinds of action it carries, from an open set: {@code addition}, {@code removal}, {@code procedure} …
 * @param effectiveDate the one day from which it says that it has effect, or the first of several
 * @param otherDates further dates, in the source's own words
 * @param documentNumber the publisher's number of the document
 * @param verifiedFrom where what is told here was looked up
 * @param notTold the fields of this record or of {@link Notice} that the source does not tell
 */
public record NoticeContent(List<String> kinds, Optional<LocalDate> effectiveDate, List<String> otherDates,
        Optional<String> summary, Optional<String> documentNumber, Optional<String> verifiedFrom,
        List<String> notTold) {

    private static final Set<String> FIELDS = Set.of("title", "url", "publishedOn", "sha256", "kinds", "effectiveDate",
            "otherDates", "summary", "documentNumber", "verifiedFrom");

    /** A notice of which only the citation is known. */
    public static final NoticeContent NONE = new NoticeContent(List.of(), Optional.empty(), List.of(),
            Optional.empty(), Optional.empty(), Optional.empty(), List.of());

    public NoticeContent {
        kinds = Check.texts("content.kinds", kinds, 100, 100);
        Check.optionalDate("content.effectiveDate", effectiveDate);
        otherDates = Check.texts("content.otherDates", otherDates, 100, 300);
        Check.optionalText("content.summary", summary, 10_000);
        Check.optionalText("content.documentNumber", documentNumber, 200);
        Check.optionalText("content.verifiedFrom", verifiedFrom, 1000);
        notTold = Check.texts("content.notTold", notTold, FIELDS.size(), 100);
        for (String field : notTold) {
            if (!FIELDS.contains(field)) {
                throw new IllegalArgumentException("content.notTold names '" + Check.excerpt(field)
                        + "', which is no field of a notice: use some of "
                        + String.join(", ", FIELDS.stream().sorted().toList()));
            }
        }
    }

    /** Refuses a field that is told and said not to be told. */
    void consistentWith(Notice notice) {
        for (String field : notTold) {
            if (tells(notice, field)) {
                throw new IllegalArgumentException("content.notTold names " + field
                        + ", which is told: leave it out of notTold, or leave the field out");
            }
        }
    }

    private boolean tells(Notice notice, String field) {
        return switch (field) {
            case "title" -> notice.title().isPresent();
            case "url" -> notice.url().isPresent();
            case "publishedOn" -> notice.publishedOn().isPresent();
            case "sha256" -> notice.sha256().isPresent();
            case "kinds" -> !kinds.isEmpty();
            case "effectiveDate" -> effectiveDate.isPresent();
            case "otherDates" -> !otherDates.isEmpty();
            case "summary" -> summary.isPresent();
            case "documentNumber" -> documentNumber.isPresent();
            case "verifiedFrom" -> verifiedFrom.isPresent();
            default -> throw new IllegalStateException(field);
        };
    }
}
