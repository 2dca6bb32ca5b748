package org.policyledger.projections;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.axonframework.common.transaction.Transaction;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventHandlerInvoker;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.PropagatingErrorHandler;
import org.axonframework.eventhandling.Segment;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingEventProcessor;
import org.axonframework.eventhandling.TrackingEventProcessorConfiguration;
import org.axonframework.eventhandling.tokenstore.jdbc.JdbcTokenStore;
import org.axonframework.eventhandling.tokenstore.jdbc.TokenSchema;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.axonframework.serialization.json.JacksonSerializer;
import org.flywaydb.core.Flyway;
import org.policyledger.core.ActionId;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.projections.dossier.DossierProjection;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.listing.ListingProjection.Fact;
import org.policyledger.projections.notice.NoticeProjection;
import org.policyledger.store.LedgerLog;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/**
 * Keeps the readings up with the log: an Axon processor that reads large batches and writes their rows, the position
 * and its token in one transaction. If the process dies, it goes on from the last committed batch; of several processes on one
 * database the one that has claimed the token works. Thread-safe.
 */
public final class Catchup implements AutoCloseable {

    private static final int BATCH = 2_000;
    private static final String BATCH_KEY = Catchup.class.getName() + ".batch";
    private static final Duration CLAIM = Duration.ofSeconds(4);
    private static final Duration OTHER_NODE_POLL = Duration.ofMillis(50);

    private final LedgerLog log;
    private final DataSource dataSource;
    private final JdbcClient jdbc;
    private final ListingProjection projection;
    private final DossierProjection dossiers;
    private final NoticeProjection notices;
    private final JdbcTokenStore tokenStore;
    private final TransactionManager transactions;
    private final TrackingEventProcessor processor;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private long position;

    /** Makes the tables where they are missing; {@link #start} begins the work. */
    public Catchup(LedgerLog log, DataSource dataSource) {
        this.log = log;
        this.dataSource = dataSource;
        Flyway.configure().dataSource(dataSource).locations("classpath:org/policyledger/projections/migration")
                .table("reading_schema").baselineOnMigrate(true).baselineVersion("0").load().migrate();
        jdbc = JdbcClient.create(dataSource);
        projection = new ListingProjection(log);
        dossiers = new DossierProjection(log);
        notices = new NoticeProjection(log);
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
                        .andInitialTrackingToken(source -> source.createTailToken()))
                .build();
        position = storedPosition();
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

    public void start() {
        processor.start();
    }

    @Override
    public void close() {
        processor.shutDown();
    }

    /** The position up to which the reading reflects the log; -1 when it reflects nothing yet. */
    public long position() {
        return storedPosition();
    }

    /** Events recorded that the reading does not reflect yet. */
    public long lag() {
        return Math.max(0, log.head() - 1 - storedPosition());
    }

    /** Whether the processor runs without an error. */
    public boolean isHealthy() {
        return processor.isRunning() && !processor.isError()
                && processor.processingStatus().values().stream().noneMatch(status -> status.isErrorState());
    }

    /** The processor that does the work. */
    public TrackingEventProcessor processor() {
        return processor;
    }

    /** Where the processor keeps its token. */
    public JdbcTokenStore tokenStore() {
        return tokenStore;
    }

    /** What holds a batch's rows and its token together. */
    public TransactionManager transactions() {
        return transactions;
    }

    /** Waits until the reading reflects the position; false when it does not within the limit. */
    public boolean await(long wanted, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        lock.lock();
        try {
            while (position < wanted) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                // Another node may be the one that moves the reading: then no signal comes, and the database is asked.
                if (!moved.await(Math.min(left, OTHER_NODE_POLL.toNanos()), TimeUnit.NANOSECONDS)) {
                    position = Math.max(position, storedPosition());
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private long storedPosition() {
        return jdbc.sql("SELECT position FROM reading_position WHERE name = ?").param(ListingProjection.NAME)
                .query(Long.class).single();
    }

    private void reached(long newPosition) {
        lock.lock();
        try {
            position = Math.max(position, newPosition);
            moved.signalAll();
        } finally {
            lock.unlock();
        }
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
            root.getOrComputeResource(BATCH_KEY, key -> begin(root)).add((TrackedEventMessage<?>) message);
        }

        private List<TrackedEventMessage<?>> begin(UnitOfWork<?> root) {
            List<TrackedEventMessage<?>> batch = new ArrayList<>();
            // Reading events back is a good part of the work of catching up, and needs no order; the rows do.
            root.onPrepareCommit(unit -> write(batch.parallelStream().map(Batching::fact).toList()));
            root.onRollback(unit -> projection.forget());
            root.afterCommit(unit -> reached(position(batch.getLast())));
            return batch;
        }

        private static Fact fact(TrackedEventMessage<?> message) {
            return new Fact(position(message), ((DomainEventMessage<?>) message).getSequenceNumber(),
                    ActionId.of(message.getIdentifier()),
                    String.valueOf(message.getMetaData().getOrDefault("actor", "unknown")),
                    (LedgerEvent) message.getPayload());
        }

        private static long position(TrackedEventMessage<?> message) {
            return message.trackingToken().position().orElseThrow();
        }

        private void write(List<Fact> batch) {
            Connection connection = DataSourceUtils.getConnection(dataSource);
            try {
                dossiers.write(batch, connection);
                notices.write(batch, connection);
                projection.write(batch, connection);
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
