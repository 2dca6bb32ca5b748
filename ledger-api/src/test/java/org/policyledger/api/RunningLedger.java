package org.policyledger.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.policyledger.store.LedgerLog;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** The service as its users meet it: started on a free port with its own data, and asked over HTTP. */
public final class RunningLedger implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ConfigurableApplicationContext context;
    private final Optional<Path> ownData;
    private final String url;

    private RunningLedger(ConfigurableApplicationContext context, Optional<Path> ownData) {
        this.context = context;
        this.ownData = ownData;
        this.url = "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
    }

    /** Starts on a data folder of its own, which goes when it is closed. */
    public static RunningLedger start(String... settings) {
        Path data = folder();
        return new RunningLedger(run(data, settings), Optional.of(data));
    }

    private static final class Shared {
        static final RunningLedger LEDGER = start();

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(LEDGER::close));
        }
    }

    /** One that lives as long as the test JVM, for tests that keep to lists and entities of their own. */
    public static RunningLedger shared() {
        return Shared.LEDGER;
    }

    /** Starts on a data folder that stays. */
    public static RunningLedger on(Path data, String... settings) {
        return new RunningLedger(run(data, settings), Optional.empty());
    }

    private static ConfigurableApplicationContext run(Path data, String... settings) {
        List<String> arguments = new ArrayList<>(List.of(settings));
        arguments.addAll(List.of("--ledger.data=" + data, "--logging.level.io.zonky=WARN"));
        if (arguments.stream().noneMatch(setting -> setting.startsWith("--server.port="))) {
            arguments.add("--server.port=0");
        }
        // A busy machine makes nothing wrong, only late.
        for (String patient : List.of("--ledger.read-timeout=", "--ledger.write-timeout=")) {
            if (arguments.stream().noneMatch(setting -> setting.startsWith(patient))) {
                arguments.add(patient + "60s");
            }
        }
        SpringApplication application = new SpringApplication(LedgerApplication.class);
        application.setLogStartupInfo(false);
        return application.run(arguments.toArray(String[]::new));
    }

    /** An empty folder. */
    public static Path folder() {
        try {
            return Files.createTempDirectory("ledger-api");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return url;
    }

    public int port() {
        return URI.create(url).getPort();
    }

    public ConfigurableApplicationContext context() {
        return context;
    }

    /** The number of events recorded, asked of the log itself. */
    public long head() {
        return context.getBean(LedgerLog.class).head();
    }

    /** Headers are given as name, value, name, value. */
    public Answer get(String path, String... headers) {
        return send(url, "GET", path, new byte[0], headers);
    }

    /** The JSON of an answer that must be 200. */
    public JsonNode json(String path, String... headers) {
        Answer answer = get(path, headers);
        if (answer.status() != 200) {
            throw new AssertionError(path + ": " + answer);
        }
        return answer.json();
    }

    public Answer post(String path, String json, String... headers) {
        return send("POST", path, json.getBytes(StandardCharsets.UTF_8), with("Content-Type", "application/json",
                headers));
    }

    public Answer batch(String path, String lines, String... headers) {
        return send("POST", path, lines.getBytes(StandardCharsets.UTF_8),
                with("Content-Type", "application/x-ndjson", headers));
    }

    public Answer file(String path, byte[] file, String... headers) {
        return send("POST", path, file, with("Content-Type", "application/octet-stream", headers));
    }

    /** Records a command that must be accepted. */
    public Answer record(String command) {
        Answer answer = post("/v1/actions", command);
        if (answer.status() != 201) {
            throw new AssertionError(command + ": " + answer);
        }
        return answer;
    }

    public Answer send(String method, String path, byte[] body, String... headers) {
        return send(url, method, path, body, headers);
    }

    private Answer send(String service, String method, String path, byte[] body, String... headers) {
        return send(http, service, method, path, body, headers);
    }

    static Answer send(HttpClient http, String service, String method, String path, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(service + path)).timeout(PATIENCE)
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            return new Answer(http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + service + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String[] with(String name, String value, String... others) {
        List<String> headers = new ArrayList<>(List.of(others));
        if (!headers.contains(name)) {
            headers.add(name);
            headers.add(value);
        }
        return headers.toArray(String[]::new);
    }

    @Override
    public void close() {
        context.close();
        ownData.ifPresent(RunningLedger::delete);
    }
}
