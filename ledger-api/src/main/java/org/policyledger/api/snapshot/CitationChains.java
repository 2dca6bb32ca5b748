package org.policyledger.api.snapshot;

import static org.policyledger.api.snapshot.SnapshotRefused.quoted;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.policyledger.api.snapshot.SnapshotRefused.Code;
import org.policyledger.core.Check;
import org.policyledger.core.Command.RecordNotice;
import org.policyledger.core.Notice;
import org.policyledger.core.NoticeContent;
import org.policyledger.core.NoticeId;

/**
 * Two files of comma-separated values about the BIS Entity List, read whole or not at all: the chain of Federal Register citations
 * of each entry, and what notices tell about themselves. Nothing of them is guessed: a blank is what the source does not tell.
 */
final class CitationChains {

    static final String PUBLISHER = "Federal Register";

    /**
     * One citation of an entry.
     *
     * @param publishedOn the day the chain gives it; absent where that is blank
     */
    record Citation(String reference, Optional<LocalDate> publishedOn) {

        long volume() {
            return Long.parseLong(reference.substring(0, reference.indexOf(' ')));
        }

        long page() {
            return Long.parseLong(reference.substring(reference.lastIndexOf(' ') + 1));
        }
    }

    /** An entry's citations in their order: the first is its addition, later ones its amendments. */
    record Chain(int line, String country, String name, List<Citation> citations) {}

    private static final List<String> CHAIN_COLUMNS = List.of("country", "entity", "citation_ordinal", "fr_citation",
            "fr_date");
    private static final List<String> NOTICE_COLUMNS = List.of("fr_citation", "document_number", "publication_date",
            "effective_date", "other_dates", "action_types", "summary", "verified_from", "title_in_fr_api_cache");
    private static final Pattern CITATION = Pattern.compile("[0-9]{1,4} FR [0-9]{1,9}");
    private static final Pattern CITED = Pattern.compile("\\b([0-9]{1,4}) FR ([0-9]{1,9})\\b");
    private static final String WAY_OUT = "give the file as it was made, or make it again";

    private CitationChains() {}

    /** The citations that a text of them names, in order. */
    static List<String> references(String text) {
        List<String> references = new ArrayList<>();
        Matcher cited = CITED.matcher(text);
        while (cited.find()) {
            references.add(cited.group());
        }
        return references;
    }

    /** The chains of a file with the columns country, entity, citation_ordinal, fr_citation and fr_date. */
    static List<Chain> read(String file) {
        Csv csv = open("chain", file, CHAIN_COLUMNS);
        List<Chain> chains = new ArrayList<>();
        List<Citation> current = new ArrayList<>();
        String country = "";
        String name = "";
        while (csv.hasNext()) {
            List<String> row = next("chain", csv);
            int line = csv.line();
            String ordinal = row.get(2);
            if (ordinal.equals("1")) {
                country = row.get(0);
                name = row.get(1);
                current = new ArrayList<>();
                chains.add(new Chain(line, country, name, current));
            } else if (current.isEmpty() || !ordinal.equals(Integer.toString(current.size() + 1))
                    || !row.get(0).equals(country) || !row.get(1).equals(name)) {
                throw refused(Code.WRONG_FORMAT, "chain", line, "has citation_ordinal " + quoted(ordinal) + " for "
                        + quoted(row.get(1)) + " after citation " + current.size() + " of " + quoted(name)
                        + ": the citations of an entry follow each other and count from 1");
            }
            Citation citation = new Citation(reference("chain", line, row.get(3)),
                    date("chain", line, "fr_date", row.get(4)));
            int at = line;
            for (Citation before : current) {
                if (before.reference().equals(citation.reference())) {
                    throw refused(Code.DUPLICATE, "chain", at, "cites " + citation.reference() + " a second time for "
                            + quoted(name) + ": a notice stands once in a chain");
                }
                before.publishedOn().ifPresent(earlier -> citation.publishedOn().filter(day -> !day.isAfter(earlier))
                        .ifPresent(day -> {
                            throw refused(Code.BAD_VALUE, "chain", at,
                                    "has the fr_date " + day + ", which is not after "
                                            + earlier + " of " + before.reference() + " before it in the chain");
                        }));
            }
            current.add(citation);
        }
        if (chains.isEmpty()) {
            throw new SnapshotRefused(Code.EMPTY, "The chain file holds no citation: " + WAY_OUT);
        }
        return chains.stream()
                .map(chain -> new Chain(chain.line(), chain.country(), chain.name(), List.copyOf(chain.citations())))
                .toList();
    }

    /** The notices of a file with the columns fr_citation, document_number and so on, each as the demand to record it. */
    static Map<NoticeId, RecordNotice> readNotices(String file) {
        Csv csv = open("notices", file, NOTICE_COLUMNS);
        Map<NoticeId, RecordNotice> notices = new LinkedHashMap<>();
        while (csv.hasNext()) {
            List<String> row = next("notices", csv);
            int line = csv.line();
            Map<String, String> told = new HashMap<>();
            for (int i = 0; i < NOTICE_COLUMNS.size(); i++) {
                told.put(NOTICE_COLUMNS.get(i), row.get(i).strip());
            }
            RecordNotice notice;
            try {
                notice = notice(line, told);
            } catch (IllegalArgumentException broken) {
                throw refused(Code.BAD_VALUE, "notices", line, "cannot be kept: " + broken.getMessage());
            }
            if (notices.put(notice.noticeId(), notice) != null) {
                throw refused(Code.DUPLICATE, "notices", line, "tells notice " + notice.noticeId() + " a second time");
            }
        }
        return notices;
    }

    private static RecordNotice notice(int line, Map<String, String> told) {
        Optional<String> citation = text(told, "fr_citation").map(given -> reference("notices", line, given));
        Optional<String> document = text(told, "document_number");
        String reference = citation.or(() -> document.map(number -> "FR Doc " + number))
                .orElseThrow(() -> refused(Code.BAD_VALUE, "notices", line,
                        "has neither fr_citation nor document_number: a notice is known by one of them"));
        Optional<LocalDate> published = date("notices", line, "publication_date", told.getOrDefault("publication_date",
                ""));
        Notice notice = new Notice(PUBLISHER, reference, text(told, "title_in_fr_api_cache"), Optional.empty(),
                published, Optional.empty());
        List<String> kinds = parts(told, "action_types");
        Optional<LocalDate> effective = date("notices", line, "effective_date", told.getOrDefault("effective_date",
                ""));
        List<String> others = parts(told, "other_dates");
        Set<String> notTold = new TreeSet<>(Set.of("url", "sha256"));
        Map.of("title", notice.title().isPresent(), "publishedOn", published.isPresent(), "kinds", !kinds.isEmpty(),
                "effectiveDate", effective.isPresent(), "otherDates", !others.isEmpty(), "summary",
                text(told, "summary").isPresent(), "documentNumber", document.isPresent(), "verifiedFrom",
                text(told, "verified_from").isPresent())
                .forEach((field, there) -> {
                    if (!there) {
                        notTold.add(field);
                    }
                });
        return new RecordNotice(notice, new NoticeContent(kinds, effective, others, text(told, "summary"), document,
                text(told, "verified_from"), List.copyOf(notTold)), Optional.empty());
    }

    private static Optional<String> text(Map<String, String> told, String column) {
        return Optional.of(told.getOrDefault(column, "")).filter(value -> !value.isEmpty());
    }

    private static List<String> parts(Map<String, String> told, String column) {
        return Arrays.stream(told.getOrDefault(column, "").split(";")).map(String::strip)
                .filter(part -> !part.isEmpty()).toList();
    }

    private static Csv open(String which, String file, List<String> columns) {
        try {
            String text = SourceText.of(file.getBytes(StandardCharsets.UTF_8));
            Csv csv = Csv.ofText(text, columns.size(), WAY_OUT);
            List<String> header = csv.next();
            if (!header.equals(columns)) {
                throw new SnapshotRefused(Code.WRONG_FORMAT, "Line 1 has the columns "
                        + quoted(String.join(",", header)) + ", not " + String.join(",", columns) + ": " + WAY_OUT);
            }
            return csv;
        } catch (SnapshotRefused refused) {
            throw of(which, refused);
        }
    }

    private static List<String> next(String which, Csv csv) {
        try {
            return csv.next();
        } catch (SnapshotRefused refused) {
            throw of(which, refused);
        }
    }

    /** A refusal that says which of the files is at fault. */
    static SnapshotRefused of(String which, SnapshotRefused refused) {
        return new SnapshotRefused(refused.code(), "In " + which + ": " + refused.detail());
    }

    private static String reference(String which, int line, String given) {
        if (!CITATION.matcher(given).matches()) {
            throw refused(Code.BAD_VALUE, which, line, "has the fr_citation " + quoted(given)
                    + ", not a volume and a page such as 85 FR 34503");
        }
        return given;
    }

    private static Optional<LocalDate> date(String which, int line, String column, String given) {
        if (given.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Check.date(column, LocalDate.parse(given)));
        } catch (DateTimeException | IllegalArgumentException notADate) {
            throw refused(Code.BAD_VALUE, which, line, "has the " + column + " " + quoted(given)
                    + ", not a date such as 2020-06-05");
        }
    }

    private static SnapshotRefused refused(Code code, String which, int line, String what) {
        return new SnapshotRefused(code, "In " + which + ": Line " + line + " " + what + "; " + WAY_OUT);
    }

    /** The one day that other entries give for a publication; absent where none does, or they differ. */
    static Map<String, LocalDate> daysOf(List<Chain> chains) {
        Map<String, LocalDate> days = new HashMap<>();
        Set<String> differing = new HashSet<>();
        chains.forEach(chain -> chain.citations().forEach(citation -> citation.publishedOn().ifPresent(day -> {
            LocalDate before = days.putIfAbsent(citation.reference(), day);
            if (before != null && !before.equals(day)) {
                differing.add(citation.reference());
            }
        })));
        days.keySet().removeAll(differing);
        return days;
    }
}
