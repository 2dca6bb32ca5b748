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
import org.policyledger.core.Command.RecordNotice;
import org.policyledger.core.event.NoticeRecorded;

/** The Axon shell around {@link Decide#notice}: one notice's own record. */
@AggregateRoot(type = "notice")
public class NoticeRecord {

    @AggregateIdentifier
    @SuppressWarnings("UnusedVariable") // Axon reads it
    private @Nullable String stream;
    private long recorded;

    /** A record in which nothing stands yet. */
    public NoticeRecord() {}

    /** A record that stands where another one does, and goes its own way from there. */
    public NoticeRecord(NoticeRecord other) {
        stream = other.stream;
        recorded = other.recorded;
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(RecordNotice command, MetaData metaData) {
        apply(Decide.notice(recorded, command, ExpectedSequence.in(metaData)));
    }

    @EventSourcingHandler
    void on(NoticeRecorded event, @SequenceNumber long sequence) {
        stream = event.stream();
        recorded = sequence + 1;
    }
}
