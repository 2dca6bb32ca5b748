package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Parameter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.policyledger.api.Document.Example;
import org.policyledger.api.cli.StatusLines;
import org.policyledger.api.snapshot.Samples;
import org.policyledger.core.Command;
import org.policyledger.core.LedgerJson;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/**
 * Holds the documentation against the product: every example is run on a service that holds what the demo loads first, and what
 * the pages and the OpenAPI description list is what there is.
 */
class DocumentationTest {

    private static final String DOCUMENTED = "http://127.0.0.1:8080";
    private static final String PLACEHOLDER_ACTION = "d5e5a307-6cb6-4cc2-ab2c-9c8ea78e291a";
    private static final Set<String> DIFFER_FROM_RUN_TO_RUN = Set.of("actionId", "actionIds", "importId", "recordedAt",
            "registeredAt", "position", "id", "source", "time", "idempotencykey", "requesthash", "startedAt", "head",
            "rows", "rebuiltSha256", "liveSha256", "eventsPerSecond", "treeSize", "rootHash",
            "consumedRootHash", "logRootHash", "comparedAt", "computedAt");
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
    private static final Pattern QUESTION = Pattern
            .compile("Q: .*?, ([0-9-]{10})(?: at (position:[0-9]+))?: what is the status of ([a-z-]+)\\?");

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private static Path folder = Path.of("");

    private static Optional<ConfigurableApplicationContext> running = Optional.empty();
    private static String url = "";

    private static final class EnoughSnapshots extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @BeforeAll
    static void startWithWhatTheDemoLoadsFirst() throws Exception {
        SpringApplication application = new SpringApplication(LedgerApplication.class);
        application.setLogStartupInfo(false);
        ConfigurableApplicationContext context = application.run("--server.port=0",
                "--ledger.data=" + folder.resolve("data"));
        running = Optional.of(context);
        url = "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
        load("/v1/lists", "application/json", bytes(Samples.entityListRegistration()), "demo-list-us-bis-entity-list");
        load("/v1/lists", "application/json", bytes(Samples.sdnListRegistration()), "demo-list-us-ofac-sdn");
        load("/v1/actions/batch", "application/x-ndjson", bytes(Samples.referenceCase()), "demo-reference-case");
        String removal = json("/v1/entities/cn-mps-ifs/history").at("/actions/2/actionId").asString();
        load("/v1/actions/batch?atomic=true", "application/x-ndjson", bytes(Samples.referenceCommitment(removal)),
                "demo-reference-commitment");
        try {
            Samples.eachSdnSnapshot(sample -> {
                load("/v1/lists/us-ofac-sdn/snapshots?format=ofac-sdn-csv&limit=1&snapshotDate="
                        + sample.snapshotDate(), "application/octet-stream", sample.content(),
                        "demo-" + sample.fileName());
                throw new EnoughSnapshots();
            });
        } catch (EnoughSnapshots loaded) {
            assertThat(url).isNotEmpty();
        }
        load("/v1/projections/listings/rebuild", "application/json", new byte[0], "");
        while (!json("/v1/projections/listings/rebuild").at("/rebuild/state").asString().equals("DONE")) {
            Thread.sleep(50);
        }
        awaitComparisons();
    }

    /** Each reading has been compared with the log, and what one says has been hashed, as the examples show. */
    private static void awaitComparisons() throws Exception {
        while (json("/v1/projections").findValues("compared").size() < 2) {
            Thread.sleep(50);
        }
        assertThat(get("/v1/projections/listings/state-hash?asKnownAt=position:4").statusCode()).isEqualTo(200);
    }

    @AfterAll
    static void stop() {
        running.ifPresent(ConfigurableApplicationContext::close);
    }

    // ---- the examples of the pages ----

    static Stream<String> pagesWithExamples() {
        return Document.all().stream().filter(page -> page.examples().stream().anyMatch(example -> !example.marked()))
                .map(Document::name);
    }

    @ParameterizedTest
    @MethodSource("pagesWithExamples")
    void givenWhatTheDemoLoads_whenExamplesAreRunTwice_thenTheirOutputIsAsShownBothTimes(String page) throws Exception {
        assumeTrue(isInstalled("bash") && isInstalled("curl"), "bash and curl are needed to run the examples");
        List<Example> examples = Document.of(page).examples().stream().filter(example -> !example.marked()).toList();
        for (int run = 1; run <= 2; run++) {
            List<String> outputs = run(examples);
            for (int i = 0; i < examples.size(); i++) {
                Example example = examples.get(i);
                String came = outputs.get(i);
                List<String> differences = example.output().map(shown -> Shown.differences(shown, came))
                        .orElse(List.of());
                assertThat(differences).as("%s:%d, run %d", page, example.line(), run).isEmpty();
            }
        }
    }

    /** Runs the examples of a page one after the other in one shell, and gives the output of each. */
    private static List<String> run(List<Example> examples) throws IOException, InterruptedException {
        Path outputs = Files.createTempDirectory(folder, "examples");
        StringBuilder script = new StringBuilder("ledger() { \"")
                .append(ProcessHandle.current().info().command().orElse("java"))
                .append("\" -XX:TieredStopAtLevel=1 -cp \"").append(System.getProperty("java.class.path"))
                .append("\" org.policyledger.api.cli.LedgerCommand \"$@\"; }\n");
        for (int i = 0; i < examples.size(); i++) {
            script.append("{\n")
                    .append(examples.get(i).command().replace(DOCUMENTED, url).replace("./ledger ", "ledger "))
                    .append("} > ").append(outputs.resolve(i + ".out")).append(" 2>&1\n");
        }
        Path file = Files.writeString(outputs.resolve("examples.sh"), script);
        ProcessBuilder shell = new ProcessBuilder("bash", file.toString()).redirectErrorStream(true)
                .redirectOutput(outputs.resolve("shell.out").toFile());
        shell.environment().put("LEDGER_URL", url);
        shell.environment().put("TMPDIR", outputs.toString());
        shell.environment().put("LC_ALL", "C.UTF-8");
        Process process = shell.start();
        if (!process.waitFor(Duration.ofMinutes(5).toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the examples did not end");
        }
        assertThat(Files.readString(outputs.resolve("shell.out"))).as("what the shell says").isEmpty();
        List<String> came = new ArrayList<>();
        for (int i = 0; i < examples.size(); i++) {
            came.add(Files.readString(outputs.resolve(i + ".out")).replace(url, DOCUMENTED));
        }
        return came;
    }

    private static boolean isInstalled(String command) {
        return Stream.of(String.valueOf(System.getenv("PATH")).split(File.pathSeparator))
                .anyMatch(path -> Files.isExecutable(Path.of(path, command)));
    }

    @Test
    void givenTheDemosAnswersInTheReadme_whenAskedAgain_thenTheAnswersAreTheSame() throws Exception {
        String shown = Document.of("README.md").examples().getFirst().output().orElseThrow().text();
        List<String> lines = shown.lines().toList();
        List<String> differences = new ArrayList<>();
        int asked = 0;
        for (int i = 0; i < lines.size(); i++) {
            Matcher question = QUESTION.matcher(lines.get(i));
            if (question.matches()) {
                asked++;
                String known = question.group(2) == null ? "" : "&asKnownAt=" + question.group(2);
                JsonNode status = json("/v1/entities/" + question.group(3) + "/status?listId=us-bis-entity-list&asOf="
                        + question.group(1) + known);
                String answer = "A: " + StatusLines.of(status.at("/lists/0"));
                if (!answer.equals(lines.get(i + 1))) {
                    differences.add(lines.get(i) + "\n" + answer);
                }
            }
        }
        assertThat(differences).isEmpty();
        assertThat(asked).isEqualTo(4);
    }

    // ---- what the pages list ----

    @Test
    void givenEveryPage_whenItsLinksAreFollowed_thenTheyLeadSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Document page : Document.all()) {
            Matcher links = LINK.matcher(String.join("\n", page.prose()));
            while (links.find()) {
                String link = links.group(1);
                if (!link.startsWith("https://") && !leadsSomewhere(page, link)) {
                    broken.add(page.name() + ": " + link);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    private static boolean leadsSomewhere(Document page, String link) throws IOException {
        int hash = link.indexOf('#');
        String path = hash < 0 ? link : link.substring(0, hash);
        Path target = path.isEmpty()
                ? page.file()
                : Optional.ofNullable(page.file().getParent()).orElseThrow().resolve(path).normalize();
        if (!Files.exists(target)) {
            return false;
        }
        return hash < 0 || Files.readAllLines(target).stream().filter(line -> line.startsWith("#"))
                .map(DocumentationTest::anchor).anyMatch(link.substring(hash + 1)::equals);
    }

    private static String anchor(String heading) {
        return heading.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }

    @Test
    void givenTheOperatingGuide_whenComparedWithTheProperties_thenItNamesEachWithItsVariableAndDefault() {
        Map<String, String> defaults = new TreeMap<>();
        collect("ledger", LedgerProperties.class, defaults);
        Map<String, String> documented = new TreeMap<>();
        for (List<String> row : rows("docs/operating.md", "| `ledger.")) {
            String property = unquoted(row.get(0));
            documented.put(property, row.get(3).startsWith("`") ? unquoted(row.get(3)) : "");
            assertThat(unquoted(row.get(1))).as(property)
                    .isEqualTo(property.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT));
        }
        assertThat(documented).isEqualTo(defaults);
    }

    private static void collect(String prefix, Class<?> properties, Map<String, String> defaults) {
        for (Parameter property : properties.getDeclaredConstructors()[0].getParameters()) {
            String name = prefix + "." + property.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (property.getType().isRecord()) {
                collect(name, property.getType(), defaults);
            } else {
                DefaultValue value = property.getAnnotation(DefaultValue.class);
                defaults.put(name, value == null ? "" : String.join(",", value.value()));
            }
        }
    }

    @Test
    void givenTheTableOfProblems_whenComparedWithTheKinds_thenItIsTheSameInOrder() {
        List<List<String>> documented = rows("docs/api.md", "| `").stream()
                .filter(row -> row.size() == 3 && row.get(1).matches("[45][0-9]{2}"))
                .map(row -> List.of(unquoted(row.get(0)), row.get(1), row.get(2))).toList();
        assertThat(documented).isEqualTo(Stream.of(Problem.Kind.values())
                .map(kind -> List.of(kind.code(), Integer.toString(kind.status()), kind.meaning())).toList());
    }

    private static List<List<String>> rows(String page, String start) {
        return Document.of(page).prose().stream().filter(line -> line.startsWith(start))
                .map(line -> Stream.of(line.substring(1, line.lastIndexOf('|')).split("\\|")).map(String::strip)
                        .toList())
                .toList();
    }

    private static String unquoted(String cell) {
        return cell.replace("`", "");
    }

    // ---- the OpenAPI description ----

    @Test
    void givenTheControllers_whenTheDescriptionIsRead_thenEveryCallIsThereWithExamplesAndMeanings() throws Exception {
        Map<String, JsonNode> described = calls();
        assertThat(described.keySet()).isEqualTo(mapped());
        List<String> lacking = new ArrayList<>();
        described.forEach((call, operation) -> {
            JsonNode usual = operation.get("responses").iterator().next();
            check(call + " has a summary", operation.has("summary"), lacking);
            check(call + " has an example of its answer", hasExamples(usual), lacking);
            check(call + " describes refusals", operation.get("responses").properties().stream()
                    .anyMatch(response -> response.getKey().startsWith("4")), lacking);
            check(call + " has an example of its body",
                    !call.startsWith("POST") || call.endsWith("/rebuild") || call.endsWith("/verification")
                            || hasExamples(operation.get("requestBody")),
                    lacking);
            operation.path("parameters").forEach(parameter -> check(
                    call + " describes " + parameter.get("name").asString(), parameter.has("description"), lacking));
        });
        assertThat(lacking).isEmpty();
    }

    private static void check(String what, boolean holds, List<String> lacking) {
        if (!holds) {
            lacking.add(what);
        }
    }

    private static boolean hasExamples(JsonNode body) {
        return body.path("content").properties().stream()
                .anyMatch(content -> !content.getValue().path("examples").isEmpty());
    }

    /** What the controllers are mapped to, such as {@code GET /v1/lists}; but what C2SP tlog-tiles describes is not described again. */
    private static Set<String> mapped() {
        Set<String> mapped = new TreeSet<>();
        running.orElseThrow().getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
                .getHandlerMethods().forEach((mapping, method) -> {
                    if (method.getBeanType().getPackageName().startsWith("org.policyledger")) {
                        add(mapping, mapped);
                    }
                });
        return mapped;
    }

    private static void add(RequestMappingInfo mapping, Set<String> mapped) {
        mapping.getPatternValues().stream().filter(path -> !path.equals("/error") && !path.startsWith("/log/"))
                .forEach(path -> mapping
                        .getMethodsCondition().getMethods().forEach(method -> mapped.add(method + " " + path)));
    }

    private static Map<String, JsonNode> calls() throws Exception {
        Map<String, JsonNode> calls = new TreeMap<>();
        json("/v3/api-docs").get("paths").properties().forEach(path -> path.getValue().properties().forEach(
                method -> calls.put(method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
                        method.getValue())));
        return calls;
    }

    @Test
    void givenTheDescription_whenItsReferencesAreFollowed_thenEachLeadsToASchema() throws Exception {
        JsonNode description = json("/v3/api-docs");
        assertThat(description.get("openapi").asString()).startsWith("3.1");
        List<String> references = description.findValuesAsString("$ref");
        assertThat(references).isNotEmpty()
                .allMatch(reference -> !description.at(reference.substring(1)).isMissingNode());
    }

    @Test
    void givenTheReferenceCase_whenReadExamplesAreAsked_thenTheyAnswerAsDescribed() throws Exception {
        String removal = json("/v1/entities/cn-mps-ifs/history").at("/actions/2/actionId").asString();
        List<String> differences = new ArrayList<>();
        // A search waits until its index is up to date, which how far it is then shows.
        assertThat(get("/v1/entities?name=institute").statusCode()).isEqualTo(200);
        for (Map.Entry<String, JsonNode> call : calls().entrySet()) {
            if (call.getKey().startsWith("GET")) {
                String path = address(call.getKey().substring("GET ".length()), call.getValue())
                        .replace(PLACEHOLDER_ACTION, removal);
                HttpResponse<String> answer = get(path);
                assertThat(answer.statusCode()).as(path).isEqualTo(200);
                JsonNode shown = example(call.getValue().at("/responses/200"));
                if (shown.isString()) {
                    check(path + " answers\n" + answer.body(), answer.body().startsWith(shown.asString().strip()),
                            differences);
                } else {
                    Shown.compare(path, lenient(shown), LedgerJson.MAPPER.readTree(answer.body()), differences);
                }
            }
        }
        assertThat(differences).isEmpty();
    }

    @Test
    void givenAnEmptyList_whenWriteExamplesAreSentInOrder_thenEachIsRecordedAsDescribed() throws Exception {
        Map<String, JsonNode> calls = calls();
        JsonNode list = required(calls, "POST /v1/lists");
        JsonNode registration = example(list.get("requestBody"));
        expect(post("/v1/lists", "application/json", registration.toString()), 201, example(list.at("/responses/201")));

        JsonNode snapshot = required(calls, "POST /v1/lists/{listId}/snapshots");
        String file = example(snapshot.get("requestBody")).asString();
        String address = address("/v1/lists/{listId}/snapshots", snapshot);
        assertThat(post(address, "application/octet-stream", file).statusCode()).isEqualTo(200);
        expect(post(address.replace("dryRun=true", "dryRun=false"), "application/octet-stream", file), 201,
                example(snapshot.at("/responses/201")));

        JsonNode action = required(calls, "POST /v1/actions");
        String delisting = "";
        List<String> recorded = new ArrayList<>();
        for (Map.Entry<String, JsonNode> example : action.at("/requestBody/content/application~1json/examples")
                .properties()) {
            String command = example.getValue().get("value").toString().replace(PLACEHOLDER_ACTION, delisting);
            HttpResponse<String> answer = post("/v1/actions", "application/json", command);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
            if (example.getKey().equals("DelistEntity")) {
                delisting = LedgerJson.MAPPER.readTree(answer.body()).get("actionId").asString();
            }
            recorded.add(LedgerJson.MAPPER.readTree(command).get("action").asString());
        }
        List<String> known = Stream.of(Command.class.getPermittedSubclasses()).flatMap(DocumentationTest::records)
                .map(Class::getSimpleName).filter(name -> !name.equals("RegisterList")).sorted().toList();
        assertThat(recorded.stream().sorted().toList()).isEqualTo(known);

        JsonNode notice = required(calls, "POST /v1/notices");
        expect(post("/v1/notices", "application/json", example(notice.get("requestBody")).toString()), 201,
                example(notice.at("/responses/201")));
        JsonNode citations = required(calls, "POST /v1/lists/{listId}/citations");
        expect(post("/v1/lists/trial-list/citations", "application/json",
                example(citations.get("requestBody")).toString()), 201, example(citations.at("/responses/201")));

        JsonNode batch = required(calls, "POST /v1/actions/batch");
        HttpResponse<String> lines = post("/v1/actions/batch?atomic=true", "application/x-ndjson",
                example(batch.get("requestBody")).asString());
        assertThat(lines.statusCode()).as(lines.body()).isEqualTo(201);
        assertThat(lines.body().lines().count()).isEqualTo(2);
    }

    private static Stream<Class<?>> records(Class<?> type) {
        return type.isRecord()
                ? Stream.of(type)
                : Stream.of(type.getPermittedSubclasses()).flatMap(DocumentationTest::records);
    }

    private static void expect(HttpResponse<String> answer, int status, JsonNode shown) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        List<String> differences = new ArrayList<>();
        Shown.compare("", lenient(shown), LedgerJson.MAPPER.readTree(answer.body()), differences);
        assertThat(differences).isEmpty();
    }

    /** The first example of a body. */
    private static JsonNode example(JsonNode body) {
        return body.get("content").iterator().next().get("examples").iterator().next().get("value");
    }

    /** An example in which anything may stand where values differ from run to run. */
    private static JsonNode lenient(JsonNode shown) {
        if (shown.isObject()) {
            Map<String, JsonNode> fields = new LinkedHashMap<>();
            shown.properties().forEach(field -> fields.put(field.getKey(),
                    DIFFER_FROM_RUN_TO_RUN.contains(field.getKey())
                            ? LedgerJson.MAPPER.getNodeFactory().stringNode("…")
                            : lenient(field.getValue())));
            return LedgerJson.MAPPER.valueToTree(fields);
        }
        if (shown.isArray()) {
            List<JsonNode> elements = new ArrayList<>();
            shown.forEach(element -> elements.add(lenient(element)));
            return LedgerJson.MAPPER.valueToTree(elements);
        }
        return shown;
    }

    /** The address that the examples of a call's parameters come to. */
    private static String address(String template, JsonNode operation) {
        String path = template;
        List<String> query = new ArrayList<>();
        for (JsonNode parameter : operation.path("parameters")) {
            String name = parameter.get("name").asString();
            JsonNode example = parameter.path("example");
            if (!example.isMissingNode()) {
                String value = URLEncoder.encode(example.asString(), StandardCharsets.UTF_8);
                if (parameter.get("in").asString().equals("path")) {
                    path = path.replace("{" + name + "}", value);
                } else {
                    query.add(name + "=" + value);
                }
            }
        }
        return query.isEmpty() ? path : path + "?" + String.join("&", query);
    }

    private static JsonNode required(Map<String, JsonNode> calls, String call) {
        return Optional.ofNullable(calls.get(call)).orElseThrow();
    }

    @Test
    void givenNoNetwork_whenTheGuideIsOpened_thenAllItNeedsComesFromTheService() throws Exception {
        HttpResponse<String> start = get("/swagger-ui.html");
        assertThat(start.statusCode()).isEqualTo(302);
        String page = start.headers().firstValue("Location").orElseThrow();
        HttpResponse<String> guide = get(page);
        assertThat(guide.statusCode()).isEqualTo(200);
        assertThat(guide.body()).doesNotContain("https://").doesNotContain("http://");
        Matcher parts = Pattern.compile("(?:src|href)=\"([^\"]+)\"").matcher(guide.body());
        List<String> missing = new ArrayList<>();
        int found = 0;
        while (parts.find()) {
            found++;
            String part = URI.create(page).resolve(parts.group(1)).toString();
            check(part, get(part).statusCode() == 200, missing);
        }
        assertThat(missing).isEmpty();
        assertThat(found).isPositive();
    }

    // ---- over HTTP ----

    private static void load(String path, String mediaType, byte[] body, String key) {
        try {
            HttpResponse<String> answer = HTTP.send(HttpRequest.newBuilder(URI.create(url + path))
                    .header("Content-Type", mediaType).header("Idempotency-Key", key)
                    .POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 202);
            assertThat(answer.body()).doesNotContain("/problems/");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<String> post(String path, String mediaType, String body) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(URI.create(url + path)).header("Content-Type", mediaType)
                .POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(URI.create(url).resolve(path)).build(), BodyHandlers.ofString());
    }

    private static JsonNode json(String path) throws Exception {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return LedgerJson.MAPPER.readTree(answer.body());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
