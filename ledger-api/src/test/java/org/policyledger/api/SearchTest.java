package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.policyledger.store.Databases;
import tools.jackson.databind.JsonNode;

class SearchTest {

    private static final String L = "searched";
    private static final RunningLedger LEDGER = RunningLedger.shared();

    @BeforeAll
    static void record() {
        LEDGER.record(Demand.register(L));
        LEDGER.record(named("s-1", "QUILLFEATHER, Ambrose", "PERSON", "Narnia", "Ambroise Quilfeder"));
        LEDGER.record(named("s-2", "Quillfeather Shipping Co., Ltd.", "ORGANISATION", "Panama"));
        LEDGER.record(Demand.delist("s-1", L, "2021-01-01"));
    }

    private static String named(String entityId, String name, String type, String country, String... aliases) {
        String others = String.join(", ", List.of(aliases).stream().map(alias -> "{\"name\": \"" + alias + "\"}")
                .toList());
        return """
                {"action": "ListEntity", "entityId": "%s", "listId": "%s", "effectiveDate": "2020-01-01", "entry": {"subject": \
                {"name": "%s", "type": "%s", "aliases": [%s], "countries": ["%s"]}}}"""
                .formatted(entityId, L, name, type, others, country);
    }

    private static String query(String name) {
        return "/v1/entities?name=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    private static List<String> ids(JsonNode answer) {
        List<String> ids = new ArrayList<>();
        answer.get("hits").forEach(hit -> ids.add(hit.get("entityId").asString()));
        return ids;
    }

    @Test
    void givenAMisspeltName_whenSearched_thenTheHitTellsWhatMatchedWhoItIsAndHowItStands() {
        Answer answer = LEDGER.get(query("ambroise quilfedder") + "&asOf=2020-06-01");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
        JsonNode hit = answer.json().at("/hits/0");
        assertThat(hit.get("entityId").asString()).isEqualTo("s-1");
        assertThat(hit.at("/matched/name").asString()).isEqualTo("Ambroise Quilfeder");
        assertThat(hit.at("/matched/kind").asString()).isEqualTo("ALIAS");
        assertThat(hit.at("/matched/listIds/0").asString()).isEqualTo(L);
        assertThat(hit.get("name").asString()).isEqualTo("QUILLFEATHER, Ambrose");
        assertThat(hit.get("type").asString()).isEqualTo("PERSON");
        assertThat(hit.at("/countries/0").asString()).isEqualTo("Narnia");
        assertThat(hit.at("/lists/0/state").asString()).isEqualTo("LISTED");
        assertThat(hit.at("/lists/0/since").asString()).isEqualTo("2020-01-01");
        assertThat(hit.get("score").asDouble()).isBetween(0.5, 0.8);
    }

    @Test
    void givenFilters_whenSearched_thenOnlyWhatFitsIsFound() {
        assertThat(ids(LEDGER.json(query("quillfeather")))).containsExactly("s-1", "s-2");
        assertThat(ids(LEDGER.json(query("quillfeather") + "&status=LISTED"))).containsExactly("s-2");
        assertThat(ids(LEDGER.json(query("quillfeather") + "&status=LISTED&asOf=2020-12-31"))).containsExactly("s-1",
                "s-2");
        assertThat(ids(LEDGER.json(query("quillfeather") + "&status=NOT_LISTED"))).containsExactly("s-1");
        assertThat(ids(LEDGER.json(query("quillfeather") + "&type=ORGANISATION"))).containsExactly("s-2");
        assertThat(ids(LEDGER.json(query("quillfeather") + "&country=NARNIA"))).containsExactly("s-1");
        assertThat(ids(LEDGER.json(query("quillfeather") + "&listId=" + L))).containsExactly("s-1", "s-2");
        JsonNode first = LEDGER.json(query("quillfeather") + "&limit=1");
        assertThat(ids(first)).containsExactly("s-1");
        assertThat(first.get("more").asBoolean()).isTrue();
    }

    @Test
    void givenEachWrite_whenItIsAnswered_thenTheNextSearchFindsIt() {
        for (int i = 0; i < 20; i++) {
            Answer receipt = LEDGER.record(named("s-w-" + i, "Zebulon" + "abcdefghijklmnopqrst".charAt(i) + " Writ",
                    "PERSON", "Narnia"));
            JsonNode answer = LEDGER.json(query("Zebulon" + "abcdefghijklmnopqrst".charAt(i) + " Writ") + "&limit=1");
            assertThat(ids(answer)).containsExactly("s-w-" + i);
            assertThat(answer.get("position").asLong()).isGreaterThanOrEqualTo(receipt.position());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"name:* OR _exists_:entity", "+quillfeather -ambrose", "quillfeather~0.1^99999",
            "\"quillfeather",
            "quillfeather AND (", "[quillfeather TO *]", "/quill.*/", "quill\\feather", "quillfeather 🎉👩‍👩‍👧",
            "quillfeather\tx\nOR 1=1",
            "'; DROP TABLE reading_period; --", "quillfeather \u202e\u200b\ufeff", "\u0301quillfeather",
            "%00%0d%0a quillfeather",
            "qu\u00eellfeather ﷽ 𝕢𝕦𝕚𝕝𝕝", "*", "?uillfeather*"})
    void givenAHostileName_whenSearched_thenItIsTakenForAName(String name) {
        Answer answer = LEDGER.get(query(name));
        assertThat(answer.status()).as(answer.toString()).isIn(200, 400);
        if (answer.status() == 200) {
            assertThat(answer.json().get("hits").size()).isLessThanOrEqualTo(20);
            assertThat(answer.at("/name")).isEqualTo(name);
        } else {
            assertThat(answer.code()).isEqualTo("malformed");
            assertThat(answer.at("/detail")).contains("neither letter nor digit");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /v1/entities                                        | name
            /v1/entities?listId=searched                        | name
            /v1/entities?name=                                  | 1 to 300 characters
            /v1/entities?name=%20%20                            | 1 to 300 characters
            /v1/entities?name=a%00b                             | control character U+0000
            /v1/entities?name=%F0%9F%8E%89                      | neither letter nor digit
            /v1/entities?name=x&limit=0                         | 1 to 100
            /v1/entities?name=x&limit=101                       | 1 to 100
            /v1/entities?name=x&limit=many                      | whole number
            /v1/entities?name=x&type=COMPANY                    | PERSON, ORGANISATION, VESSEL, AIRCRAFT, ADDRESS
            /v1/entities?name=x&status=listed                   | NOT_LISTED, LISTED, SUSPENDED
            /v1/entities?name=x&asOf=2020-02-30                 | 2020-02-30
            /v1/entities?name=x&country=%20                     | country
            /v1/entities?name=x&listId=NO%20LIST                | listId
            /v1/entities?name=x&asKnownAt=position:0            | asKnownAt
            """)
    void givenAQuestionThatBreaksARule_whenSearched_thenRefusedWithTheRule(String path, String rule) {
        Answer answer = LEDGER.get(path);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("malformed");
        assertThat(answer.at("/detail")).contains(rule);
    }

    @Test
    void givenANameThatIsTooLong_whenSearched_thenRefusedAndOneThatIsJustNotIsAnswered() {
        assertThat(LEDGER.get(query("x".repeat(301))).at("/detail")).contains("at most 300");
        assertThat(LEDGER.get(query("x".repeat(300))).status()).isEqualTo(200);
        assertThat(LEDGER.get(query("ab ".repeat(31))).at("/detail")).contains("more than 30 words");
        assertThat(LEDGER.get(query("quillfea ".repeat(30).strip())).status()).isEqualTo(200);
        assertThat(LEDGER.get(query("x") + "&listId=unheard-of").code()).isEqualTo("unknown-list");
    }

    @Test
    void givenAServiceThatIsKilled_whenItStartsAgain_thenItFindsWhatWasRecordedAlsoWithoutItsIndex()
            throws InterruptedException {
        Path data = RunningLedger.folder();
        Path home = RunningLedger.folder();
        try (ServiceProcess service = ServiceProcess.serve(home, "--data", data.toString())) {
            assertThat(service.post("/v1/lists", Demand.register(L)).status()).isEqualTo(201);
            for (int i = 0; i < 30; i++) {
                assertThat(service.post("/v1/actions", named("k-" + i, "Killed " + "abcdefghijklmnopqrstuvwxyzabcdef"
                        .substring(i, i + 2), "PERSON", "Narnia")).status()).isEqualTo(201);
            }
            assertThat(ids(service.get(query("killed ab") + "&limit=1").json())).containsExactly("k-0");
            service.kill();
        }
        for (boolean without : new boolean[]{false, true}) {
            if (without) {
                RunningLedger.delete(data.resolve("search"));
            }
            try (RunningLedger again = RunningLedger.on(data)) {
                assertThat(ids(again.json(query("killed ab") + "&limit=1"))).containsExactly("k-0");
                assertThat(ids(again.json(query("killed za") + "&limit=1"))).containsExactly("k-25");
                assertThat(again.json(query("killed ab")).get("position").asLong()).isEqualTo(again.head() - 1);
            }
            assertThat(Files.exists(data.resolve("search"))).isTrue();
        }
        RunningLedger.delete(data);
        RunningLedger.delete(home);
    }

    @Test
    void givenPostgres_whenTwoServicesShareIt_thenEachFindsWhatTheOtherRecorded() {
        Path one = RunningLedger.folder();
        Path other = RunningLedger.folder();
        try (Databases.Fresh database = Databases.POSTGRESQL.create()) {
            String[] settings = {"--ledger.db.url=" + database.url(), "--ledger.db.user=" + database.user()};
            try (RunningLedger first = RunningLedger.on(one, settings);
                    RunningLedger second = RunningLedger.on(other, settings)) {
                first.record(Demand.register(L));
                long position = first.record(named("p-1", "Shared Name", "PERSON", "Narnia")).position();
                assertThat(second.get("/v1/lists?asKnownAt=position:" + position).status()).isEqualTo(200);
                for (RunningLedger service : List.of(first, second)) {
                    assertThat(ids(service.json(query("name, shared")))).containsExactly("p-1");
                }
            }
        }
        RunningLedger.delete(one);
        RunningLedger.delete(other);
    }
}
