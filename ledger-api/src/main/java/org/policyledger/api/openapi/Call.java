package org.policyledger.api.openapi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.policyledger.api.Problem.Kind;

/**
 * One call of the interface, as it is described beyond what the controllers' signatures tell.
 *
 * @param id the operation's name; the files of its examples start with it
 * @param at its method and path, such as {@code GET /v1/lists}
 * @param tag the chapter it stands in
 * @param statuses the statuses of its answers when it is not refused, the usual one first
 * @param parameters example values of its parameters: they work together, on a ledger that holds the reference case
 * @param refusals the kinds of problems it answers with
 */
record Call(String id, String at, String tag, String summary, String description, List<Integer> statuses,
        Map<String, Object> parameters, List<Kind> refusals) {

    private static final String WRITE = "Recording";
    private static final String READ = "Reading";
    private static final String PROVE = "Proving";
    private static final String OPERATE = "Operating";
    private static final String HELP = "Problems";

    private static final List<Kind> ANY_READ = List.of(Kind.NOT_ACCEPTABLE, Kind.MALFORMED, Kind.UNAVAILABLE,
            Kind.INTERNAL);
    private static final List<Kind> READING_READ = join(ANY_READ,
            List.of(Kind.UNKNOWN_POSITION, Kind.READING_BEHIND));
    private static final List<Kind> COORDINATES_READ = join(READING_READ, List.of(Kind.READING_INCOMPLETE));
    private static final List<Kind> ANY_WRITE = List.of(Kind.TOO_LARGE, Kind.MALFORMED, Kind.IDEMPOTENCY_KEY_REUSED,
            Kind.EVENT_TOO_LARGE, Kind.CONTENTION, Kind.OVERLOADED, Kind.UNAVAILABLE, Kind.OUTCOME_UNKNOWN,
            Kind.LEDGER_DAMAGED, Kind.INTERNAL);
    private static final List<Kind> LAW = List.of(Kind.STALE_SEQUENCE, Kind.LIST_ALREADY_REGISTERED,
            Kind.COMMITMENT_ALREADY_RECORDED, Kind.NOTICE_ALREADY_RECORDED, Kind.UNKNOWN_LIST, Kind.UNKNOWN_ENTITY,
            Kind.UNKNOWN_COMMITMENT,
            Kind.UNKNOWN_ACTION, Kind.ACTION_VOIDED, Kind.CORRECTION_MISMATCH, Kind.ALREADY_LISTED, Kind.NOT_LISTED,
            Kind.ALREADY_SUSPENDED, Kind.NOT_SUSPENDED, Kind.ALREADY_LINKED, Kind.NOT_LINKED, Kind.COMMITMENT_NOT_MADE,
            Kind.COMMITMENT_CLOSED,
            Kind.TIMELINE_CONFLICT, Kind.NOTHING_TO_AMEND);
    private static final List<Kind> SNAPSHOT = List.of(Kind.UNKNOWN_LIST, Kind.UNKNOWN_FORMAT, Kind.SNAPSHOT_EMPTY,
            Kind.SNAPSHOT_TOO_LARGE, Kind.SNAPSHOT_WRONG_FORMAT, Kind.SNAPSHOT_TRUNCATED, Kind.SNAPSHOT_DUPLICATE,
            Kind.SNAPSHOT_BAD_VALUE, Kind.SNAPSHOT_OUT_OF_ORDER, Kind.SNAPSHOT_DROP, Kind.READING_BEHIND,
            Kind.READING_INCOMPLETE);

    private static final String IFS = "cn-mps-ifs";
    private static final String ENTITY_LIST = "us-bis-entity-list";
    private static final String KNOWN = "position:4";
    /** The reference case with what was undertaken and said around it. */
    private static final String AFFAIR_KNOWN = "position:10";

    /** Every call, in the order of the guide. */
    static final List<Call> ALL = List.of(
            new Call("registerList", "POST /v1/lists", WRITE, "Registers a list",
                    "Makes a list known, once, so that entities can be put on it.", List.of(201, 202), Map.of(),
                    join(ANY_WRITE, List.of(Kind.UNSUPPORTED_MEDIA_TYPE, Kind.STALE_SEQUENCE,
                            Kind.LIST_ALREADY_REGISTERED))),
            new Call("recordAction", "POST /v1/actions", WRITE, "Records one action",
                    "Takes one command and records the one event it comes to, or refuses it and records nothing. With 201 every"
                            + " read sees the action; with 202 it is durable and reads see it a moment later.",
                    List.of(201, 202), Map.of(), join(join(ANY_WRITE, LAW), List.of(Kind.UNSUPPORTED_MEDIA_TYPE))),
            new Call("recordBatch", "POST /v1/actions/batch", WRITE, "Records many actions",
                    "Takes one command a line and answers one receipt or problem a line, in order. With atomic=true all are"
                            + " recorded, in one commit, or none.",
                    List.of(200, 201, 202), Map.of("atomic", false),
                    join(join(ANY_WRITE, LAW), List.of(Kind.UNSUPPORTED_MEDIA_TYPE))),
            new Call("importSnapshot", "POST /v1/lists/{listId}/snapshots", WRITE, "Imports an official list file",
                    "Compares the file with the ledger's own state on the file's day, and records the differences as actions"
                            + " with observed dates, together with the import itself, in one append.",
                    List.of(201, 200, 202),
                    Map.of("listId", "trial-list", "format", "ofac-sdn-csv", "snapshotDate", "2023-12-01", "dryRun",
                            true, "backfill", false, "maxDrop", 0.2, "limit", 10),
                    join(ANY_WRITE, SNAPSHOT)),
            new Call("recordNotice", "POST /v1/notices", WRITE, "Records a notice with its actions",
                    "Records the notice and every action it carries in one commit, or refuses all of it. A notice may carry no"
                            + " action; what its source does not tell is left out, and named in notTold.",
                    List.of(201, 202), Map.of(),
                    join(join(ANY_WRITE, LAW.stream().filter(kind -> kind != Kind.STALE_SEQUENCE).toList()),
                            List.of(Kind.UNSUPPORTED_MEDIA_TYPE))),
            new Call("backfillCitations", "POST /v1/lists/{listId}/citations", WRITE,
                    "Records what the BIS Entity List tells of its own past",
                    "Takes each entry's chain of citations, the entries, and what notices tell, as the texts of three files;"
                            + " records additions, amendments and notices in one append, with words for what is inferred."
                            + " The same files again record nothing.",
                    List.of(201, 200, 202), Map.of("listId", ENTITY_LIST, "dryRun", true),
                    join(join(ANY_WRITE, LAW.stream().filter(kind -> kind != Kind.STALE_SEQUENCE).toList()),
                            List.of(Kind.UNSUPPORTED_MEDIA_TYPE, Kind.SNAPSHOT_EMPTY, Kind.SNAPSHOT_TOO_LARGE,
                                    Kind.SNAPSHOT_WRONG_FORMAT, Kind.SNAPSHOT_TRUNCATED, Kind.SNAPSHOT_DUPLICATE,
                                    Kind.SNAPSHOT_BAD_VALUE))),
            new Call("search", "GET /v1/entities", READ, "Entities by name or alias",
                    "Best first. Case, accents, script, punctuation, order of words and small misspellings are forgiven; a"
                            + " name that an entity once had finds it too. The status is that on the day asked about.",
                    List.of(200),
                    Map.of("name", "Institut of Forensic Sciense", "listId", ENTITY_LIST, "type", "ORGANISATION",
                            "country", "China", "status", "LISTED", "asOf", "2020-06-05", "limit", 10),
                    join(ANY_READ, List.of(Kind.UNKNOWN_LIST, Kind.READING_BEHIND, Kind.READING_INCOMPLETE))),
            new Call("entity", "GET /v1/entities/{entityId}", READ, "An entity with its status on every list",
                    "The ETag is what If-Match of a write takes.", List.of(200),
                    Map.of("entityId", IFS, "asOf", "2023-11-16", "asKnownAt", KNOWN),
                    join(COORDINATES_READ, List.of(Kind.UNKNOWN_ENTITY))),
            new Call("status", "GET /v1/entities/{entityId}/status", READ, "How an entity stands on its lists on a day",
                    "State, entry in force, the action that decided it with its notice, and the next change already known.",
                    List.of(200),
                    Map.of("entityId", IFS, "listId", ENTITY_LIST, "asOf", "2020-06-05", "asKnownAt", KNOWN),
                    join(COORDINATES_READ,
                            List.of(Kind.UNKNOWN_LIST, Kind.UNKNOWN_ENTITY, Kind.CHECKPOINT_BEHIND))),
            new Call("timeline", "GET /v1/entities/{entityId}/timeline", READ, "The periods of an entity's listings",
                    "Half-open periods [from, to) on the effective axis, as known at one position.", List.of(200),
                    Map.of("entityId", IFS, "listId", ENTITY_LIST, "asKnownAt", KNOWN),
                    join(COORDINATES_READ, List.of(Kind.UNKNOWN_LIST, Kind.UNKNOWN_ENTITY))),
            new Call("history", "GET /v1/entities/{entityId}/history", READ, "What was recorded about an entity",
                    "Every event in recorded order, with both times, actor, what it changed field by field, and what corrected"
                            + " or voided it.",
                    List.of(200), Map.of("entityId", IFS, "asKnownAt", KNOWN),
                    join(COORDINATES_READ, List.of(Kind.UNKNOWN_ENTITY))),
            new Call("party", "GET /v1/entities/{entityId}/party", READ,
                    "An entity and all that are linked with it, with their status on every list",
                    "Who is linked, directly or through others, as known at one position; how each stands on a day; and the links"
                            + " that say so, with reason, evidence and actor.",
                    List.of(200), Map.of("entityId", IFS, "asOf", "2023-11-15", "asKnownAt", KNOWN),
                    join(COORDINATES_READ, List.of(Kind.UNKNOWN_ENTITY, Kind.PARTY_TOO_LARGE))),
            new Call("links", "GET /v1/entities/{entityId}/links", READ,
                    "Every link and unlinking of an entity",
                    "In recorded order, with reason, evidence and actor, and what took a link back.", List.of(200),
                    Map.of("entityId", IFS, "asKnownAt", KNOWN),
                    join(COORDINATES_READ, List.of(Kind.UNKNOWN_ENTITY))),
            new Call("lists", "GET /v1/lists", READ, "Every list with its figures",
                    "As of a day and as known at a position.",
                    List.of(200), Map.of("asOf", "2020-06-05", "asKnownAt", KNOWN), COORDINATES_READ),
            new Call("list", "GET /v1/lists/{listId}", READ, "A list with its figures",
                    "As of a day and as known at a position.", List.of(200),
                    Map.of("listId", ENTITY_LIST, "asOf", "2020-06-05", "asKnownAt", KNOWN),
                    join(COORDINATES_READ, List.of(Kind.UNKNOWN_LIST))),
            new Call("entries", "GET /v1/lists/{listId}/entries", READ, "A list as it stood on a day",
                    "Every entry in force or suspended, in the order of entity identifiers, a page at a time.",
                    List.of(200), Map.of("listId", ENTITY_LIST, "asOf", "2020-06-05", "asKnownAt", KNOWN, "limit", 10),
                    join(COORDINATES_READ, List.of(Kind.UNKNOWN_LIST))),
            new Call("changes", "GET /v1/lists/{listId}/changes", READ, "What differs on a list between two days",
                    "As known at one position; what was undone in between does not show.", List.of(200),
                    Map.of("listId", ENTITY_LIST, "from", "2020-06-05", "to", "2020-07-22", "asKnownAt", KNOWN, "limit",
                            10),
                    join(COORDINATES_READ, List.of(Kind.UNKNOWN_LIST))),
            new Call("revisions", "GET /v1/lists/{listId}/revisions", READ,
                    "What differs in our view of a list on one day between two points of the recorded axis",
                    "Each difference comes with the recorded events that made it: new actions, late recordings, corrections"
                            + " and voidings.",
                    List.of(200),
                    Map.of("listId", ENTITY_LIST, "asOf", "2020-07-22", "knownFrom", "position:1", "knownTo", KNOWN,
                            "limit", 10),
                    join(COORDINATES_READ, List.of(Kind.UNKNOWN_LIST))),
            new Call("replayEntity", "GET /v1/entities/{entityId}/replay", READ,
                    "An entity worked out from its events, beside what the reading says",
                    "Every period known at the position is compared; equal says whether all are alike.", List.of(200),
                    Map.of("entityId", IFS, "asOf", "2020-06-05", "asKnownAt", KNOWN),
                    join(READING_READ, List.of(Kind.UNKNOWN_ENTITY))),
            new Call("replayList", "GET /v1/lists/{listId}/replay", READ,
                    "A list worked out from the events, beside what the reading says",
                    "Who was ever on the list is found in the log. Both sides come as figures and a digest over all periods"
                            + " known at the position, with the first that differ.",
                    List.of(200), Map.of("listId", ENTITY_LIST, "asOf", "2020-06-05", "asKnownAt", KNOWN),
                    join(READING_READ, List.of(Kind.UNKNOWN_LIST))),
            new Call("commitments", "GET /v1/commitments", READ, "Commitments and how they stand on a day",
                    "Those made by the day, in the order of their identifiers, with the finding that stands.",
                    List.of(200),
                    Map.of("state", "OPEN", "dossier", "ifs", "overdue", false, "asOf", "2024-01-30", "asKnownAt",
                            AFFAIR_KNOWN, "limit", 10),
                    COORDINATES_READ),
            new Call("commitment", "GET /v1/commitments/{commitmentId}", READ,
                    "A commitment with what was found and said about it",
                    "How it stands on a day, and every finding and statement up to it. The ETag is what If-Match of a write"
                            + " takes.",
                    List.of(200),
                    Map.of("commitmentId", "cn-us-fentanyl-precursors", "asOf", "2024-01-30", "asKnownAt",
                            AFFAIR_KNOWN),
                    join(COORDINATES_READ, List.of(Kind.UNKNOWN_COMMITMENT))),
            new Call("dossier", "GET /v1/dossiers/{dossier}", READ, "An affair, whole",
                    "Actions, commitments, findings and statements as known, in the order of their days and then of"
                            + " recording, with how entities and commitments stand; as text/html a page to print.",
                    List.of(200),
                    Map.of("dossier", "ifs", "asOf", "2023-11-16", "asKnownAt", AFFAIR_KNOWN, "limit", 10),
                    join(COORDINATES_READ, List.of(Kind.UNKNOWN_DOSSIER))),
            new Call("notices", "GET /v1/notices", READ, "Notices by their day of publication",
                    "Those recorded by themselves, and those that actions only cite; without a day of publication they come"
                            + " last.",
                    List.of(200),
                    Map.of("from", "2020-01-01", "to", "2023-12-31", "publisher", "Federal Register", "asKnownAt",
                            KNOWN,
                            "limit", 10),
                    COORDINATES_READ),
            new Call("notice", "GET /v1/notices/{noticeId}", READ, "A notice with all that cites it",
                    "Actions in the order of their effective dates, with the content they have as known; corrected and voided"
                            + " ones are marked.",
                    List.of(200), Map.of("noticeId", "federal-register:88-FR-80131", "asKnownAt", KNOWN, "limit", 10),
                    join(COORDINATES_READ, List.of(Kind.UNKNOWN_NOTICE))),
            new Call("events", "GET /v1/events", READ, "The events themselves, by position",
                    "CloudEvents 1.0 in canonical JSON (RFC 8785), byte for byte as stored and hashed; as text/event-stream"
                            + " also those that are yet to come.",
                    List.of(200),
                    Map.of("after", 1, "through", 4, "type", "EntityDelisted", "entityId", IFS, "listId", ENTITY_LIST,
                            "actor", "anonymous", "dossier", "ifs", "limit", 10),
                    join(ANY_READ, List.of(Kind.UNKNOWN_POSITION, Kind.TOO_MANY_READERS, Kind.READING_INCOMPLETE))),
            new Call("event", "GET /v1/events/{actionId}", READ, "One event",
                    "The actionId stands in the receipt and in every answer that names an action.", List.of(200),
                    Map.of("actionId", "d5e5a307-6cb6-4cc2-ab2c-9c8ea78e291a"),
                    join(ANY_READ, List.of(Kind.UNKNOWN_EVENT))),
            new Call("eventProof", "GET /v1/events/{actionId}/proof", PROVE, "Proves that an event is in the log",
                    "A text that is checked without the service: C2SP tlog-proof, version 1, with the audit path of RFC 6962 and a"
                            + " signed checkpoint. The checkpoint, the tiles and the key stand under /log as C2SP tlog-tiles"
                            + " has them.",
                    List.of(200), Map.of("actionId", "d5e5a307-6cb6-4cc2-ab2c-9c8ea78e291a"),
                    join(ANY_READ, List.of(Kind.UNKNOWN_EVENT, Kind.CHECKPOINT_BEHIND))),
            new Call("entityEvidence", "GET /v1/entities/{entityId}/evidence", PROVE,
                    "An entity's status and history, with all that proves it, in one file",
                    "A ZIP: the answer, the events it rests on, a proof of each, the signed checkpoint, the key, the documents that"
                            + " the events name, and how to check all of it.",
                    List.of(200), Map.of("entityId", IFS, "asOf", "2023-11-16", "asKnownAt", KNOWN),
                    join(COORDINATES_READ,
                            List.of(Kind.UNKNOWN_ENTITY, Kind.CHECKPOINT_BEHIND, Kind.TOO_LARGE))),
            new Call("dossierEvidence", "GET /v1/dossiers/{dossier}/evidence", PROVE,
                    "An affair, with all that proves it, in one file",
                    "A ZIP: the answer, the events it rests on, a proof of each, the signed checkpoint, the key, the documents that"
                            + " the events name, and how to check all of it.",
                    List.of(200), Map.of("dossier", "ifs", "asOf", "2023-11-16", "asKnownAt", AFFAIR_KNOWN),
                    join(COORDINATES_READ,
                            List.of(Kind.UNKNOWN_DOSSIER, Kind.CHECKPOINT_BEHIND, Kind.TOO_LARGE))),
            new Call("noticeEvidence", "GET /v1/notices/{noticeId}/evidence", PROVE,
                    "A notice and what cites it, with all that proves it, in one file",
                    "A ZIP: the answer, the events it rests on, a proof of each, the signed checkpoint, the key, the documents that"
                            + " the events name, and how to check all of it.",
                    List.of(200), Map.of("noticeId", "federal-register:88-FR-80131", "asKnownAt", KNOWN),
                    join(COORDINATES_READ,
                            List.of(Kind.UNKNOWN_NOTICE, Kind.CHECKPOINT_BEHIND, Kind.TOO_LARGE))),
            new Call("consistency", "GET /v1/consistency", PROVE, "Proves that the log only grew",
                    "That the tree of one size begins with the tree of another (RFC 6962, section 2.1.2): with two checkpoints"
                            + " that somebody kept, it is checked without the service. Hashes in Base64.",
                    List.of(200), Map.of("from", 2, "to", 5), ANY_READ),
            new Call("export", "GET /v1/export", PROVE, "The log, or a stretch of it",
                    "One event a line in canonical form, byte for byte the leaves of the Merkle tree, from a position on and up to"
                            + " another, without a limit. An answer that broke off is carried on with from.",
                    List.of(200), Map.of("from", 2, "to", 5), ANY_READ),
            new Call("startVerification", "POST /v1/verification", PROVE, "Has the service verify its log",
                    "Every stored event against its bytes, hash and place, every stored hash of the tree, every checkpoint; with"
                            + " readings=true each reading against a replay too. One that is running goes on.",
                    List.of(202), Map.of("readings", false), ANY_READ),
            new Call("verification", "GET /v1/verification", PROVE, "How the verification stands",
                    "The latest since the service was started, that at start included, with all that does not hold.",
                    List.of(200), Map.of(), ANY_READ),
            new Call("projections", "GET /v1/projections", OPERATE, "How far the readings are, and what they consumed",
                    "Each reading with the position it reflects, the Merkle root over the events it was given up to there, how"
                            + " that compared with the log's own tree, and what this service was last asked for of it.",
                    List.of(200), Map.of(), List.of(Kind.NOT_ACCEPTABLE, Kind.UNAVAILABLE, Kind.INTERNAL)),
            new Call("stateHash", "GET /v1/projections/{name}/state-hash", OPERATE,
                    "Hashes all that a reading says at a position",
                    "Reads all of it, which takes a while for a large one. Services of one version whose readings are of the"
                            + " same log answer alike at the same position, whichever database they use. The search index"
                            + " knows only the position it reflects.",
                    List.of(200), Map.of("name", "listings", "asKnownAt", KNOWN),
                    join(READING_READ, List.of(Kind.UNKNOWN_PROJECTION))),
            new Call("startRebuild", "POST /v1/projections/{name}/rebuild", OPERATE,
                    "Rebuilds a reading beside the live one",
                    "Fills a new one from the log, compares it with the live one at one position, and goes over to it in one"
                            + " step. If they differ it stays as it is, unless switchIfDifferent says otherwise.",
                    List.of(202), Map.of("name", "listings", "switchIfDifferent", false),
                    join(ANY_READ, List.of(Kind.UNKNOWN_PROJECTION, Kind.REBUILD_RUNNING))),
            new Call("rebuild", "GET /v1/projections/{name}/rebuild", OPERATE, "How a rebuild stands",
                    "The latest that this service was asked for since it started, with its result.", List.of(200),
                    Map.of("name", "listings"), join(ANY_READ, List.of(Kind.UNKNOWN_PROJECTION))),
            new Call("cancelRebuild", "DELETE /v1/projections/{name}/rebuild", OPERATE, "Cancels a rebuild",
                    "What was filled goes; the live reading is untouched. Answers when it has ended, in whichever way.",
                    List.of(200), Map.of("name", "listings"), join(ANY_READ, List.of(Kind.UNKNOWN_PROJECTION))),
            new Call("problems", "GET /problems", HELP, "Every kind of refusal",
                    "In the order in which they are checked.", List.of(200), Map.of(), List.of(Kind.NOT_ACCEPTABLE)),
            new Call("problem", "GET /problems/{code}", HELP, "What a refusal means",
                    "The page that a problem's type leads to.", List.of(200), Map.of("code", "stale-sequence"),
                    List.of(Kind.NOT_FOUND, Kind.NOT_ACCEPTABLE)));

    static Optional<Call> find(String at) {
        return ALL.stream().filter(call -> call.at.equals(at)).findFirst();
    }

    String path() {
        return at.substring(at.indexOf(' ') + 1);
    }

    boolean writes() {
        return tag.equals(WRITE);
    }

    private static List<Kind> join(List<Kind> one, List<Kind> other) {
        return Stream.concat(one.stream(), other.stream()).sorted().distinct().toList();
    }
}
