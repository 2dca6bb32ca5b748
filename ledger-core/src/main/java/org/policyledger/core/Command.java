package org.policyledger.core;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.LocalDate;
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
        @JsonSubTypes.Type(value = Command.VoidAction.class, name = "VoidAction")})
public sealed interface Command {

    /** The stream the demand is decided against. */
    @TargetAggregateIdentifier
    @JsonIgnore
    String stream();

    /** A demand on one entity's record. */
    sealed interface EntityCommand extends Command {
        EntityId entityId();

        @Override
        default String stream() {
            return entityId().stream();
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

    private static void checkCommon(EntityId entityId, ListId listId, LocalDate effectiveDate) {
        Check.required("entityId", entityId);
        Check.required("listId", listId);
        Check.date("effectiveDate", effectiveDate);
    }

    private static Circumstances orStated(Circumstances circumstances) {
        return circumstances == null ? Circumstances.stated() : circumstances;
    }
}
