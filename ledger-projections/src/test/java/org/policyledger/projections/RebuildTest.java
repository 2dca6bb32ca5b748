package org.policyledger.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.policyledger.core.Histories;
import org.policyledger.core.Histories.Recorded;
import org.policyledger.projections.Rebuild.Busy;
import org.policyledger.projections.Rebuild.Comparison;
import org.policyledger.projections.Rebuild.Progress;
import org.policyledger.projections.Rebuild.RowDifference;
import org.policyledger.projections.Rebuild.State;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.policyledger.store.tree.LedgerTree;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A rebuild fills new tables beside the live ones, compares and switches, and nobody notices, on both databases. */
class RebuildTest {

    static final long SEED = 20_241_125;
    private static final String NAME = ListingProjection.NAME;
    private static final int ENTITIES = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** A log with its readings and rebuilds, on a database that stays. */
    static final class Node implements AutoCloseable {
        final LedgerLog log;
        final LedgerTree tree;
        final Catchup catchup;
        final Completeness completeness;
        final Rebuilds rebuilds;
        final ListingReader reader;

        Node(Databases.Fresh database, Consumer<State> observer) {
            log = LedgerLog.open(database.dataSource(), new LedgerCodec(), LogSettings.defaults());
            tree = Trees.open(log, database.dataSource());
            catchup = new Catchup(log, database.dataSource());
            completeness = new Completeness(tree, List.of(catchup), Trees.INTERVAL);
            rebuilds = new Rebuilds(log, database.dataSource(), catchup, completeness, observer);
            reader = new ListingReader(JdbcClient.create(catchup.generations().dataSource()), log);
            catchup.start();
            completeness.start();
        }

        void append(List<Recorded> events) throws InterruptedException {
            long last = log.append(
                    events.stream().map(each -> new NewEvent(each.stream(), each.sequence(), each.actionId().value(),
                            each.event(), Map.of("actor", "generator"))).toList(),
                    Optional.empty()).events().getLast().position();
            assertThat(catchup.await(last, PATIENCE)).isTrue();
        }

        Progress rebuilt(boolean switchIfDifferent) throws Exception {
            var unused = rebuilds.start(NAME, switchIfDifferent);
            await(() -> progress().state().isOver());
            return progress();
        }

        Progress progress() {
            return rebuilds.progress(NAME).orElseThrow();
        }

        /** Every timeline at a position, as text. */
        String answers(long known) {
            StringBuilder all = new StringBuilder();
            try (Generations.Lease held = catchup.generations().lease()) {
                assertThat(held).isNotNull();
                for (int n = 0; n < ENTITIES; n++) {
                    all.append(reader.timeline(Histories.entity(n), Optional.empty(), known)).append('\n');
                    all.append(reader.status(Histories.entity(n), Optional.empty(), DAY, known)).append('\n');
                }
            }
            return all.toString();
        }

        @Override
        public void close() {
            completeness.close();
            rebuilds.close();
            catchup.close();
            tree.close();
            log.close();
        }
    }

    private static final LocalDate DAY = Histories.FIRST_DAY.plusDays(Histories.WINDOW / 2L);

    static List<Recorded> history() {
        return Histories.generate(SEED, ENTITIES, 2, 200);
    }

    /** The generations there are, by their tables: 0 for those in the default schema. */
    static Set<Integer> generations(Databases.Fresh database) {
        Set<Integer> found = new TreeSet<>();
        JdbcClient.create(database.dataSource())
                .sql("SELECT table_schema FROM information_schema.tables WHERE LOWER(table_name) = 'reading_period'")
                .query(String.class).list()
                .forEach(schema -> found.add(schema.equalsIgnoreCase("public")
                        ? 0
                        : Integer.parseInt(schema.substring("reading_".length()))));
        return found;
    }

    static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited for long enough").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private static void awaitOnly(Databases.Fresh database, int generation) throws InterruptedException {
        await(() -> generations(database).equals(new TreeSet<>(List.of(generation))));
        assertThat(generations(database)).containsExactly(generation);
    }

    @ParameterizedTest
    @EnumSource
    void givenAReading_whenRebuiltAgainAndAgain_thenEachTimeEqualAndLiveAndTheOldOneIsGone(Databases kind)
            throws Exception {
        List<Recorded> history = history();
        int half = history.size() / 2;
        try (Databases.Fresh database = kind.create()) {
            String answers;
            try (Node node = new Node(database, state -> {})) {
                node.append(history.subList(0, half));
                answers = node.answers(half - 1);
                for (int generation = 1; generation <= 2; generation++) {
                    Progress end = node.rebuilt(false);
                    assertThat(end.state()).as(end.toString()).isEqualTo(State.DONE);
                    assertThat(end.switched()).isTrue();
                    assertThat(end.position()).isEqualTo(half - 1);
                    Comparison comparison = end.comparison().orElseThrow();
                    assertThat(comparison.agrees()).isTrue();
                    assertThat(comparison.rows()).isGreaterThan(half);
                    assertThat(comparison.position()).isEqualTo(half - 1);
                    assertThat(node.answers(half - 1)).as("seed %d", SEED).isEqualTo(answers);
                    awaitOnly(database, generation);
                }
                node.append(history.subList(half, history.size()));
                await(node.catchup::isHealthy);
            }
            try (Node again = new Node(database, state -> {})) {
                assertThat(again.catchup.position()).isEqualTo(history.size() - 1);
                assertThat(again.answers(half - 1)).isEqualTo(answers);
                Progress end = again.rebuilt(false);
                assertThat(end.state()).as(end.toString()).isEqualTo(State.DONE);
                awaitOnly(database, 3);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenRowsThatWereTamperedWith_whenRebuilt_thenExactlyTheyAreToldAndItSwitchesOnlyIfToldTo(Databases kind)
            throws Exception {
        List<Recorded> history = history();
        try (Databases.Fresh database = kind.create(); Node node = new Node(database, state -> {})) {
            node.append(history);
            long last = history.size() - 1L;
            String right = node.answers(last);
            JdbcClient jdbc = JdbcClient.create(database.dataSource());
            long at = jdbc.sql("SELECT MAX(known_from) FROM reading_period WHERE known_to IS NULL"
                    + " AND state = 'LISTED'").query(Long.class).single();
            assertThat(jdbc.sql("UPDATE reading_period SET state = 'SUSPENDED' WHERE known_from = :at"
                    + " AND known_to IS NULL AND state = 'LISTED' AND valid_from = (SELECT MAX(valid_from) FROM"
                    + " reading_period WHERE known_from = :at AND known_to IS NULL AND state = 'LISTED')")
                    .param("at", at).update()).isEqualTo(1);
            assertThat(jdbc.sql("DELETE FROM reading_event WHERE position = 7").update()).isEqualTo(1);

            Progress end = node.rebuilt(false);
            assertThat(end.state()).isEqualTo(State.DIFFERS);
            assertThat(end.switched()).isFalse();
            Comparison comparison = end.comparison().orElseThrow();
            assertThat(comparison.differing()).isEqualTo(2);
            assertThat(comparison.rebuiltSha256()).isNotEqualTo(comparison.liveSha256());
            RowDifference lost = comparison.differences().getFirst();
            assertThat(lost.table()).isEqualTo("reading_event");
            assertThat(lost.at()).isEqualTo(7);
            assertThat(lost.live()).isEmpty();
            assertThat(lost.rebuilt().orElseThrow()).containsEntry("actor", "generator");
            RowDifference changed = comparison.differences().getLast();
            assertThat(changed.table()).isEqualTo("reading_period");
            assertThat(changed.at()).isEqualTo(at);
            assertThat(changed.rebuilt().orElseThrow()).containsEntry("state", "LISTED");
            assertThat(changed.live().orElseThrow()).containsEntry("state", "SUSPENDED");
            awaitOnly(database, 0);

            Progress forced = node.rebuilt(true);
            assertThat(forced.state()).isEqualTo(State.DONE);
            assertThat(forced.comparison().orElseThrow().agrees()).isFalse();
            assertThat(node.answers(last)).isEqualTo(right);
            assertThat(node.rebuilt(false).comparison().orElseThrow().agrees()).isTrue();
        }
    }

    static List<Arguments> phases() {
        List<Arguments> phases = new ArrayList<>();
        for (Databases kind : Databases.values()) {
            for (State state : List.of(State.FILLING, State.COMPARING, State.SWITCHING)) {
                phases.add(Arguments.of(kind, state));
            }
        }
        return phases;
    }

    @ParameterizedTest
    @MethodSource("phases")
    void givenARebuild_whenCancelledInAPhase_thenTheLiveOneIsUntouchedAndWhatWasFilledGoes(Databases kind, State phase)
            throws Exception {
        List<Recorded> history = history();
        CountDownLatch there = new CountDownLatch(1);
        CountDownLatch on = new CountDownLatch(1);
        AtomicInteger times = new AtomicInteger();
        try (Databases.Fresh database = kind.create(); Node node = new Node(database, state -> {
            if (state == phase && times.getAndIncrement() == 0) {
                there.countDown();
                waitFor(on);
            }
        })) {
            node.append(history);
            String answers = node.answers(history.size() - 1);
            var unused = node.rebuilds.start(NAME, false);
            waitFor(there);
            assertThat(node.progress().state()).isEqualTo(phase);
            assertThatThrownBy(() -> node.rebuilds.start(NAME, false)).isInstanceOf(Busy.class)
                    .hasMessageContaining("being rebuilt already");
            assertThat(generations(database)).containsExactly(0, 1);
            Thread canceller = Thread.ofPlatform().start(() -> cancel(node));
            await(() -> canceller.getState() == Thread.State.WAITING);
            on.countDown();
            canceller.join();

            assertThat(node.progress().state()).isEqualTo(State.CANCELLED);
            assertThat(node.progress().switched()).isFalse();
            awaitOnly(database, 0);
            assertThat(node.answers(history.size() - 1)).isEqualTo(answers);
            assertThat(node.rebuilt(false).state()).isEqualTo(State.DONE);
            awaitOnly(database, 2);
        }
    }

    private static void cancel(Node node) {
        try {
            var unused = node.rebuilds.cancel(NAME);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenReadersAndAWriter_whenRebuiltMeanwhile_thenEveryAnswerIsRightAndNoneFails(Databases kind)
            throws Exception {
        List<Recorded> history = history();
        int half = history.size() / 2;
        try (Databases.Fresh database = kind.create(); Node node = new Node(database, state -> {})) {
            node.append(history.subList(0, half));
            String right = node.answers(half - 1);
            ConcurrentLinkedQueue<Object> wrong = new ConcurrentLinkedQueue<>();
            AtomicInteger answered = new AtomicInteger();
            CountDownLatch end = new CountDownLatch(1);
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                readers.add(Thread.ofPlatform().start(() -> {
                    while (end.getCount() > 0) {
                        try {
                            String came = node.answers(half - 1);
                            if (!came.equals(right)) {
                                wrong.add(came);
                            }
                            answered.incrementAndGet();
                        } catch (RuntimeException | AssertionError failed) {
                            wrong.add(failed);
                        }
                    }
                }));
            }
            int next = half;
            int rebuilds = 0;
            while (next < history.size() || rebuilds < 3) {
                if (rebuilds < 3 && (rebuilds == 0 || node.progress().state().isOver())) {
                    var unused = node.rebuilds.start(NAME, false);
                    rebuilds++;
                }
                if (next < history.size()) {
                    // What was recorded is seen by whoever asks from then on.
                    node.append(history.subList(next, next + 1));
                    assertThat(node.catchup.position()).isGreaterThanOrEqualTo(next);
                    next++;
                }
            }
            await(() -> node.progress().state().isOver());
            int before = answered.get();
            await(() -> answered.get() > before + 3 || !wrong.isEmpty());
            end.countDown();
            for (Thread reader : readers) {
                reader.join();
            }
            assertThat(wrong).as("seed %d", SEED).isEmpty();
            assertThat(node.progress().state()).as(node.progress().toString()).isEqualTo(State.DONE);
            awaitOnly(database, 3);
            Progress last = node.rebuilt(false);
            assertThat(last.comparison().orElseThrow().agrees()).isTrue();
            assertThat(last.position()).isEqualTo(history.size() - 1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "POSTGRESQL")
    void givenTwoProcessesOnOneDatabase_whenOneRebuilds_thenTheOtherMayNotMeanwhileAndGoesOverWithIt(Databases kind)
            throws Exception {
        List<Recorded> history = history();
        int half = history.size() / 2;
        CountDownLatch there = new CountDownLatch(1);
        CountDownLatch on = new CountDownLatch(1);
        try (Databases.Fresh database = kind.create();
                Node first = new Node(database, state -> {
                    if (state == State.SWITCHING) {
                        there.countDown();
                        waitFor(on);
                    }
                });
                Node second = new Node(database, state -> {})) {
            first.append(history.subList(0, half));
            String right = first.answers(half - 1);
            var unused = first.rebuilds.start(NAME, false);
            waitFor(there);
            assertThatThrownBy(() -> second.rebuilds.start(NAME, false)).isInstanceOf(Busy.class)
                    .hasMessageContaining("another service");
            // Whoever began to read before the switch reads on to its end.
            try (Generations.Lease held = second.catchup.generations().lease()) {
                assertThat(held).isNotNull();
                on.countDown();
                await(() -> first.progress().state().isOver());
                await(() -> second.catchup.generations().live() == 1);
                assertThat(second.answers(half - 1)).isEqualTo(right);
                assertThat(generations(database)).containsExactly(0, 1);
            }
            awaitOnly(database, 1);
            assertThat(second.answers(half - 1)).isEqualTo(right);
            // Whoever of the two keeps the reading hears of each append of the other within half a second.
            int part = (history.size() - half) / 5 + 1;
            for (int from = half; from < history.size(); from += part) {
                second.append(history.subList(from, Math.min(from + part, history.size())));
            }
            assertThat(second.rebuilt(false).state()).isEqualTo(State.DONE);
            await(() -> first.catchup.generations().live() == 2);
            assertThat(first.answers(half - 1)).isEqualTo(right);
            awaitOnly(database, 2);
        }
    }

    static List<Arguments> deaths() {
        List<Arguments> deaths = new ArrayList<>(phases());
        for (Databases kind : Databases.values()) {
            // Right after the switch, before anything is tidied up.
            deaths.add(Arguments.of(kind, State.DONE));
        }
        return deaths;
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void givenAProcessKilledInAPhase_whenTheNextOneStarts_thenOneWholeModelIsLiveAndTheOtherIsGone(Databases kind,
            State phase) throws Exception {
        List<Recorded> history = history();
        long last = history.size() - 1L;
        int live = phase == State.DONE ? 1 : 0;
        try (Databases.Fresh database = kind.create()) {
            String right;
            try (Node before = new Node(database, state -> {})) {
                before.append(history);
                right = before.answers(last);
            }
            database.suspend();
            killIn(phase, database);
            database.resume();
            try (Node after = new Node(database, state -> {})) {
                assertThat(after.catchup.generations().live()).isEqualTo(live);
                assertThat(after.answers(last)).as("seed %d", SEED).isEqualTo(right);
                awaitOnly(database, live);
                Progress end = after.rebuilt(false);
                assertThat(end.state()).as(end.toString()).isEqualTo(State.DONE);
                assertThat(after.answers(last)).isEqualTo(right);
            }
        }
    }

    private static void killIn(State phase, Databases.Fresh database) throws Exception {
        Process child = database.run(KilledRebuild.class, phase.name());
        try (BufferedReader output = child.inputReader()) {
            assertThat(output.readLine()).isEqualTo("in " + phase);
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenTheReadingTablesOfTheVersionBefore_whenOpened_thenTheyAreTakenOverAsTheyAre(Databases kind)
            throws Exception {
        List<Recorded> history = history();
        try (Databases.Fresh database = kind.create()) {
            try (Node node = new Node(database, state -> {})) {
                node.append(history);
            }
            database.execute("DROP TABLE reading_generation");
            dropHistory(database);
            try (Node upgraded = new Node(database, state -> {})) {
                assertThat(upgraded.catchup.position()).isEqualTo(history.size() - 1);
                assertThat(upgraded.rebuilt(false).state()).isEqualTo(State.DONE);
            }
        }
    }

    private static void dropHistory(Databases.Fresh database) throws SQLException {
        database.execute("DROP TABLE \"reading_generation_schema\"");
    }
}
