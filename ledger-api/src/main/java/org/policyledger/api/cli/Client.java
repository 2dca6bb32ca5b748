package org.policyledger.api.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.policyledger.core.LedgerJson;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A running service, as the command line talks to it. */
final class Client {

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofMinutes(10);

    /** The service answered with a problem; the message is its detail. */
    static final class RefusedByService extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;

        RefusedByService(int status, String detail) {
            super(detail);
            this.status = status;
        }

        /** Whether the same may be answered a little later. */
        boolean isForNow() {
            return status == 503;
        }
    }

    private static final String LINES = "application/x-ndjson";
    private static final String LIVE = "text/event-stream";

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
    private final String url;

    Client(String url) {
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    String url() {
        return url;
    }

    /** The path with its query; parameters of an empty value are left out. */
    static String path(String path, Map<String, String> parameters) {
        String query = parameters.entrySet().stream().filter(parameter -> !parameter.getValue().isEmpty())
                .sorted(Map.Entry.comparingByKey())
                .map(parameter -> parameter.getKey() + "=" + encode(parameter.getValue()))
                .collect(Collectors.joining("&"));
        return query.isEmpty() ? path : path + "?" + query;
    }

    static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The answer to a deletion, which has the member named. */
    JsonNode delete(String path, String member) throws IOException, InterruptedException, RefusedByService {
        JsonNode answer = send(HttpRequest.newBuilder().DELETE(), path);
        if (!answer.has(member)) {
            throw notOurs();
        }
        return answer;
    }

    /** The answer, which has the member named; a service that answers otherwise is not one of ours. */
    JsonNode get(String path, String member) throws IOException, InterruptedException, RefusedByService {
        JsonNode answer = send(HttpRequest.newBuilder().GET(), path);
        if (!answer.has(member)) {
            throw notOurs();
        }
        return answer;
    }

    /** The lines of an answer, each a JSON value. */
    List<String> lines(String path) throws IOException, InterruptedException, RefusedByService {
        HttpResponse<String> response = exchange(HttpRequest.newBuilder().GET().header("Accept", LINES), path,
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 400) {
            throw new RefusedByService(response.statusCode(), problem(response.statusCode(), response.body()));
        }
        if (!response.headers().firstValue("Content-Type").filter(type -> type.startsWith(LINES)).isPresent()) {
            throw notOurs();
        }
        return response.body().lines().toList();
    }

    /**
     * An answer in rows while it comes.
     *
     * @param asOf the day it is about, empty where the question names the days
     * @param position the position it reflects
     */
    record Coming(String asOf, String position, String knownFrom, BufferedReader body) implements AutoCloseable {

        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    /** An answer that is a text. */
    String text(String path) throws IOException, InterruptedException, RefusedByService {
        try (InputStream body = stream(path)) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** An answer while it comes. */
    InputStream stream(String path) throws IOException, InterruptedException, RefusedByService {
        HttpResponse<InputStream> response = exchange(HttpRequest.newBuilder().GET(), path,
                HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() >= 400) {
            try (InputStream body = response.body()) {
                throw new RefusedByService(response.statusCode(), problem(response.statusCode(),
                        new String(body.readAllBytes(), StandardCharsets.UTF_8)));
            }
        }
        return response.body();
    }

    /** An answer in rows, of which only what is read is fetched. */
    Coming rows(String path, String mediaType) throws IOException, InterruptedException, RefusedByService {
        HttpResponse<InputStream> response = exchange(HttpRequest.newBuilder().GET().header("Accept", mediaType), path,
                HttpResponse.BodyHandlers.ofInputStream());
        BufferedReader body = coming(response);
        Optional<String> position = response.headers().firstValue("Ledger-Position");
        if (position.isEmpty()) {
            body.close();
            throw notOurs();
        }
        return new Coming(response.headers().firstValue("Ledger-As-Of").orElse(""), position.get(),
                response.headers().firstValue("Ledger-Known-From").orElse(""), body);
    }

    /** The live stream after a position, line by line. */
    BufferedReader live(String path, long after) throws IOException, InterruptedException, RefusedByService {
        HttpResponse<InputStream> response = exchange(HttpRequest.newBuilder().GET().header("Accept", LIVE)
                .header("Last-Event-ID", Long.toString(after)), path, HttpResponse.BodyHandlers.ofInputStream());
        BufferedReader body = coming(response);
        if (!response.headers().firstValue("Content-Type").filter(type -> type.startsWith(LIVE)).isPresent()) {
            body.close();
            throw notOurs();
        }
        return body;
    }

    private static BufferedReader coming(HttpResponse<InputStream> response) throws IOException, RefusedByService {
        BufferedReader body = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        if (response.statusCode() >= 400) {
            try (body) {
                throw new RefusedByService(response.statusCode(),
                        problem(response.statusCode(), body.lines().collect(Collectors.joining())));
            }
        }
        return body;
    }

    /** An answer that began well has no end. */
    IOException brokeOff(IOException cause) {
        return new IOException("the answer of " + url + " broke off (" + cause.getMessage()
                + "); what came of it is not the whole: ask again", cause);
    }

    /** Something answers, but not as a ledger does. */
    IOException notOurs() {
        return new IOException("what answers at " + url + " is not a ledger: name another address with --url");
    }

    /** Sends a body once, however often it is called with the same key. */
    JsonNode post(String path, String mediaType, byte[] body, String idempotencyKey)
            throws IOException, InterruptedException, RefusedByService {
        HttpRequest.Builder request = HttpRequest.newBuilder().header("Content-Type", mediaType)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (!idempotencyKey.isEmpty()) {
            request.header("Idempotency-Key", idempotencyKey);
        }
        return send(request, path);
    }

    private JsonNode send(HttpRequest.Builder request, String path)
            throws IOException, InterruptedException, RefusedByService {
        HttpResponse<String> response = exchange(request, path, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 400) {
            throw new RefusedByService(response.statusCode(), problem(response.statusCode(), response.body()));
        }
        try {
            return LedgerJson.MAPPER.readTree(response.body().lines().findFirst().orElse("null"));
        } catch (JacksonException notJson) {
            throw notOurs();
        }
    }

    private <T> HttpResponse<T> exchange(HttpRequest.Builder request, String path, HttpResponse.BodyHandler<T> body)
            throws IOException, InterruptedException {
        try {
            return http.send(request.uri(URI.create(url + path)).timeout(ANSWER).build(), body);
        } catch (IOException e) {
            throw new IOException("no service answers at " + url + " ("
                    + (e instanceof ConnectException ? "connection refused" : e.getMessage())
                    + "): start one with 'ledger serve', or name another with --url", e);
        }
    }

    private static String problem(int status, String body) {
        try {
            JsonNode problem = LedgerJson.MAPPER.readTree(body);
            if (problem.has("detail")) {
                return problem.get("detail").asString() + " [" + problem.path("code").asString() + "]";
            }
        } catch (JacksonException notOurs) {
            // falls through: the answer is not one of our service's
        }
        return "the service answered " + status;
    }
}
