package org.policyledger.api.action;

import java.util.concurrent.Callable;
import org.axonframework.eventsourcing.EventSourcedAggregate;
import org.axonframework.eventsourcing.EventSourcingRepository;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.messaging.annotation.ParameterResolverFactory;

/**
 * Axon's repository, but for one thing: a stream without events is an empty record, not an exception. Axon's own way to create
 * what is missing throws and catches {@code AggregateNotFoundException} for every new entity, which costs more than all the rest.
 */
final class Records<T> extends EventSourcingRepository<T> {

    private final EventStore events;
    private final Callable<T> empty;

    Records(Class<T> type, EventStore events, Callable<T> empty, ParameterResolverFactory parameters) {
        super(EventSourcingRepository.builder(type).eventStore(events).parameterResolverFactory(parameters));
        this.events = events;
        this.empty = empty;
    }

    @Override
    protected EventSourcedAggregate<T> doLoadWithLock(String stream, Long expectedVersion) {
        DomainEventStream recorded = events.readEvents(stream);
        try {
            EventSourcedAggregate<T> record = doCreateNewForLock(empty);
            if (recorded.hasNext()) {
                record.initializeState(recorded);
            }
            return record;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("record " + stream + " cannot be loaded", e);
        }
    }
}
