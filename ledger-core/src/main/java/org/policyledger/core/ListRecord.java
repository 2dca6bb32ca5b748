package org.policyledger.core;

import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventhandling.SequenceNumber;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateRoot;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;
import org.policyledger.core.Command.RegisterList;
import org.policyledger.core.event.ListEvent;

/** The Axon shell around {@link Decide#list}: one list's own record. */
@AggregateRoot(type = "list")
public class ListRecord {

    @AggregateIdentifier
    @SuppressWarnings("UnusedVariable") // Axon reads it
    private @Nullable String stream;
    private long recorded;

    /** A record in which nothing stands yet. */
    public ListRecord() {}

    /** A record that stands where another one does, and goes its own way from there. */
    public ListRecord(ListRecord other) {
        stream = other.stream;
        recorded = other.recorded;
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(RegisterList command, MetaData metaData) {
        apply(Decide.list(recorded, command, ExpectedSequence.in(metaData)));
    }

    @EventSourcingHandler
    void on(ListEvent event, @SequenceNumber long sequence) {
        stream = event.stream();
        recorded = sequence + 1;
    }
}
