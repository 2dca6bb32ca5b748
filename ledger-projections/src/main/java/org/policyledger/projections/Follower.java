package org.policyledger.projections;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.axonframework.common.transaction.Transaction;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.eventhandling.EventHandlerInvoker;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.PropagatingErrorHandler;
import org.axonframework.eventhandling.Segment;
import org.axonframework.eventhandling.TrackingEventProcessor;
import org.axonframework.eventhandling.TrackingEventProcessorConfiguration;
import org.axonframework.eventhandling.tokenstore.jdbc.JdbcTokenStore;
import org.axonframework.eventhandling.tokenstore.jdbc.TokenSchema;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.axonframework.serialization.json.JacksonSerializer;
import org.policyledger.core.ActionId;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.listing.ListingProjection.Fact;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.RecordedEvent;
import org.policyledger.store.StoredEvent;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/**
 * Keeps one generation of the reading tables up with the log: an Axon processor that reads large batches and writes their rows, the
 * position and its token in one transaction. Thread-safe.
 */
final class Follower implements AutoCloseable {

    private static final int BATCH = 2_000;
    private static final String BATCH_KEY = Follower.class.getName() + ".batch";
    private static final Duration CLAIM = Duration.ofSeconds(4);

    private final Generations generations;
    private final int generation;
    private final DataSource dataSource;
    private final JdbcClient jdbc;
    private final ReadingWriter writer;
    private final LongConsumer reached;
    private final JdbcTokenStore tokenStore;
    private final TransactionManager transactions;
    private final TrackingEventProcessor processor;

    /** Follows in the generation; {@code reached} is told the position after each batch. */
    Follower(LedgerLog log, Generations generations, int generation, LongConsumer reached) {
        this.generations = generations;
        this.generation = generation;
        this.dataSource = generations.in(generation);
        this.reached = reached;
        generations.hold(generation);
        jdbc = JdbcClient.create(dataSource);
        writer = new ReadingWriter(log);
        transactions = new SpringTransactions(new DataSourceTransactionManager(dataSource));
        tokenStore = JdbcTokenStore.builder()
                .connectionProvider(new TransactionAwareDataSourceProxy(dataSource)::getConnection)
                .serializer(JacksonSerializer.defaultSerializer())
                .schema(TokenSchema.builder().setTokenTable("reading_token").build())
                .nodeId(node(dataSource)).claimTimeout(CLAIM).build();
        processor = TrackingEventProcessor.builder().name(ListingProjection.NAME)
                .eventHandlerInvoker(new Batching())
                .errorHandler(PropagatingErrorHandler.INSTANCE)
                .messageSource(log)
                .tokenStore(tokenStore)
                .transactionManager(transactions)
                .trackingEventProcessorConfiguration(TrackingEventProcessorConfiguration.forSingleThreadedProcessing()
                        .andBatchSize(BATCH)
                        .andTokenClaimInterval(CLAIM.toMillis() / 4, TimeUnit.MILLISECONDS)
                        // A generation that was filled without the processor goes on where that ended.
                        .andInitialTrackingToken(source -> new GlobalSequenceTrackingToken(position())))
                .build();
    }

    /**
     * Who claims the token. An embedded database has one process at a time, so a new one need not wait until the claim of one
     * that was killed has run out.
     */
    private static String node(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection()) {
            return connection.getMetaData().getDatabaseProductName().equals("H2")
                    ? "embedded"
                    : UUID.randomUUID().toString();
        } catch (SQLException e) {
            throw new IllegalStateException("the database does not answer: " + e.getMessage(), e);
        }
    }

    void start() {
        processor.start();
    }

    @Override
    public void close() {
        processor.shutDown();
        generations.release(generation);
    }

    int generation() {
        return generation;
    }

    /** The position that this generation reflects; -1 when it reflects nothing yet. */
    long position() {
        return jdbc.sql("SELECT position FROM reading_position WHERE name = ?").param(ListingProjection.NAME)
                .query(Long.class).single();
    }

    boolean isHealthy() {
        return processor.isRunning() && !processor.isError()
                && processor.processingStatus().values().stream().noneMatch(status -> status.isErrorState());
    }

    TrackingEventProcessor processor() {
        return processor;
    }

    JdbcTokenStore tokenStore() {
        return tokenStore;
    }

    TransactionManager transactions() {
        return transactions;
    }

    /** Gathers the events of one of Axon's batches, and writes them all when its unit of work is about to commit. */
    private final class Batching implements EventHandlerInvoker {

        @Override
        public boolean canHandle(EventMessage<?> message, Segment segment) {
            return true;
        }

        @Override
        public void handle(EventMessage<?> message, Segment segment) {
            UnitOfWork<?> root = CurrentUnitOfWork.get().root();
            root.getOrComputeResource(BATCH_KEY, key -> begin(root)).add((RecordedEvent) message);
        }

        private List<RecordedEvent> begin(UnitOfWork<?> root) {
            List<RecordedEvent> batch = new ArrayList<>();
            // Reading events back is a good part of the work of catching up, and needs no order; the rows do.
            root.onPrepareCommit(unit -> write(batch.parallelStream().map(Batching::fact).toList()));
            root.onRollback(unit -> writer.forget());
            root.afterCommit(unit -> reached.accept(batch.getLast().stored().position()));
            return batch;
        }

        private static Fact fact(RecordedEvent message) {
            StoredEvent stored = message.stored();
            return new Fact(stored.position(), stored.sequence(), new ActionId(stored.eventId()),
                    String.valueOf(message.getMetaData().getOrDefault("actor", "unknown")),
                    (LedgerEvent) message.getPayload(), stored.hashedLeaf());
        }

        private void write(List<Fact> batch) {
            Connection connection = DataSourceUtils.getConnection(dataSource);
            try {
                writer.write(batch, connection);
            } catch (SQLException e) {
                throw new IllegalStateException(
                        "the " + ListingProjection.NAME + " reading cannot be written: " + e.getMessage(), e);
            } finally {
                DataSourceUtils.releaseConnection(connection, dataSource);
            }
        }
    }

    /** Axon's view of Spring's transactions. */
    private record SpringTransactions(PlatformTransactionManager manager) implements TransactionManager {

        @Override
        public Transaction startTransaction() {
            TransactionStatus status = manager.getTransaction(new DefaultTransactionDefinition());
            return new Transaction() {
                @Override
                public void commit() {
                    if (!status.isCompleted()) {
                        manager.commit(status);
                    }
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
