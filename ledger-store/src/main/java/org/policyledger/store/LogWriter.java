package org.policyledger.store;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.policyledger.store.AppendRefused.Kind;
import org.policyledger.store.Database.Head;
import org.policyledger.store.Database.KeyRow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits all appends that wait as one transaction (group commit), and answers them only then. One thread writes at a time,
 * whoever has the turn: a caller that finds nobody writing does its own work, which spares it two changes of threads; those
 * who come meanwhile are the writer's own thread's.
 *
 * <p>What it remembers of the log (head, next sequence of recent streams) is only believed if the head row still stands
 * where it left it: every batch begins by moving that row from the remembered place, which fails if anyone else wrote.
 * The row stays locked until the commit, so positions become visible in order and without gaps, whoever writes.
 */
final class LogWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);
    private static final int REMEMBERED_STREAMS = 50_000;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    /** An event ready to be given its place. */
    record Prepared(String stream, long sequence, UUID eventId, String type, int revision, CanonicalEvent canonical) {}

    private final Database database;
    private final LogSettings settings;
    private final Consumer<List<StoredEvent>> committed;
    private final LinkedBlockingQueue<Request> waiting;
    private final Thread thread;
    /** Whoever has it may write, and has what follows to themselves. */
    private final Semaphore turn = new Semaphore(1);
    private final Deque<Request> next = new ConcurrentLinkedDeque<>();
    private final Map<String, Long> nextSequences = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > REMEMBERED_STREAMS;
        }
    };
    private @Nullable Connection connection;
    private @Nullable Head head;
    private Duration pause = FIRST_PAUSE;
    private boolean interrupted;
    private volatile boolean connected;
    private volatile boolean closed;
    private volatile int inHand;
    private final AtomicLong batches = new AtomicLong();
    private final AtomicLong events = new AtomicLong();

    /** {@code committed} is given the events of each commit, in the order of their positions, in the thread that wrote. */
    LogWriter(Database database, LogSettings settings, Consumer<List<StoredEvent>> committed) {
        this.database = database;
        this.settings = settings;
        this.committed = committed;
        this.waiting = new LinkedBlockingQueue<>(settings.queueLimit());
        this.thread = Thread.ofPlatform().daemon().name("ledger-writer").unstarted(this::run);
    }

    void start() throws SQLException {
        connect();
        thread.start();
    }

    /** Waits until the events are committed, found recorded before, or refused. */
    Appended append(List<Prepared> prepared, Optional<IdempotencyKey> key) {
        Request request = new Request(prepared, key, System.nanoTime() + settings.appendTimeout().toNanos());
        // An interrupt closes an H2 file under the thread that uses it, so only the writer's own may.
        if (database.isRemote() && !closed && turn.tryAcquire()) {
            writeMyself(request);
            return await(request);
        }
        if (closed || !waiting.offer(request)) {
            throw closed
                    ? closedRefusal()
                    : new AppendRefused(Kind.OVERLOADED, "More than " + settings.queueLimit()
                            + " appends wait for the ledger's writer. Nothing was recorded; try again later.");
        }
        LockSupport.unpark(thread);
        if (closed && request.withdraw()) {
            throw closedRefusal();
        }
        return await(request);
    }

    private void writeMyself(Request request) {
        try {
            next.addLast(request);
            write();
        } finally {
            boolean wasInterrupted = interrupted;
            interrupted = false;
            turn.release();
            if (!next.isEmpty()) {
                LockSupport.unpark(thread);
            }
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    int queueLength() {
        return waiting.size();
    }

    int inHand() {
        return inHand;
    }

    long batches() {
        return batches.get();
    }

    long events() {
        return events.get();
    }

    /** Finishes what was taken up, refuses what waits. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Appended await(Request request) {
        boolean interrupted = false;
        boolean overdue = false;
        try {
            while (true) {
                try {
                    return overdue ? request.answer() : request.answer(request.deadline - System.nanoTime());
                } catch (InterruptedException e) {
                    interrupted = true;
                    if (request.withdraw()) {
                        waiting.remove(request);
                        throw new AppendRefused(Kind.UNAVAILABLE, "Interrupted while waiting. Nothing was recorded.");
                    }
                } catch (TimeoutException e) {
                    if (request.withdraw()) {
                        waiting.remove(request);
                        throw connected ? tooSlow() : unavailable("no connection");
                    }
                    if (request.inDoubt()) {
                        throw outcomeUnknown();
                    }
                    overdue = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void run() {
        while (!closed) {
            if (waiting.isEmpty() && next.isEmpty()) {
                LockSupport.park(this);
                continue;
            }
            turn.acquireUninterruptibly();
            while (!closed && !(waiting.isEmpty() && next.isEmpty())) {
                if (connection != null || reconnect()) {
                    write();
                }
            }
            turn.release();
        }
        turn.acquireUninterruptibly(); // for good
        refuseWaiting(closedRefusal());
        disconnect();
    }

    private boolean reconnect() {
        try {
            connect();
            return true;
        } catch (SQLException | RuntimeException e) {
            LOG.warn("The ledger's database is away: {}", e.getMessage());
            refuseWaiting(unavailable(e.getMessage()));
            pause();
            return false;
        }
    }

    /** Commits one batch of those who wait. */
    private void write() {
        List<Request> batch = take();
        try {
            inHand = batch.size();
            write(batch);
        } catch (RuntimeException | Error e) {
            LOG.error("The ledger's writer failed on a batch; it goes on with the next", e);
            disconnect();
            refuse(batch, e instanceof LedgerDamaged damage ? damage : unavailable(e.getMessage()));
        } finally {
            inHand = 0;
        }
    }

    /** All that wait, up to the batch limit. A request is never split. */
    private List<Request> take() {
        List<Request> batch = new ArrayList<>();
        int size = 0;
        Request request = next.isEmpty() ? waiting.poll() : next.poll();
        while (request != null) {
            if (!batch.isEmpty() && size + request.prepared.size() > settings.maxBatch()) {
                next.addFirst(request);
                break;
            }
            if (request.take()) {
                batch.add(request);
                size += request.prepared.size();
            }
            request = next.isEmpty() ? waiting.poll() : next.poll();
        }
        return batch;
    }

    private void write(List<Request> batch) {
        boolean careful = batch.stream().anyMatch(request -> request.metItsDouble);
        boolean reconnected = false;
        while (!batch.isEmpty()) {
            try {
                Connection connection = connection();
                Head from = head != null ? head : Database.head(connection);
                head = from;
                // Dies here: nothing is written. The plan is made from what is remembered or was read.
                Plan plan = plan(connection, from, batch, careful);
                if (plan.suspicious && !careful) {
                    careful = true;
                    continue;
                }
                switch (commit(connection, batch, plan)) {
                    case DONE -> {
                        // Dies here: the events are recorded, but nobody was told. A retry under the same key finds them.
                        answer(plan);
                        return;
                    }
                    case UNKNOWN -> {
                        return;
                    }
                    case NOT_DONE -> forget(); // another node wrote since: nothing of what is remembered holds
                    case LOST -> {
                        // Once more, for the connection may have died long ago, in idleness; but not for those who were
                        // told that the outcome is unknown.
                        boolean last = reconnected;
                        batch.stream().filter(request -> last || request.overdue()).forEach(request -> request
                                .refuse(unavailable("the connection was lost before the commit")));
                        batch = batch.stream().filter(request -> !request.answered()).toList();
                        reconnected = true;
                    }
                }
            } catch (SQLException e) {
                if (Database.isUniqueViolation(e) && !careful) {
                    careful = true; // somebody's stream, event or key is taken: find out whose
                } else if (Database.concernsData(e)) {
                    refuseTheGuilty(batch, e);
                    return;
                } else if (Database.refuses(e) || reconnected) {
                    LOG.warn("A batch of {} appends was not recorded: {}", batch.size(), e.getMessage());
                    refuse(batch, unavailable(e.getMessage()));
                    return;
                } else {
                    disconnect();
                    reconnected = true; // this one may have died long ago, too
                }
            }
        }
    }

    /** The batch holds data that the database itself refuses: one bad request must not take its neighbours with it. */
    private void refuseTheGuilty(List<Request> batch, SQLException e) {
        if (batch.size() > 1) {
            batch.forEach(request -> write(List.of(request)));
        } else if (Database.isUniqueViolation(e)) {
            LOG.error("The database holds a row that contradicts the ledger", e);
            refuse(batch, new LedgerDamaged("The database says a row is taken that the ledger knows to be free: "
                    + e.getMessage() + "."));
        } else {
            refuse(batch, AppendRefused.invalid("The database refuses this data: " + e.getMessage()));
        }
    }

    private enum Outcome {
        /** It is recorded. */
        DONE,
        /** It is not, since the head is elsewhere. */
        NOT_DONE,
        /** It is not, and the connection is a new one. */
        LOST,
        /** Nobody can tell. The callers have been told so. */
        UNKNOWN
    }

    /** @throws SQLException when the database refuses: then nothing of the batch is recorded */
    private Outcome commit(Connection connection, List<Request> batch, Plan plan) throws SQLException {
        if (plan.events.isEmpty()) { // the refusals are right if the head still stands where they assume it
            return plan.from.equals(Database.head(connection)) ? Outcome.DONE : Outcome.NOT_DONE;
        }
        Outcome outcome;
        try {
            // Dies here: what was not committed is seen by nobody; what was, stays.
            outcome = database.append(connection, plan.from, plan.to(), plan.events, plan.keys.values())
                    ? Outcome.DONE
                    : Outcome.NOT_DONE;
        } catch (SQLException | RuntimeException | Error e) {
            if (e instanceof SQLException refusal && Database.refuses(refusal)) {
                throw e;
            }
            LOG.warn("The outcome of a commit at position {} is in doubt: {}", plan.from.nextPosition(),
                    e.getMessage());
            batch.forEach(Request::doubt);
            outcome = resolve(batch, plan.events.getFirst());
        }
        if (outcome == Outcome.DONE) {
            batches.incrementAndGet();
            events.addAndGet(plan.events.size());
        }
        return outcome;
    }

    /**
     * Finds out whether a commit took place whose answer did not come back, before any new work is begun. Callers whose
     * time is up meanwhile are told that the outcome is unknown; it ends when all are.
     */
    private Outcome resolve(List<Request> batch, StoredEvent first) {
        while (true) {
            disconnect();
            try {
                Connection connection = connect();
                // Waits until the transaction in doubt is over. If it has not even reached the database yet, it never
                // takes place from here on, for it does not find the head where it expects it.
                Database.fence(connection);
                boolean there = Database.select(connection, "position = ?", first.position()).stream()
                        .anyMatch(event -> event.eventId().equals(first.eventId()));
                // Dies here: whatever happened has happened; reopening the log reads the head anew.
                LOG.info("The commit at position {} {}", first.position(), there ? "took place" : "did not take place");
                batch.forEach(Request::resolved);
                return there ? Outcome.DONE : Outcome.LOST;
            } catch (SQLException | RuntimeException e) {
                batch.stream().filter(Request::overdue).forEach(request -> request.refuse(outcomeUnknown()));
                refuseWaiting(unavailable(e.getMessage()));
                if (batch.stream().allMatch(Request::answered)) {
                    disconnect();
                    return Outcome.UNKNOWN;
                }
                pause();
            }
        }
    }

    private void answer(Plan plan) {
        nextSequences.putAll(plan.sequences);
        head = plan.to();
        next.addAll(plan.doubles);
        plan.accepted.forEach((request, recorded) -> request.complete(new Appended(recorded, false)));
        plan.recordedBefore.forEach((request, recorded) -> request.complete(new Appended(recorded, true)));
        plan.refused.forEach(Request::refuse);
        if (!plan.events.isEmpty()) {
            committed.accept(plan.events);
        }
    }

    // ---- what a batch will do ----

    private Plan plan(Connection connection, Head from, List<Request> batch, boolean careful) throws SQLException {
        Plan plan = new Plan(from, Math.max(Database.micros(settings.clock().instant()), from.lastRecordedAt()));
        learnSequences(connection, batch, plan, careful);
        Recorded recorded = careful ? lookUp(connection, batch) : Recorded.NOTHING;
        for (Request request : batch) {
            String key = request.key.map(IdempotencyKey::key).orElse("");
            KeyRow before = recorded.keys.get(key);
            if (before != null) {
                answerAgain(connection, plan, request, before);
            } else if (plan.meets(request)) {
                request.metItsDouble = true;
                plan.doubles.add(request);
            } else {
                Optional<AppendRefused> refusal = recorded.refusal(request).or(() -> plan.conflict(request));
                if (refusal.isPresent()) {
                    plan.suspicious = true;
                    plan.refused.put(request, refusal.get());
                } else {
                    plan.accept(request);
                }
            }
        }
        return plan;
    }

    private static void answerAgain(Connection connection, Plan plan, Request request, KeyRow before)
            throws SQLException {
        if (!before.fingerprint().equals(request.key.orElseThrow().fingerprint())) {
            plan.refused.put(request, AppendRefused.keyReused(request.key.orElseThrow().key()));
        } else {
            plan.recordedBefore.put(request, recordedUnder(connection, before));
        }
    }

    /**
     * Finds the next sequence of the streams in the batch. A stream not remembered whose first event here has sequence
     * 0 is taken to be new without asking: if it is not, its unique key says so.
     */
    private void learnSequences(Connection connection, List<Request> batch, Plan plan, boolean careful)
            throws SQLException {
        Set<String> seen = new HashSet<>();
        Set<String> unknown = new HashSet<>();
        for (Request request : batch) {
            for (Prepared event : request.prepared) {
                if (seen.add(event.stream)) {
                    Long remembered = careful ? null : nextSequences.get(event.stream);
                    if (remembered != null) {
                        plan.sequences.put(event.stream, remembered);
                    } else if (careful || event.sequence > 0) {
                        unknown.add(event.stream);
                    }
                }
            }
        }
        if (!unknown.isEmpty()) {
            query(connection, "SELECT s, (SELECT MAX(sequence) + 1 FROM ledger_event WHERE stream = s)"
                    + " FROM UNNEST(?) AS t(s)", Database.strings(connection, unknown),
                    row -> plan.sequences.put(row.getString(1), row.getLong(2)));
        }
    }

    private static Recorded lookUp(Connection connection, List<Request> batch) throws SQLException {
        Recorded recorded = new Recorded(new HashMap<>(), new HashMap<>());
        List<String> keys = batch.stream().flatMap(request -> request.key.stream()).map(IdempotencyKey::key).toList();
        keyRows(connection, keys).forEach(row -> recorded.keys.put(row.key(), row));
        Object[] ids = batch.stream().flatMap(request -> request.prepared.stream()).map(Prepared::eventId).toArray();
        query(connection, "SELECT event_id, position FROM ledger_event WHERE event_id = ANY(?)",
                connection.createArrayOf("uuid", ids),
                row -> recorded.positions.put(row.getObject(1, UUID.class), row.getLong(2)));
        return recorded;
    }

    /** What was recorded under a key, if anything was. */
    static Optional<Appended> findRecorded(Connection connection, IdempotencyKey key) throws SQLException {
        List<KeyRow> rows = keyRows(connection, List.of(key.key()));
        if (rows.isEmpty()) {
            return Optional.empty();
        }
        if (!rows.getFirst().fingerprint().equals(key.fingerprint())) {
            throw AppendRefused.keyReused(key.key());
        }
        return Optional.of(new Appended(recordedUnder(connection, rows.getFirst()), true));
    }

    private static List<KeyRow> keyRows(Connection connection, Collection<String> keys) throws SQLException {
        List<KeyRow> found = new ArrayList<>();
        if (!keys.isEmpty()) {
            query(connection, "SELECT idempotency_key, fingerprint, first_position, event_count"
                    + " FROM ledger_idempotency_key WHERE idempotency_key = ANY(?)",
                    Database.strings(connection, keys),
                    row -> found.add(new KeyRow(row.getString(1), row.getString(2), row.getLong(3), row.getInt(4))));
        }
        return found;
    }

    private static List<StoredEvent> recordedUnder(Connection connection, KeyRow row) throws SQLException {
        List<StoredEvent> events = Database.select(connection, "position >= ? AND position < ? ORDER BY position",
                row.firstPosition(), row.firstPosition() + row.eventCount());
        if (events.size() != row.eventCount()) {
            throw new LedgerDamaged("Idempotency key " + row.key() + " stands for " + row.eventCount()
                    + " events from position " + row.firstPosition() + ", but " + events.size() + " are there.");
        }
        return events;
    }

    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    private static void query(Connection connection, String sql, Array parameter, RowReader reader)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, parameter);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    reader.read(rows);
                }
            }
        }
    }

    // ---- the connection ----

    private Connection connection() throws SQLException {
        return connection != null ? connection : connect();
    }

    private Connection connect() throws SQLException {
        Connection opened = database.connectWriter(Math.toIntExact(settings.databaseTimeout().toMillis()));
        connection = opened;
        forget();
        connected = true;
        pause = FIRST_PAUSE;
        return opened;
    }

    private void disconnect() {
        connected = false;
        Connection opened = connection;
        connection = null;
        forget();
        if (opened != null) {
            database.release(opened);
        }
    }

    private void forget() {
        head = null;
        nextSequences.clear();
    }

    private void pause() {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            interrupted = true; // the next attempt comes sooner
        }
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
    }

    private void refuseWaiting(AppendRefused refusal) {
        List<Request> all = new ArrayList<>(next);
        next.clear();
        waiting.drainTo(all);
        all.stream().filter(Request::take).forEach(request -> request.refuse(refusal));
    }

    private static void refuse(List<Request> requests, RuntimeException refusal) {
        requests.forEach(request -> request.refuse(refusal));
    }

    private static AppendRefused unavailable(@Nullable String reason) {
        return new AppendRefused(Kind.UNAVAILABLE, "The ledger's database is not available (" + reason
                + "). Nothing was recorded; try again later.");
    }

    private AppendRefused tooSlow() {
        return new AppendRefused(Kind.OVERLOADED, "The ledger's writer did not get to this append within "
                + settings.appendTimeout() + ". Nothing was recorded; try again later.");
    }

    private static AppendRefused outcomeUnknown() {
        return new AppendRefused(Kind.OUTCOME_UNKNOWN, "The connection was lost during the commit, and the database"
                + " cannot be asked yet whether it took place. Try again with the same idempotency key.");
    }

    private static AppendRefused closedRefusal() {
        return new AppendRefused(Kind.UNAVAILABLE, "The ledger is closed. Nothing was recorded.");
    }

    // ---- values ----

    /** What the database already holds of a batch. */
    private record Recorded(Map<String, KeyRow> keys, Map<UUID, Long> positions) {

        static final Recorded NOTHING = new Recorded(Map.of(), Map.of());

        Optional<AppendRefused> refusal(Request request) {
            return request.prepared.stream().filter(event -> positions.containsKey(event.eventId)).findFirst()
                    .map(event -> AppendRefused.invalid("Event " + event.eventId + " is already recorded, at position "
                            + positions.get(event.eventId) + "."));
        }
    }

    /** What a batch will record and whom it will answer how; true only if the head row still stands at {@code from}. */
    private static final class Plan {
        private final Head from;
        private final long recordedAt;
        private final Instant recordedAtInstant;
        private final String time;
        private final List<StoredEvent> events = new ArrayList<>();
        private final Map<String, Long> sequences = new HashMap<>();
        private final Map<String, KeyRow> keys = new LinkedHashMap<>();
        private final Set<UUID> eventIds = new HashSet<>();
        private final Map<Request, List<StoredEvent>> accepted = new LinkedHashMap<>();
        private final Map<Request, List<StoredEvent>> recordedBefore = new LinkedHashMap<>();
        private final Map<Request, AppendRefused> refused = new LinkedHashMap<>();
        private final List<Request> doubles = new ArrayList<>();
        private boolean suspicious;

        Plan(Head from, long recordedAt) {
            this.from = from;
            this.recordedAt = recordedAt;
            this.recordedAtInstant = Database.instant(recordedAt);
            this.time = CanonicalEvent.time(recordedAt);
        }

        /** Where the head will stand. */
        Head to() {
            return events.isEmpty() ? from : new Head(from.nextPosition() + events.size(), recordedAt);
        }

        /** A key or event identifier twice in a batch: the later request is put off until the first is decided. */
        boolean meets(Request request) {
            return request.key.filter(key -> keys.containsKey(key.key())).isPresent()
                    || request.prepared.stream().anyMatch(event -> eventIds.contains(event.eventId));
        }

        Optional<AppendRefused> conflict(Request request) {
            Map<String, Long> own = new HashMap<>();
            for (Prepared event : request.prepared) {
                long free = own.getOrDefault(event.stream, sequences.getOrDefault(event.stream, 0L));
                if (event.sequence != free) {
                    return Optional.of(AppendRefused.conflict(event.stream, event.sequence, free));
                }
                own.put(event.stream, free + 1);
            }
            return Optional.empty();
        }

        void accept(Request request) {
            long first = from.nextPosition() + events.size();
            List<StoredEvent> recorded = new ArrayList<>(request.prepared.size());
            for (Prepared event : request.prepared) {
                recorded.add(event.canonical.recorded(event, first + recorded.size(), recordedAtInstant, time));
                sequences.put(event.stream, event.sequence + 1);
                eventIds.add(event.eventId);
            }
            events.addAll(recorded);
            accepted.put(request, recorded);
            request.key.ifPresent(
                    key -> keys.put(key.key(), new KeyRow(key.key(), key.fingerprint(), first, recorded.size())));
        }
    }

    /** One append on its way: waiting, then either withdrawn by its caller or taken by the writer, never both. */
    private static final class Request {

        private enum State {
            WAITING,
            WITHDRAWN,
            TAKEN,
            IN_DOUBT
        }

        private final List<Prepared> prepared;
        private final Optional<IdempotencyKey> key;
        private final long deadline;
        private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
        private final CompletableFuture<Appended> answer = new CompletableFuture<>();
        private boolean metItsDouble;

        Request(List<Prepared> prepared, Optional<IdempotencyKey> key, long deadline) {
            this.prepared = prepared;
            this.key = key;
            this.deadline = deadline;
        }

        boolean withdraw() {
            return state.compareAndSet(State.WAITING, State.WITHDRAWN);
        }

        boolean take() {
            return state.compareAndSet(State.WAITING, State.TAKEN) || state.get() == State.TAKEN;
        }

        void doubt() {
            state.set(State.IN_DOUBT);
        }

        void resolved() {
            state.set(State.TAKEN);
        }

        boolean inDoubt() {
            return state.get() == State.IN_DOUBT;
        }

        boolean overdue() {
            return System.nanoTime() - deadline > 0;
        }

        boolean answered() {
            return answer.isDone();
        }

        void complete(Appended appended) {
            answer.complete(appended);
        }

        void refuse(RuntimeException refusal) {
            answer.completeExceptionally(refusal);
        }

        Appended answer(long nanos) throws InterruptedException, TimeoutException {
            try {
                return answer.get(nanos, TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                throw unwrapped(e);
            }
        }

        /** The writer's own waits are bounded, so this one is: it ends with its answer, be it that it does not know. */
        Appended answer() throws InterruptedException {
            try {
                return answer.get();
            } catch (ExecutionException e) {
                throw unwrapped(e);
            }
        }

        private static RuntimeException unwrapped(ExecutionException e) {
            return e.getCause() instanceof RuntimeException refusal ? refusal : new IllegalStateException(e);
        }
    }
}
