package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class BatchTest {

    private static final String EACH = "/v1/actions/batch";
    private static final String ATOMIC = "/v1/actions/batch?atomic=true";
    private static final String L = "batch";
    private static final RunningLedger LEDGER = RunningLedger.shared();

    @BeforeAll
    static void register() {
        LEDGER.record(Demand.register(L));
    }

    private static List<String> kinds(Answer answer) {
        return answer.lines().stream().map(line -> line.has("code") ? line.get("code").asString() : "recorded")
                .toList();
    }

    private static String lines(String... commands) {
        return String.join("\n", commands) + "\n";
    }

    // ---- each line for itself ----

    @Test
    void givenGoodAndBadLines_whenEachStandsAlone_thenTheAnswersComeInOrderAndTheGoodAreRecorded() {
        long head = LEDGER.head();
        Answer answer = LEDGER.batch(EACH, lines(Demand.list("b-1", L, "2020-01-01"),
                Demand.delist("b-nobody", L, "2020-01-01"), "not json", "null", Demand.list("b-2", L, "2020-01-01"),
                Demand.list("b-3", "unheard-of", "2020-01-01"), Demand.list("b-4", L, "2021-02-30")));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/x-ndjson");
        assertThat(kinds(answer)).containsExactly("recorded", "not-listed", "malformed", "malformed", "recorded",
                "unknown-list", "malformed");
        assertThat(answer.lines().get(0).get("entityId").asString()).isEqualTo("b-1");
        assertThat(answer.lines().get(4).get("entityId").asString()).isEqualTo("b-2");
        assertThat(answer.lines().get(1).get("type").asString()).isEqualTo("/problems/not-listed");
        assertThat(answer.lines().get(1).get("detail").asString()).contains("b-nobody");
        assertThat(answer.lines().get(6).at("/errors/0/pointer").asString()).isEqualTo("/effectiveDate");
        assertThat(LEDGER.head()).isEqualTo(head + 2);
    }

    @Test
    void givenBlankLinesAndCarriageReturns_whenRecorded_thenOnlyCommandsAreAnswered() {
        Answer answer = LEDGER.batch(EACH, "\r\n\n  \t\n" + Demand.list("b-crlf-1", L, "2020-01-01") + "\r\n\r\n"
                + Demand.list("b-crlf-2", L, "2020-01-01"));

        assertThat(kinds(answer)).containsExactly("recorded", "recorded");
        Answer atomic = LEDGER.batch(ATOMIC, "\r\n" + Demand.delist("b-crlf-1", L, "2021-01-01") + "\r\n\n"
                + Demand.delist("b-crlf-2", L, "2021-01-01") + "\r\n");
        assertThat(atomic.status()).as(atomic.toString()).isEqualTo(201);
        assertThat(kinds(atomic)).containsExactly("recorded", "recorded");
    }

    @Test
    void givenManyLinesOnOneEntity_whenRecorded_thenTheyAreTakenInOrder() {
        List<String> commands = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            commands.add(Demand.list("b-order", L, "20%02d-01-01".formatted(i)));
            commands.add(Demand.list("b-other-" + i, L, "2020-01-01"));
            commands.add(Demand.delist("b-order", L, "20%02d-07-01".formatted(i)));
        }
        Answer answer = LEDGER.batch(EACH, lines(commands.toArray(String[]::new)));

        assertThat(kinds(answer)).hasSize(60).containsOnly("recorded");
        long before = -1;
        for (int i = 0; i < 60; i++) {
            if (i % 3 != 1) {
                long sequence = answer.lines().get(i).get("sequence").asLong();
                assertThat(sequence).isEqualTo(before + 1);
                before = sequence;
            }
        }
    }

    @Test
    void givenAListRegisteredInTheBatch_whenLaterLinesUseIt_thenTheyAreRecordedAndEarlierOnesRefused() {
        for (String address : List.of(EACH, ATOMIC)) {
            String list = "batch-new-" + address.length();
            Answer answer = LEDGER.batch(address, lines(Demand.register(list), Demand.list("b-reg", list, "2020-01-01"),
                    Demand.amend("b-reg", list, "2020-02-01", "b")));
            assertThat(kinds(answer)).as(answer.toString()).containsExactly("recorded", "recorded", "recorded");
        }
        Answer early = LEDGER.batch(EACH, lines(Demand.list("b-early", "batch-late", "2020-01-01"),
                Demand.register("batch-late"), Demand.list("b-early", "batch-late", "2020-02-01")));
        assertThat(kinds(early)).containsExactly("unknown-list", "recorded", "recorded");
        Answer together = LEDGER.batch(ATOMIC, lines(Demand.list("b-early", "batch-later", "2020-01-01"),
                Demand.register("batch-later")));
        assertThat(together.code()).isEqualTo("unknown-list");
        assertThat(LEDGER.get("/v1/lists/batch-later").status()).isEqualTo(404);
    }

    @Test
    void givenABatchUnderAKey_whenItIsSentAgain_thenEachRecordedLineGivesItsFirstAnswerAndRefusedOnesAreTriedAgain() {
        String body = lines(Demand.list("b-key-1", L, "2020-01-01"), Demand.delist("b-key-2", L, "2020-06-01"),
                Demand.list("b-key-3", L, "2020-01-01"));
        Answer first = LEDGER.batch(EACH, body, "Idempotency-Key", "b-key");
        assertThat(kinds(first)).containsExactly("recorded", "not-listed", "recorded");
        LEDGER.record(Demand.list("b-key-2", L, "2020-01-01"));
        long head = LEDGER.head();

        Answer again = LEDGER.batch(EACH, body, "Idempotency-Key", "b-key");

        assertThat(kinds(again)).containsExactly("recorded", "recorded", "recorded");
        assertThat(again.lines().get(0)).isEqualTo(first.lines().get(0));
        assertThat(again.lines().get(2)).isEqualTo(first.lines().get(2));
        assertThat(LEDGER.head()).isEqualTo(head + 1);
        assertThat(LEDGER.batch(EACH, body, "Idempotency-Key", "b-key").text()).isEqualTo(again.text());
        assertThat(LEDGER.head()).isEqualTo(head + 1);
        Answer changed = LEDGER.batch(EACH, body.replace("b-key-1", "b-key-9"), "Idempotency-Key", "b-key");
        assertThat(kinds(changed)).containsExactly("idempotency-key-reused", "recorded", "recorded");
        assertThat(LEDGER.head()).isEqualTo(head + 1);
    }

    @Test
    void givenThousandsOfLinesOnKnownEntities_whenRecordedSideBySide_thenNoneIsRefusedForWantOfAConnection() {
        int many = 1_000;
        String list = IntStream.range(0, many).mapToObj(i -> Demand.list("b-many-" + i, L, "2020-01-01"))
                .collect(Collectors.joining("\n"));
        assertThat(kinds(LEDGER.batch(EACH, list))).hasSize(many).containsOnly("recorded");
        String delist = IntStream.range(0, many).mapToObj(i -> Demand.delist("b-many-" + i, L, "2020-02-01"))
                .collect(Collectors.joining("\n"));
        Answer answer = LEDGER.batch(EACH, delist);
        assertThat(kinds(answer)).hasSize(many).containsOnly("recorded");
        assertThat(LEDGER.json("/v1/entities/b-many-999/status?asOf=2020-02-01").at("/lists/0/state").asString())
                .isEqualTo("NOT_LISTED");
    }

    // ---- all or nothing ----

    @Test
    void givenGoodLines_whenAtomic_thenAllAreRecordedAtConsecutivePositions() {
        Answer answer = LEDGER.batch(ATOMIC, lines(Demand.list("b-all", L, "2020-01-01"),
                Demand.amend("b-all", L, "2020-02-01", "b"), Demand.delist("b-all", L, "2020-03-01"),
                Demand.list("b-all-2", L, "2020-01-01")));

        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        List<JsonNode> receipts = answer.lines();
        assertThat(receipts).hasSize(4);
        for (int i = 0; i < 4; i++) {
            assertThat(receipts.get(i).get("position").asLong())
                    .isEqualTo(receipts.getFirst().get("position").asLong() + i);
            assertThat(receipts.get(i).get("recordedAt")).isEqualTo(receipts.getFirst().get("recordedAt"));
        }
        assertThat(receipts.get(2).get("sequence").asInt()).isEqualTo(2);
    }

    @Test
    void givenOneBadLine_whenAtomic_thenTheErrorNamesItAndNothingIsRecorded() {
        long head = LEDGER.head();
        String good = Demand.list("b-none", L, "2020-01-01");
        for (String bad : List.of(Demand.delist("b-none-2", L, "2020-01-01"), "not json", "null", "[]",
                Demand.list("b-none-2", "unheard-of", "2020-01-01"), Demand.list("b-none-2", L, "2021-02-30"),
                Demand.list("b-none", L, "2020-05-01"), Demand.register(L))) {
            Answer answer = LEDGER.batch(ATOMIC, good + "\n\n" + bad + "\n" + Demand.delist("b-none", L, "2020-09-01"));
            assertThat(answer.status()).as(bad + answer).isIn(400, 404, 409);
            assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(answer.at("/detail")).as(bad).startsWith("Line 3: ").contains("nothing of the batch");
            assertThat(answer.at("/errors/0/pointer")).isEqualTo("/2");
            assertThat(LEDGER.head()).isEqualTo(head);
        }
        assertThat(LEDGER.get("/v1/entities/b-none").status()).isEqualTo(404);
    }

    @Test
    void givenAnAtomicBatchUnderAKey_whenItIsSentAgain_thenTheFirstAnswerComesAndNothingIsRecorded() {
        String body = lines(Demand.list("b-akey", L, "2020-01-01"), Demand.delist("b-akey", L, "2020-03-01"));
        Answer refused = LEDGER.batch(ATOMIC, lines(Demand.delist("b-akey", L, "2020-03-01")), "Idempotency-Key",
                "b-atomic");
        assertThat(refused.code()).as("a refused try leaves the key free").isEqualTo("not-listed");
        Answer first = LEDGER.batch(ATOMIC, body, "Idempotency-Key", "b-atomic");
        assertThat(first.status()).isEqualTo(201);
        long head = LEDGER.head();

        assertThat(LEDGER.batch(ATOMIC, body, "Idempotency-Key", "b-atomic").text()).isEqualTo(first.text());
        assertThat(LEDGER.batch(ATOMIC, body.replace("b-akey", "b-bkey"), "Idempotency-Key", "b-atomic").code())
                .isEqualTo("idempotency-key-reused");
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    // ---- form and limits ----

    @Test
    void givenALineThatIsNotUtf8_whenRecorded_thenItAloneIsRefusedAndNothingIsReplaced() {
        byte[] bad = Demand.list("b-latin", L, "2020-01-01", "Soci\u00e9t\u00e9").getBytes(StandardCharsets.ISO_8859_1);
        byte[] good = ("\n" + Demand.list("b-utf8", L, "2020-01-01", "Soci\u00e9t\u00e9 \uD83D\uDE00"))
                .getBytes(StandardCharsets.UTF_8);
        byte[] body = new byte[bad.length + good.length];
        System.arraycopy(bad, 0, body, 0, bad.length);
        System.arraycopy(good, 0, body, bad.length, good.length);

        Answer answer = LEDGER.send("POST", EACH, body, "Content-Type", "application/x-ndjson");

        assertThat(kinds(answer)).containsExactly("malformed", "recorded");
        assertThat(answer.lines().getFirst().get("detail").asString()).contains("UTF-8");
        assertThat(LEDGER.json("/v1/entities/b-utf8/status").at("/lists/0/entry/remarks").asString())
                .isEqualTo("Soci\u00e9t\u00e9 \uD83D\uDE00");
        assertThat(LEDGER.send("POST", ATOMIC, body, "Content-Type", "application/x-ndjson").code())
                .isEqualTo("malformed");
    }

    @Test
    void givenMoreThanTheLimits_whenSent_thenTooLargeAndNothingIsRecorded() {
        long head = LEDGER.head();
        String line = Demand.list("b-limit", L, "2020-01-01") + "\n";
        for (String address : List.of(EACH, ATOMIC)) {
            Answer lines = LEDGER.batch(address, line.repeat(10_001));
            assertThat(lines.status()).as(lines.toString()).isEqualTo(413);
            assertThat(lines.at("/detail")).contains("10001", "10000");
            Answer bytes = LEDGER.batch(address, " ".repeat(32 * 1024 * 1024 + 1));
            assertThat(bytes.status()).as(bytes.toString()).isEqualTo(413);
            for (String empty : List.of("", "\n", "\r\n  \r\n")) {
                Answer nothing = LEDGER.batch(address, empty);
                assertThat(nothing.code()).as(nothing.toString()).isEqualTo("malformed");
                assertThat(nothing.at("/detail")).contains("empty");
            }
        }
        Answer wrong = LEDGER.batch("/v1/actions/batch?atomic=perhaps", line);
        assertThat(wrong.code()).isEqualTo("malformed");
        assertThat(wrong.at("/detail")).contains("atomic", "perhaps", "true or false");
        assertThat(LEDGER.head()).isEqualTo(head);
    }
}
