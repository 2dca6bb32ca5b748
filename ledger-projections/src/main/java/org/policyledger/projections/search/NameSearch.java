package org.policyledger.projections.search;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.lucene.store.AlreadyClosedException;
import org.axonframework.common.stream.BlockingStream;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.policyledger.core.Check;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.ListId;
import org.policyledger.core.Timeline.State;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.Consumed;
import org.policyledger.projections.Reading;
import org.policyledger.projections.Rebuild;
import org.policyledger.projections.Rebuild.Comparison;
import org.policyledger.projections.StateHash;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.listing.ListingReader.Standing;
import org.policyledger.projections.search.SearchIndex.Fact;
import org.policyledger.projections.search.SearchIndex.Filter;
import org.policyledger.projections.search.SearchIndex.Ranked;
import org.policyledger.projections.search.SearchIndex.Told;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LedgerUnreadable;
import org.policyledger.store.RecordedEvent;
import org.policyledger.store.StoredEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds entities by any name they ever had in an entry. It follows the log with an index of its own, which is built anew when it
 * is missing, damaged or of another ledger; how an entity stands on a day is told by the listings reading, as known at the
 * position the index reflects. Thread-safe.
 */
public final class NameSearch implements Reading, AutoCloseable {

    /** The reading's name. */
    public static final String NAME = "search";

    /** The most characters of a name that is asked for. */
    public static final int LONGEST_NAME = 300;

    /** The most words of a name that is asked for. */
    public static final int MOST_WORDS = 30;

    /** The most answers that can be asked for. */
    public static final int MOST_HITS = 100;

    private static final Logger LOG = LoggerFactory.getLogger(NameSearch.class);
    private static final int BATCH = 1_000;
    private static final int UNCOMMITTED = 10_000;
    private static final Duration IDLE = Duration.ofSeconds(1);
    private static final Duration LAST_WORK = Duration.ofSeconds(10);
    private static final int CANDIDATES = 300;
    /** Where the status decides who is an answer, more names must be looked at. */
    private static final int CANDIDATES_BY_STATUS = 1_000;
    private static final int STANDINGS = 100;

    /** How a name stands in an entry. */
    public enum NameKind {
        NAME,
        ALIAS
    }

    /**
     * What is looked for. All that is given must hold.
     *
     * @param name compared without regard to case, accents, script, punctuation, order of words and small misspellings
     * @param listId only entities that ever had an entry on this list, and only their status there
     * @param type only entities that an entry ever said to be of this type
     * @param country only entities for which an entry ever named this country, in whatever case and with or without accents
     * @param status only entities that stand so on one of the lists on the day; {@code NOT_LISTED}: on all of them
     * @param asOf the day of the status
     * @param limit how many answers at most
     */
    public record Question(String name, Optional<ListId> listId, Optional<Entry.Type> type, Optional<String> country,
            Optional<State> status, LocalDate asOf, int limit) {

        public Question {
            Check.text("name", name, LONGEST_NAME);
            int words = NameWords.of(name).words().size();
            if (words == 0) {
                throw new IllegalArgumentException("name '" + Check.excerpt(name)
                        + "' holds neither letter nor digit: give at least one word of a name");
            }
            if (words > MOST_WORDS) {
                throw new IllegalArgumentException(
                        "name has more than " + MOST_WORDS + " words: leave out those that matter least");
            }
            Check.optionalText("country", country, 200);
            if (limit < 1 || limit > MOST_HITS) {
                throw new IllegalArgumentException("limit " + limit + " is out of range: use 1 to " + MOST_HITS);
            }
        }
    }

    /** The name that fits best, whether it is an entity's name proper or an alias, and in the entries of which lists. */
    public record Matched(String name, NameKind kind, List<ListId> listIds) {}

    /**
     * An entity that was found.
     *
     * @param score how well the matched name fits, up to 1
     * @param name the name in the entry most recently recorded; {@code type} and {@code countries} are of that entry too
     * @param lists how it stands on the day, on each list it was ever on or on the one asked for
     */
    public record Hit(EntityId entityId, double score, Matched matched, String name, Optional<Entry.Type> type,
            List<String> countries, List<Standing> lists) {}

    /**
     * The answer, best first.
     *
     * @param position the position it reflects
     * @param more whether others fit too, which the limit left out
     */
    public record Found(long position, List<Hit> hits, boolean more) {}

    private final LedgerLog log;
    private final Catchup catchup;
    private final ListingReader reader;
    private final Optional<IndexFolders> folders;
    private final Duration patience;
    private final Thread feeder = Thread.ofPlatform().name("name-search").daemon().unstarted(this::feed);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private volatile SearchIndex index;
    private volatile boolean closed;
    private volatile boolean suspect;
    private volatile Optional<BlockingStream<TrackedEventMessage<?>>> following = Optional.empty();
    private volatile Optional<String> trouble = Optional.empty();
    private volatile Optional<NewIndex> replacement = Optional.empty();

    /**
     * Opens the index; {@link #start} begins to follow the log.
     *
     * @param folder where the index lies; in memory without one
     * @param patience how long a question waits for the index and the listings reading to reflect what is recorded
     * @throws IllegalStateException if the index cannot be opened there; the message says why, in one sentence
     */
    public NameSearch(LedgerLog log, Catchup catchup, ListingReader reader, Optional<Path> folder, Duration patience) {
        this.log = log;
        this.catchup = catchup;
        this.reader = reader;
        this.folders = folder.map(IndexFolders::new);
        this.patience = patience;
        try {
            index = SearchIndex.open(live(), origin());
            if (folders.isPresent()) {
                // What a rebuild that died left behind. Nobody else holds it, or this one would be held too.
                folders.get().tidy();
            }
        } catch (SearchIndex.Held held) {
            throw new IllegalStateException(held.getMessage(), held);
        } catch (IOException e) {
            throw new IllegalStateException("the search index in " + folder.map(Path::toString).orElse("memory")
                    + " cannot be opened (" + e.getMessage() + "): see that the folder can be written", e);
        }
    }

    private Optional<Path> live() throws IOException {
        return folders.isPresent() ? Optional.of(folders.get().live()) : Optional.empty();
    }

    private SearchIndex.Origin origin() {
        return new SearchIndex.Origin() {
            @Override
            public String name() {
                return log.origin();
            }

            @Override
            public Optional<UUID> eventAt(long position) {
                return log.at(position).map(StoredEvent::eventId);
            }
        };
    }

    public void start() {
        feeder.start();
    }

    /** The position up to which the index reflects the log; -1 when it reflects nothing yet. */
    public long position() {
        return index.position();
    }

    /** Events recorded that the index does not reflect yet. */
    public long lag() {
        return Math.max(0, log.head() - 1 - position());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Consumed consumed() {
        return index.consumed();
    }

    @Override
    public StateHash stateHash(OptionalLong at) throws InterruptedException, NoPast {
        try (SearchIndex.View view = view()) {
            if (at.isPresent() && at.getAsLong() != view.position()) {
                throw new NoPast("The search index reflects position " + view.position()
                        + " and keeps nothing of what it said at position " + at.getAsLong());
            }
            return IndexComparison.stateHash(view, () -> {});
        } catch (IOException e) {
            throw new UncheckedIOException("the search index cannot be read: " + e.getMessage(), e);
        }
    }

    /** Whether the log is being followed; an absent database is not the index's fault. */
    @Override
    public boolean isHealthy() {
        return feeder.isAlive() && trouble.isEmpty();
    }

    // ---- answering ----

    /** The answer, which reflects at least what the other readings do; empty when that takes longer than the patience. */
    public Optional<Found> find(Question question) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        long wanted = catchup.position();
        if (!await(wanted, end)) {
            return Optional.empty();
        }
        try (SearchIndex.View view = view()) {
            // The status must be known for every entity that is found; and an index that was just built anew knows little.
            return view.position() >= wanted && catchup.await(view.position(), left(end))
                    ? Optional.of(answer(question, view))
                    : Optional.empty();
        } catch (IOException | AlreadyClosedException broken) {
            LOG.warn("The search index cannot be read ({}); it is looked at, and built anew if need be",
                    broken.getMessage());
            suspect = true;
            return Optional.empty();
        }
    }

    /** What the index says now; one that was replaced meanwhile is passed over. */
    private SearchIndex.View view() throws IOException {
        while (true) {
            SearchIndex now = index;
            try {
                return now.view();
            } catch (AlreadyClosedException replaced) {
                if (now == index) {
                    throw replaced;
                }
            }
        }
    }

    private Found answer(Question question, SearchIndex.View view) throws IOException {
        List<Ranked> ranked = view.rank(NameWords.of(question.name()),
                new Filter(question.listId(), question.type(), question.country().map(EntityNames::folded)),
                question.status().isPresent() ? CANDIDATES_BY_STATUS : CANDIDATES);
        List<Hit> hits = new ArrayList<>();
        // Unless the status decides, it is asked of those alone that are told.
        int together = question.status().isPresent() ? STANDINGS : question.limit();
        for (int from = 0; from < ranked.size(); from += together) {
            if (hits.size() == question.limit() && question.status().isEmpty()) {
                return new Found(view.position(), hits, true);
            }
            List<Ranked> some = ranked.subList(from, Math.min(from + together, ranked.size()));
            Map<EntityId, List<Standing>> standings = reader.standings(some.stream().map(Ranked::entityId).toList(),
                    question.listId(), question.asOf(), view.position());
            for (Ranked one : some) {
                List<Standing> lists = standings.getOrDefault(one.entityId(), List.of());
                if (question.status().isEmpty() || stands(lists, question.status().get())) {
                    if (hits.size() == question.limit()) {
                        return new Found(view.position(), hits, true);
                    }
                    hits.add(hit(one, view.tell(one), lists));
                }
            }
        }
        return new Found(view.position(), hits, false);
    }

    private static boolean stands(List<Standing> lists, State state) {
        return state == State.NOT_LISTED
                ? lists.stream().allMatch(standing -> standing.state() == state)
                : lists.stream().anyMatch(standing -> standing.state() == state);
    }

    private static Hit hit(Ranked ranked, Told told, List<Standing> lists) {
        return new Hit(ranked.entityId(), ranked.score(), new Matched(told.matched(), told.kind(), told.listIds()),
                told.name(), told.type(), told.countries(), lists);
    }

    private boolean await(long wanted, long end) throws InterruptedException {
        lock.lock();
        try {
            while (position() < wanted) {
                long left = end - System.nanoTime();
                if (left <= 0 || closed) {
                    return false;
                }
                var unused = moved.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private static Duration left(long end) {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    // ---- following the log: one thread ----

    private void feed() {
        while (!closed) {
            try {
                follow();
            } catch (InterruptedException stopped) {
                return;
            } catch (IOException | AlreadyClosedException broken) {
                trouble("The search index cannot be written", broken);
                reopen();
            } catch (LedgerUnreadable away) {
                LOG.debug("The log cannot be read for the search index; it is tried again", away);
            } catch (RuntimeException failed) {
                trouble("The search index stands still at position " + position(), failed);
            }
            pause();
        }
    }

    private void follow() throws InterruptedException, IOException {
        try (BlockingStream<TrackedEventMessage<?>> stream = log
                .openStream(new GlobalSequenceTrackingToken(position()))) {
            following = Optional.of(stream);
            while (!closed && !suspect && replacement.isEmpty()) {
                List<Fact> batch = next(stream);
                if (!batch.isEmpty()) {
                    write(batch);
                    signal();
                }
                if (batch.isEmpty() || index.uncommitted() >= UNCOMMITTED) {
                    index.commit();
                }
                trouble = Optional.empty();
            }
        }
        replacement.ifPresent(this::takeOver);
        if (suspect) {
            suspect = false;
            reopen();
        }
    }

    /** Goes over to another index, by the thread that alone writes the one before. */
    private void takeOver(NewIndex other) {
        try {
            other.fillUpTo(index.position());
            other.goLive();
            SearchIndex old = index;
            index = other.next;
            old.close();
        } catch (IOException | RuntimeException failed) {
            other.failure = Optional.of(failed);
        } finally {
            replacement = Optional.empty();
            signal();
        }
    }

    // ---- another index beside this one ----

    /** Begins an empty index beside the one that answers. */
    public Optional<Rebuild.Beside> beside() {
        try {
            Optional<Path> place = folders.isPresent() ? Optional.of(folders.get().next()) : Optional.empty();
            return Optional.of(new NewIndex(SearchIndex.open(place, origin()), place));
        } catch (IOException e) {
            throw new UncheckedIOException("another search index cannot be made: " + e.getMessage(), e);
        }
    }

    /** An index that is filled from the log beside the one that answers. Used by one thread, and by the feeder to take over. */
    private final class NewIndex implements Rebuild.Beside {
        private final SearchIndex next;
        private final Optional<Path> place;
        private volatile Optional<Exception> failure = Optional.empty();
        private volatile boolean isLive;

        NewIndex(SearchIndex next, Optional<Path> place) {
            this.next = next;
            this.place = place;
        }

        @Override
        public long position() {
            return next.position();
        }

        @Override
        public Consumed consumed() {
            return next.consumed();
        }

        @Override
        public long livePosition() {
            return index.position();
        }

        @Override
        public void fill() throws IOException {
            fillTowards(livePosition());
        }

        private void fillUpTo(long position) throws IOException {
            while (next.position() < position) {
                fillTowards(position);
            }
        }

        private void fillTowards(long position) throws IOException {
            int most = (int) Math.min(BATCH, position - next.position());
            List<Fact> facts = log.read(next.position(), most).parallelStream()
                    .map(stored -> new Fact(stored.position(), stored.sequence(), stored.eventId(),
                            (LedgerEvent) log.payload(stored), stored.hashedLeaf()))
                    .toList();
            if (facts.isEmpty()) {
                throw new IOException("the log ends before position " + position + ", which the live index reflects");
            }
            next.write(facts);
            if (next.uncommitted() >= UNCOMMITTED) {
                next.commit();
            }
        }

        @Override
        public Comparison compare(long position, Rebuild.Interruption interruption)
                throws IOException, InterruptedException {
            try (SearchIndex.View held = view()) {
                fillUpTo(held.position());
                try (SearchIndex.View right = next.view()) {
                    return IndexComparison.of(right, held, interruption);
                }
            }
        }

        private void goLive() throws IOException {
            next.commit();
            if (place.isPresent()) {
                folders.orElseThrow().move(place.get());
            }
            isLive = true;
        }

        @Override
        public void switchOver() throws Exception {
            replacement = Optional.of(this);
            lock.lock();
            try {
                while (replacement.isPresent()) {
                    if (!feeder.isAlive()) {
                        throw new IllegalStateException("the search index is not being kept up, so nobody can go over"
                                + " to another: see the log for the reason");
                    }
                    var unused = moved.awaitNanos(IDLE.toNanos());
                }
            } finally {
                lock.unlock();
            }
            if (failure.isPresent()) {
                throw failure.get();
            }
        }

        @Override
        public void close() {
            try {
                if (!isLive) {
                    next.close();
                }
                if (folders.isPresent()) {
                    folders.get().tidy();
                }
            } catch (IOException | AlreadyClosedException left) {
                LOG.warn("An index that is no longer used could not be deleted ({}); the next start does it",
                        left.getMessage());
            }
        }
    }

    private void write(List<Fact> batch) throws IOException {
        try {
            index.write(batch);
        } catch (RuntimeException halfWritten) {
            throw new IOException(halfWritten);
        }
    }

    /** What comes next, as far as it can be read: an event that cannot is met again, at the head of a batch, and stops it. */
    private static List<Fact> next(BlockingStream<TrackedEventMessage<?>> stream) throws InterruptedException {
        List<Fact> batch = new ArrayList<>();
        while (batch.size() < BATCH
                && stream.hasNextAvailable(batch.isEmpty() ? (int) IDLE.toMillis() : 0, TimeUnit.MILLISECONDS)) {
            try {
                batch.add(fact((RecordedEvent) stream.peek().orElseThrow()));
            } catch (RuntimeException unreadable) {
                if (batch.isEmpty()) {
                    throw unreadable;
                }
                return batch;
            }
            var unused = stream.nextAvailable();
        }
        return batch;
    }

    private static Fact fact(RecordedEvent message) {
        StoredEvent stored = message.stored();
        return new Fact(stored.position(), stored.sequence(), stored.eventId(), (LedgerEvent) message.getPayload(),
                stored.hashedLeaf());
    }

    /** Goes on from the last commit; a damaged index begins anew. */
    private void reopen() {
        try {
            index.close();
        } catch (IOException | AlreadyClosedException broken) {
            LOG.debug("The search index could not be closed in order", broken);
        }
        try {
            index = SearchIndex.open(live(), origin());
        } catch (IOException | RuntimeException failed) {
            trouble("The search index cannot be opened again", failed);
        }
    }

    private void trouble(String what, Exception failed) {
        // Said once: it is tried again every second.
        if (trouble.isEmpty()) {
            LOG.error("{}", what, failed);
        }
        trouble = Optional.of(what);
    }

    private void pause() {
        long end = System.nanoTime() + IDLE.toNanos();
        lock.lock();
        try {
            while (!closed && end - System.nanoTime() > 0) {
                var unused = moved.awaitNanos(end - System.nanoTime());
            }
        } catch (InterruptedException stopped) {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    private void signal() {
        lock.lock();
        try {
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Commits what is written and lets go of the index. */
    @Override
    public void close() {
        closed = true;
        signal();
        // Not by an interrupt, which would close the files the thread may be reading.
        following.ifPresent(BlockingStream::close);
        try {
            if (feeder.getState() != Thread.State.NEW && !feeder.join(LAST_WORK)) {
                LOG.warn("The search index is still being written; it goes on from its last commit");
                return;
            }
            index.commit();
            index.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | AlreadyClosedException broken) {
            LOG.warn("The search index could not be closed in order ({}); it goes on from its last commit",
                    broken.getMessage());
        }
    }
}
