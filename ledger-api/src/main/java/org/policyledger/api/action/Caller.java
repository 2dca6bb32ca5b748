package org.policyledger.api.action;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.policyledger.store.IdempotencyKey;

/**
 * Who demands something, and how.
 *
 * @param actor who is answerable for it; kept with the event
 * @param key names the demand, so that it is recorded once however often it is sent
 * @param expectedSequence the sequence of the last event of the stream the caller has seen; the demand is refused if it is
 *     no longer the last
 * @param correlationId ties the events of one undertaking together; kept with the event
 */
public record Caller(String actor, Optional<IdempotencyKey> key, OptionalLong expectedSequence,
        Optional<String> correlationId) {

    /** A caller who only gives a name. */
    public static Caller named(String actor) {
        return new Caller(actor, Optional.empty(), OptionalLong.empty(), Optional.empty());
    }

    public Caller withCorrelation(String id) {
        return new Caller(actor, key, expectedSequence, Optional.of(id));
    }

    /** The same caller for one part of a demand made of several: each part has a key of its own. */
    Caller part(int number, String fingerprint) {
        return new Caller(actor, key.map(whole -> new IdempotencyKey(whole.key() + "#" + number, fingerprint)),
                OptionalLong.empty(), correlationId);
    }

    /** What is kept with each event: CloudEvents extension attributes. */
    Map<String, String> attributes() {
        Map<String, String> attributes = new HashMap<>();
        attributes.put("actor", actor);
        key.ifPresent(given -> {
            attributes.put("idempotencykey", given.key());
            attributes.put("requesthash", given.fingerprint());
        });
        correlationId.ifPresent(id -> attributes.put("correlationid", id));
        return attributes;
    }
}
