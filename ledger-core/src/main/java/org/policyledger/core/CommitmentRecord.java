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
import org.policyledger.core.Command.AssessCommitment;
import org.policyledger.core.Command.CloseCommitment;
import org.policyledger.core.Command.CommitmentCommand;
import org.policyledger.core.Command.RecordCommitment;
import org.policyledger.core.Command.RecordStatement;
import org.policyledger.core.event.LedgerEvent;

/** The Axon shell around {@link Decide#commitment}: one commitment's record, which its first command creates. */
@AggregateRoot(type = "commitment")
public class CommitmentRecord {

    @AggregateIdentifier
    @SuppressWarnings("UnusedVariable") // Axon reads it
    private @Nullable String stream;
    private CommitmentState state = CommitmentState.EMPTY;

    /** A record in which nothing stands yet. */
    public CommitmentRecord() {}

    /** A record that stands where another one does, and goes its own way from there. */
    public CommitmentRecord(CommitmentRecord other) {
        stream = other.stream;
        state = other.state;
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(RecordCommitment command, RecordedActions actions, MetaData metaData) {
        decide(command, actions, metaData);
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(AssessCommitment command, RecordedActions actions, MetaData metaData) {
        decide(command, actions, metaData);
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(CloseCommitment command, RecordedActions actions, MetaData metaData) {
        decide(command, actions, metaData);
    }

    @CommandHandler(commandName = RecordStatement.ON_COMMITMENT)
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(RecordStatement command, MetaData metaData) {
        apply(Decide.statement(state, command, ExpectedSequence.in(metaData)));
    }

    private void decide(CommitmentCommand command, RecordedActions actions, MetaData metaData) {
        apply(Decide.commitment(state, command, actions, ExpectedSequence.in(metaData)));
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
