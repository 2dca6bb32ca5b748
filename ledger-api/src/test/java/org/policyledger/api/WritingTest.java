package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class WritingTest {

    private static final String L = "writing";
    private static final RunningLedger LEDGER = RunningLedger.shared();

    @BeforeAll
    static void register() {
        LEDGER.record(Demand.register(L));
    }

    private static String state(String entity, String asOf) {
        return LEDGER.json("/v1/entities/" + entity + "/status?listId=" + L + "&asOf=" + asOf)
                .at("/lists/0/state").asString();
    }

    @Test
    void givenAList_whenItIsRegistered_thenTheReceiptNamesItAndItsPlace() {
        Answer answer = LEDGER.post("/v1/lists", Demand.register("writing-2"));

        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        assertThat(answer.header("Location")).isEqualTo("/v1/lists/writing-2");
        assertThat(answer.at("/listId")).isEqualTo("writing-2");
        assertThat(answer.json().has("entityId")).isFalse();
        assertThat(answer.json().get("sequence").asLong()).isZero();
        assertThat(LEDGER.json("/v1/lists/writing-2").at("/list/details/authority").asString())
                .isEqualTo("An Office");
    }

    @Test
    void givenAnEntity_whenEveryKindOfActionIsRecorded_thenEachHasItsReceiptAndItsEffect() {
        List<Answer> receipts = new ArrayList<>();
        receipts.add(LEDGER.record(Demand.list("w-all", L, "2020-01-01")));
        receipts.add(LEDGER.record(Demand.amend("w-all", L, "2020-02-01", "second wording")));
        receipts.add(LEDGER.record(Demand.suspend("w-all", L, "2020-03-01")));
        receipts.add(LEDGER.record(Demand.reinstate("w-all", L, "2020-04-01")));
        receipts.add(LEDGER.record(Demand.delist("w-all", L, "2020-05-01")));
        receipts.add(LEDGER.record(Demand.correct("w-all", receipts.get(4).actionId(),
                Demand.delist("w-all", L, "2020-06-01"))));
        receipts.add(LEDGER.record(Demand.list("w-all", L, "2020-07-01")));
        receipts.add(LEDGER.record(Demand.strike("w-all", receipts.get(6).actionId())));

        Set<String> ids = new HashSet<>();
        for (int i = 0; i < receipts.size(); i++) {
            Answer receipt = receipts.get(i);
            assertThat(receipt.json().get("sequence").asLong()).isEqualTo(i);
            assertThat(receipt.header("ETag")).isEqualTo("\"" + i + "\"");
            assertThat(receipt.header("Location")).isEqualTo("/v1/events/" + receipt.actionId());
            assertThat(receipt.at("/entityId")).isEqualTo("w-all");
            assertThat(receipt.header("Content-Type")).isEqualTo("application/json");
            assertThat(LEDGER.get(receipt.header("Location")).at("/id")).isEqualTo(receipt.actionId());
            ids.add(receipt.actionId());
        }
        assertThat(ids).hasSize(8);
        assertThat(List.of("2019-12-31", "2020-01-01", "2020-03-01", "2020-04-01", "2020-05-31", "2020-06-01",
                "2020-07-01").stream().map(day -> state("w-all", day)))
                .containsExactly("NOT_LISTED", "LISTED", "SUSPENDED", "LISTED", "LISTED", "NOT_LISTED", "NOT_LISTED");
    }

    @Test
    void givenTwoHundredWrites_whenEachIsAnswered_thenEveryReadAlreadySeesIt() {
        for (int i = 0; i < 200; i++) {
            String entity = "w-seen-" + i;
            Answer receipt = LEDGER.record(Demand.list(entity, L, "2021-01-01"));
            assertThat(state(entity, "2021-01-01")).isEqualTo("LISTED");
            assertThat(LEDGER.json("/v1/events?entityId=" + entity).at("/0/id").asString())
                    .isEqualTo(receipt.actionId());
            assertThat(LEDGER.json("/v1/lists/" + L + "/entries?asOf=2021-01-01&limit=1").get("position").asLong())
                    .isGreaterThanOrEqualTo(receipt.position());
            if (i % 10 == 0) {
                assertThat(LEDGER.json("/v1/entities/" + entity).get("sequence").asLong()).isZero();
                assertThat(LEDGER.json("/v1/entities/" + entity + "/history").get("actions")).hasSize(1);
                assertThat(LEDGER.json("/v1/entities/" + entity + "/timeline").at("/lists/" + L)).hasSize(1);
                assertThat(LEDGER.json("/v1/lists/" + L + "?asOf=2021-01-01").at("/list/entries").asInt())
                        .isGreaterThan(i);
                assertThat(LEDGER.get(receipt.header("Location")).status()).isEqualTo(200);
                assertThat(
                        LEDGER.json("/v1/lists/" + L + "/changes?from=2020-12-31&to=2021-01-01&limit=1000").toString())
                        .contains("\"" + entity + "\"");
            }
        }
    }

    @Test
    void givenPreferRespondAsync_whenRecorded_thenTheAnswerIs202WithTheReceiptAndSaysSo() {
        Answer answer = LEDGER.post("/v1/actions", Demand.list("w-async", L, "2021-01-01"), "Prefer",
                "respond-async");

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.header("Preference-Applied")).isEqualTo("respond-async");
        assertThat(LEDGER.get("/v1/events/" + answer.actionId()).status()).isEqualTo(200);
        Answer batch = LEDGER.batch("/v1/actions/batch", Demand.list("w-async-2", L, "2021-01-01"), "Prefer",
                "respond-async");
        assertThat(batch.status()).isEqualTo(202);
        assertThat(batch.header("Preference-Applied")).isEqualTo("respond-async");
        assertThat(LEDGER.record(Demand.list("w-async-3", L, "2021-01-01")).header("Preference-Applied")).isEmpty();
    }

    // ---- If-Match ----

    @Test
    void givenTheLastSequence_whenItIsNamed_thenRecorded_andWhenItHasPassed_thenRefusedAsStale() {
        Answer first = LEDGER.record(Demand.list("w-etag", L, "2020-01-01"));
        String tag = first.header("ETag");
        Answer second = LEDGER.post("/v1/actions", Demand.amend("w-etag", L, "2020-02-01", "b"), "If-Match", tag);
        assertThat(second.status()).as(second.toString()).isEqualTo(201);
        long head = LEDGER.head();

        Answer stale = LEDGER.post("/v1/actions", Demand.amend("w-etag", L, "2020-03-01", "c"), "If-Match", tag);

        assertThat(stale.status()).isEqualTo(412);
        assertThat(stale.code()).isEqualTo("stale-sequence");
        assertThat(stale.at("/detail")).contains("Sequence 0", "entity/w-etag", "its last is 1");
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenAProfile_whenItsETagIsSentAsItIs_thenTheCommandIsAccepted() {
        LEDGER.record(Demand.list("w-profile", L, "2020-01-01"));
        for (String query : List.of("", "?asOf=2020-01-01")) {
            Answer profile = LEDGER.get("/v1/entities/w-profile" + query);
            assertThat(profile.header("ETag")).startsWith("\"" + profile.json().get("sequence").asLong());
            Answer answer = LEDGER.post("/v1/actions",
                    Demand.amend("w-profile", L, "2020-02-01", "wording after" + query), "If-Match",
                    profile.header("ETag"));
            assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        }
    }

    @Test
    void givenAProfileOfToday_whenItsETagIsTheOneOfYesterday_thenItIsAnsweredAnew() {
        LEDGER.record(Demand.list("w-today", L, "2020-01-01"));
        String today = LEDGER.get("/v1/entities/w-today").header("ETag");

        assertThat(LEDGER.get("/v1/entities/w-today", "If-None-Match", today).status()).isEqualTo(304);
        assertThat(LEDGER.get("/v1/entities/w-today", "If-None-Match", "\"0;2020-01-01\"").status()).isEqualTo(200);
    }

    @Test
    void givenSomethingElseThanAnETag_whenSentAsIfMatch_thenMalformed() {
        for (String wrong : List.of("0", "*", "W/\"0\"", "\"x\"", "\"0\", \"1\"", "\"99999999999999999999\"")) {
            Answer answer = LEDGER.post("/v1/actions", Demand.list("w-iftest", L, "2020-01-01"), "If-Match", wrong);
            assertThat(answer.status()).as(wrong).isEqualTo(400);
            assertThat(answer.at("/detail")).contains("If-Match");
        }
        Answer batch = LEDGER.batch("/v1/actions/batch", Demand.list("w-iftest", L, "2020-01-01"), "If-Match", "\"0\"");
        assertThat(batch.code()).as(batch.toString()).isEqualTo("malformed");
        assertThat(LEDGER.get("/v1/entities/w-iftest").status()).isEqualTo(404);
    }

    // ---- Idempotency-Key ----

    @Test
    void givenARecordedRequest_whenItIsSentAgainUnderItsKey_thenTheFirstAnswerComesAndNothingIsRecorded() {
        String command = Demand.list("w-key", L, "2020-01-01");
        Answer first = LEDGER.post("/v1/actions", command, "Idempotency-Key", "w-key-1");
        LEDGER.record(Demand.delist("w-key", L, "2020-02-01"));
        long head = LEDGER.head();

        Answer again = LEDGER.post("/v1/actions", command, "Idempotency-Key", "w-key-1");

        assertThat(again.status()).isEqualTo(201);
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(again.header("ETag")).isEqualTo(first.header("ETag"));
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenAUsedKey_whenAnotherBodyOrAddressComesUnderIt_thenRefusedAndNothingIsRecorded() {
        LEDGER.post("/v1/actions", Demand.list("w-reuse", L, "2020-01-01"), "Idempotency-Key", "w-key-2");
        long head = LEDGER.head();

        for (Answer answer : List.of(
                LEDGER.post("/v1/actions", Demand.list("w-reuse", L, "2020-01-02"), "Idempotency-Key", "w-key-2"),
                LEDGER.post("/v1/actions", Demand.list("w-reuse-2", L, "2020-01-01"), "Idempotency-Key", "w-key-2"),
                LEDGER.post("/v1/lists", Demand.register("w-reuse"), "Idempotency-Key", "w-key-2"),
                LEDGER.batch("/v1/actions/batch?atomic=true", Demand.list("w-reuse", L, "2020-01-01"),
                        "Idempotency-Key", "w-key-2"))) {
            assertThat(answer.status()).as(answer.toString()).isEqualTo(422);
            assertThat(answer.code()).isEqualTo("idempotency-key-reused");
            assertThat(answer.at("/detail")).contains("w-key-2");
        }
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenARefusedFirstTry_whenTheKeyComesWithTheRightBody_thenItIsFreeAndRecorded() {
        Answer refused = LEDGER.post("/v1/actions", Demand.delist("w-free", L, "2020-01-01"), "Idempotency-Key",
                "w-key-3");
        assertThat(refused.code()).isEqualTo("not-listed");

        Answer right = LEDGER.post("/v1/actions", Demand.list("w-free", L, "2020-01-01"), "Idempotency-Key", "w-key-3");

        assertThat(right.status()).as(right.toString()).isEqualTo(201);
    }

    @Test
    void givenTwentyThreads_whenAllSendTheSameRequestUnderOneKey_thenItIsRecordedOnceAndAllGetTheSameAnswer()
            throws InterruptedException, ExecutionException {
        long head = LEDGER.head();
        String command = Demand.list("w-twenty", L, "2020-01-01");
        CountDownLatch go = new CountDownLatch(1);
        Set<String> answers = new HashSet<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(20)) {
            List<Future<Answer>> sent = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                sent.add(threads.submit(() -> {
                    go.await();
                    return LEDGER.post("/v1/actions", command, "Idempotency-Key", "w-key-20");
                }));
            }
            go.countDown();
            for (Future<Answer> answer : sent) {
                answers.add(answer.get().status() + " " + answer.get().text());
            }
        }

        assertThat(answers).hasSize(1).allMatch(answer -> answer.startsWith("201 "));
        assertThat(LEDGER.head()).isEqualTo(head + 1);
    }

    @Test
    void givenTwentyThreads_whenAllWriteToOneEntity_thenEachIsRecordedOnceInDenseSequence()
            throws InterruptedException, ExecutionException {
        LEDGER.record(Demand.list("w-busy", L, "2020-01-01"));
        Set<Long> sequences = new HashSet<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(20)) {
            List<Future<Answer>> sent = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String command = Demand.amend("w-busy", L, "2020-02-01", "wording " + i);
                sent.add(threads.submit(() -> LEDGER.record(command)));
            }
            for (Future<Answer> answer : sent) {
                sequences.add(answer.get().json().get("sequence").asLong());
            }
        }

        assertThat(sequences).hasSize(20);
        JsonNode actions = LEDGER.json("/v1/entities/w-busy/history").get("actions");
        assertThat(actions).hasSize(21);
        for (int i = 0; i < 21; i++) {
            assertThat(actions.get(i).get("sequence").asInt()).isEqualTo(i);
        }
    }

    @Test
    void givenKeysOfManyForms_whenSent_thenThoseWithinTheRuleWorkAndOthersAreMalformed() {
        int number = 0;
        for (String right : List.of("x", "\"quoted-w\"", "8e03978e-40d5-43dd-bc93-6894a57f9324", "k".repeat(150))) {
            Answer answer = LEDGER.post("/v1/actions", Demand.list("w-form-" + number++, L, "2020-01-01"),
                    "Idempotency-Key", right);
            assertThat(answer.status()).as(right + answer).isEqualTo(201);
            Answer batch = LEDGER.batch("/v1/actions/batch", Demand.list("w-form-" + number++, L, "2020-01-01"),
                    "Idempotency-Key", right);
            assertThat(batch.status()).as(right + batch).isEqualTo(200);
            assertThat(batch.lines().getFirst().has("actionId")).as(right + batch).isTrue();
        }
        for (String wrong : List.of("", "a b", "k".repeat(151), "a\tb")) {
            Answer answer = LEDGER.post("/v1/actions", Demand.list("w-form-x", L, "2020-01-01"), "Idempotency-Key",
                    wrong);
            assertThat(answer.status()).as(wrong + answer).isEqualTo(400);
            assertThat(answer.at("/detail")).contains("Idempotency-Key");
        }
    }

    @Test
    void givenARecordedRequest_whenTheServiceHasBeenRestarted_thenItsKeyStillGivesTheFirstAnswer() {
        java.nio.file.Path data = RunningLedger.folder();
        String command = Demand.list("x", "l", "2020-01-01");
        String lines = Demand.delist("x", "l", "2021-01-01") + "\n" + Demand.list("y", "l", "2021-01-01");
        Answer first;
        Answer batch;
        try (RunningLedger before = RunningLedger.on(data)) {
            before.record(Demand.register("l"));
            first = before.post("/v1/actions", command, "Idempotency-Key", "one");
            batch = before.batch("/v1/actions/batch?atomic=true", lines, "Idempotency-Key", "many");
            assertThat(batch.status()).as(batch.toString()).isEqualTo(201);
        }
        try (RunningLedger after = RunningLedger.on(data)) {
            long head = after.head();
            Answer again = after.post("/v1/actions", command, "Idempotency-Key", "one");
            assertThat(again.status() + again.text()).isEqualTo(201 + first.text());
            assertThat(after.batch("/v1/actions/batch?atomic=true", lines, "Idempotency-Key", "many").text())
                    .isEqualTo(batch.text());
            assertThat(after.post("/v1/actions", Demand.list("z", "l", "2020-01-01"), "Idempotency-Key", "one").code())
                    .isEqualTo("idempotency-key-reused");
            assertThat(after.head()).isEqualTo(head).isEqualTo(4);
            assertThat(after.json("/v1/entities/x/status?asOf=2020-06-01").at("/lists/0/state").asString())
                    .isEqualTo("LISTED");
        } finally {
            RunningLedger.delete(data);
        }
    }

    @Test
    void givenACorrelationId_whenSent_thenItIsKeptWithTheEvent() {
        Answer answer = LEDGER.post("/v1/actions", Demand.list("w-corr", L, "2020-01-01"), "X-Correlation-Id",
                "case-7");
        assertThat(LEDGER.get(answer.header("Location")).at("/correlationid")).isEqualTo("case-7");
        assertThat(LEDGER.get(answer.header("Location")).at("/actor")).isEqualTo("anonymous");
    }
}
