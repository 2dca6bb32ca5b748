package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The recorded axis by HTTP's own means: RFC 7089, each resource its own TimeGate. */
class MementoTest {

    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static final String L = "memento";
    private static final List<String> PATHS = List.of("/v1/entities/t-1", "/v1/entities/t-1/status",
            "/v1/entities/t-1/timeline", "/v1/entities/t-1/history", "/v1/lists/" + L, "/v1/lists/" + L + "/entries",
            "/v1/lists/" + L + "/entries?limit=1&asOf=2020-01-01");
    private static final DateTimeFormatter IMF = DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'",
            Locale.US).withZone(ZoneOffset.UTC);

    private static long listed;
    private static long last;

    @BeforeAll
    static void record() {
        LEDGER.record(Demand.register(L));
        listed = LEDGER.record(Demand.list("t-1", L, "2020-01-01")).position();
        LEDGER.record(Demand.list("t-2", L, "2020-01-01"));
        last = LEDGER.record(Demand.amend("t-1", L, "2020-02-01", "another")).position();
    }

    /** When the event at the position was recorded, as the event itself says. */
    private static Instant recordedAt(long position) {
        return Instant.parse(LEDGER.json("/v1/events?after=" + (position - 1) + "&limit=1").at("/0/time").asString());
    }

    private static Answer at(String path, String httpDate) {
        return LEDGER.get(path, "Accept-Datetime", httpDate);
    }

    private static String vary(Answer answer) {
        return String.join(", ", answer.response().headers().allValues("Vary")).toLowerCase(Locale.ROOT);
    }

    private static String original(Answer answer) {
        return answer.response().headers().allValues("Link").stream()
                .filter(link -> link.endsWith("; rel=\"original timegate\"")).findFirst().orElse("");
    }

    /** The last position recorded in the second or before, as the events themselves say. */
    private static long lastIn(Instant second) {
        long found = -1;
        for (JsonNode event : LEDGER.json("/v1/events?limit=1000&after=" + (listed - 1))) {
            if (Instant.parse(event.get("time").asString()).isBefore(second.plusSeconds(1))) {
                found = Long.parseLong(event.get("position").asString());
            }
        }
        return found;
    }

    @Test
    void givenADate_whenAResourceIsAsked_thenItIsAsItWasKnownAtTheEndOfThatSecond() {
        Instant second = recordedAt(listed).truncatedTo(ChronoUnit.SECONDS);
        long position = lastIn(second);
        assertThat(position).isGreaterThanOrEqualTo(listed);
        for (String path : PATHS) {
            Answer answer = at(path, IMF.format(second));
            assertThat(answer.status()).as(path + answer).isEqualTo(200);
            assertThat(answer.json()).as(path).isEqualTo(
                    LEDGER.json(path + (path.contains("?") ? "&" : "?") + "asKnownAt=position:" + position));
            assertThat(answer.header("Memento-Datetime")).isEqualTo(IMF.format(recordedAt(position)));
            assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
        }
    }

    @Test
    void givenAnAnswer_whenItsOwnDateIsAskedAgain_thenItIsTheSameState() {
        for (String path : PATHS) {
            Answer now = LEDGER.get(path);
            Answer again = at(path, now.header("Memento-Datetime"));
            assertThat(again.json().get("position")).as(path).isEqualTo(now.json().get("position"));
            assertThat(now.json().get("position").asLong()).isGreaterThanOrEqualTo(last);
        }
    }

    @Test
    void givenNoParameterForTheRecordedAxis_whenAsked_thenTheAnswerSaysThatItVariesAndWhereItsStateStays() {
        for (String path : PATHS) {
            for (Answer answer : List.of(LEDGER.get(path), at(path, IMF.format(Instant.now())))) {
                assertThat(vary(answer)).as(path).contains("accept-datetime");
                assertThat(original(answer)).isEqualTo("<" + LEDGER.url() + path + ">; rel=\"original timegate\"");
                String location = answer.header("Content-Location");
                assertThat(location).startsWith(LEDGER.url() + path.replaceFirst("\\?.*", ""))
                        .endsWith("asKnownAt=position:" + answer.json().get("position").asLong());
                Answer stays = LEDGER.get(location.substring(LEDGER.url().length()));
                assertThat(stays.json()).as(location).isEqualTo(answer.json());
                assertThat(stays.header("Memento-Datetime")).isEqualTo(answer.header("Memento-Datetime"));
                assertThat(original(stays)).isEqualTo(original(answer));
                assertThat(vary(stays)).doesNotContain("accept-datetime");
                assertThat(stays.header("Content-Location")).isEmpty();
            }
        }
        assertThat(vary(LEDGER.get("/v1/events?limit=1"))).doesNotContain("accept-datetime");
    }

    @Test
    void givenRowsOrAPageOfTheHistory_whenADateIsNamed_thenItHoldsForThemToo() {
        String before = "Thu, 01 Jan 1970 00:00:00 GMT";
        Answer page = LEDGER.get("/v1/entities/t-1/history", "Accept", "text/html", "Accept-Datetime", before);
        assertThat(page.text()).contains("Nothing was recorded up to position -1");
        String now = LEDGER.get("/v1/lists/" + L).header("Memento-Datetime");
        for (String form : List.of("text/csv", "application/x-ndjson")) {
            Answer rows = LEDGER.get("/v1/lists/" + L + "/entries", "Accept", form, "Accept-Datetime", now);
            assertThat(rows.text().lines().filter(line -> line.contains("t-"))).hasSize(2);
            assertThat(rows.header("Memento-Datetime")).isEqualTo(now);
            assertThat(vary(rows)).contains("accept-datetime");
        }
    }

    @Test
    void givenTimesOutsideTheRecord_whenAsked_thenBeforeItNothingIsKnownAndAheadOfItAllIs() {
        Answer early = at("/v1/entities/t-1/timeline", "Thu, 01 Jan 1970 00:00:00 GMT");
        assertThat(early.json().get("position").asLong()).isEqualTo(-1);
        assertThat(early.json().get("lists")).isEmpty();
        assertThat(early.header("Memento-Datetime")).isEmpty();
        assertThat(early.header("Content-Location")).isEmpty();
        assertThat(at("/v1/lists/" + L, "Thu, 01 Jan 1970 00:00:00 GMT").code()).isEqualTo("unknown-list");
        Answer ahead = at("/v1/entities/t-1/timeline", IMF.format(Instant.parse("2199-01-01T00:00:00Z")));
        assertThat(ahead.status()).as(ahead.toString()).isEqualTo(200);
        assertThat(ahead.json().get("position").asLong()).isEqualTo(LEDGER.head() - 1);
    }

    @Test
    void givenTheObsoleteFormsOfADate_whenAsked_thenTheyAreUnderstood() {
        long now = LEDGER.json("/v1/entities/t-1/timeline").get("position").asLong();
        for (String date : List.of("Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                "Sun, 06 Nov 1994 08:49:37 GMT")) {
            Answer answer = at("/v1/entities/t-1/timeline", date);
            assertThat(answer.status()).as(date + answer).isEqualTo(200);
            assertThat(answer.json().get("position").asLong()).isEqualTo(-1).isLessThan(now);
        }
    }

    @Test
    void givenADateThatIsNone_whenAsked_thenMalformed() {
        for (String wrong : List.of("yesterday", "2023-11-16T12:00:00Z", "position:4", "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49:37 +0100", "Mon, 06 Nov 1994 08:49:37 GMT", "Wed, 30 Feb 2022 08:49:37 GMT",
                "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "sun, 06 nov 1994 08:49:37 gmt",
                "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT")) {
            for (String path : PATHS) {
                Answer answer = at(path, wrong);
                assertThat(answer.status()).as(path + wrong + answer).isEqualTo(400);
                assertThat(answer.code()).isEqualTo("malformed");
                assertThat(answer.at("/detail")).contains("Accept-Datetime", "GMT");
            }
        }
    }

    @Test
    void givenBothWaysToNameTheRecordedAxis_whenAsked_thenRefused() {
        for (String path : PATHS) {
            Answer answer = at(path + (path.contains("?") ? "&" : "?") + "asKnownAt=position:" + last,
                    "Thu, 01 Jan 2026 00:00:00 GMT");
            assertThat(answer.status()).as(path).isEqualTo(400);
            assertThat(answer.code()).isEqualTo("malformed");
            assertThat(answer.at("/detail")).contains("Accept-Datetime", "asKnownAt", "one of them");
        }
    }
}
