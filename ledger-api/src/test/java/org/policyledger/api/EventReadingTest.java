package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;
import tools.jackson.databind.JsonNode;

class EventReadingTest {

    private static final String L = "events";
    private static final String NDJSON = "application/x-ndjson";
    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static final List<Answer> RECEIPTS = new ArrayList<>();
    private static long first;
    private static long last;

    @BeforeAll
    static void record() {
        RECEIPTS.add(LEDGER.record(Demand.register(L)));
        for (String entity : List.of("v-1", "v-2", "v-3")) {
            RECEIPTS.add(LEDGER
                    .record(Demand.list(entity, L, "2020-01-01", "Soci\u00e9t\u00e9 \uD83D\uDE00 \\\"q\\\" \\n")));
            RECEIPTS.add(LEDGER.record(Demand.delist(entity, L, "2021-01-01")));
        }
        first = RECEIPTS.getFirst().position();
        last = RECEIPTS.getLast().position();
    }

    private static LedgerLog log() {
        return LEDGER.context().getBean(LedgerLog.class);
    }

    private static List<Long> positions(Answer lines) {
        return lines.lines().stream().map(event -> Long.parseLong(event.get("position").asString())).toList();
    }

    private static Answer lines(String query) {
        Answer answer = LEDGER.get("/v1/events?" + query, "Accept", NDJSON);
        assertThat(answer.status()).as(query + answer).isEqualTo(200);
        return answer;
    }

    @Test
    void givenAnEvent_whenItIsShown_thenItIsACloudEventByteForByteAsInTheLog() {
        for (Answer receipt : RECEIPTS) {
            StoredEvent stored = log().at(receipt.position()).orElseThrow();
            Answer one = LEDGER.get("/v1/events/" + receipt.actionId());
            assertThat(one.header("Content-Type")).isEqualTo("application/cloudevents+json");
            assertThat(one.text()).isEqualTo(stored.event());
            assertThat(one.header("Cache-Control")).contains("immutable");
            JsonNode event = one.json();
            assertThat(event.get("specversion").asString()).isEqualTo("1.0");
            assertThat(event.get("id").asString()).isEqualTo(receipt.actionId());
            assertThat(event.get("source").asString()).startsWith("https://");
            assertThat(event.get("type").asString()).isIn("ListRegistered", "EntityListed", "EntityDelisted");
            assertThat(event.get("subject").asString()).isEqualTo(stored.stream());
            assertThat(Instant.parse(event.get("time").asString()))
                    .isEqualTo(Instant.parse(receipt.at("/recordedAt")));
            assertThat(event.get("datacontenttype").asString()).isEqualTo("application/json");
            assertThat(event.get("data").isObject()).isTrue();
            assertThat(Long.parseLong(event.get("position").asString())).isEqualTo(receipt.position());
            assertThat(Long.parseLong(event.get("sequence").asString())).isEqualTo(stored.sequence());
            assertThat(event.get("revision").asInt()).isEqualTo(1);
            event.propertyNames().forEach(name -> assertThat(name).matches("[a-z0-9]{1,20}"));
        }
        assertThat(LEDGER.get("/v1/events/" + RECEIPTS.get(1).actionId()).at("/effectivedate"))
                .isEqualTo("2020-01-01");
    }

    @Test
    void givenTheStream_whenAskedAsBatchAndAsLines_thenBothHoldTheEventsOfTheLogUnchanged() {
        String query = "after=" + (first - 1) + "&through=" + last;
        List<String> stored = log().read(first - 1, RECEIPTS.size()).stream().map(StoredEvent::event).toList();

        assertThat(lines(query).text()).isEqualTo(stored.stream().map(event -> event + "\n")
                .collect(Collectors.joining()));
        assertThat(lines(query).header("Content-Type")).isEqualTo(NDJSON);
        for (String accept : List.of("application/cloudevents-batch+json", "application/json", "*/*")) {
            Answer batch = LEDGER.get("/v1/events?" + query, "Accept", accept);
            assertThat(batch.header("Content-Type")).isEqualTo("application/cloudevents-batch+json");
            assertThat(batch.text()).isEqualTo("[" + String.join(",", stored) + "]");
        }
    }

    @Test
    void givenFilters_whenEventsAreAsked_thenOnlyThoseThatFitComeInOrder() {
        String own = "&listId=" + L + "&limit=1000&through=" + last;
        assertThat(positions(lines(own.substring(1)))).hasSize(7).isSorted();
        assertThat(positions(lines("entityId=v-2" + own))).containsExactly(RECEIPTS.get(3).position(),
                RECEIPTS.get(4).position());
        assertThat(positions(lines("type=EntityDelisted" + own))).containsExactly(RECEIPTS.get(2).position(),
                RECEIPTS.get(4).position(), RECEIPTS.get(6).position());
        assertThat(positions(lines("type=ListRegistered" + own))).containsExactly(first);
        assertThat(positions(lines("type=EntityListed&entityId=v-3" + own)))
                .containsExactly(RECEIPTS.get(5).position());
        assertThat(positions(lines("actor=anonymous" + own))).hasSize(7);
        assertThat(lines("actor=somebody" + own).text()).isEmpty();
        assertThat(lines("entityId=v-nobody").text()).isEmpty();
        assertThat(positions(lines("after=" + (last - 1) + own))).containsExactly(last);
        assertThat(positions(lines("after=" + first + "&through=" + (first + 2)))).containsExactly(first + 1,
                first + 2);
        assertThat(positions(lines("after=" + first + "&through=" + (first + 2) + "&listId=" + L)))
                .containsExactly(first + 1, first + 2);
        assertThat(lines("after=999999999").text()).isEmpty();
        assertThat(lines("through=-1").text()).isEmpty();
        assertThat(positions(lines("after=-7&limit=2"))).containsExactly(0L, 1L);
        assertThat(LEDGER.get("/v1/events?entityId=v-nobody").text()).isEqualTo("[]");
    }

    private static boolean fits(StoredEvent event, String filter) {
        return switch (filter) {
            case "" -> true;
            case "type=EntityListed&" -> event.type().equals("EntityListed");
            default -> event.data().contains("\"listId\":\"" + L + "\"");
        };
    }

    @Test
    void givenPagesOfEverySize_whenFollowedWhileMoreIsRecorded_thenTogetherTheyAreTheLogUpToTheFirstPage() {
        int number = 0;
        for (String filter : List.of("", "listId=" + L + "&", "type=EntityListed&")) {
            for (int limit : List.of(1, 3, 1000)) {
                if (limit == 1 && !filter.contains("listId")) {
                    continue;
                }
                long head = LEDGER.head();
                List<Long> expected = new ArrayList<>();
                for (StoredEvent event : log().read(-1, Math.toIntExact(head))) {
                    if (event.position() > first - 2 && fits(event, filter)) {
                        expected.add(event.position());
                    }
                }
                List<Long> seen = new ArrayList<>();
                String next = "/v1/events?" + filter + "after=" + (first - 2) + "&limit=" + limit;
                while (!next.isEmpty()) {
                    Answer page = LEDGER.get(next, "Accept", NDJSON);
                    assertThat(page.status()).as(next + page).isEqualTo(200);
                    seen.addAll(positions(page));
                    next = page.next();
                    if (seen.size() < 4) {
                        LEDGER.record(Demand.list("v-more-" + number++, L, "2020-01-01"));
                    }
                }
                assertThat(seen).as(filter + limit).isEqualTo(expected);
            }
        }
    }

    @Test
    void givenAnAnswerThroughAPosition_whenItIsBehindTheHead_thenItMayBeKeptForEver() {
        assertThat(lines("after=" + first + "&through=" + (last - 1)).header("Cache-Control")).contains("immutable");
        assertThat(lines("after=" + first).header("Cache-Control")).isEqualTo("no-cache");
        assertThat(lines("through=999999999&after=" + last).header("Cache-Control")).isEqualTo("no-cache");
    }

    @Test
    void givenQuestionsInWrongForms_whenAsked_thenMalformedAndTheValueIsNamed() {
        for (String wrong : List.of("after=x", "through=1.5", "after=99999999999999999999", "type=Everything",
                "entityId=a%20b", "listId=A", "actor=", "actor=%00", "actor=" + "a".repeat(201), "type=")) {
            Answer answer = LEDGER.get("/v1/events?" + wrong);
            assertThat(answer.status()).as(wrong + answer).isEqualTo(400);
            assertThat(answer.code()).isEqualTo("malformed");
            assertThat(answer.at("/detail")).contains(wrong.substring(0, wrong.indexOf('=')));
        }
        assertThat(LEDGER.get("/v1/events?after=x").at("/detail")).isEqualTo("after 'x' is not a whole number");
        assertThat(LEDGER.get("/v1/events/not-an-id").code()).isEqualTo("malformed");
        Answer unknown = LEDGER.get("/v1/events/00000000-0000-4000-8000-000000000000");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.code()).isEqualTo("unknown-event");
    }
}
