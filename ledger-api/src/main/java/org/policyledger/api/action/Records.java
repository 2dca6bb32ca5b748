package org.policyledger.api.action;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.axonframework.eventsourcing.EventSourcedAggregate;
import org.axonframework.eventsourcing.EventSourcingRepository;
import org.axonframework.eventsourcing.NoSnapshotTriggerDefinition;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.messaging.annotation.ParameterResolverFactory;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.jspecify.annotations.Nullable;
import org.policyledger.core.Command.ListEntity;

/**
 * Axon's repository, but for two things.
 *
 * <p>A stream without events is an empty record, not an exception. Axon's own way to create what is missing throws and catches
 * {@code AggregateNotFoundException} for every new entity, which costs more than all the rest.
 *
 * <p>It remembers the records that commands changed last, and gives them out again unless the command says
 * {@link #FROM_THE_LOG}; an entity to be listed of which it remembers nothing is given out as empty. Both may be out of date, so
 * a decision made on them counts only if the log then takes its event, at the sequence it was made for. A refusal has to be
 * decided again, from the log.
 */
final class Records<T> extends EventSourcingRepository<T> {

    /** The metadata entry of a command that must be decided on what the log holds now. */
    static final String FROM_THE_LOG = "fromTheLog";

    /** About 2 KiB each. */
    private static final long REMEMBERED_EVENTS = 20_000;

    /** A record after its event of this sequence. It is never given out, only copies of it. */
    private record Remembered<T>(T record, long sequence) {
        long events() {
            return sequence + 1;
        }
    }

    private final EventStore events;
    private final Supplier<T> empty;
    private final UnaryOperator<T> copy;
    /** In the order of their last use. A cache that keeps what is used often would not let new ones in. */
    private final LinkedHashMap<String, Remembered<T>> remembered = new LinkedHashMap<>(16, 0.75f, true);
    private long rememberedEvents;

    Records(Class<T> type, EventStore events, Supplier<T> empty, UnaryOperator<T> copy,
            ParameterResolverFactory parameters) {
        super(EventSourcingRepository.builder(type).eventStore(events).parameterResolverFactory(parameters));
        this.events = events;
        this.empty = empty;
        this.copy = copy;
    }

    @Override
    protected EventSourcedAggregate<T> doLoadWithLock(String stream, Long expectedVersion) {
        var message = CurrentUnitOfWork.get().getMessage();
        boolean fromTheLog = message.getMetaData().containsKey(FROM_THE_LOG);
        Remembered<T> known = fromTheLog ? null : remembered(stream);
        if (known != null) {
            return EventSourcedAggregate.reconstruct(copy.apply(known.record), aggregateModel(), known.sequence, false,
                    events, NoSnapshotTriggerDefinition.TRIGGER);
        }
        EventSourcedAggregate<T> record = EventSourcedAggregate.initialize(empty.get(), aggregateModel(), events,
                NoSnapshotTriggerDefinition.TRIGGER);
        if (fromTheLog || !(message.getPayload() instanceof ListEntity)) {
            DomainEventStream recorded = events.readEvents(stream);
            if (recorded.hasNext()) {
                record.initializeState(recorded);
            }
        }
        return record;
    }

    @Override
    protected void doSaveWithLock(EventSourcedAggregate<T> record) {
        super.doSaveWithLock(record);
        CurrentUnitOfWork.get().afterCommit(committed -> remember(record.identifierAsString(),
                new Remembered<>(record.getAggregateRoot(), record.version())));
    }

    private synchronized @Nullable Remembered<T> remembered(String stream) {
        return remembered.get(stream);
    }

    private synchronized void remember(String stream, Remembered<T> record) {
        Remembered<T> before = remembered.put(stream, record);
        rememberedEvents += record.events() - (before == null ? 0 : before.events());
        Iterator<Remembered<T>> eldest = remembered.values().iterator();
        while (rememberedEvents > REMEMBERED_EVENTS) {
            rememberedEvents -= eldest.next().events();
            eldest.remove();
        }
    }
}
