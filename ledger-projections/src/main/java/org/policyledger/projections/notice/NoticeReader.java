package org.policyledger.projections.notice;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.policyledger.core.ActionId;
import org.policyledger.core.EntityId;
import org.policyledger.core.EventNames;
import org.policyledger.core.ListId;
import org.policyledger.core.Notice;
import org.policyledger.core.NoticeContent;
import org.policyledger.core.NoticeId;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Answers about notices: those that were recorded, and those that actions only cite. Every question names a position on the
 * recorded axis ({@code known}); the answer to the same question is the same for ever. Thread-safe.
 */
public final class NoticeReader {

    /**
     * A notice as known.
     *
     * @param recorded whether it was recorded by itself; if not, {@code notice} is what the first citation tells that
     *     gives a day of publication, or else the first
     * @param content what it tells about itself; absent where it was only cited
     * @param citations how many actions, corrections and voidings cite it
     * @param actionId the event that recorded it
     */
    public record NoticeView(NoticeId noticeId, boolean recorded, Notice notice, Optional<NoticeContent> content,
            Optional<String> dossier, long citations, Optional<ActionId> actionId, Optional<Long> position,
            Optional<Instant> recordedAt) {}

    /**
     * An action that cites the notice, with the content it has as known.
     *
     * @param type the kind of event that cites: a listing action, {@code ActionCorrected} or {@code ActionVoided}
     * @param effectiveDate that of the action, or of the content a correction gives; a voiding has none
     * @param correctedBy the latest correction, where the content is not the one first recorded
     * @param voidedBy what struck the action out
     * @param corrects the action whose content the event replaced
     * @param voids the action the event struck out
     */
    public record CitingAction(ActionId actionId, String type, EntityId entityId, ListId listId,
            Optional<LocalDate> effectiveDate, EntityEvent event, long position, Instant recordedAt,
            Optional<ActionId> correctedBy, Optional<ActionId> voidedBy, Optional<ActionId> corrects,
            Optional<ActionId> voids) {}

    /** A page, and how many elements lie before the next one, if there is one. */
    public record Part<T>(List<T> items, Optional<Long> next) {}

    /** A notice with a page of what cites it, in the order of effective dates and then of recording; what has no date is last. */
    public record NoticeDetail(NoticeView view, Part<CitingAction> actions) {}

    /**
     * Which notices are asked for.
     *
     * @param from the first day of publication
     * @param to the last one
     * @param publisher its name; case, blanks and hyphens do not matter
     */
    public record Wanted(Optional<LocalDate> from, Optional<LocalDate> to, Optional<String> publisher) {}

    private record Cited(long position, long content, Optional<Long> voided) {}

    private record Located(NoticeId noticeId, Optional<Long> recorded, Optional<Long> toldBy,
            Optional<LocalDate> publishedOn, long citations) {
        long position() {
            return recorded.or(() -> toldBy).orElseThrow();
        }
    }

    private static final String STANDS = "c.known_from <= :known AND (c.known_to IS NULL OR c.known_to > :known)";

    /**
     * Notices as known. A citation that was struck out counts, as it was made. Of a notice that is only cited, the first citation
     * that tells a day of publication gives it.
     */
    private static String notices(String scope) {
        // Not as common table expressions: H2 was seen to answer them with the parameters of the call before.
        String cited = """
                (SELECT c.notice_id, c.content_position, MAX(c.published_on) AS published_on, COUNT(*) AS citations
                FROM reading_citation c WHERE %s %s GROUP BY c.notice_id, c.content_position)""".formatted(STANDS,
                scope);
        return """
                SELECT notice_id, recorded, told_by, published_on, citations FROM (
                    SELECT n.notice_id, r.position AS recorded, COALESCE(k.day_told, k.first_told) AS told_by, k.citations,
                        CASE WHEN r.position IS NULL THEN d.published_on ELSE r.published_on END AS published_on
                    FROM (SELECT c.notice_id FROM reading_citation c WHERE %s %s
                        UNION SELECT c.notice_id FROM reading_notice c WHERE c.position <= :known %s) n
                    LEFT JOIN reading_notice r ON r.notice_id = n.notice_id AND r.position <= :known
                    LEFT JOIN (SELECT c.notice_id, SUM(c.citations) AS citations, MIN(c.content_position) AS first_told,
                            MIN(CASE WHEN c.published_on IS NOT NULL THEN c.content_position END) AS day_told
                        FROM %s c GROUP BY c.notice_id) k ON k.notice_id = n.notice_id
                    LEFT JOIN %s d ON d.notice_id = k.notice_id AND d.content_position = k.day_told) notices
                WHERE 1 = 1"""
                .formatted(STANDS, scope, scope, cited, cited);
    }

    private static Located located(ResultSet row, int number) throws SQLException {
        return new Located(new NoticeId(row.getString("notice_id")),
                Optional.ofNullable(row.getObject("recorded", Long.class)),
                Optional.ofNullable(row.getObject("told_by", Long.class)),
                Optional.ofNullable(row.getObject("published_on", LocalDate.class)), row.getLong("citations"));
    }

    private final JdbcClient jdbc;
    private final LedgerLog log;

    public NoticeReader(JdbcClient jdbc, LedgerLog log) {
        this.jdbc = jdbc;
        this.log = log;
    }

    /** A page of the notices in the order of their publication and then of their identities; those without a day are last. */
    public Part<NoticeView> notices(Wanted wanted, long known, long offset, int limit) {
        StringBuilder sql = new StringBuilder(notices(""));
        Map<String, Object> parameters = new HashMap<>(Map.of("known", known));
        wanted.from().ifPresent(day -> {
            sql.append(" AND published_on >= :from");
            parameters.put("from", day);
        });
        wanted.to().ifPresent(day -> {
            sql.append(" AND published_on <= :to");
            parameters.put("to", day);
        });
        wanted.publisher().ifPresent(publisher -> {
            // An identity starts with its publisher, and no publisher has a colon in it.
            String prefix = NoticeId.of(Notice.of(publisher, "x")).value();
            String start = prefix.substring(0, prefix.length() - 1);
            sql.append(" AND SUBSTRING(notice_id FROM 1 FOR ").append(start.length()).append(") = :publisher");
            parameters.put("publisher", start);
        });
        sql.append(" ORDER BY CASE WHEN published_on IS NULL THEN 1 ELSE 0 END, published_on, notice_id"
                + " LIMIT :limit OFFSET :offset");
        parameters.put("limit", limit + 1);
        parameters.put("offset", offset);
        List<Located> found = jdbc.sql(sql.toString()).params(parameters)
                .query(NoticeReader::located)
                .list();
        return part(found.subList(0, Math.min(limit, found.size())).stream().toList(), found.size() > limit, offset,
                this::views);
    }

    /** The notice with a page of what cites it; empty if it is neither recorded nor cited as known. */
    public Optional<NoticeDetail> find(NoticeId noticeId, long known, long offset, int limit) {
        Optional<Located> located = jdbc.sql(notices("AND c.notice_id = :id")).param("id", noticeId.value())
                .param("known", known).query(NoticeReader::located).optional();
        if (located.isEmpty()) {
            return Optional.empty();
        }
        List<Cited> cited = jdbc.sql("""
                SELECT c.position, c.content_position, c.voided_position FROM reading_citation c
                WHERE c.notice_id = :id AND %s
                ORDER BY CASE WHEN c.effective_date IS NULL THEN 1 ELSE 0 END, c.effective_date, c.position
                LIMIT :limit OFFSET :offset""".formatted(STANDS)).param("id", noticeId.value())
                .param("known", known).param("limit", limit + 1).param("offset", offset)
                .query((row, n) -> new Cited(row.getLong(1), row.getLong(2),
                        Optional.ofNullable(row.getObject(3, Long.class))))
                .list();
        return Optional.of(new NoticeDetail(views(List.of(located.get())).getFirst(),
                part(cited.subList(0, Math.min(limit, cited.size())), cited.size() > limit, offset, this::actions)));
    }

    private static <A, B> Part<B> part(List<A> rows, boolean more, long offset,
            Function<List<A>, List<B>> view) {
        return new Part<>(view.apply(rows), more ? Optional.of(offset + rows.size()) : Optional.empty());
    }

    private List<NoticeView> views(List<Located> located) {
        Map<Long, StoredEvent> events = read(located.stream().map(Located::position));
        return located.stream().map(each -> view(each,
                Objects.requireNonNull(events.get(each.position())))).toList();
    }

    private NoticeView view(Located located, StoredEvent stored) {
        return switch ((LedgerEvent) log.payload(stored)) {
            case NoticeRecorded recorded -> new NoticeView(located.noticeId(), true, recorded.notice(),
                    Optional.of(recorded.content()), recorded.dossier(), located.citations(),
                    Optional.of(new ActionId(stored.eventId())), Optional.of(stored.position()),
                    Optional.of(stored.recordedAt()));
            case EntityEvent event -> new NoticeView(located.noticeId(), false, cited(event, located),
                    Optional.empty(), Optional.empty(), located.citations(), Optional.empty(), Optional.empty(),
                    Optional.empty());
            case LedgerEvent other -> throw new IllegalStateException(
                    "position " + stored.position() + " cites no notice but is " + other);
        };
    }

    /** The notice as an event cites it: by its own circumstances, or by those of the content it gives. */
    private static Notice cited(EntityEvent event, Located located) {
        return Stream.concat(Stream.of(event), event.content().stream())
                .flatMap(each -> each.circumstances().notice().stream())
                .filter(notice -> NoticeId.of(notice).equals(located.noticeId())
                        && notice.publishedOn().equals(located.publishedOn()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(event + " does not cite " + located.noticeId()));
    }

    private List<CitingAction> actions(List<Cited> cited) {
        Map<Long, StoredEvent> events = read(cited.stream()
                .flatMap(each -> Stream.concat(Stream.of(each.position(), each.content()), each.voided().stream())));
        return cited.stream().map(each -> action(each, events)).toList();
    }

    private CitingAction action(Cited cited, Map<Long, StoredEvent> events) {
        StoredEvent stored = Objects.requireNonNull(events.get(cited.position()));
        StoredEvent content = Objects.requireNonNull(events.get(cited.content()));
        EntityEvent first = (EntityEvent) log.payload(stored);
        boolean corrected = cited.content() != cited.position();
        EntityEvent known = corrected
                ? ((ActionCorrected) log.payload(content)).replacement()
                : first;
        return new CitingAction(new ActionId(stored.eventId()), EventNames.of(first.getClass()).type(),
                first.entityId(), first.listId(), known.effectiveOn(), known, stored.position(), stored.recordedAt(),
                corrected ? Optional.of(new ActionId(content.eventId())) : Optional.empty(),
                cited.voided().map(at -> new ActionId(Objects.requireNonNull(events.get(at)).eventId())),
                first instanceof ActionCorrected correction
                        ? Optional.of(correction.actionId())
                        : Optional.empty(),
                first instanceof ActionVoided voiding ? Optional.of(voiding.actionId()) : Optional.empty());
    }

    private Map<Long, StoredEvent> read(Stream<Long> positions) {
        TreeSet<Long> wanted = new TreeSet<>(positions.toList());
        Map<Long, StoredEvent> events = new HashMap<>();
        log.readAt(wanted).forEach(event -> events.put(event.position(), event));
        return events;
    }
}
