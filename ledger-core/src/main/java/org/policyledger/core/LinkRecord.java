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
import org.policyledger.core.Command.LinkCommand;
import org.policyledger.core.Command.LinkEntities;
import org.policyledger.core.Command.UnlinkEntities;
import org.policyledger.core.event.LedgerEvent;

/** The Axon shell around {@link Decide#link}: the record of one pair of entities, which its first command creates. */
@AggregateRoot(type = "link")
public class LinkRecord {

    @AggregateIdentifier
    @SuppressWarnings("UnusedVariable") // Axon reads it
    private @Nullable String stream;
    private LinkState state = LinkState.EMPTY;

    /** A record in which nothing stands yet. */
    public LinkRecord() {}

    /** A record that stands where another one does, and goes its own way from there. */
    public LinkRecord(LinkRecord other) {
        stream = other.stream;
        state = other.state;
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(LinkEntities command, KnownEntities entities, MetaData metaData) {
        decide(command, entities, metaData);
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(UnlinkEntities command, KnownEntities entities, MetaData metaData) {
        decide(command, entities, metaData);
    }

    private void decide(LinkCommand command, KnownEntities entities, MetaData metaData) {
        apply(Decide.link(state, command, entities, ExpectedSequence.in(metaData)));
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
