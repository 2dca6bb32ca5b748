package org.policyledger.store;

/**
 * A caller's name for one demand, kept with what it recorded: a retry under the same name records nothing new.
 *
 * @param key the name, 1 to 400 characters
 * @param fingerprint stands for the content of the demand, 1 to 200 characters; the same key with another fingerprint
 *     is refused
 */
public record IdempotencyKey(String key, String fingerprint) {}
