package org.policyledger.api;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.policyledger.api.action.Caller;
import org.policyledger.api.action.Receipt;
import org.policyledger.core.ActionId;
import org.policyledger.core.Check;
import org.policyledger.core.Command;
import org.policyledger.core.EntityId;
import org.policyledger.core.LedgerJson;
import org.policyledger.core.ListId;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.Completeness;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.store.IdempotencyKey;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LedgerUnreadable;
import org.policyledger.store.Sha256;
import org.policyledger.store.StoredEvent;
import org.springframework.dao.DataAccessException;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.util.unit.DataSize;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;
import org.springframework.web.util.UriComponentsBuilder;

/** What every controller needs to read of a request: who asks, about which point on the two time axes, which page. */
public final class Edge {

    /**
     * The coordinates of a question.
     *
     * @param asOf the day on the effective axis
     * @param known the position on the recorded axis: events up to and with it are known
     * @param pinned whether the request names both, so that the answer is the same for ever
     */
    public record Coordinates(LocalDate asOf, long known, boolean pinned) {

        /** How long an answer may be kept. */
        public CacheControl caching() {
            return pinned
                    ? CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable()
                    : CacheControl.noCache();
        }
    }

    /** A page asked for: from which key on, and pinned to which coordinates if it is a later page. */
    public record PageRequest(String after, Optional<Coordinates> first, int limit) {

        /** The coordinates of the first page, for every page. */
        public Coordinates pin(Coordinates asked) {
            return first.map(at -> new Coordinates(at.asOf(), at.known(), asked.pinned())).orElse(asked);
        }

        /** The number after which the page starts, where pages are told apart by numbers; the given one for the first. */
        public long afterNumber(long beforeFirst) {
            try {
                return after.isEmpty() ? beforeFirst : Long.parseLong(after);
            } catch (NumberFormatException notANumber) {
                throw ofAnotherAddress();
            }
        }

        private static Refused ofAnotherAddress() {
            return Refused.malformed("cursor is one that another address gave: start again without it");
        }
    }

    /**
     * Two views of the same day.
     *
     * @param knownFrom the position of the earlier view; -1 before anything was recorded
     * @param at the coordinates of the later view
     * @param after the key after which the page starts
     */
    public record Views(long knownFrom, Coordinates at, String after) {

        /** The cursor of the page that starts after the key: it holds both positions. */
        public String cursor(String lastKey) {
            return Edge.cursor(at, knownFrom + ":" + lastKey);
        }
    }

    private static final Pattern POSITION = Pattern.compile("position:([0-9]{1,18})");
    private static final Pattern VIEWS_KEY = Pattern.compile("(-1|[0-9]{1,18}):(.+)");
    private static final Pattern KEY = Pattern.compile("\"?([\\x21\\x23-\\x7e]{1,150})\"?");
    private static final Pattern ETAG = Pattern.compile("\"([0-9]{1,18})(;[0-9-]{10})?\"");
    private static final Pattern CURSOR = Pattern.compile("([0-9]{1,18}) ([0-9-]{10}) ([A-Za-z0-9._:-]{1,220})");
    private static final int DEFAULT_PAGE = 100;
    private static final String ACCEPT_DATETIME = "Accept-Datetime";

    private final LedgerLog log;
    private final Catchup catchup;
    private final Function<String, Optional<Completeness.Finding>> alarm;
    private final LedgerProperties properties;
    private final Clock clock;

    /** Questions to a reading for which there is an alarm are refused. */
    public Edge(LedgerLog log, Catchup catchup, Function<String, Optional<Completeness.Finding>> alarm,
            LedgerProperties properties, Clock clock) {
        this.log = log;
        this.catchup = catchup;
        this.alarm = alarm;
        this.properties = properties;
        this.clock = clock;
    }

    public LedgerProperties.Limits limits() {
        return properties.limits();
    }

    /** The share of a list that a snapshot may lack, unless the import says otherwise. */
    public double maxDrop() {
        return properties.maxDrop();
    }

    /** The whole body, if it is not larger than the limit. */
    public byte[] body(HttpServletRequest request, DataSize limit) throws IOException {
        byte[] body = request.getContentLengthLong() > limit.toBytes()
                ? new byte[0]
                : request.getInputStream().readNBytes(Math.toIntExact(limit.toBytes()) + 1);
        if (request.getContentLengthLong() > limit.toBytes() || body.length > limit.toBytes()) {
            throw new Refused(Problem.Kind.TOO_LARGE, "The body is larger than " + limit.toBytes()
                    + " bytes: send less at once, or let the operator raise the limit");
        }
        return body;
    }

    /** Who sends a write, with the key and the expectation it states. */
    public Caller caller(HttpServletRequest request, byte[] body) {
        String actor = request.getUserPrincipal() == null ? "anonymous" : request.getUserPrincipal().getName();
        Optional<IdempotencyKey> key = header(request, "Idempotency-Key").map(given -> {
            Matcher form = KEY.matcher(given);
            if (!form.matches()) {
                throw Refused.malformed("Idempotency-Key '" + Check.excerpt(given)
                        + "' has a wrong form: use 1 to 150 printable ASCII characters without blanks");
            }
            return new IdempotencyKey(actor + " " + form.group(1),
                    fingerprint(request.getMethod() + " " + request.getRequestURI()
                            + " " + request.getQueryString(), body));
        });
        OptionalLong expected = header(request, "If-Match").map(given -> {
            Matcher form = ETAG.matcher(given);
            if (!form.matches()) {
                throw Refused.malformed("If-Match '" + Check.excerpt(given)
                        + "' is not the ETag of an answer: use the last sequence in quotes, such as \"3\"");
            }
            return OptionalLong.of(Long.parseLong(form.group(1)));
        }).orElse(OptionalLong.empty());
        Optional<String> correlation = header(request, "X-Correlation-Id");
        correlation.ifPresent(given -> parse(given, id -> Check.text("X-Correlation-Id", id, 200)));
        return new Caller(actor, key, expected, correlation);
    }

    /** Who sends a write that is about many records: an expectation about one of them cannot be meant. */
    public Caller callerOfMany(HttpServletRequest request, byte[] body) {
        Caller caller = caller(request, body);
        if (caller.expectedSequence().isPresent()) {
            throw Refused.malformed("If-Match is about one record and is not taken here: leave it out, or send the"
                    + " command alone to /v1/actions");
        }
        return caller;
    }

    private static Optional<String> header(HttpServletRequest request, String name) {
        return Optional.ofNullable(request.getHeader(name));
    }

    /** What makes a request the same request, as one digest. */
    public static String fingerprint(String what, byte[] body) {
        return sha256((what + "\n").getBytes(StandardCharsets.UTF_8), body);
    }

    /** The SHA-256 digest of the parts one after the other, as 64 lower-case hexadecimal digits. */
    public static String sha256(byte[]... parts) {
        MessageDigest digest = Sha256.digest();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Whether the caller said that it does not wait for the readings (RFC 7240). */
    public static boolean respondAsync(HttpServletRequest request) {
        return header(request, "Prefer").filter(given -> given.contains("respond-async")).isPresent();
    }

    /** Waits until every read sees the position; false when that takes longer than the limit. */
    public boolean seen(long position) {
        try {
            return catchup.await(position, properties.readTimeout());
        } catch (DataAccessException | LedgerUnreadable away) {
            // What was recorded stays so, even if the readings cannot be asked now.
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Refuses an answer from a reading that is known not to be of what the log holds. */
    public void mustBeComplete(String reading) {
        alarm.apply(reading).ifPresent(finding -> {
            throw new Refused(Problem.Kind.READING_INCOMPLETE, "The reading " + reading
                    + " is not of what the log holds: " + finding.told() + ". POST /v1/projections/" + reading
                    + "/rebuild makes it anew");
        });
    }

    /** The coordinates a question names: by default today in UTC, and all that the readings reflect. */
    public Coordinates coordinates(Optional<String> asOf, Optional<String> asKnownAt) {
        Coordinates at = unguarded(asOf, asKnownAt);
        mustBeComplete(ListingProjection.NAME);
        return at;
    }

    /** The same for a question about a reading itself, which is answered whether or not it is of what the log holds. */
    public Coordinates unguarded(Optional<String> asOf, Optional<String> asKnownAt) {
        return new Coordinates(day(asOf), known("asKnownAt", asKnownAt), asOf.isPresent() && isPosition(asKnownAt));
    }

    /**
     * The coordinates a question names, where Accept-Datetime may be given in place of asKnownAt (RFC 7089). It names a whole
     * second, of which all events count; in the future it means all that is recorded.
     */
    public Coordinates coordinates(HttpServletRequest request, Optional<String> asOf, Optional<String> asKnownAt) {
        Optional<String> wanted = header(request, ACCEPT_DATETIME);
        if (wanted.isEmpty()) {
            return coordinates(asOf, asKnownAt);
        }
        if (asKnownAt.isPresent()) {
            throw Refused.malformed(
                    ACCEPT_DATETIME + " and asKnownAt both say what is to be known: give one of them");
        }
        Instant second = HttpDate.parse(wanted.get()).orElseThrow(() -> Refused.malformed(ACCEPT_DATETIME + " '"
                + Check.excerpt(wanted.get())
                + "' is not a date of HTTP: use one such as Thu, 16 Nov 2023 12:00:00 GMT"));
        Instant end = second.plusSeconds(1).minusNanos(1);
        mustBeComplete(ListingProjection.NAME);
        return new Coordinates(day(asOf), reflected(log.positionAt(end).orElse(-1)), false);
    }

    private LocalDate day(Optional<String> asOf) {
        return asOf.map(given -> date("asOf", given)).orElseGet(() -> LocalDate.now(clock.withZone(ZoneOffset.UTC)));
    }

    private static boolean isPosition(Optional<String> known) {
        return known.filter(given -> given.startsWith("position:")).isPresent();
    }

    /** The two views a question compares: by default of today in UTC, and up to all that the readings reflect. */
    public Views views(Optional<String> asOf, String knownFrom, Optional<String> knownTo, PageRequest page) {
        long from = known("knownFrom", Optional.of(knownFrom));
        Coordinates to = new Coordinates(day(asOf), known("knownTo", knownTo),
                asOf.isPresent() && isPosition(Optional.of(knownFrom)) && isPosition(knownTo));
        if (from > to.known() || knownTo.filter(given -> areInstants(knownFrom, given)
                && instant("knownTo", given).isBefore(instant("knownFrom", knownFrom))).isPresent()) {
            throw Refused
                    .malformed("knownFrom " + Check.excerpt(knownFrom) + " (position " + from + ") is after knownTo "
                            + knownTo.map(Check::excerpt).orElse("") + " (position " + to.known()
                            + "): revisions are asked for forwards");
        }
        mustBeComplete(ListingProjection.NAME);
        if (page.first().isEmpty()) {
            return new Views(from, to, "");
        }
        Matcher key = VIEWS_KEY.matcher(page.after());
        if (!key.matches()) {
            throw PageRequest.ofAnotherAddress();
        }
        return new Views(Long.parseLong(key.group(1)), page.pin(to), key.group(2));
    }

    private static boolean areInstants(String one, String other) {
        return !isPosition(Optional.of(one)) && !isPosition(Optional.of(other));
    }

    /** A date in a query. */
    public static LocalDate date(String name, String given) {
        try {
            return parse(given, text -> Check.date(name, LocalDate.parse(text)));
        } catch (DateTimeParseException e) {
            throw Refused.malformed(name + " '" + Check.excerpt(given) + "' is not a date: use the form 2020-06-05");
        }
    }

    /** The position up to which events are known to a question, which the parameter of that name gives. */
    private long known(String name, Optional<String> asKnownAt) {
        if (asKnownAt.isEmpty()) {
            return catchup.position();
        }
        String given = asKnownAt.get();
        Matcher position = POSITION.matcher(given);
        long known;
        if (position.matches()) {
            known = Long.parseLong(position.group(1));
            if (known > catchup.position() && known >= log.head()) {
                throw new Refused(Problem.Kind.UNKNOWN_POSITION,
                        "Position " + known + " is not recorded yet: the last is "
                                + (log.head() - 1));
            }
        } else {
            Instant instant = instant(name, given);
            if (instant.isAfter(clock.instant())) {
                throw new Refused(Problem.Kind.UNKNOWN_POSITION, name + " " + instant
                        + " lies in the future: what will be known then cannot be told yet");
            }
            known = log.positionAt(instant).orElse(-1);
        }
        return reflected(known);
    }

    private long reflected(long known) {
        if (!seen(known)) {
            throw new Refused(Problem.Kind.READING_BEHIND,
                    "The readings reflect position " + catchup.position() + ", not " + known + " yet");
        }
        return known;
    }

    private static Instant instant(String name, String given) {
        try {
            return Instant.parse(given);
        } catch (DateTimeParseException e) {
            throw Refused.malformed(name + " '" + Check.excerpt(given)
                    + "' is neither an instant such as 2023-11-16T12:00:00Z nor a position such as position:42");
        }
    }

    /** A value read by a rule of the domain; what breaks the rule is malformed. */
    public static <T> T parse(String given, Function<String, T> rule) {
        try {
            return rule.apply(given);
        } catch (IllegalArgumentException broken) {
            throw Refused.malformed(String.valueOf(broken.getMessage()));
        }
    }

    /** The list named, which must be registered as known at the position. */
    public static ListId registered(ListingReader reader, String listId, long known) {
        ListId id = parse(listId, ListId::new);
        if (!reader.isRegistered(id, known)) {
            throw new Refused(Problem.Kind.UNKNOWN_LIST,
                    "List " + id + " is not registered as known at position " + known + ": /v1/lists tells which are");
        }
        return id;
    }

    /** The event of the action named, from the log itself. */
    public StoredEvent event(String actionId) {
        ActionId id = parse(actionId, ActionId::of);
        return log.find(id.value()).orElseThrow(() -> new Refused(Problem.Kind.UNKNOWN_EVENT,
                "No event " + id + " is recorded: /v1/events lists them"));
    }

    /** The entity named, of which something must be recorded by the position; by now, for the greatest there is. */
    public static EntityId known(ListingReader reader, String entityId, long position) {
        EntityId id = parse(entityId, EntityId::new);
        if (!reader.knows(id, position)) {
            throw new Refused(Problem.Kind.UNKNOWN_ENTITY, "Nothing is recorded about entity " + id
                    + (position == Long.MAX_VALUE ? "" : " up to position " + position));
        }
        return id;
    }

    /** The page a query asks for. A cursor holds the position of the first page, so that later ones do not shift. */
    public PageRequest page(Optional<String> cursor, Optional<Integer> limit) {
        int size = limit.orElse(Math.min(DEFAULT_PAGE, limits().page()));
        if (size < 1 || size > limits().page()) {
            throw Refused.malformed("limit " + size + " is out of range: use 1 to " + limits().page());
        }
        if (cursor.isEmpty()) {
            return new PageRequest("", Optional.empty(), size);
        }
        try {
            Matcher form = CURSOR
                    .matcher(new String(Base64.getUrlDecoder().decode(cursor.get()), StandardCharsets.UTF_8));
            if (form.matches()) {
                Coordinates at = new Coordinates(Check.date("cursor", LocalDate.parse(form.group(2))),
                        Long.parseLong(form.group(1)), false);
                if (at.known() <= catchup.position()) {
                    return new PageRequest(form.group(3), Optional.of(at), size);
                }
            }
        } catch (IllegalArgumentException | DateTimeParseException notOurs) {
            // falls through to the one refusal below
        }
        throw Refused.malformed(
                "cursor '" + Check.excerpt(cursor.get()) + "' is not one this service gave: start again without it");
    }

    /** The page of an answer in rows: without a limit it is only the first that is read at once. */
    public PageRequest pageOfRows(Optional<String> cursor, Optional<Integer> limit) {
        return page(cursor, limit.or(() -> Optional.of(limits().page())));
    }

    /** The cursor of the page that starts after the key. */
    public static String cursor(Coordinates at, String after) {
        return Base64.getUrlEncoder().withoutPadding()
                .encodeToString((at.known() + " " + at.asOf() + " " + after).getBytes(StandardCharsets.UTF_8));
    }

    /** An answer that may be kept as long as its coordinates allow, with the address of the next page (RFC 8288). */
    public static ResponseEntity.BodyBuilder page(Coordinates at, Optional<String> next) {
        ResponseEntity.BodyBuilder answer = ResponseEntity.ok().cacheControl(at.caching()).varyBy(HttpHeaders.ACCEPT);
        next.ifPresent(cursor -> answer.header(HttpHeaders.LINK, "<" + ServletUriComponentsBuilder.fromCurrentRequest()
                .replaceQueryParam("cursor", cursor).build().toUriString() + ">; rel=\"next\""));
        return answer;
    }

    /**
     * The head of an answer about a resource whose past can also be asked for by Accept-Datetime. The resource is its own
     * TimeGate, and what it was at a position has an address of its own (RFC 7089, pattern 1.2).
     */
    public ResponseEntity.BodyBuilder memento(HttpServletRequest request, Coordinates at, Optional<String> next) {
        ResponseEntity.BodyBuilder answer = page(at, next);
        UriComponentsBuilder original = ServletUriComponentsBuilder.fromRequest(request).replaceQueryParam("asKnownAt")
                .replaceQueryParam("cursor");
        answer.header(HttpHeaders.LINK, "<" + original.build().toUriString() + ">; rel=\"original timegate\"");
        if (at.known() >= 0) {
            answer.header("Memento-Datetime",
                    HttpDate.of(log.at(at.known()).orElseThrow().recordedAt()));
        }
        if (request.getParameter("asKnownAt") == null) {
            answer.varyBy(HttpHeaders.ACCEPT, ACCEPT_DATETIME.toLowerCase(Locale.ROOT));
            if (at.known() >= 0) {
                answer.header(HttpHeaders.CONTENT_LOCATION, ServletUriComponentsBuilder.fromRequest(request)
                        .replaceQueryParam("asKnownAt", "position:" + at.known()).build().toUriString());
            }
        }
        return answer;
    }

    /** The answer to a write: 201 once every read sees it; 202 when that takes too long, or the caller does not want to wait. */
    public ResponseEntity<Receipt> answer(Receipt receipt, HttpServletRequest request, String location) {
        boolean seen = !respondAsync(request) && seen(receipt.position());
        return written(request, seen, HttpStatus.CREATED).location(URI.create(location))
                .eTag("\"" + receipt.sequence() + "\"").body(receipt);
    }

    /** The head of an answer to a write: the status for what is done, or 202 for what not every read sees yet. */
    public static ResponseEntity.BodyBuilder written(HttpServletRequest request, boolean seen, HttpStatus done) {
        ResponseEntity.BodyBuilder answer = ResponseEntity.status(seen ? done : HttpStatus.ACCEPTED);
        return respondAsync(request) ? answer.header("Preference-Applied", "respond-async") : answer;
    }

    /** A command as sent. What cannot be read is refused by the exception of the reader. */
    public static <T extends Command> T command(byte[] json, Class<T> kind) {
        @Nullable
        T command = LedgerJson.MAPPER.readValue(json, kind);
        if (command == null) {
            throw new Refused(Problem.of(Problem.Kind.MALFORMED, "null is no command: give an object",
                    new Problem.Fault("", "null is no command: give an object")));
        }
        return command;
    }
}
