package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.policyledger.core.LedgerJson;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/** An entity's history as a table and as a page, beside the JSON that tells the same. */
class HistoryFormsTest {

    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static final String HISTORY = "/v1/entities/h-1/history";
    private static final String HOSTILE = "<script>alert('x')</script> & \\\"quoted\\\"";
    private static final List<String> COLUMNS = List.of("position", "sequence", "actionId", "type", "listId",
            "effectiveDate", "until", "basis", "recordedAt", "announcedOn", "publishedOn", "applicableAsOf", "actor",
            "noticePublisher", "noticeReference", "noticeTitle", "noticeUrl", "noticeSha256", "cause", "rationale",
            "rationaleSource", "dossier", "changes", "corrects", "voids", "correctedBy", "voidedBy", "statementOn",
            "speaker",
            "organisation", "saidOn", "stance", "text", "language");

    @BeforeAll
    static void record() {
        LEDGER.record(Demand.register("history-forms"));
        LEDGER.record(
                Demand.with(Demand.until(Demand.list("h-1", "history-forms", "2020-01-01", HOSTILE), "2031-01-01"),
                        """
                                "circumstances": {"notice": {"publisher": "Gazette <b>", "reference": "G 1", "title": "On \\"X\\"",
                                 "url": "https://gazette.example/1?a=1&b=2", "publishedOn": "2020-01-02", "sha256": "%s"},
                                 "announcedOn": "2019-12-30", "applicableAsOf": "2019-12-01", "cause": "proposal",
                                 "rationale": {"text": "line one\\nline <two>", "source": "G 1, p. 2"}, "dossier": "affair"}"""
                                .formatted("ab".repeat(32)).replace("\n", "")));
        LEDGER.record(Demand.amend("h-1", "history-forms", "2020-03-01", "</td></table>"));
        String suspension = LEDGER.record(Demand.suspend("h-1", "history-forms", "2020-04-01")).actionId();
        LEDGER.record(
                Demand.with(Demand.correct("h-1", suspension, Demand.suspend("h-1", "history-forms", "2020-04-02")),
                        "\"circumstances\": {\"rationale\": {\"text\": \"misread\"}}"));
        LEDGER.record(Demand.strike("h-1", suspension));
        LEDGER.record(Demand.suspend("h-1", "history-forms", "2020-05-01"));
        LEDGER.record(Demand.reinstate("h-1", "history-forms", "2020-06-01"));
        LEDGER.record(Demand.delist("h-1", "history-forms", "2020-07-01"));
    }

    private static String of(Map<String, String> row, String column) {
        return Optional.ofNullable(row.get(column)).orElseThrow(() -> new AssertionError(column + " in " + row));
    }

    @Test
    void givenAHistory_whenItsTableIsAsked_thenARowAnEventWithAllThatTheJsonTells() {
        Answer answer = LEDGER.get(HISTORY, "Accept", "text/csv");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.text().substring(0, answer.text().indexOf("\r\n"))).isEqualTo(String.join(",", COLUMNS));
        assertThat(answer.header("Ledger-Position")).isEqualTo(Long.toString(LEDGER.head() - 1));
        List<Map<String, String>> rows = new CsvMapper().readerFor(Map.class)
                .with(CsvSchema.emptySchema().withHeader()).<Map<String, String>>readValues(answer.response().body())
                .readAll();
        List<JsonNode> actions = LEDGER.json(HISTORY).get("actions").valueStream().toList();
        assertThat(rows).hasSize(8).hasSameSizeAs(actions);
        for (int i = 0; i < rows.size(); i++) {
            Map<String, String> row = rows.get(i);
            JsonNode action = actions.get(i);
            JsonNode about = action.at("/event/circumstances");
            for (String column : List.of("position", "sequence", "actionId", "type", "listId", "effectiveDate",
                    "recordedAt", "actor", "corrects", "voids", "voidedBy")) {
                assertThat(of(row, column)).as(i + column).isEqualTo(action.path(column).asString(""));
            }
            for (String column : List.of("basis", "announcedOn", "applicableAsOf", "cause", "dossier")) {
                assertThat(of(row, column)).as(i + column).isEqualTo(about.path(column).asString(""));
            }
            for (String column : List.of("publisher", "reference", "title", "url", "sha256")) {
                String named = "notice" + column.substring(0, 1).toUpperCase(java.util.Locale.ROOT)
                        + column.substring(1);
                assertThat(of(row, named)).as(i + column).isEqualTo(about.at("/notice/" + column).asString(""));
            }
            assertThat(of(row, "publishedOn")).isEqualTo(about.at("/notice/publishedOn").asString(""));
            assertThat(of(row, "rationale")).isEqualTo(about.at("/rationale/text").asString(""));
            assertThat(of(row, "rationaleSource")).isEqualTo(about.at("/rationale/source").asString(""));
            for (String column : List.of("changes", "correctedBy")) {
                assertThat(of(row, column)).as(i + column)
                        .isEqualTo(action.get(column).isEmpty() ? "" : action.get(column).toString());
            }
        }
        assertThat(of(rows.getFirst(), "announcedOn") + of(rows.getFirst(), "publishedOn")
                + of(rows.getFirst(), "applicableAsOf") + of(rows.getFirst(), "until"))
                .isEqualTo("2019-12-302020-01-022019-12-012031-01-01");
        assertThat(LedgerJson.MAPPER.readTree(of(rows.get(1), "changes")).at("/0/after").asString())
                .isEqualTo("</td></table>");
    }

    private static Document page(Answer answer) throws Exception {
        // The page is written so that it can be read as XML too: whatever is not closed or escaped is found out.
        String xml = answer.text().replaceFirst("<!DOCTYPE html>", "").replaceAll("<(meta [^>]*)>", "<$1/>");
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }

    private static List<Element> all(Document page, String name) {
        NodeList nodes = page.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    @Test
    void givenAHistory_whenItsPageIsAsked_thenItReadsAsAChronologyOfEveryEvent() throws Exception {
        Answer answer = LEDGER.get(HISTORY, "Accept", "text/html");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.header("Content-Type").replace(" ", "")).isEqualToIgnoringCase("text/html;charset=UTF-8");
        Document page = page(answer);
        assertThat(page.getDocumentElement().getAttribute("lang")).isEqualTo("en");
        assertThat(all(page, "h1").getFirst().getTextContent()).isEqualTo("History of X Institute (h-1)");
        assertThat(all(page, "h2").stream().map(Element::getTextContent).toList()).containsExactly(
                "Effective 2020-01-01: put on history-forms", "Effective 2020-03-01: entry on history-forms amended",
                "Effective 2020-04-01: listing on history-forms suspended (struck out later)",
                "In the record: an action on history-forms corrected",
                "In the record: an action on history-forms struck out",
                "Effective 2020-05-01: listing on history-forms suspended",
                "Effective 2020-06-01: listing on history-forms reinstated",
                "Effective 2020-07-01: taken off history-forms");
        assertThat(page.getDocumentElement().getTextContent()).contains("8 events were recorded up to position",
                "<script>alert('x')</script> & \"quoted\"", "Gazette <b>, G 1, On \"X\"", "line one\nline <two>",
                "2019-12-30", "2019-12-01", "2020-01-02", "2031-01-01 (exclusive)", "misread", "</td></table>",
                "proposal", "affair", "by anonymous");
        assertThat(all(page, "th")).isNotEmpty().allMatch(cell -> List.of("row", "col")
                .contains(cell.getAttribute("scope")));
        assertThat(all(page, "table")).isNotEmpty()
                .allMatch(table -> table.getElementsByTagName("caption").getLength() == 1);
        Set<String> anchors = new HashSet<>();
        all(page, "li").forEach(event -> assertThat(anchors.add(event.getAttribute("id"))).isTrue());
        List<String> links = all(page, "a").stream().map(link -> link.getAttribute("href")).toList();
        assertThat(links).contains("https://gazette.example/1?a=1&b=2");
        assertThat(links.stream().filter(link -> link.startsWith("#")).toList()).hasSize(4)
                .allMatch(link -> anchors.contains(link.substring(1)));
    }

    @Test
    void givenAStatement_whenTheHistoryIsToldInAnyForm_thenWhoSaidWhatOfWhichAction() throws Exception {
        String listing = LEDGER.record(Demand.list("h-2", "history-forms", "2020-01-01")).actionId();
        LEDGER.record(
                """
                        {"action": "RecordStatement", "entityId": "h-2", "actionId": "%s", "dossier": "affair", "statement": {
                         "speaker": "A <b>", "organisation": "Ministry", "saidOn": "2020-01-03", "stance": "opposes", "text": "No & <no>",
                         "language": "zh", "source": {"publisher": "Gazette", "reference": "G 9"}}}"""
                        .formatted(listing)
                        .replace("\n", ""));
        String table = LEDGER.get("/v1/entities/h-2/history", "Accept", "text/csv").text();
        assertThat(table.lines().skip(2)).singleElement().asString().contains(",StatementRecorded,,,,,")
                .contains(",Gazette,G 9,").contains(",affair,")
                .endsWith("," + listing + ",A <b>,Ministry,2020-01-03,opposes,No & <no>,zh");
        Document page = page(LEDGER.get("/v1/entities/h-2/history", "Accept", "text/html"));
        assertThat(all(page, "h2").get(1).getTextContent()).isEqualTo("Said on 2020-01-03");
        assertThat(all(page, "li").get(1).getTextContent()).contains("A <b>", "Ministry", "opposes", "No & <no>",
                "Gazette, G 9", "affair");
        assertThat(all(page, "dd").stream().filter(said -> said.getAttribute("lang").equals("zh"))).hasSize(1);
        assertThat(all(page, "a").stream().map(link -> link.getAttribute("href"))).contains("#action-" + listing);
    }

    @Test
    void givenThePage_whenItsPolicyIsRead_thenNothingButItsOwnStyleIsLet() throws Exception {
        Answer answer = LEDGER.get(HISTORY, "Accept", "text/html");
        Matcher style = Pattern.compile("<style>(.*)</style>", Pattern.DOTALL).matcher(answer.text());
        assertThat(style.find()).isTrue();
        String digest = Base64.getEncoder().encodeToString(
                MessageDigest.getInstance("SHA-256").digest(style.group(1).getBytes(
                        java.nio.charset.StandardCharsets.UTF_8)));
        assertThat(answer.header("Content-Security-Policy")).isEqualTo("default-src 'none'; style-src 'sha256-" + digest
                + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.text()).doesNotContain("<script", "<img", "<link", "<iframe", " src=", " style=", "url(",
                "@import");
    }

    @Test
    void givenWhatIsAccepted_whenTheHistoryIsAsked_thenThatFormAndJsonForWhoeverTakesAnything() {
        assertThat(LEDGER.get(HISTORY, "Accept", "*/*").header("Content-Type")).isEqualTo("application/json");
        assertThat(LEDGER.get(HISTORY).header("Content-Type")).isEqualTo("application/json");
        assertThat(LEDGER.get(HISTORY, "Accept",
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8").header("Content-Type"))
                .startsWith("text/html");
        assertThat(LEDGER.get(HISTORY, "Accept", "image/png").code()).isEqualTo("not-acceptable");
        for (String form : List.of("text/csv", "text/html")) {
            Answer nobody = LEDGER.get("/v1/entities/h-nobody/history", "Accept", form);
            assertThat(nobody.status()).isEqualTo(404);
            assertThat(nobody.header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(nobody.code()).isEqualTo("unknown-entity");
            assertThat(LEDGER.get(HISTORY + "?asKnownAt=x", "Accept", form).code()).isEqualTo("malformed");
        }
        Answer unborn = LEDGER.get(HISTORY + "?asKnownAt=position:0", "Accept", "text/html");
        assertThat(unborn.status()).isEqualTo(200);
        assertThat(unborn.text()).contains("History of h-1", "Nothing was recorded up to position 0");
        assertThat(LEDGER.get(HISTORY + "?asKnownAt=position:0", "Accept", "text/csv").text())
                .isEqualTo(String.join(",", COLUMNS) + "\r\n");
    }
}
