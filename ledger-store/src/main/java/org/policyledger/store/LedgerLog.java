package org.policyledger.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import javax.sql.DataSource;

import org.axonframework.common.stream.BlockingStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventhandling.WrappedToken;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.messaging.StreamableMessageSource;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log: events in one order that never changes, appended atomically, read by position or by stream.
 *
 * <p><b>Order.</b> Positions are dense from 0 in commit order, and {@code recordedAt} never decreases along them. Events
 * become visible in position order, so a reader that has seen position p has missed nothing before it, whatever other
 * transactions are open. Several processes may append to one PostgreSQL database.
 *
 * <p><b>Durability.</b> An append that returned is committed: it outlives the process, on PostgreSQL also the machine. On
 * H2 the write has been handed to the operating system.
 *
 * <p><b>Failure.</b> {@link AppendRefused} for an append that was not done, with its reason and whether to try again;
 * {@link LedgerUnreadable} when the database does not answer a read; {@link LedgerDamaged} when what is stored
 * contradicts itself.
 *
 * <p>As an Axon storage engine it keeps no snapshots and its tokens are plain positions. Thread-safe.
 */
public final class LedgerLog
        implements
            EventStorageEngine,
            StreamableMessageSource<TrackedEventMessage<?>>,
            AutoCloseable {

    /** Where {@link #appendEvents} leaves its {@link Appended} in the resources of the root unit of work. */
    public static final String APPENDED = LedgerLog.class.getName() + ".appended";

    /** The metadata entry, and attribute, that names a demand; together with {@link #REQUEST_HASH}. */
    public static final String IDEMPOTENCY_KEY = "idempotencykey";

    /** The metadata entry, and attribute, that stands for the content of a demand. */
    public static final String REQUEST_HASH = "requesthash";

    static final int CHUNK = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(LedgerLog.class);
    private static final int STREAMS_PER_QUERY = 500;
    private static final int LARGE_APPEND = 100;
    private static final int LONGEST_STREAM = 300;
    private static final int LONGEST_TYPE = 100;
    private static final int LONGEST_KEY = 400;
    private static final int LONGEST_FINGERPRINT = 200;
    /** Axon's own names for how messages caused each other in memory; no attribute can be called so. */
    private static final Set<String> AXON_CORRELATION = Set.of("traceId", "correlationId");

    private final Database database;
    private final EventCodec codec;
    private final LogWriter writer;
    private final StreamReads streamReads = new StreamReads(this::readTogether);
    private final String origin;
    private final AtomicLong knownHead = new AtomicLong();
    private final List<Consumer<List<StoredEvent>>> commitListeners = new CopyOnWriteArrayList<>();
    private final List<PositionStream> streams = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService watch = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("ledger-watch").factory());

    private LedgerLog(Database database, String origin, EventCodec codec, LogSettings settings) {
        this.database = database;
        this.origin = origin;
        this.codec = codec;
        this.writer = new LogWriter(database, settings, this::committed);
    }

    /** Creates or updates the tables, checks head against events, and starts the writer. */
    public static LedgerLog open(DataSource dataSource, EventCodec codec, LogSettings settings) {
        try {
            Database database = Database.open(dataSource,
                    settings.origin().orElseGet(() -> "localhost/policy-ledger/" + UUID.randomUUID()));
            String origin = database.origin();
            if (settings.origin().isPresent() && !settings.origin().get().equals(origin)) {
                throw new IllegalStateException("This database holds the ledger " + origin + ", not "
                        + settings.origin().get() + ". The origin of a ledger is set once, when it is created.");
            }
            LedgerLog log = new LedgerLog(database, origin, codec, settings);
            log.knownHead.set(log.head());
            log.writer.start();
            long millis = settings.pollInterval().toMillis();
            var unused = log.watch.scheduleWithFixedDelay(log::lookForOthers, millis, millis, TimeUnit.MILLISECONDS);
            return log;
        } catch (SQLException e) {
            throw new LedgerUnreadable(e);
        }
    }

    /** What a log is restored from. */
    public interface Copy {

        /**
         * Gives all events in the order of their positions, some at once.
         *
         * @return whether they are to stay; after false, as after an exception, nothing was recorded
         */
        boolean into(Consumer<List<StoredEvent>> log) throws IOException;
    }

    /**
     * Makes a log of a copy of one: the same events at the same positions, with the times they were recorded at and their
     * idempotency keys, and of the same origin. They are one transaction, however many they are.
     *
     * @throws IllegalStateException if the database holds another log, or any event
     * @throws AppendRefused if the database, or {@code codec}, refuses an event
     */
    public static boolean restore(DataSource dataSource, EventCodec codec, String origin, Copy copy)
            throws IOException {
        Consumer<StoredEvent> read = event -> {
            try {
                codec.decode(event.type(), event.revision(), event.data());
            } catch (RuntimeException unreadable) {
                throw AppendRefused.invalid("The event at position " + event.position() + ", a " + event.type()
                        + " of revision " + event.revision() + ", cannot be read by this version: "
                        + unreadable.getMessage());
            }
        };
        try {
            return Database.restore(dataSource, origin, into -> copy.into(events -> {
                events.parallelStream().forEach(read);
                into.accept(events);
            }), Math.toIntExact(LogSettings.defaults().databaseTimeout().toMillis()));
        } catch (SQLException e) {
            throw new LedgerUnreadable(e);
        }
    }

    /** Finishes the appends the writer has taken up, refuses those that wait, and ends the log's threads. */
    @Override
    public void close() {
        watch.shutdown();
        writer.close();
    }

    // ---- writing ----

    /**
     * Records all events or none, at consecutive positions in the order given, and returns when they are committed. An
     * append under a key that recorded before records nothing and returns what was recorded then.
     */
    public Appended append(List<NewEvent> events, Optional<IdempotencyKey> key) {
        if (events.isEmpty()) {
            throw AppendRefused.invalid("An append needs at least one event.");
        }
        key.ifPresent(LedgerLog::check);
        Set<UUID> ids = new HashSet<>();
        for (NewEvent event : events) {
            if (!ids.add(event.eventId())) {
                throw AppendRefused.invalid("Event " + event.eventId() + " occurs twice in one append.");
            }
        }
        // Writing events down is most of the work of a large append, and needs no order.
        Stream<NewEvent> each = events.size() < LARGE_APPEND ? events.stream() : events.parallelStream();
        List<LogWriter.Prepared> prepared = each.map(this::prepare).toList();
        return writer.append(prepared, key);
    }

    /** What was recorded under this key; refused if the key was used with another fingerprint. */
    public Optional<Appended> findRecorded(IdempotencyKey key) {
        return reading(connection -> LogWriter.findRecorded(connection, key));
    }

    /** Gives the events of each commit of this process, in the order of their positions, in the thread that wrote: be quick. */
    public void onCommit(Consumer<List<StoredEvent>> listener) {
        commitListeners.add(listener);
    }

    private LogWriter.Prepared prepare(NewEvent event) {
        checkLength("Stream name", event.stream(), LONGEST_STREAM);
        EventCodec.Encoded encoded = codec.encode(event.payload());
        checkLength("Event type", encoded.type(), LONGEST_TYPE);
        return new LogWriter.Prepared(event.stream(), event.sequence(), event.eventId(), encoded.type(),
                encoded.revision(), CanonicalEvent.of(origin, event, encoded));
    }

    private static void check(IdempotencyKey key) {
        checkLength("Idempotency key", key.key(), LONGEST_KEY);
        checkLength("Fingerprint", key.fingerprint(), LONGEST_FINGERPRINT);
    }

    private static void checkLength(String what, String text, int longest) {
        if (text.isEmpty() || text.length() > longest) {
            throw AppendRefused.invalid(what + " \"" + text + "\" must have 1 to " + longest + " characters.");
        }
        CanonicalEvent.checkText(what, text);
    }

    private void committed(List<StoredEvent> events) {
        advance(events.getLast().position() + 1);
        for (Consumer<List<StoredEvent>> listener : commitListeners) {
            try {
                listener.accept(events);
            } catch (RuntimeException e) {
                LOG.error("A listener failed after a commit; the commit stands", e);
            }
        }
    }

    // ---- reading ----

    /** At most {@code limit} events after a position, in position order; {@code after} is -1 for the start. */
    public List<StoredEvent> read(long after, int limit) {
        List<StoredEvent> events = reading(connection -> Database.select(connection,
                "position > ? ORDER BY position LIMIT ?", after, limit));
        long expected = Math.max(after, -1) + 1;
        for (StoredEvent event : events) {
            if (event.position() != expected) {
                throw new LedgerDamaged("Position " + expected + " is missing; the next event is at position "
                        + event.position() + ".");
            }
            expected++;
        }
        return events;
    }

    /**
     * The events after a position as they are stored, whether that makes sense or not: for a verification, which tells all that
     * is wrong.
     */
    public List<StoredEvent> stored(long after, int limit) {
        return reading(connection -> Database.select(connection, "position > ? ORDER BY position LIMIT ?", after,
                limit));
    }

    /** The events of one stream, in sequence order; none if there is no such stream. */
    public List<StoredEvent> readStream(String stream, long fromSequence) {
        return fromSequence == 0 ? streamReads.read(stream) : readOne(stream, fromSequence);
    }

    private Map<String, List<StoredEvent>> readTogether(Collection<String> names) {
        if (names.size() > 1) {
            return readStreams(names);
        }
        String only = names.iterator().next();
        return Map.of(only, readOne(only, 0));
    }

    private List<StoredEvent> readOne(String stream, long fromSequence) {
        List<StoredEvent> events = reading(connection -> Database.select(connection,
                "stream = ? AND sequence >= ? ORDER BY sequence", stream, fromSequence));
        checkSequences(stream, fromSequence, events);
        return events;
    }

    /** The events of many streams, by a query for each few hundred; every stream asked for is a key of the answer. */
    public Map<String, List<StoredEvent>> readStreams(Collection<String> names) {
        Map<String, List<StoredEvent>> found = new LinkedHashMap<>();
        names.forEach(name -> found.put(name, new ArrayList<>()));
        List<String> distinct = List.copyOf(found.keySet());
        reading(connection -> {
            for (int from = 0; from < distinct.size(); from += STREAMS_PER_QUERY) {
                List<String> part = distinct.subList(from, Math.min(from + STREAMS_PER_QUERY, distinct.size()));
                database.selectStreams(connection, part)
                        .forEach(event -> Objects.requireNonNull(found.get(event.stream())).add(event));
            }
            return found;
        });
        found.forEach((name, events) -> checkSequences(name, 0, events));
        return found;
    }

    public Optional<StoredEvent> find(UUID eventId) {
        return reading(connection -> Database.select(connection, "event_id = ?", eventId)).stream().findFirst();
    }

    public Optional<StoredEvent> at(long position) {
        return reading(connection -> Database.select(connection, "position = ?", position)).stream().findFirst();
    }

    /** The events at these positions, in position order. */
    public List<StoredEvent> readAt(SortedSet<Long> positions) {
        if (positions.isEmpty()) {
            return List.of();
        }
        List<StoredEvent> events = reading(
                connection -> Database.select(connection, "position = ANY(?) ORDER BY position",
                        connection.createArrayOf("BIGINT", positions.toArray())));
        if (events.size() != positions.size()) {
            throw new LedgerDamaged("Of " + positions.size() + " positions from " + positions.first() + " to "
                    + positions.last() + " only " + events.size() + " are there.");
        }
        return events;
    }

    /** The number of events recorded, which is the next free position; read from the database. */
    public long head() {
        return number("SELECT next_position FROM ledger_head").orElseThrow();
    }

    /** The last position recorded at or before an instant: what was known then. Empty if nothing was. */
    public OptionalLong positionAt(Instant knownAt) {
        return lastPositionUpTo(Database.micros(knownAt));
    }

    /** The payload of an event, decoded. */
    public Object payload(StoredEvent event) {
        return codec.decode(event.type(), event.revision(), event.data());
    }

    /** The identity of this log, set when it was created: the schema-less origin line of its checkpoints. */
    public String origin() {
        return origin;
    }

    /** Figures of this process since the log was opened, for metrics. */
    public Figures figures() {
        return new Figures(writer.queueLength(), writer.inHand(), writer.batches(), writer.events());
    }

    /**
     * What the writer of this process does.
     *
     * @param waiting appends that wait for the writer now
     * @param inHand appends in the batch that is being written now
     * @param batches transactions committed
     * @param events events committed
     */
    public record Figures(int waiting, int inHand, long batches, long events) {}

    private OptionalLong lastPositionUpTo(long micros) {
        return number("SELECT position FROM ledger_event WHERE recorded_at <= " + micros
                + " ORDER BY recorded_at DESC, position DESC LIMIT 1");
    }

    private OptionalLong number(String sql) {
        return reading(connection -> {
            try (Statement statement = connection.createStatement(); var rows = statement.executeQuery(sql)) {
                return rows.next() ? OptionalLong.of(rows.getLong(1)) : OptionalLong.empty();
            }
        });
    }

    private interface Read<T> {
        T from(Connection connection) throws SQLException;
    }

    private <T> T reading(Read<T> read) {
        try (Connection connection = database.connect()) {
            return read.from(connection);
        } catch (SQLException e) {
            throw new LedgerUnreadable(e);
        }
    }

    private static void checkSequences(String stream, long first, List<StoredEvent> events) {
        long expected = Math.max(first, 0);
        for (StoredEvent event : events) {
            if (event.sequence() != expected) {
                throw new LedgerDamaged("Stream " + stream + " lacks sequence " + expected + "; the next event has "
                        + event.sequence() + ".");
            }
            expected++;
        }
    }

    // ---- as Axon's storage engine ----

    /**
     * Records the domain events of a unit of work. Metadata entries with text values become attributes; Axon's own
     * {@code traceId} and {@code correlationId} do not. {@link #IDEMPOTENCY_KEY} and {@link #REQUEST_HASH} together make
     * the append idempotent.
     *
     * @throws AlreadyRecorded if the key recorded before: the unit of work is to be rolled back
     */
    @Override
    public void appendEvents(List<? extends EventMessage<?>> messages) {
        if (messages.isEmpty()) {
            return;
        }
        Map<String, Object> resources = CurrentUnitOfWork.map(unit -> unit.root().resources()).orElseGet(HashMap::new);
        if (resources.containsKey(APPENDED)) {
            throw AppendRefused.invalid("A unit of work appends once: what it recorded before could not be undone if"
                    + " this append failed.");
        }
        Set<Optional<IdempotencyKey>> keys = new HashSet<>();
        List<NewEvent> events = new ArrayList<>(messages.size());
        for (EventMessage<?> message : messages) {
            NewEvent event = newEvent(message);
            keys.add(keyOf(event));
            events.add(event);
        }
        if (keys.size() > 1) {
            throw AppendRefused.invalid("The events of one append carry different idempotency keys.");
        }
        Appended appended = append(events, keys.iterator().next());
        if (appended.recordedBefore()) {
            throw new AlreadyRecorded(appended);
        }
        resources.put(APPENDED, appended);
    }

    private static NewEvent newEvent(EventMessage<?> message) {
        if (!(message instanceof DomainEventMessage<?> event)) {
            throw AppendRefused.invalid("Event " + message.getIdentifier() + " belongs to no aggregate.");
        }
        Map<String, String> attributes = new HashMap<>();
        event.getMetaData().forEach((name, value) -> {
            if (value instanceof String text && !AXON_CORRELATION.contains(name)) {
                attributes.put(name, text);
            }
        });
        return new NewEvent(event.getAggregateIdentifier(), event.getSequenceNumber(), uuid(event.getIdentifier()),
                event.getPayload(), attributes);
    }

    private static UUID uuid(String identifier) {
        try {
            return UUID.fromString(identifier);
        } catch (IllegalArgumentException e) {
            throw AppendRefused.invalid("Event identifier " + identifier + " is not a UUID.");
        }
    }

    private static Optional<IdempotencyKey> keyOf(NewEvent event) {
        String key = event.attributes().get(IDEMPOTENCY_KEY);
        String fingerprint = event.attributes().get(REQUEST_HASH);
        return key == null || fingerprint == null
                ? Optional.empty()
                : Optional.of(new IdempotencyKey(key, fingerprint));
    }

    /** The events of one aggregate; payloads are decoded when asked for. */
    @Override
    public DomainEventStream readEvents(String aggregateIdentifier, long firstSequenceNumber) {
        List<DomainEventMessage<?>> messages = new ArrayList<>();
        readStream(aggregateIdentifier, firstSequenceNumber)
                .forEach(event -> messages.add(new RecordedEvent(event, codec)));
        return DomainEventStream.of(messages);
    }

    @Override
    public Stream<? extends TrackedEventMessage<?>> readEvents(@Nullable TrackingToken token, boolean mayBlock) {
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(new ToTheHead(position(token)), Spliterator.ORDERED), false);
    }

    /** Reads on in chunks until nothing more is there. */
    private final class ToTheHead implements Iterator<TrackedEventMessage<?>> {
        private long last;
        private Iterator<StoredEvent> chunk = List.<StoredEvent>of().iterator();

        ToTheHead(long last) {
            this.last = last;
        }

        @Override
        public boolean hasNext() {
            if (!chunk.hasNext()) {
                chunk = read(last, CHUNK).iterator();
            }
            return chunk.hasNext();
        }

        @Override
        public TrackedEventMessage<?> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            StoredEvent event = chunk.next();
            last = event.position();
            return new RecordedEvent(event, codec);
        }
    }

    @Override
    public Optional<Long> lastSequenceNumberFor(String aggregateIdentifier) {
        return reading(connection -> Database.select(connection, "stream = ? ORDER BY sequence DESC LIMIT 1",
                aggregateIdentifier)).stream().map(StoredEvent::sequence).findFirst();
    }

    /** Refused: streams are short, and a snapshot would be a second truth. */
    @Override
    public void storeSnapshot(DomainEventMessage<?> snapshot) {
        throw new UnsupportedOperationException("The ledger keeps no snapshots");
    }

    /** Always empty: the ledger keeps no snapshots. */
    @Override
    public Optional<DomainEventMessage<?>> readSnapshot(String aggregateIdentifier) {
        return Optional.empty();
    }

    /** The token before the first event. */
    @Override
    public TrackingToken createTailToken() {
        return new GlobalSequenceTrackingToken(-1);
    }

    /** The token of the last event there is now. */
    @Override
    public TrackingToken createHeadToken() {
        return new GlobalSequenceTrackingToken(head() - 1);
    }

    /** The token after which come exactly the events recorded at or after an instant. */
    @Override
    public TrackingToken createTokenAt(Instant recordedAt) {
        return new GlobalSequenceTrackingToken(lastPositionUpTo(Database.micros(recordedAt.minusNanos(1))).orElse(-1));
    }

    /**
     * A stream of all events after a token, without end. It is woken by commits of this process at once, and by those of
     * others within the poll interval. It reads by position and fails rather than pass over one.
     */
    @Override
    public BlockingStream<TrackedEventMessage<?>> openStream(@Nullable TrackingToken token) {
        PositionStream stream = new PositionStream(this, position(token), streams::remove);
        streams.add(stream);
        advance(head());
        return stream;
    }

    private static long position(@Nullable TrackingToken token) {
        if (token == null) {
            return -1;
        }
        return WrappedToken.unwrap(token, GlobalSequenceTrackingToken.class)
                .orElseThrow(() -> new IllegalArgumentException("Not a position in this ledger: " + token))
                .getGlobalIndex();
    }

    /** The next free position as far as this process has heard; never ahead of the database. */
    long knownHead() {
        return knownHead.get();
    }

    TrackedEventMessage<?> message(StoredEvent event) {
        return new RecordedEvent(event, codec);
    }

    private void advance(long head) {
        if (knownHead.getAndAccumulate(head, Math::max) < head) {
            streams.forEach(PositionStream::wake);
        }
    }

    private void lookForOthers() {
        if (!streams.isEmpty()) {
            try {
                advance(head());
            } catch (RuntimeException e) {
                LOG.debug("Could not look for events of other processes; the next look may", e);
            }
        }
    }
}
