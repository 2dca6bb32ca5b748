package org.policyledger.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.zaxxer.hikari.HikariDataSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.common.transaction.Transaction;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventsourcing.EventSourcedAggregate;
import org.axonframework.eventsourcing.EventSourcingRepository;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.eventsourcing.eventstore.jdbc.AbstractEventTableFactory;
import org.axonframework.eventsourcing.eventstore.jdbc.EventTableFactory;
import org.axonframework.eventsourcing.eventstore.jdbc.JdbcEventStorageEngine;
import org.axonframework.eventsourcing.eventstore.jdbc.JdbcSQLErrorCodesResolver;
import org.axonframework.eventsourcing.eventstore.jdbc.PostgresEventTableFactory;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.annotation.ClasspathParameterResolverFactory;
import org.axonframework.messaging.annotation.MultiParameterResolverFactory;
import org.axonframework.messaging.annotation.ParameterResolverFactory;
import org.axonframework.messaging.annotation.SimpleResourceParameterResolverFactory;
import org.axonframework.messaging.correlation.SimpleCorrelationDataProvider;
import org.axonframework.messaging.interceptors.CorrelationDataInterceptor;
import org.axonframework.modelling.command.AggregateAnnotationCommandHandler;
import org.axonframework.serialization.json.JacksonSerializer;
import org.policyledger.core.EntityRecord;
import org.policyledger.core.RegisteredLists;
import org.policyledger.core.event.EntityListed;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/**
 * The peer: the same record and decisions on the same command bus, stored by Axon's own {@link JdbcEventStorageEngine} with
 * its Jackson serializer, its tables and keys, a transaction for each command and a connection for each writer. It is given the
 * product's cheap answer to "no such stream", so that the engines alone differ.
 */
final class StockAxonContender implements Contender {

    private static final int BULK = 1_000;
    private static final RegisteredLists LISTS = Ledger.SDN::equals;

    private final HikariDataSource pool;
    private final TransactionManager transactions;
    private final JdbcEventStorageEngine engine;
    private final CommandBus commandBus;

    StockAxonContender(Databases.Fresh database, int writers) {
        pool = database.pool(writers);
        transactions = new SpringTransactions(new DataSourceTransactionManager(pool));
        engine = engine();
        transactions.executeInTransaction(() -> engine.createSchema(tables(database.kind())));
        EventStore eventStore = EmbeddedEventStore.builder().storageEngine(engine).build();
        commandBus = SimpleCommandBus.builder().transactionManager(transactions).build();
        commandBus.registerHandlerInterceptor(
                new CorrelationDataInterceptor<>(List.of(new SimpleCorrelationDataProvider("actor"))));
        ParameterResolverFactory parameters = MultiParameterResolverFactory.ordered(
                new SimpleResourceParameterResolverFactory(List.of(LISTS)),
                ClasspathParameterResolverFactory.forClass(EntityRecord.class));
        AggregateAnnotationCommandHandler.<EntityRecord>builder().aggregateType(EntityRecord.class)
                .parameterResolverFactory(parameters).repository(new Records(eventStore, parameters))
                .build().subscribe(commandBus);
    }

    private JdbcEventStorageEngine engine() {
        JacksonSerializer serializer = JacksonSerializer.builder().objectMapper(new ObjectMapper()
                .registerModule(new Jdk8Module()).registerModule(new JavaTimeModule())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .setDefaultPropertyInclusion(JsonInclude.Include.NON_EMPTY)).build();
        return JdbcEventStorageEngine.builder()
                .connectionProvider(new TransactionAwareDataSourceProxy(pool)::getConnection)
                .transactionManager(transactions)
                .eventSerializer(serializer).snapshotSerializer(serializer)
                .persistenceExceptionResolver(new JdbcSQLErrorCodesResolver()).build();
    }

    private static EventTableFactory tables(Databases.Kind kind) {
        return switch (kind) {
            case POSTGRESQL -> PostgresEventTableFactory.INSTANCE;
            // Axon brings no factory for H2: the same tables, with the types that suit it.
            case H2 -> new AbstractEventTableFactory() {
                @Override
                protected String idColumnType() {
                    return "BIGINT GENERATED BY DEFAULT AS IDENTITY";
                }

                @Override
                protected String payloadType() {
                    return "VARBINARY(100000)";
                }
            };
        };
    }

    @Override
    public void list(List<EntityListed> listings) {
        for (int from = 0; from < listings.size(); from += BULK) {
            List<DomainEventMessage<?>> events = new ArrayList<>();
            listings.subList(from, Math.min(from + BULK, listings.size()))
                    .forEach(listed -> events.add(new GenericDomainEventMessage<>("entity", listed.stream(), 0, listed,
                            MetaData.with("actor", "bench"))));
            transactions.executeInTransaction(() -> engine.appendEvents(events));
        }
    }

    @Override
    public Writer writer() {
        return (demand, sequence) -> commandBus.dispatch(
                GenericCommandMessage.asCommandMessage(demand).withMetaData(MetaData.with("actor", "bench")),
                (message, answer) -> {
                    if (answer.isExceptional()) {
                        throw new IllegalStateException(answer.exceptionResult());
                    }
                });
    }

    @Override
    public void close() {
        pool.close();
    }

    /** As the product's own repository. */
    private static final class Records extends EventSourcingRepository<EntityRecord> {
        private static final Callable<EntityRecord> EMPTY = EntityRecord::new;
        private final EventStore events;

        Records(EventStore events, ParameterResolverFactory parameters) {
            super(EventSourcingRepository.builder(EntityRecord.class).eventStore(events)
                    .parameterResolverFactory(parameters));
            this.events = events;
        }

        @Override
        protected EventSourcedAggregate<EntityRecord> doLoadWithLock(String stream, Long expectedVersion) {
            DomainEventStream recorded = events.readEvents(stream);
            try {
                EventSourcedAggregate<EntityRecord> record = doCreateNewForLock(EMPTY);
                if (recorded.hasNext()) {
                    record.initializeState(recorded);
                }
                return record;
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private record SpringTransactions(DataSourceTransactionManager manager) implements TransactionManager {
        @Override
        public Transaction startTransaction() {
            TransactionStatus status = manager.getTransaction(new DefaultTransactionDefinition());
            return new Transaction() {
                @Override
                public void commit() {
                    manager.commit(status);
                }

                @Override
                public void rollback() {
                    if (!status.isCompleted()) {
                        manager.rollback(status);
                    }
                }
            };
        }
    }
}
