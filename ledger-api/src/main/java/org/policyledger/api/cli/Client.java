package org.policyledger.api.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
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

        RefusedByService(String detail) {
            super(detail);
        }
    }

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

    /** The answer, which has the member named; a service that answers otherwise is not one of ours. */
    JsonNode get(String path, String member) throws IOException, InterruptedException, RefusedByService {
        JsonNode answer = send(HttpRequest.newBuilder().GET(), path);
        if (!answer.has(member)) {
            throw notOurs();
        }
        return answer;
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
        HttpResponse<String> response;
        try {
            response = http.send(request.uri(URI.create(url + path)).timeout(ANSWER).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IOException("no service answers at " + url + " ("
                    + (e instanceof ConnectException ? "connection refused" : e.getMessage())
                    + "): start one with 'ledger serve', or name another with --url", e);
        }
        if (response.statusCode() >= 400) {
            throw new RefusedByService(problem(response));
        }
        try {
            return LedgerJson.MAPPER.readTree(response.body().lines().findFirst().orElse("null"));
        } catch (JacksonException notJson) {
            throw notOurs();
        }
    }

    private static String problem(HttpResponse<String> response) {
        try {
            JsonNode problem = LedgerJson.MAPPER.readTree(response.body());
            if (problem.has("detail")) {
                return problem.get("detail").asString() + " [" + problem.path("code").asString() + "]";
            }
        } catch (JacksonException notOurs) {
            // falls through: the answer is not one of our service's
        }
        return "the service answered " + response.statusCode();
    }
}
