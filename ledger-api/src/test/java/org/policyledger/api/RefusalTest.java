package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What is refused, how the refusal looks, and that it records nothing. */
class RefusalTest {

    private static final String L = "refusal";
    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static final String GOOD = Demand.list("r-new", L, "2020-01-01");
    private static String listed = "";
    private static String voided = "";

    @BeforeAll
    static void record() {
        LEDGER.record(Demand.register(L));
        LEDGER.record(Demand.register("refusal-2"));
        listed = LEDGER.record(Demand.list("r-listed", L, "2020-01-01")).actionId();
        LEDGER.record(Demand.list("r-suspended", L, "2020-01-01"));
        LEDGER.record(Demand.suspend("r-suspended", L, "2020-02-01"));
        voided = LEDGER.record(Demand.list("r-voided", L, "2020-01-01")).actionId();
        LEDGER.record(Demand.strike("r-voided", voided));
        LEDGER.record(Demand.list("r-gone", L, "2020-01-01"));
        LEDGER.record(Demand.delist("r-gone", L, "2021-01-01"));
    }

    /** A refusal as every one must be. */
    private static void isProblem(Answer answer, int status, String code, String... told) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        isProblem(answer);
        assertThat(answer.code()).as(answer.toString()).isEqualTo(code);
        for (String word : told) {
            assertThat(answer.at("/detail")).contains(word);
        }
    }

    private static void isProblem(Answer answer) {
        assertThat(answer.header("Content-Type")).as(answer.toString()).startsWith("application/problem+json");
        JsonNode problem = answer.json();
        assertThat(problem.get("status").asInt()).isEqualTo(answer.status());
        assertThat(problem.get("type").asString()).isEqualTo("/problems/" + answer.code());
        assertThat(problem.get("title").asString()).isNotBlank();
        assertThat(problem.get("detail").asString()).isNotBlank();
        tellsNoInside(answer.text());
    }

    private static void tellsNoInside(String text) {
        assertThat(text).doesNotContain("Exception", "org.policyledger", "java.", "tools.jackson", "springframework",
                "\tat ", "<html", "<HTML", "Optional", "StreamRead", "`java", "`org", "jdbc", "SQL", "catalina",
                "REDACTED");
    }

    private record Refusal(String command, int status, String code, List<String> told) {
        Refusal(String command, int status, String code, String... told) {
            this(command, status, code, List.of(told));
        }
    }

    @Test
    void givenEachRuleOfTheLaw_whenACommandBreaksIt_thenItsCodeComesWithTheThingNamedAndNothingIsRecorded() {
        long head = LEDGER.head();
        for (Refusal refusal : List.of(
                new Refusal(Demand.list("r-new", "unheard-of", "2020-01-01"), 404, "unknown-list", "unheard-of"),
                new Refusal(Demand.list("r-listed", L, "2020-06-01"), 409, "already-listed", "r-listed", L,
                        "2020-06-01"),
                new Refusal(Demand.delist("r-new", L, "2020-06-01"), 409, "not-listed", "r-new", "2020-06-01"),
                new Refusal(Demand.amend("r-listed", L, "2019-06-01", "x"), 409, "not-listed", "2019-06-01"),
                new Refusal(Demand.suspend("r-suspended", L, "2020-03-01"), 409, "already-suspended", "r-suspended"),
                new Refusal(Demand.reinstate("r-listed", L, "2020-03-01"), 409, "not-suspended", "r-listed"),
                new Refusal(Demand.delist("r-gone", L, "2020-06-01"), 409, "timeline-conflict", "2021-01-01",
                        "r-gone"),
                new Refusal(Demand.amend("r-listed", L, "2020-03-01", "first wording"), 409, "nothing-to-amend",
                        listed),
                new Refusal(Demand.strike("r-listed", "00000000-0000-4000-8000-000000000000"), 404, "unknown-action",
                        "00000000-0000-4000-8000-000000000000"),
                new Refusal(Demand.strike("r-gone", listed), 404, "unknown-action", "r-gone", listed),
                new Refusal(Demand.strike("r-voided", voided), 409, "action-voided", voided),
                new Refusal(Demand.correct("r-voided", voided, Demand.list("r-voided", L, "2020-02-01")), 409,
                        "action-voided", voided),
                new Refusal(Demand.correct("r-listed", listed, Demand.delist("r-listed", L, "2020-02-01")), 409,
                        "correction-mismatch", listed, "delisting"),
                new Refusal(Demand.correct("r-listed", listed, Demand.list("r-listed", "refusal-2", "2020-02-01")), 409,
                        "correction-mismatch", "refusal-2"),
                new Refusal(Demand.register(L), 409, "list-already-registered", L))) {
            Answer answer = LEDGER.post("/v1/actions", refusal.command);
            isProblem(answer, refusal.status, refusal.code, refusal.told.toArray(String[]::new));
        }
        isProblem(LEDGER.post("/v1/lists", Demand.register(L)), 409, "list-already-registered", L);
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenAnEventLargerThanALeafMayBe_whenDemanded_thenRefusedAsTooLarge() {
        long head = LEDGER.head();
        String names = "{\"name\": \"" + "n".repeat(900) + "\"}, ";
        String command = GOOD.replace("\"X Institute\"",
                "\"X\", \"aliases\": [" + names.repeat(80) + "{\"name\": \"last\"}]");

        isProblem(LEDGER.post("/v1/actions", command), 422, "event-too-large", "65535");
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenEveryKindOfProblem_whenItsTypeIsFollowed_thenAPageExplainsItWhateverIsAccepted() {
        for (Problem.Kind kind : Problem.Kind.values()) {
            for (String accept : List.of("*/*", "text/html", "application/json", "text/html,*/*;q=0.1")) {
                Answer page = LEDGER.get("/problems/" + kind.code(), "Accept", accept);
                assertThat(page.status()).as(kind + " " + accept).isEqualTo(200);
                assertThat(page.text()).contains(kind.code(), kind.title(), kind.meaning());
            }
        }
        assertThat(LEDGER.get("/problems").text().lines().filter(line -> line.matches("[a-z-]+ \\([0-9]{3}\\)")))
                .hasSize(Problem.Kind.values().length);
        isProblem(LEDGER.get("/problems/unheard-of"), 404, "not-found", "unheard-of");
    }

    @Test
    void givenAFaultyField_whenRefused_thenErrorsPointAtItAndSayWhatIsWanted() {
        long head = LEDGER.head();
        Map<String, List<String>> faults = new java.util.LinkedHashMap<>();
        faults.put(GOOD.replace("2020-01-01", "2021-02-30"), List.of("/effectiveDate", "2021-02-30", "a date"));
        faults.put(GOOD.replace("\"2020-01-01\"", "20200101"), List.of("/effectiveDate", "a date"));
        faults.put(GOOD.replace("\"2020-01-01\"", "\"2020-01-01T00:00:00Z\""), List.of("/effectiveDate", "a date"));
        faults.put(GOOD.replace("\"2020-01-01\"", "null"), List.of("", "effectiveDate is missing"));
        faults.put(GOOD.replace("2020-01-01", "1066-01-01"), List.of("", "1066-01-01", "1900-01-01"));
        faults.put(Demand.until(GOOD, "2020-01-01"), List.of("", "until 2020-01-01 is not after"));
        faults.put(GOOD.replace("r-new", "r new"), List.of("/entityId", "r new"));
        faults.put(GOOD.replace("\"r-new\"", "7"), List.of("/entityId", "a text"));
        faults.put(GOOD.replace("\"r-new\"", "[\"r-new\"]"), List.of("/entityId", "a text"));
        faults.put(GOOD.replace(L, "Refusal"), List.of("/listId", "Refusal"));
        faults.put(GOOD.replace("X Institute", ""), List.of("/entry/subject", "entry.subject.name is missing"));
        faults.put(GOOD.replace("X Institute", "a\\u0000b"), List.of("/entry/subject", "U+0000"));
        faults.put(GOOD.replace("X Institute", "a\\ud800b"), List.of("/entry/subject", "half a surrogate pair"));
        faults.put(GOOD.replace("X Institute", "x".repeat(1001)), List.of("/entry/subject", "1001 characters"));
        faults.put(GOOD.replace("\"X Institute\"", "\"X\", \"type\": \"PLANET\""),
                List.of("/entry/subject/type", "PLANET", "PERSON, ORGANISATION"));
        faults.put(GOOD.replace("\"X Institute\"", "\"X\", \"type\": 1"), List.of("/entry/subject/type", "PERSON"));
        faults.put(
                GOOD.replace("\"X Institute\"",
                        "\"X\", \"aliases\": [{\"name\": \"a\"}, {\"name\": \"b\", \"nmae\": \"c\"}]"),
                List.of("/entry/subject/aliases/1/nmae", "unknown field 'nmae'", "name, quality"));
        faults.put(GOOD.replace("\"X Institute\"", "\"X\", \"aliases\": [null]"),
                List.of("/entry/subject", "entry.subject.aliases holds a null"));
        faults.put(GOOD.replace("\"X Institute\"", "\"X\", \"aliases\": {\"name\": \"a\"}"),
                List.of("/entry/subject/aliases", "an array"));
        faults.put(GOOD.replace("\"X Institute\"", "\"X\", \"countries\": [\"China\", 7]"),
                List.of("/entry/subject/countries/1", "a text"));
        faults.put(GOOD.replace("\"X Institute\"", "{\"first\": \"X\"}"), List.of("/entry/subject/name", "a text"));
        faults.put(GOOD.replace("{\"subject\"", "[{\"subject\"").replace("wording\"}", "wording\"}]"),
                List.of("/entry", "an object"));
        faults.put(GOOD.replace("\"entry\"", "\"enrty\""), List.of("", "entry is missing"));
        faults.put(GOOD.replace("remarks", "remakrs"), List.of("/entry/remakrs", "unknown field 'remakrs'", "remarks"));
        faults.put(Demand.with(GOOD, "\"a/b~c\": 1"), List.of("/a~1b~0c", "unknown field"));
        faults.put(Demand.with(GOOD, "\"recordedAt\": \"2020-01-01T00:00:00Z\""),
                List.of("/recordedAt", "unknown field"));
        faults.put(Demand.with(GOOD, "\"listId\": \"other\""), List.of("", "'listId' is given twice"));
        faults.put(GOOD.replace("ListEntity", "EraseEntity"), List.of("", "EraseEntity", "not a known kind"));
        faults.put(GOOD.replace("\"action\": \"ListEntity\", ", ""), List.of("", "names the kind is missing"));
        faults.put(Demand.with(GOOD, "\"circumstances\": {\"basis\": \"GUESSED\"}"),
                List.of("/circumstances/basis", "STATED, OBSERVED"));
        faults.put(Demand.with(GOOD,
                "\"circumstances\": {\"notice\": {\"publisher\": \"P\", \"reference\": \"R\", \"url\": \"javascript:1\"}}"),
                List.of("/circumstances/notice", "javascript:1", "not a web address"));
        faults.put(Demand.correct("r-listed", "not-an-id", GOOD), List.of("/actionId", "not-an-id"));
        faults.put(Demand.correct("r-listed", listed, Demand.strike("r-listed", listed)),
                List.of("/replacement", "VoidAction"));
        faults.put(Demand.register("r-list").replace("America/New_York", "Atlantis/Capital"),
                List.of("/details/timeZone", "Atlantis/Capital", "a time zone"));
        faults.forEach((body, told) -> {
            Answer answer = LEDGER.post("/v1/actions", body);
            isProblem(answer, 400, "malformed");
            assertThat(answer.json().at("/errors/0/pointer").asString()).as(body + answer).isEqualTo(
                    told.getFirst());
            assertThat(answer.at("/errors/0/detail")).as(body).contains(told.subList(1, told.size()));
            assertThat(answer.at("/detail")).contains(answer.at("/errors/0/detail"));
        });
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenBodiesThatAreNoCommand_whenSentToEveryAddressThatReadsOne_thenEachIsAProblemOfTheCaller() {
        long head = LEDGER.head();
        List<byte[]> bodies = new ArrayList<>();
        for (String text : List.of("", " ", "null", "true", "7", "\"text\"", "[]", "[" + GOOD + "]", "{}", "{", "}",
                "{\"action\"", "{\"action\":}", "{'action': 'ListEntity'}", GOOD + GOOD, GOOD + " x", "not json",
                "<xml/>", "action=ListEntity", "{\"action\": null}", "{\"action\": 7}",
                "{\"action\": [\"ListEntity\"]}",
                "{\"action\": {\"a\": 1}}", "{\"action\": \"ListEntity\"}", "{\"action\": \"\"}",
                "[".repeat(100_000), "{\"a\":".repeat(2_000) + "1" + "}".repeat(2_000),
                Demand.with(GOOD, "\"until\": " + "9".repeat(5_000)), Demand.with(GOOD, "\"until\": 1e999999999"),
                Demand.with(GOOD, "\"until\": -0.0"), Demand.with(GOOD, "\"until\": NaN"),
                Demand.with(GOOD, "\"until\": \"+999999999-12-31\""), Demand.with(GOOD, "\"until\": \"\""),
                Demand.with(GOOD, "\"" + "k".repeat(60_000) + "\": 1"), "\uFEFF" + "{",
                "{\"action\": \"List\tEntity\"}",
                Demand.with(GOOD, "\"entry\": null"), Demand.with(GOOD, "// comment\n\"until\": null"))) {
            bodies.add(text.getBytes(StandardCharsets.UTF_8));
        }
        bodies.add(new byte[]{(byte) 0xff, (byte) 0xfe, 0x00});
        bodies.add(new byte[]{'{', '"', (byte) 0xc3, '"', ':', '1', '}'});
        bodies.add(GOOD.replace("X Institute", "\u00e9").getBytes(StandardCharsets.ISO_8859_1));
        bodies.add(new byte[]{0x1f, (byte) 0x8b, 8, 0, 0, 0});
        bodies.add(new byte[1000]);
        for (byte[] body : bodies) {
            String shown = new String(body, 0, Math.min(80, body.length), StandardCharsets.ISO_8859_1);
            for (String path : List.of("/v1/actions", "/v1/lists")) {
                Answer answer = LEDGER.send("POST", path, body, "Content-Type", "application/json");
                assertThat(answer.status()).as(path + " " + shown + " " + answer).isEqualTo(400);
                isProblem(answer);
            }
            for (String path : List.of("/v1/actions/batch", "/v1/actions/batch?atomic=true")) {
                Answer answer = LEDGER.send("POST", path, body, "Content-Type", "application/x-ndjson");
                assertThat(answer.status()).as(path + " " + shown + " " + answer).isIn(200, 400);
                tellsNoInside(answer.text());
                if (answer.status() == 200) {
                    assertThat(answer.lines()).as(shown)
                            .allMatch(line -> List.of("malformed").contains(line.get("code").asString()));
                } else {
                    isProblem(answer, 400, "malformed");
                }
            }
            Answer file = LEDGER.file("/v1/lists/" + L + "/snapshots?format=ofac-sdn-csv&snapshotDate=2021-01-01",
                    body);
            assertThat(file.status()).as(shown + file).isEqualTo(422);
            isProblem(file);
        }
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenGoodCommandsWithBytesChangedAtRandom_whenSent_thenNoneIsAFaultOfTheService() {
        long seed = System.nanoTime();
        System.out.println("RefusalTest seed " + seed);
        Random random = new Random(seed);
        byte[] good = Demand.with(GOOD.replace(L, "unheard-of"), "\"circumstances\": {\"basis\": \"STATED\"}")
                .getBytes(StandardCharsets.UTF_8);
        long head = LEDGER.head();
        for (int i = 0; i < 300; i++) {
            byte[] body = good.clone();
            for (int n = random.nextInt(1, 4); n > 0; n--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            Answer answer = LEDGER.send("POST", "/v1/actions", body, "Content-Type", "application/json");
            assertThat(answer.status())
                    .as("seed " + seed + " " + new String(body, StandardCharsets.ISO_8859_1) + answer)
                    .isIn(400, 404);
            isProblem(answer);
        }
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenABodyLargerThanTheLimit_whenSentWithOrWithoutItsLength_thenItIsTooLarge() {
        for (int size : List.of(256 * 1024 + 1, 5_000_000)) {
            byte[] body = " ".repeat(size).getBytes(StandardCharsets.US_ASCII);
            isProblem(LEDGER.send("POST", "/v1/actions", body, "Content-Type", "application/json"), 413, "too-large",
                    "262144");
        }
        byte[] fits = (GOOD.replace(L, "unheard-of") + " ".repeat(256 * 1024)).substring(0, 256 * 1024)
                .getBytes(StandardCharsets.US_ASCII);
        isProblem(LEDGER.send("POST", "/v1/actions", fits, "Content-Type", "application/json"), 404, "unknown-list");
        String chunked = RawHttp.exchange(LEDGER.port(), "POST /v1/actions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n50000\r\n"
                + " ".repeat(0x50000) + "\r\n0\r\n\r\n");
        assertThat(chunked).startsWith("HTTP/1.1 413").contains("application/problem+json");
    }

    @Test
    void givenAnotherContentType_whenSent_thenTheRightOneIsNamed() {
        for (String wrong : List.of("text/plain", "application/xml", "application/x-www-form-urlencoded",
                "multipart/form-data", "multipart/form-data; boundary=x", "application/x-ndjson", "nonsense",
                "application/json;charset=nowhere")) {
            Answer answer = LEDGER.post("/v1/actions", GOOD, "Content-Type", wrong);
            assertThat(answer.status()).as(wrong + answer).isIn(415, 404, 400, 201);
            isProblem(answer, 415, "unsupported-media-type", "application/json");
        }
        isProblem(LEDGER.batch("/v1/actions/batch", GOOD, "Content-Type", "application/json"), 415,
                "unsupported-media-type", "application/x-ndjson");
        String none = RawHttp.exchange(LEDGER.port(), "POST /v1/actions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + "Content-Length: 2\r\n\r\n{}");
        assertThat(none).startsWith("HTTP/1.1 415").contains("unsupported-media-type", "missing");
    }

    @Test
    void givenAnAcceptThatCannotBeGiven_whenAWriteAsksForIt_thenNothingIsRecorded() {
        long head = LEDGER.head();
        for (String accept : List.of("text/html", "application/xml", "image/png")) {
            isProblem(LEDGER.post("/v1/actions", GOOD, "Accept", accept), 406, "not-acceptable");
            isProblem(LEDGER.post("/v1/lists", Demand.register("r-accept"), "Accept", accept), 406, "not-acceptable");
            isProblem(LEDGER.batch("/v1/actions/batch", GOOD, "Accept", accept), 406, "not-acceptable");
            isProblem(LEDGER.get("/v1/lists", "Accept", accept), 406, "not-acceptable", "application/json");
            isProblem(LEDGER.get("/v1/events", "Accept", accept), 406, "not-acceptable", "x-ndjson");
        }
        isProblem(LEDGER.get("/v1/lists", "Accept", "///"), 406, "not-acceptable");
        assertThat(LEDGER.head()).isEqualTo(head);
    }

    @Test
    void givenAnAddressOrMethodThatDoesNotExist_whenAsked_thenTheProblemSaysSoToBrowsersToo() {
        for (String accept : List.of("*/*", "text/html", "application/json")) {
            for (String path : List.of("/", "/v1", "/v2/actions", "/v1/entities/", "/v1/lists/", "/v1/lists/" + L + "/",
                    "/nothing/here.html", "/v1/entities/x/nothing", "/error", "/actuator/env", "/WEB-INF/web.xml",
                    "/v1/events/" + listed + "/nothing")) {
                isProblem(LEDGER.get(path, "Accept", accept), 404, "not-found");
            }
            Answer wrong = LEDGER.send("DELETE", "/v1/events/" + listed, new byte[0], "Accept", accept);
            isProblem(wrong, 405, "method-not-allowed", "DELETE");
            assertThat(wrong.header("Allow")).contains("GET");
            isProblem(LEDGER.get("/v1/actions", "Accept", accept), 405, "method-not-allowed");
            isProblem(LEDGER.send("PUT", "/v1/lists/" + L, new byte[0], "Accept", accept), 405, "method-not-allowed");
            isProblem(LEDGER.send("PROPFIND", "/v1/lists", new byte[0], "Accept", accept), 405, "method-not-allowed");
        }
    }

    @Test
    void givenOddIdentitiesInThePath_whenAsked_thenEachIsAProblemOfTheCaller() {
        for (String odd : List.of("%20", "a%20b", "%C3%A9", "%F0%9F%98%80", "%00", "%2F", "a%2Fb", "%5C", "..",
                "%2e%2e",
                "%2e", ".", "a;b=c", "%25", "%ff", "%0d%0aX:1", "a".repeat(201), "%3Cscript%3E", "-a", "_", "*", "~",
                "'",
                "a'%20OR%201=1", "%7B%7D", "a%E2%80%AEb")) {
            for (String path : List.of("/v1/entities/%s", "/v1/entities/%s/status", "/v1/entities/%s/history",
                    "/v1/entities/%s/timeline", "/v1/lists/%s", "/v1/lists/%s/entries",
                    "/v1/lists/%s/changes?from=2020-01-01&to=2020-01-02", "/v1/events/%s", "/problems/%s")) {
                Answer answer = LEDGER.get(path.replace("%s", odd));
                assertThat(answer.status()).as(path + " " + odd + " " + answer).isIn(400, 404);
                isProblem(answer);
            }
        }
    }

    @Test
    void givenRequestsThatAreNotHttp_whenTheContainerRefusesThem_thenTheAnswerIsAProblemToo() {
        for (String request : List.of("GET /v1/entities/{x} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "GET /v1/lists?a=<b> HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "GET /v1/lists?a=%zz&asOf=%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "GET /v1/lists\\x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "GET /v1/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "GET v1/lists HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "GET /v1/lists HTTP/1.1\r\nConnection: close\r\n\r\n",
                "GET /v1/lists HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n",
                "GET /v1/lists HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\nX\u0001: 2\r\nConnection: close\r\n\r\n",
                "GET /v1/lists HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(20_000) + "\r\nConnection: close\r\n\r\n",
                "GET /v1/lists HTTP/9.9\r\nHost: x\r\nConnection: close\r\n\r\n",
                "POST /v1/actions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: abc\r\n"
                        + "Connection: close\r\n\r\n{}",
                "POST /v1/actions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: gzap\r\n"
                        + "Connection: close\r\n\r\n{}",
                "POST /v1/actions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: "
                        + "chunked\r\nConnection: close\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
                "nonsense\r\n\r\n")) {
            String answer = RawHttp.exchange(LEDGER.port(), request);
            String shown = request.substring(0, Math.min(90, request.length())) + " => " + answer;
            assertThat(answer).as(shown).startsWith("HTTP/1.1 4");
            assertThat(answer.toLowerCase(java.util.Locale.ROOT)).as(shown)
                    .contains("content-type: application/problem+json");
            tellsNoInside(answer);
        }
    }
}
