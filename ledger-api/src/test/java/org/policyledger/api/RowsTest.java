package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.policyledger.core.LedgerJson;
import org.policyledger.projections.listing.ListingReader.Page;
import org.springframework.http.ResponseEntity;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

class RowsTest {

    private static final String CSV = "text/csv";
    private static final String NDJSON = "application/x-ndjson";
    private static final String L = "list-rows";
    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static final String TRICKY = "=HYPERLINK(\\\"http://127.0.0.1\\\"),\\r\\nsecond line; 'quoted', \\u00e4\\u4e2d";
    private static final CsvMapper TABLES = new CsvMapper();
    private static final AtomicInteger PAGES_ASKED = new AtomicInteger();

    private static long before;
    private static long after;

    @BeforeAll
    static void record() {
        LEDGER.record(Demand.register(L));
        LEDGER.record(
                """
                        {"action": "ListEntity", "entityId": "r-1", "listId": "%s", "effectiveDate": "2020-01-01", "until": "2030-01-01",
                         "entry": {"subject": {"name": "=1+1", "type": "VESSEL", "title": "@title", "aliases": [{"name": "One, \\"two\\"", "quality": "low"}],
                          "addresses": [{"text": "1 Harbour Road", "country": "Malta"}], "countries": ["Malta", "Panama"],
                          "identifiers": [{"type": "IMO", "value": "1234567"}], "parent": "r-2",
                          "vessel": {"callSign": "ABCD1", "type": "Tanker", "tonnage": "1,000", "grossRegisteredTonnage": "900", "flag": "Panama", "owner": "X"}},
                          "terms": {"licenseRequirement": "all", "licenseReviewPolicy": "denial", "programs": ["P1", "P2"], "grounds": "-because"},
                          "remarks": "%s"}}"""
                        .formatted(L, TRICKY).replace("\n", ""));
        LEDGER.record(Demand.list("r-2", L, "2020-01-01", "wording"));
        LEDGER.record(Demand.list("r-3", L, "2020-01-01", "wording"));
        before = LEDGER.head() - 1;
        LEDGER.record(Demand.amend("r-2", L, "2020-02-01", "other wording"));
        LEDGER.record(Demand.with(Demand.delist("r-3", L, "2020-02-01"), """
                "circumstances": {"notice": {"publisher": "Gazette", "reference": "G 7"}, "cause": "request"}"""));
        LEDGER.record(Demand.list("r-4", L, "2020-02-01"));
        after = LEDGER.head() - 1;
    }

    private static List<String> paths() {
        return List.of("/v1/lists/" + L + "/entries?asOf=2020-01-15&asKnownAt=position:" + after,
                "/v1/lists/" + L + "/changes?from=2020-01-15&to=2020-02-15&asKnownAt=position:" + after,
                "/v1/lists/" + L + "/revisions?asOf=2020-02-15&knownFrom=position:" + before + "&knownTo=position:"
                        + after);
    }

    private static String items(String path) {
        return path.replaceAll(".*/([a-z]+)\\?.*", "$1");
    }

    private static List<Map<String, String>> table(byte[] csv) {
        return TABLES.readerFor(Map.class).with(CsvSchema.emptySchema().withHeader())
                .<Map<String, String>>readValues(csv).readAll();
    }

    private static List<String> header(Answer answer) {
        return List.of(answer.text().substring(0, answer.text().indexOf("\r\n")).split(","));
    }

    private static String of(Map<String, String> row, String column) {
        return Optional.ofNullable(row.get(column)).orElseThrow(() -> new AssertionError(column + " in " + row));
    }

    @Test
    void givenAnyOfTheThree_whenLinesAreAsked_thenTheyAreTheItemsOfTheJsonAnswer() {
        for (String path : paths()) {
            Answer lines = LEDGER.get(path, "Accept", NDJSON);
            assertThat(lines.status()).as(path + lines).isEqualTo(200);
            assertThat(lines.header("Content-Type")).isEqualTo(NDJSON);
            assertThat(lines.lines()).as(path).hasSize(3)
                    .containsExactlyElementsOf(LEDGER.json(path).get(items(path)).valueStream().toList());
            assertThat(lines.header("Ledger-Position")).isEqualTo(Long.toString(after));
            assertThat(lines.header("Cache-Control")).contains("immutable");
            assertThat(String.join(",", lines.response().headers().allValues("Vary"))).containsIgnoringCase("accept");
        }
        assertThat(LEDGER.get(paths().get(0), "Accept", NDJSON).header("Ledger-As-Of")).isEqualTo("2020-01-15");
        Answer revisions = LEDGER.get(paths().get(2), "Accept", CSV);
        assertThat(revisions.header("Ledger-As-Of")).isEqualTo("2020-02-15");
        assertThat(revisions.header("Ledger-Known-From")).isEqualTo(Long.toString(before));
    }

    @Test
    void givenEntries_whenATableIsAsked_thenEveryFieldOfTheEntryStandsInItsColumnAsRecorded() {
        Answer answer = LEDGER.get(paths().get(0), "Accept", CSV);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.header("Content-Type").replace(" ", "")).isEqualToIgnoringCase(
                "text/csv;header=present;charset=UTF-8");
        assertThat(header(answer)).containsExactly("entityId", "state", "since", "until", "name", "type", "title",
                "aliases", "addresses", "countries", "identifiers", "parent", "vesselCallSign", "vesselType",
                "vesselTonnage", "vesselGrossRegisteredTonnage", "vesselFlag", "vesselOwner", "licenseRequirement",
                "licenseReviewPolicy", "programs", "grounds", "remarks", "actionId");
        List<Map<String, String>> rows = table(answer.response().body());
        List<JsonNode> entries = LEDGER.json(paths().get(0)).get("entries").valueStream().toList();
        assertThat(rows).hasSize(3);
        Map<String, String> ship = rows.getFirst();
        JsonNode entry = entries.getFirst();
        for (String column : List.of("entityId", "state", "since", "until", "actionId")) {
            assertThat(of(ship, column)).isEqualTo(entry.get(column).asString());
        }
        for (String column : List.of("name", "type", "title", "parent")) {
            assertThat(of(ship, column)).isEqualTo(entry.at("/entry/subject/" + column).asString());
        }
        for (String column : List.of("aliases", "addresses", "countries", "identifiers")) {
            assertThat(LedgerJson.MAPPER.readTree(of(ship, column))).isEqualTo(entry.at("/entry/subject/" + column));
        }
        assertThat(of(ship, "vesselCallSign") + of(ship, "vesselType") + of(ship, "vesselTonnage")
                + of(ship, "vesselGrossRegisteredTonnage") + of(ship, "vesselFlag") + of(ship, "vesselOwner"))
                .isEqualTo("ABCD1Tanker1,000900PanamaX");
        assertThat(of(ship, "licenseRequirement") + of(ship, "licenseReviewPolicy") + of(ship, "grounds"))
                .isEqualTo("alldenial-because");
        assertThat(of(ship, "programs")).isEqualTo("[\"P1\",\"P2\"]");
        assertThat(of(ship, "remarks")).isEqualTo(entry.at("/entry/remarks").asString())
                .startsWith("=HYPERLINK(\"").contains("\r\n");
        assertThat(of(rows.get(1), "aliases") + of(rows.get(1), "until") + of(rows.get(1), "vesselFlag"))
                .as("what is absent").isEmpty();
    }

    @Test
    void givenChangesAndRevisions_whenTablesAreAsked_thenARowADifferenceWithItsFieldsAndOrigins() {
        Answer changes = LEDGER.get(paths().get(1), "Accept", CSV);
        assertThat(header(changes)).containsExactly("entityId", "change", "name", "fields", "before", "after",
                "actionId", "actionType", "effectiveDate", "recordedAt", "position", "noticePublisher",
                "noticeReference", "cause");
        List<Map<String, String>> rows = table(changes.response().body());
        assertThat(rows.stream().map(row -> of(row, "entityId") + " " + of(row, "change") + " "
                + of(row, "noticeReference") + " " + of(row, "cause")).toList())
                .containsExactly("r-2 AMENDED  ", "r-3 REMOVED G 7 request", "r-4 ADDED  ");
        assertThat(LedgerJson.MAPPER.readTree(of(rows.getFirst(), "fields")).at("/0/after").asString())
                .isEqualTo("other wording");
        assertThat(LedgerJson.MAPPER.readTree(of(rows.get(1), "before")))
                .isEqualTo(LEDGER.json(paths().get(1)).at("/changes/1/before"));
        assertThat(of(rows.get(1), "after")).isEmpty();
        assertThat(of(rows.get(1), "name")).isEqualTo("X Institute");

        Answer revisions = LEDGER.get(paths().get(2), "Accept", CSV);
        assertThat(header(revisions)).containsExactly("entityId", "change", "name", "fields", "before", "after",
                "kinds", "origins");
        List<Map<String, String>> revised = table(revisions.response().body());
        assertThat(revised.stream().map(row -> of(row, "entityId") + of(row, "kinds")).toList()).containsExactly(
                "r-2[\"late-recording\"]", "r-3[\"late-recording\"]", "r-4[\"late-recording\"]");
        assertThat(LedgerJson.MAPPER.readTree(of(revised.getFirst(), "origins")))
                .isEqualTo(LEDGER.json(paths().get(2)).at("/revisions/0/origins"));
    }

    @Test
    void givenALimitOrACursor_whenRowsAreAsked_thenAPageWithItsNextOrTheRest() {
        for (String path : paths()) {
            List<JsonNode> whole = LEDGER.get(path, "Accept", NDJSON).lines();
            Answer first = LEDGER.get(path + "&limit=2", "Accept", NDJSON);
            assertThat(first.lines()).isEqualTo(whole.subList(0, 2));
            assertThat(LEDGER.get(first.next(), "Accept", NDJSON).lines()).isEqualTo(whole.subList(2, 3));
            String rest = first.next().replaceAll("limit=2&?", "");
            assertThat(LEDGER.get(rest, "Accept", NDJSON).lines()).isEqualTo(whole.subList(2, 3));
            assertThat(table(LEDGER.get(path + "&limit=1", "Accept", CSV).response().body())).hasSize(1);
        }
    }

    @Test
    void givenWhatIsWrongWithTheQuestion_whenRowsAreAsked_thenAProblemAndNoRows() {
        for (String form : List.of(CSV, NDJSON)) {
            Answer unknown = LEDGER.get("/v1/lists/unheard-of/entries", "Accept", form);
            assertThat(unknown.status()).isEqualTo(404);
            assertThat(unknown.header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(unknown.code()).isEqualTo("unknown-list");
            for (String path : List.of("/entries?limit=0", "/entries?asOf=never", "/changes?from=2020-01-01",
                    "/revisions?asOf=2020-01-01", "/entries?cursor=x")) {
                Answer wrong = LEDGER.get("/v1/lists/" + L + path, "Accept", form);
                assertThat(wrong.status()).as(path + wrong).isEqualTo(400);
                assertThat(wrong.code()).isEqualTo("malformed");
            }
        }
        Answer neither = LEDGER.get(paths().get(0), "Accept", "application/xml");
        assertThat(neither.code()).isEqualTo("not-acceptable");
        assertThat(LEDGER.get(paths().get(0), "Accept", "*/*").header("Content-Type")).isEqualTo("application/json");
        assertThat(LEDGER.get(paths().get(0), "Accept", CSV + ", application/json;q=0.5").header("Content-Type"))
                .startsWith(CSV);
    }

    @Test
    void givenACallerThatTakesGzip_whenRowsAreAsked_thenTheyComeCompressed() throws IOException {
        for (String form : List.of(CSV, NDJSON)) {
            byte[] plain = LEDGER.get(paths().get(0), "Accept", form).response().body();
            Answer packed = LEDGER.get(paths().get(0), "Accept", form, "Accept-Encoding", "gzip");
            assertThat(packed.header("Content-Encoding")).as(form).isEqualTo("gzip");
            assertThat(new GZIPInputStream(new ByteArrayInputStream(packed.response().body())).readAllBytes())
                    .isEqualTo(plain);
        }
    }

    @Test
    void givenAListOfManyPages_whenItIsReadWhileEventsAreRecorded_thenItComesWholeAndAsItWasAtItsPosition()
            throws Exception {
        int members = 260;
        String remarks = "x".repeat(29_000);
        try (RunningLedger ledger = RunningLedger.start("--ledger.limits.page=7")) {
            ledger.record(Demand.register("long"));
            Answer batch = ledger.batch("/v1/actions/batch?atomic=true", IntStream.range(0, members)
                    .mapToObj(i -> Demand.list("m-%03d".formatted(i), "long", "2020-01-01", i + remarks))
                    .collect(Collectors.joining("\n")));
            assertThat(batch.status()).isEqualTo(201);
            long position = ledger.head() - 1;
            HttpResponse<java.io.InputStream> answer = HttpClient.newHttpClient().send(
                    HttpRequest.newBuilder(URI.create(ledger.url() + "/v1/lists/long/entries?asOf=2020-01-01"))
                            .header("Accept", NDJSON).build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            assertThat(answer.headers().firstValue("Ledger-Position")).contains(Long.toString(position));
            List<String> came = new ArrayList<>();
            try (BufferedReader lines = new BufferedReader(
                    new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
                int next = 0;
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    JsonNode entry = LedgerJson.MAPPER.readTree(line);
                    came.add(entry.get("entityId").asString() + entry.at("/entry/remarks").asString().length());
                    // Ahead of what is being read: entries that go, change and come.
                    if (came.size() % 20 == 1 && next < 10) {
                        ledger.record(Demand.delist("m-%03d".formatted(members - 1 - next), "long", "2020-01-01"));
                        ledger.record(Demand.amend("m-%03d".formatted(members - 20 - next), "long", "2020-01-01", "y"));
                        ledger.record(Demand.list("m-%03d-new".formatted(members - 1 - next), "long", "2020-01-01"));
                        next++;
                    }
                }
            }
            assertThat(came).containsExactlyElementsOf(IntStream.range(0, members)
                    .mapToObj(i -> "m-%03d".formatted(i) + (29_000 + Integer.toString(i).length())).toList());
            assertThat(table(ledger.get("/v1/lists/long/entries?asOf=2020-01-01&asKnownAt=position:" + position,
                    "Accept", CSV).response().body())).hasSize(members);
            assertThat(ledger.get("/v1/lists/long/changes?from=2019-12-31&to=2020-01-01&asKnownAt=position:" + position,
                    "Accept", NDJSON).lines()).hasSize(members);
            assertThat(ledger.get("/v1/lists/long/revisions?asOf=2020-01-01&knownFrom=position:0&knownTo=position:"
                    + position, "Accept", NDJSON).lines()).hasSize(members);
        }
    }

    /** Answers with a first page, and fails at the second. */
    static final class Failing {
        public ResponseEntity<Rows<String>> rows() {
            PAGES_ASKED.set(0);
            return ResponseEntity.ok(new Rows<>(new Page<>(List.of("one", "two"), Optional.of("two")), after -> {
                PAGES_ASKED.incrementAndGet();
                throw new IllegalStateException("the second page cannot be had, on purpose");
            }, List.of(Rows.Column.of("value", value -> value))));
        }
    }

    @Test
    void givenALaterPageThatFails_whenRowsAreRead_thenTheConnectionBreaksOffAndNothingLooksWhole() throws Exception {
        RequestMappingHandlerMapping mapping = LEDGER.context().getBean("requestMappingHandlerMapping",
                RequestMappingHandlerMapping.class);
        for (String form : List.of(CSV, NDJSON)) {
            String path = "/test/breaks-off/" + form.replace('/', '-');
            RequestMappingInfo info = RequestMappingInfo.paths(path).produces(form)
                    .options(mapping.getBuilderConfiguration()).build();
            mapping.registerMapping(info, new Failing(), Failing.class.getMethod("rows"));
            try {
                String came = RawHttp.exchange(LEDGER.port(), "GET " + path + " HTTP/1.1\r\nHost: x\r\nAccept: " + form
                        + "\r\nConnection: close\r\n\r\n");
                assertThat(came).as(form).startsWith("HTTP/1.1 200").contains("one", "two")
                        .doesNotContain("problem", "Exception", "\r\n0\r\n");
                assertThatThrownBy(() -> LEDGER.get(path, "Accept", form)).hasRootCauseInstanceOf(IOException.class);
                assertThat(PAGES_ASKED).hasValue(1);
            } finally {
                mapping.unregisterMapping(info);
            }
        }
    }
}
