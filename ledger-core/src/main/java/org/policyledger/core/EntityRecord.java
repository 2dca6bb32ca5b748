package org.policyledger.core;

import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventhandling.SequenceNumber;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.annotation.MessageIdentifier;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateRoot;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;
import org.policyledger.core.Command.AmendListing;
import org.policyledger.core.Command.CorrectAction;
import org.policyledger.core.Command.DelistEntity;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.Command.ListEntity;
import org.policyledger.core.Command.RecordStatement;
import org.policyledger.core.Command.ReinstateListing;
import org.policyledger.core.Command.SuspendListing;
import org.policyledger.core.Command.VoidAction;
import org.policyledger.core.event.LedgerEvent;

/** The Axon shell around {@link Decide#entity}: one entity's record, which its first command creates. */
@AggregateRoot(type = "entity")
public class EntityRecord {

    @AggregateIdentifier
    @SuppressWarnings("UnusedVariable") // Axon reads it
    private @Nullable String stream;
    private EntityState state = EntityState.EMPTY;

    /** A record in which nothing stands yet. */
    public EntityRecord() {}

    /** A record that stands where another one does, and goes its own way from there. */
    public EntityRecord(EntityRecord other) {
        stream = other.stream;
        state = other.state;
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(ListEntity command, RegisteredLists lists, MetaData metaData) {
        decide(command, lists, metaData);
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(AmendListing command, RegisteredLists lists, MetaData metaData) {
        decide(command, lists, metaData);
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(SuspendListing command, RegisteredLists lists, MetaData metaData) {
        decide(command, lists, metaData);
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(ReinstateListing command, RegisteredLists lists, MetaData metaData) {
        decide(command, lists, metaData);
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(DelistEntity command, RegisteredLists lists, MetaData metaData) {
        decide(command, lists, metaData);
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(CorrectAction command, RegisteredLists lists, MetaData metaData) {
        decide(command, lists, metaData);
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(VoidAction command, RegisteredLists lists, MetaData metaData) {
        decide(command, lists, metaData);
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(RecordStatement command, MetaData metaData) {
        apply(Decide.statement(state, command, ExpectedSequence.in(metaData)));
    }

    private void decide(EntityCommand command, RegisteredLists lists, MetaData metaData) {
        apply(Decide.entity(state, command, lists, ExpectedSequence.in(metaData)));
    }

    @EventSourcingHandler
    void on(LedgerEvent event, @MessageIdentifier String actionId, @SequenceNumber long sequence) {
        if (sequence != state.nextSequence()) {
            throw new IllegalStateException(
                    event.stream() + ": event " + actionId + " has sequence " + sequence + ", not "
                            + state.nextSequence());
        }
        stream = event.stream();
        state = state.after(event, ActionId.of(actionId));
    }
}
