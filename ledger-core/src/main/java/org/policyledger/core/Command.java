package org.policyledger.core;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/** What may be demanded of the ledger. Each accepted demand records exactly one event; a refused one records nothing. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "action")
@JsonSubTypes({@JsonSubTypes.Type(value = Command.RegisterList.class, name = "RegisterList"),
        @JsonSubTypes.Type(value = Command.ListEntity.class, name = "ListEntity"),
        @JsonSubTypes.Type(value = Command.AmendListing.class, name = "AmendListing"),
        @JsonSubTypes.Type(value = Command.SuspendListing.class, name = "SuspendListing"),
        @JsonSubTypes.Type(value = Command.ReinstateListing.class, name = "ReinstateListing"),
        @JsonSubTypes.Type(value = Command.DelistEntity.class, name = "DelistEntity"),
        @JsonSubTypes.Type(value = Command.CorrectAction.class, name = "CorrectAction"),
        @JsonSubTypes.Type(value = Command.VoidAction.class, name = "VoidAction"),
        @JsonSubTypes.Type(value = Command.RecordStatement.class, name = "RecordStatement"),
        @JsonSubTypes.Type(value = Command.RecordCommitment.class, name = "RecordCommitment"),
        @JsonSubTypes.Type(value = Command.AssessCommitment.class, name = "AssessCommitment"),
        @JsonSubTypes.Type(value = Command.CloseCommitment.class, name = "CloseCommitment"),
        @JsonSubTypes.Type(value = Command.LinkEntities.class, name = "LinkEntities"),
        @JsonSubTypes.Type(value = Command.UnlinkEntities.class, name = "UnlinkEntities"),
        @JsonSubTypes.Type(value = Command.RecordNotice.class, name = "RecordNotice")})
public sealed interface Command {

    /** The stream the demand is decided against. */
    @TargetAggregateIdentifier
    @JsonIgnore
    String stream();

    /** The name by which a command bus finds the record that takes the demand. */
    @JsonIgnore
    default String handledAs() {
        return getClass().getName();
    }

    /** A demand on one entity's record. */
    sealed interface EntityCommand extends Command {
        EntityId entityId();

        @Override
        default String stream() {
            return entityId().stream();
        }
    }

    /** A demand on one commitment's record. */
    sealed interface CommitmentCommand extends Command {
        CommitmentId commitmentId();

        @Override
        default String stream() {
            return commitmentId().stream();
        }
    }

    /** A demand on the record of one pair of entities. */
    sealed interface LinkCommand extends Command {
        EntityPair entityIds();

        String reason();

        List<Notice> evidence();

        @Override
        default String stream() {
            return entityIds().stream();
        }
    }

    /** A demand to take one action on one listing, with legal force from a date on. */
    sealed interface ListingCommand extends EntityCommand {
        ListId listId();

        /** The day from which the action has legal force, in the authority's zone. */
        LocalDate effectiveDate();

        Circumstances circumstances();
    }

    /** Makes a list known, so that entities can be put on it. */
    record RegisterList(ListId listId, ListDetails details) implements Command {
        public RegisterList {
            Check.required("listId", listId);
            Check.required("details", details);
        }

        @Override
        public String stream() {
            return listId.stream();
        }
    }

    /** Puts an entity on a list, for the first time or again. {@code until} is the exclusive end of a fixed term. */
    record ListEntity(EntityId entityId, ListId listId, LocalDate effectiveDate, Optional<LocalDate> until, Entry entry,
            Circumstances circumstances) implements ListingCommand {
        public ListEntity {
            checkCommon(entityId, listId, effectiveDate);
            Check.until(until, effectiveDate);
            Check.required("entry", entry);
            circumstances = orStated(circumstances);
        }
    }

    /** Replaces the entry, and the fixed term, of a listing by the complete new ones. */
    record AmendListing(EntityId entityId, ListId listId, LocalDate effectiveDate, Optional<LocalDate> until,
            Entry entry,
            Circumstances circumstances) implements ListingCommand {
        public AmendListing {
            checkCommon(entityId, listId, effectiveDate);
            Check.until(until, effectiveDate);
            Check.required("entry", entry);
            circumstances = orStated(circumstances);
        }
    }

    /** Suspends a listing; with {@code until} it comes back into force by itself on that day. */
    record SuspendListing(EntityId entityId, ListId listId, LocalDate effectiveDate, Optional<LocalDate> until,
            Circumstances circumstances) implements ListingCommand {
        public SuspendListing {
            checkCommon(entityId, listId, effectiveDate);
            Check.until(until, effectiveDate);
            circumstances = orStated(circumstances);
        }
    }

    /** Brings a suspended listing back into force. */
    record ReinstateListing(EntityId entityId, ListId listId, LocalDate effectiveDate, Circumstances circumstances)
            implements
                ListingCommand {
        public ReinstateListing {
            checkCommon(entityId, listId, effectiveDate);
            circumstances = orStated(circumstances);
        }
    }

    /** Takes an entity off a list. */
    record DelistEntity(EntityId entityId, ListId listId, LocalDate effectiveDate, Circumstances circumstances)
            implements
                ListingCommand {
        public DelistEntity {
            checkCommon(entityId, listId, effectiveDate);
            circumstances = orStated(circumstances);
        }
    }

    /** Replaces the content of an earlier action by the complete right one: same kind of action, same listing. */
    record CorrectAction(EntityId entityId, ActionId actionId, ListingCommand replacement, Circumstances circumstances)
            implements
                EntityCommand {
        public CorrectAction {
            Check.required("entityId", entityId);
            Check.required("actionId", actionId);
            Check.required("replacement", replacement);
            circumstances = orStated(circumstances);
        }
    }

    /** Strikes an earlier action out. */
    record VoidAction(EntityId entityId, ActionId actionId, Circumstances circumstances) implements EntityCommand {
        public VoidAction {
            Check.required("entityId", entityId);
            Check.required("actionId", actionId);
            circumstances = orStated(circumstances);
        }
    }

    /**
     * Keeps what somebody said about an entity, about one listing action on it, or about a commitment.
     *
     * @param entityId the entity it is about; exactly one of this and {@code commitmentId} is given
     * @param actionId the listing action on the entity, where it is about one
     */
    record RecordStatement(Optional<EntityId> entityId, Optional<ActionId> actionId,
            Optional<CommitmentId> commitmentId, Statement statement, Optional<String> dossier) implements Command {

        /** How a statement about a commitment is handled: by the commitment's record, not the entity's. */
        public static final String ON_COMMITMENT = "RecordStatement on a commitment";

        public RecordStatement {
            if (entityId.isPresent() == commitmentId.isPresent()) {
                throw new IllegalArgumentException(entityId.isPresent()
                        ? "entityId and commitmentId are both given: a statement is about one of them"
                        : "entityId and commitmentId are both missing: a statement is about one of them");
            }
            if (commitmentId.isPresent() && actionId.isPresent()) {
                throw new IllegalArgumentException(
                        "actionId is given with commitmentId: name the entity of the action instead, or leave actionId out");
            }
            Check.required("statement", statement);
            Check.optionalText("dossier", dossier, 100);
        }

        @Override
        public String stream() {
            return entityId.map(EntityId::stream).or(() -> commitmentId.map(CommitmentId::stream)).orElseThrow();
        }

        @Override
        public String handledAs() {
            return commitmentId.isPresent() ? ON_COMMITMENT : getClass().getName();
        }
    }

    /**
     * Makes a commitment known.
     *
     * @param actionIds the listing actions it was given for; they must be recorded
     */
    record RecordCommitment(CommitmentId commitmentId, Commitment commitment, List<ActionId> actionIds,
            Optional<String> dossier) implements CommitmentCommand {
        public RecordCommitment {
            Check.required("commitmentId", commitmentId);
            Check.required("commitment", commitment);
            actionIds = Check.list("actionIds", actionIds, 100);
            Check.optionalText("dossier", dossier, 100);
        }
    }

    /** Adds a finding on whether a commitment is being kept. */
    record AssessCommitment(CommitmentId commitmentId, Assessment assessment) implements CommitmentCommand {
        public AssessCommitment {
            Check.required("commitmentId", commitmentId);
            Check.required("assessment", assessment);
        }
    }

    /** Ends a commitment. */
    record CloseCommitment(CommitmentId commitmentId, Closure closure) implements CommitmentCommand {
        public CloseCommitment {
            Check.required("commitmentId", commitmentId);
            Check.required("closure", closure);
        }
    }

    /**
     * Links two entities, as one party in the finding of who demands it. Merges nothing.
     *
     * @param reason why they are found to be one party
     * @param evidence the documents on which that rests
     */
    record LinkEntities(EntityPair entityIds, String reason, List<Notice> evidence) implements LinkCommand {
        public LinkEntities {
            evidence = checkFinding(entityIds, reason, evidence);
        }
    }

    /** Takes a link back, for a reason of its own. */
    record UnlinkEntities(EntityPair entityIds, String reason, List<Notice> evidence) implements LinkCommand {
        public UnlinkEntities {
            evidence = checkFinding(entityIds, reason, evidence);
        }
    }

    private static List<Notice> checkFinding(EntityPair entityIds, String reason, List<Notice> evidence) {
        Check.required("entityIds", entityIds);
        Check.text("reason", reason, 10_000);
        return Check.list("evidence", evidence, 20);
    }

    /**
     * Makes a notice known by itself; the actions it carries are demands of their own.
     *
     * @param content what it tells; absent, nothing but the citation
     */
    record RecordNotice(Notice notice, NoticeContent content, Optional<String> dossier) implements Command {
        public RecordNotice {
            Check.required("notice", notice);
            content = content == null ? NoticeContent.NONE : content;
            content.consistentWith(notice);
            Check.optionalText("dossier", dossier, 100);
        }

        /** The identity that follows from the citation. */
        public NoticeId noticeId() {
            return NoticeId.of(notice);
        }

        @Override
        public String stream() {
            return noticeId().stream();
        }
    }

    private static void checkCommon(EntityId entityId, ListId listId, LocalDate effectiveDate) {
        Check.required("entityId", entityId);
        Check.required("listId", listId);
        Check.date("effectiveDate", effectiveDate);
    }

    private static Circumstances orStated(Circumstances circumstances) {
        return circumstances == null ? Circumstances.stated() : circumstances;
    }
}
