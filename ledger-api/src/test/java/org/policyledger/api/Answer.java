package org.policyledger.api;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.policyledger.core.LedgerJson;
import tools.jackson.databind.JsonNode;

/** What the service answered, as a client sees it. */
public record Answer(HttpResponse<byte[]> response) {

    public int status() {
        return response.statusCode();
    }

    public String text() {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    public JsonNode json() {
        return LedgerJson.MAPPER.readTree(response.body());
    }

    /** The answer of a batch, or of a stream of events: one value a line. */
    public List<JsonNode> lines() {
        return text().lines().map(LedgerJson.MAPPER::readTree).toList();
    }

    /** The first value of a header; empty when there is none. */
    public String header(String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** The text at a JSON pointer; empty when there is none. */
    public String at(String pointer) {
        return json().at(pointer).asString("");
    }

    /** The identity of the action a receipt tells of. */
    public String actionId() {
        return at("/actionId");
    }

    public long position() {
        return json().get("position").asLong();
    }

    /** The code of a problem. */
    public String code() {
        return at("/code");
    }

    /** The address of the next page after the service's own; empty on the last one. */
    public String next() {
        return response.headers().allValues("Link").stream().filter(link -> link.endsWith(">; rel=\"next\""))
                .map(link -> link.substring(link.indexOf("/v1/"), link.indexOf(">; rel="))).findFirst().orElse("");
    }

    @Override
    public String toString() {
        return status() + " " + header("Content-Type") + " " + text();
    }
}
