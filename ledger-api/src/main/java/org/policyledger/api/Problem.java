package org.policyledger.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.policyledger.core.Rejection;

/**
 * A refusal as callers see it: RFC 9457 problem details.
 *
 * @param type a stable address, relative to the service, of a page that explains the problem
 * @param detail in plain words: the thing, the value, the rule and the way out
 * @param errors the places of the body that are at fault, as JSON pointers (RFC 6901), when it is the body
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Problem(String type, String title, int status, String detail, String code, List<Fault> errors) {

    /** One place of a body that is at fault. */
    public record Fault(String pointer, String detail) {}

    /** Every kind of refusal, in the order in which they are checked. */
    public enum Kind {
        NOT_FOUND("not-found", 404, "No such address",
                "The address is not one of the service's: see the API guide."),
        METHOD_NOT_ALLOWED("method-not-allowed", 405, "Method not allowed",
                "The address exists but does not take this method: the Allow header says which it takes."),
        UNSUPPORTED_MEDIA_TYPE("unsupported-media-type", 415, "Unsupported media type",
                "The Content-Type is not one the address reads."),
        NOT_ACCEPTABLE("not-acceptable", 406, "Not acceptable",
                "None of the media types in Accept can be given."),
        TOO_LARGE("too-large", 413, "Too large",
                "The body is larger than the limit, which is a setting of the service."),
        MALFORMED("malformed", 400, "Malformed",
                "The request cannot be read, or a value in it breaks a rule of form; unknown fields are refused, not ignored. The errors member points to the place."),
        IDEMPOTENCY_KEY_REUSED("idempotency-key-reused", 422, "Idempotency key used for another request",
                "A key names one request for ever: send the same request again, or use a new key."),
        STALE_SEQUENCE("stale-sequence", 412, "Stale sequence",
                "If-Match named a sequence that is no longer the last of the stream: read again and decide anew."),
        LIST_ALREADY_REGISTERED("list-already-registered", 409, "List already registered",
                "A list is registered once."),
        COMMITMENT_ALREADY_RECORDED("commitment-already-recorded", 409, "Commitment already recorded",
                "A commitment is recorded once: assess it, or choose another commitmentId."),
        NOTICE_ALREADY_RECORDED("notice-already-recorded", 409, "Notice already recorded",
                "A notice is recorded once: record further actions that cite it with POST /v1/actions."),
        UNKNOWN_LIST("unknown-list", 404, "Unknown list",
                "The list is not registered, or was not yet at the position asked for."),
        UNKNOWN_ENTITY("unknown-entity", 404, "Unknown entity",
                "Nothing is recorded about the entity."),
        UNKNOWN_COMMITMENT("unknown-commitment", 404, "Unknown commitment",
                "The commitment is not recorded, or was not yet at the position asked for."),
        UNKNOWN_NOTICE("unknown-notice", 404, "Unknown notice",
                "No notice of this id is recorded or cited, or none was yet at the position asked for."),
        UNKNOWN_DOSSIER("unknown-dossier", 404, "Unknown dossier",
                "No action, commitment or statement carries the label."),
        UNKNOWN_PROJECTION("unknown-projection", 404, "Unknown projection",
                "There is no reading of this name: /v1/projections tells which there are."),
        REBUILD_RUNNING("rebuild-running", 409, "Rebuild running",
                "The reading is being rebuilt already: wait for its end, or cancel it."),
        UNKNOWN_EVENT("unknown-event", 404, "Unknown event",
                "No event has this identifier."),
        UNKNOWN_POSITION("unknown-position", 400, "Unknown position",
                "Nothing is recorded at the position or after the instant yet, so what is known then cannot be told."),
        PARTY_TOO_LARGE("party-too-large", 422, "Party too large",
                "More entities are linked together than are answered for at once, which is a setting of the service: ask about them one by one."),
        UNKNOWN_ACTION("unknown-action", 404, "Unknown action",
                "No listing action of this identity is recorded, or not about this entity."),
        ACTION_VOIDED("action-voided", 409, "Action voided",
                "What has been voided stays so: record a new action."),
        CORRECTION_MISMATCH("correction-mismatch", 409, "Correction of another kind",
                "A correction keeps the kind of action, the entity and the list: void the action and record another."),
        ALREADY_LISTED("already-listed", 409, "Already listed",
                "The entity is on the list on that date: amend the listing, or delist it first."),
        NOT_LISTED("not-listed", 409, "Not listed",
                "The entity is not on the list on that date."),
        ALREADY_SUSPENDED("already-suspended", 409, "Already suspended",
                "The listing is suspended on that date."),
        NOT_SUSPENDED("not-suspended", 409, "Not suspended",
                "Only a suspended listing can be reinstated."),
        ALREADY_LINKED("already-linked", 409, "Already linked",
                "The two entities are linked: unlink them first if the finding is to rest on another reason."),
        NOT_LINKED("not-linked", 409, "Not linked",
                "The two entities are not linked to each other, though both may belong to one party through others."),
        COMMITMENT_NOT_MADE("commitment-not-made", 409, "Commitment not made yet",
                "The commitment was made on a later day: a finding or an end cannot go before it."),
        COMMITMENT_CLOSED("commitment-closed", 409, "Commitment closed",
                "The commitment has come to its end: it takes findings of days up to its end, and no other end."),
        TIMELINE_CONFLICT("timeline-conflict", 409, "Conflict with another action",
                "The action is legal on its own date but would make another one illegal: correct or void that one first."),
        NOTHING_TO_AMEND("nothing-to-amend", 409, "Nothing to amend",
                "The amendment states what is in force already."),
        UNKNOWN_FORMAT("unknown-format", 400, "Unknown snapshot format",
                "The format is not one the service reads."),
        SNAPSHOT_EMPTY("snapshot-empty", 422, "Snapshot empty",
                "The file shows no entry at all; nothing was recorded."),
        SNAPSHOT_TOO_LARGE("snapshot-too-large", 413, "Snapshot too large",
                "The file is longer than is read; nothing was recorded."),
        SNAPSHOT_WRONG_FORMAT("snapshot-wrong-format", 422, "Snapshot of another format",
                "The file is not of the format named; nothing was recorded."),
        SNAPSHOT_TRUNCATED("snapshot-truncated", 422, "Snapshot cut short",
                "The file stops before its end: get it again; nothing was recorded."),
        SNAPSHOT_DUPLICATE("snapshot-duplicate", 422, "Snapshot with a duplicate key",
                "Two records of the file have the same key; nothing was recorded."),
        SNAPSHOT_BAD_VALUE("snapshot-bad-value", 422, "Snapshot with a bad value",
                "A value of the file cannot be kept as it stands; nothing was recorded."),
        SNAPSHOT_OUT_OF_ORDER("snapshot-out-of-order", 409, "Snapshot out of order",
                "A later snapshot of the list was imported before: say backfill=true if that is meant."),
        SNAPSHOT_DROP("snapshot-drop", 409, "Snapshot drops too much of the list",
                "The file lacks more of the list than the allowed share: check the file, or raise maxDrop for this import."),
        EVENT_TOO_LARGE("event-too-large", 422, "Event too large",
                "An event's canonical form may have 65,535 bytes (the limit of an entry in a C2SP tlog-tiles entry bundle)."),
        CONTENTION("contention", 503, "Too much contention",
                "Others kept writing to the same stream: try again."),
        OVERLOADED("overloaded", 503, "Overloaded",
                "More writes wait than the service lets wait: try again later."),
        UNAVAILABLE("unavailable", 503, "Database unavailable",
                "The database is away; nothing was recorded: try again later."),
        OUTCOME_UNKNOWN("outcome-unknown", 503, "Outcome unknown",
                "The database went away while the write was being committed: send the same request with the same idempotency key to learn the outcome."),
        READING_INCOMPLETE("reading-incomplete", 503, "Reading incomplete",
                "The reading did not consume what the log holds, so what it says may be wrong: have it rebuilt. Events, and what the log publishes of itself, can be asked for."),
        TOO_MANY_READERS("too-many-readers", 503, "Too many readers",
                "As many readers follow the live stream as the service lets, which is a setting of it: try again later, or read GET /v1/events by pages."),
        READING_BEHIND("reading-behind", 503, "Reading behind",
                "The readings do not reflect the position yet: try again later."),
        CHECKPOINT_BEHIND("checkpoint-behind", 503, "Checkpoint behind",
                "No signed checkpoint covers the event yet: try again later."),
        LEDGER_DAMAGED("ledger-damaged", 503, "Ledger damaged",
                "The log was altered, or lost something: nothing is answered from it until the operator has put it right."),
        INTERNAL("internal", 500, "Fault of the service",
                "The fault has been logged by the service under the identifier given.");

        private final String code;
        private final int status;
        private final String title;
        private final String meaning;

        Kind(String code, int status, String title, String meaning) {
            this.code = code;
            this.status = status;
            this.title = title;
            this.meaning = meaning;
        }

        public String code() {
            return code;
        }

        public int status() {
            return status;
        }

        public String title() {
            return title;
        }

        /** What it means and what to do about it. */
        public String meaning() {
            return meaning;
        }

        public static Optional<Kind> ofCode(String code) {
            return Arrays.stream(values()).filter(kind -> kind.code.equals(code)).findFirst();
        }

        /** The kind of a rejection: one by one the same codes. */
        public static Kind of(Rejection.Code code) {
            return ofCode(code.text()).orElseThrow(() -> new IllegalStateException(code + " has no problem kind"));
        }
    }

    public static Problem of(Kind kind, String detail, Fault... errors) {
        return new Problem("/problems/" + kind.code(), kind.title(), kind.status(), detail, kind.code(),
                List.of(errors));
    }
}
