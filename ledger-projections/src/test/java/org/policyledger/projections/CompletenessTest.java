package org.policyledger.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.NIOFSDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.core.ActionId;
import org.policyledger.core.Histories;
import org.policyledger.core.Histories.Recorded;
import org.policyledger.core.ListDetails;
import org.policyledger.core.ListId;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.ListRegistered;
import org.policyledger.projections.Completeness.Finding;
import org.policyledger.projections.Rebuild.Comparison;
import org.policyledger.projections.Rebuild.Progress;
import org.policyledger.projections.Rebuild.State;
import org.policyledger.projections.Reading.NoPast;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.listing.ListingProjection.Fact;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.search.NameSearch;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.policyledger.store.Sha256;
import org.policyledger.store.StoredEvent;
import org.policyledger.store.tree.LedgerTree;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the readings consumed is what the log holds, and if not, it is told; on both databases. */
class CompletenessTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<String> READINGS = List.of(ListingProjection.NAME, NameSearch.NAME);

    @TempDir
    private Path temporary = Path.of("");

    /** A log with its tree and all its readings; the readings begin when they are started. */
    private static final class Node implements AutoCloseable {
        private final LedgerLog log;
        private final LedgerTree tree;
        private final Catchup catchup;
        private final NameSearch search;
        private final Completeness completeness;
        private final Rebuilds rebuilds;

        Node(Databases.Fresh database, Path folder) {
            log = LedgerLog.open(database.dataSource(), new LedgerCodec(), LogSettings.defaults());
            tree = Trees.open(log, database.dataSource());
            catchup = new Catchup(log, database.dataSource());
            search = new NameSearch(log, catchup,
                    new ListingReader(JdbcClient.create(catchup.generations().dataSource()), log), Optional.of(folder),
                    PATIENCE);
            completeness = new Completeness(tree, List.of(catchup, search), Trees.INTERVAL);
            rebuilds = new Rebuilds(log, database.dataSource(), catchup, completeness);
            rebuilds.add(NameSearch.NAME, search::beside);
        }

        Node start() {
            catchup.start();
            search.start();
            completeness.start();
            return this;
        }

        void append(List<Recorded> events) {
            append(log, events);
        }

        private static void append(LedgerLog log, List<Recorded> events) {
            log.append(events.stream()
                    .map(each -> new NewEvent(each.stream(), each.sequence(), each.actionId().value(), each.event(),
                            Map.of("actor", "generator")))
                    .toList(), Optional.empty());
        }

        void awaitReadings() throws InterruptedException {
            long last = log.head() - 1;
            assertThat(catchup.await(last, PATIENCE)).isTrue();
            RebuildTest.await(() -> search.position() == last);
        }

        Finding finding(String reading) throws InterruptedException {
            long last = log.head() - 1;
            RebuildTest.await(() -> completeness.latest(reading)
                    .filter(finding -> finding.consumed().position() == last).isPresent());
            return completeness.latest(reading).orElseThrow();
        }

        /** Both readings reflect all of the log, consumed its tree, and were found to have. */
        void assertComplete() throws InterruptedException {
            awaitReadings();
            Sha256 root = root(log.read(-1, Integer.MAX_VALUE));
            for (Reading reading : completeness.readings()) {
                Consumed consumed = reading.consumed();
                assertThat(consumed.events().size()).as(reading.name()).isEqualTo(log.head());
                assertThat(consumed.position()).isEqualTo(log.head() - 1);
                assertThat(consumed.events().root()).as(reading.name()).isEqualTo(root);
                Finding finding = finding(reading.name());
                assertThat(finding.agrees()).isTrue();
                assertThat(finding.logRoot()).isEqualTo(root);
                assertThat(completeness.alarm(reading.name())).isEmpty();
            }
        }

        Progress rebuilt(String reading, boolean switchIfDifferent) throws Exception {
            var unused = rebuilds.start(reading, switchIfDifferent);
            RebuildTest.await(() -> rebuilds.progress(reading).orElseThrow().state().isOver());
            return rebuilds.progress(reading).orElseThrow();
        }

        @Override
        public void close() {
            completeness.close();
            rebuilds.close();
            search.close();
            catchup.close();
            tree.close();
            log.close();
        }
    }

    /** The root as RFC 6962, section 2.1, defines it, of the bytes that are stored. */
    private static Sha256 root(List<StoredEvent> events) {
        if (events.size() < 2) {
            return events.isEmpty()
                    ? Sha256.ofBytes(new byte[0])
                    : Sha256.ofLeaf(events.getFirst().event().getBytes(StandardCharsets.UTF_8));
        }
        int split = Integer.highestOneBit(events.size() - 1);
        return Sha256.ofNode(root(events.subList(0, split)), root(events.subList(split, events.size())));
    }

    private static void alterRecord(Databases.Fresh database, long position, String from, String to)
            throws SQLException {
        String alter = "UPDATE ledger_event SET event = REPLACE(event, '" + from + "', '" + to + "') WHERE position = "
                + position;
        if (database.kind() == Databases.H2) {
            database.execute("DROP TRIGGER ledger_event_append_only");
            database.execute(alter);
            database.execute("CREATE TRIGGER ledger_event_append_only BEFORE UPDATE, DELETE ON ledger_event"
                    + " CALL 'org.policyledger.store.AppendOnly'");
        } else {
            database.execute("ALTER TABLE ledger_event DISABLE TRIGGER ALL");
            database.execute(alter);
            database.execute("ALTER TABLE ledger_event ENABLE ALWAYS TRIGGER ledger_event_append_only");
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenAHistory_whenRecordedBitByBitWithRestartsAndRebuilds_thenEveryReadingConsumedTheLogsTree(Databases kind)
            throws Exception {
        List<Recorded> history = RebuildTest.history();
        try (Databases.Fresh database = kind.create()) {
            int next = 0;
            for (int round = 0; round < 3; round++) {
                try (Node node = new Node(database, temporary.resolve("search")).start()) {
                    node.assertComplete();
                    int end = history.size() * (round + 1) / 3;
                    for (int size = 1; next < end; size++) {
                        int to = Math.min(end, next + size);
                        node.append(history.subList(next, to));
                        next = to;
                    }
                    node.assertComplete();
                    for (String reading : READINGS) {
                        Progress came = node.rebuilt(reading, false);
                        assertThat(came.state()).as(came.toString()).isEqualTo(State.DONE);
                    }
                    node.assertComplete();
                }
            }
            assertThat(next).isEqualTo(history.size());
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenABatchThatFailsAndARestart_whenTheReadingGoesOn_thenNothingWasConsumedTwiceOrNot(Databases kind)
            throws Exception {
        List<Recorded> history = RebuildTest.history();
        int half = history.size() / 2;
        try (Databases.Fresh database = kind.create()) {
            try (Node node = new Node(database, temporary.resolve("search")).start()) {
                node.append(history.subList(0, half));
                node.assertComplete();
                Consumed before = node.catchup.consumed();
                // Written by a batch after most of its rows.
                database.execute("ALTER TABLE reading_event RENAME TO reading_event_away");
                node.append(history.subList(half, history.size()));
                RebuildTest.await(() -> !node.catchup.isHealthy());
                assertThat(node.catchup.consumed()).isEqualTo(before);
            }
            database.execute("ALTER TABLE reading_event_away RENAME TO reading_event");
            try (Node again = new Node(database, temporary.resolve("search")).start()) {
                again.assertComplete();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenAProcessKilledInABatch_whenTheNextOneStarts_thenItConsumesWhatWasLeft(Databases kind) throws Exception {
        List<Recorded> history = RebuildTest.history();
        Path folder = temporary.resolve("search");
        try (Databases.Fresh database = kind.create()) {
            database.suspend();
            Process child = database.run(KilledCatchup.class, folder.toString());
            try (BufferedReader output = child.inputReader()) {
                assertThat(output.readLine()).isEqualTo("in a batch after position " + (history.size() / 2 - 1));
            } finally {
                child.destroyForcibly().waitFor();
            }
            database.resume();
            try (Node next = new Node(database, folder)) {
                assertThat(next.catchup.consumed().events().size()).isEqualTo(history.size() / 2);
                next.start().assertComplete();
                for (String reading : READINGS) {
                    assertThat(next.rebuilt(reading, false).state()).isEqualTo(State.DONE);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenAnEventThatReadOtherwiseWhenItWasConsumed_whenCompared_thenBothReadingsAreAlarmedUntilRebuilt(
            Databases kind) throws Exception {
        List<Recorded> history = RebuildTest.history();
        try (Databases.Fresh database = kind.create();
                Node node = new Node(database, temporary.resolve("search"))) {
            node.append(history);
            RebuildTest.await(() -> node.tree.latest()
                    .filter(signed -> signed.checkpoint().size() == history.size()).isPresent());
            Sha256 right = root(node.log.read(-1, Integer.MAX_VALUE));
            alterRecord(database, 7, "\"generator\"", "\"somebody\"");
            node.start().awaitReadings();
            for (Reading reading : node.completeness.readings()) {
                Finding finding = node.finding(reading.name());
                assertThat(finding.agrees()).isFalse();
                assertThat(finding.logRoot()).isEqualTo(right);
                assertThat(finding.consumed().events().root()).isNotEqualTo(right);
                assertThat(node.completeness.alarm(reading.name())).contains(finding);
                assertThat(finding.told()).contains(right.toString(),
                        finding.consumed().events().root().toString(), "position " + (history.size() - 1));
                // Filled from the same altered record, no other reading becomes live, even where differences are allowed.
                Progress refused = node.rebuilt(reading.name(), true);
                assertThat(refused.state()).isEqualTo(State.FAILED);
                assertThat(refused.switched()).isFalse();
                assertThat(refused.reason().orElseThrow()).contains("not of what the log holds", right.toString());
            }

            alterRecord(database, 7, "\"somebody\"", "\"generator\"");
            assertThat(node.completeness.alarm(ListingProjection.NAME)).as("what was consumed stays").isPresent();
            Progress differing = node.rebuilt(ListingProjection.NAME, false);
            assertThat(differing.state()).isEqualTo(State.DIFFERS);
            assertThat(node.rebuilt(ListingProjection.NAME, true).state()).isEqualTo(State.DONE);
            assertThat(node.rebuilt(NameSearch.NAME, false).state()).isEqualTo(State.DONE);
            for (String reading : READINGS) {
                RebuildTest.await(() -> node.completeness.alarm(reading).isEmpty());
            }
            node.assertComplete();
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenAReadingMovedPastAnEvent_whenItGoesOn_thenItIsAlarmedThoughItsPositionIsCurrent(Databases kind)
            throws Exception {
        List<Recorded> history = RebuildTest.history();
        int half = history.size() / 2;
        try (Databases.Fresh database = kind.create()) {
            try (Node node = new Node(database, temporary.resolve("search")).start()) {
                node.append(history.subList(0, half));
                node.assertComplete();
            }
            database.execute("UPDATE reading_position SET position = position + 1 WHERE name = 'listings'");
            database.execute("DELETE FROM reading_token");
            try (Node node = new Node(database, temporary.resolve("search"))) {
                for (String list : List.of("skipped", "consumed")) {
                    ListRegistered event = registered(list);
                    node.log.append(List.of(new NewEvent(event.stream(), 0, UUID.randomUUID(), event, Map.of())),
                            Optional.empty());
                }
                node.start().awaitReadings();
                assertThat(node.finding(NameSearch.NAME).agrees()).isTrue();
                Finding finding = node.finding(ListingProjection.NAME);
                assertThat(finding.agrees()).isFalse();
                assertThat(finding.consumed().position()).isEqualTo(half + 1L);
                assertThat(finding.consumed().events().size()).isEqualTo(half + 1L);
                assertThat(node.catchup.lag()).isZero();
                assertThat(node.catchup.isHealthy()).isTrue();

                Progress told = node.rebuilt(ListingProjection.NAME, false);
                assertThat(told.state()).isEqualTo(State.DIFFERS);
                assertThat(told.comparison().orElseThrow().differences())
                        .anySatisfy(row -> assertThat(row.at()).isEqualTo(half));
                assertThat(node.rebuilt(ListingProjection.NAME, true).state()).isEqualTo(State.DONE);
                RebuildTest.await(() -> node.completeness.alarm(ListingProjection.NAME).isEmpty());
                node.assertComplete();
            }
        }
    }

    private static ListRegistered registered(String list) {
        return new ListRegistered(new ListId(list), new ListDetails(list, "an authority", Optional.empty(),
                ZoneOffset.UTC, Optional.empty(), Optional.empty()));
    }

    @ParameterizedTest
    @EnumSource
    void givenABatchThatLacksAnEvent_whenWritten_thenItsRootIsNotTheLogs(Databases kind) throws Exception {
        List<Recorded> history = RebuildTest.history();
        try (Databases.Fresh database = kind.create();
                Node node = new Node(database, temporary.resolve("search"));
                Connection connection = node.catchup.generations().dataSource().getConnection()) {
            node.append(history);
            List<Fact> facts = new ArrayList<>(node.log.read(-1, Integer.MAX_VALUE).stream()
                    .map(stored -> new Fact(stored.position(), stored.sequence(), new ActionId(stored.eventId()),
                            "generator", (LedgerEvent) node.log.payload(stored), stored.hashedLeaf()))
                    .toList());
            Fact skipped = facts.remove(1);
            assertThat(skipped.event()).isInstanceOf(ListRegistered.class);
            new ReadingWriter(node.log).write(facts, connection);
            Consumed consumed = ReadingWriter.consumed(connection);
            assertThat(consumed.position()).isEqualTo(history.size() - 1L);
            assertThat(consumed.events().size()).isEqualTo(history.size() - 1L);
            Finding finding = node.completeness.compare(consumed, () -> {});
            assertThat(finding.agrees()).isFalse();
            assertThat(finding.logRoot()).isEqualTo(root(node.log.read(-1, Integer.MAX_VALUE)));
        }
    }

    @Test
    void givenOneHistoryInTwoDatabases_whenStatesAreHashed_thenTheyAreEqualAtEveryPositionAndEqualTheRebuilds()
            throws Exception {
        List<Recorded> history = RebuildTest.history();
        try (Databases.Fresh one = Databases.H2.create();
                Databases.Fresh other = Databases.POSTGRESQL.create();
                Node first = new Node(one, temporary.resolve("one")).start();
                Node second = new Node(other, temporary.resolve("other")).start()) {
            first.append(history);
            for (Recorded each : history) {
                second.append(List.of(each));
            }
            first.awaitReadings();
            second.awaitReadings();
            List<StateHash> seen = new ArrayList<>();
            for (long position = -1; position < history.size(); position += 10) {
                StateHash hash = first.catchup.stateHash(OptionalLong.of(position));
                assertThat(second.catchup.stateHash(OptionalLong.of(position))).as("position %d", position)
                        .isEqualTo(hash);
                assertThat(seen).doesNotContain(hash);
                seen.add(hash);
            }
            long last = history.size() - 1L;
            StateHash now = first.catchup.stateHash(OptionalLong.empty());
            assertThat(now.position()).isEqualTo(last);
            assertThat(now).isEqualTo(second.catchup.stateHash(OptionalLong.of(last)));
            Comparison comparison = first.rebuilt(ListingProjection.NAME, false).comparison().orElseThrow();
            assertThat(new StateHash(comparison.position(), comparison.rows(), comparison.rebuiltSha256()))
                    .isEqualTo(now);

            StateHash names = first.search.stateHash(OptionalLong.empty());
            assertThat(names.position()).isEqualTo(last);
            assertThat(names.rows()).isPositive();
            assertThat(second.search.stateHash(OptionalLong.of(last))).isEqualTo(names);
            assertThatThrownBy(() -> first.search.stateHash(OptionalLong.of(last - 1))).isInstanceOf(NoPast.class)
                    .hasMessageContaining("position " + (last - 1));
            Comparison indexes = first.rebuilt(NameSearch.NAME, false).comparison().orElseThrow();
            assertThat(indexes.rebuiltSha256()).isEqualTo(names.sha256());
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenRowsChangedByHand_whenTheStateIsHashed_thenItIsAnotherFromTheirPositionOn(Databases kind)
            throws Exception {
        List<Recorded> history = RebuildTest.history();
        try (Databases.Fresh database = kind.create()) {
            StateHash names;
            try (Node node = new Node(database, temporary.resolve("search")).start()) {
                node.append(history);
                node.awaitReadings();
                names = node.search.stateHash(OptionalLong.empty());
                long at = JdbcClient.create(database.dataSource())
                        .sql("SELECT MAX(known_from) FROM reading_period").query(Long.class).single();
                StateHash right = node.catchup.stateHash(OptionalLong.empty());
                StateHash before = node.catchup.stateHash(OptionalLong.of(at - 1));
                database.execute("UPDATE reading_period SET expired = NOT expired WHERE known_from = " + at);
                StateHash changed = node.catchup.stateHash(OptionalLong.empty());
                assertThat(changed.rows()).isEqualTo(right.rows());
                assertThat(changed.sha256()).isNotEqualTo(right.sha256());
                assertThat(node.catchup.stateHash(OptionalLong.of(at - 1))).isEqualTo(before);
                Progress told = node.rebuilt(ListingProjection.NAME, false);
                assertThat(told.state()).isEqualTo(State.DIFFERS);
                assertThat(told.comparison().orElseThrow().liveSha256()).isEqualTo(changed.sha256());
                assertThat(told.comparison().orElseThrow().rebuiltSha256()).isEqualTo(right.sha256());
                // What it consumed is another question, and was not changed.
                node.assertComplete();
            }
            try (NIOFSDirectory directory = new NIOFSDirectory(temporary.resolve("search"));
                    IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
                assertThat(writer.deleteDocuments(new Term("entity", Histories.entity(0).value()))).isPositive();
            }
            try (Node node = new Node(database, temporary.resolve("search")).start()) {
                node.awaitReadings();
                StateHash changed = node.search.stateHash(OptionalLong.empty());
                assertThat(changed.position()).isEqualTo(names.position());
                assertThat(changed.sha256()).isNotEqualTo(names.sha256());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenReadingsOfTheVersionBefore_whenOpened_thenTheyBeginAnewAndTellWhatTheyConsume(Databases kind)
            throws Exception {
        List<Recorded> history = RebuildTest.history();
        try (Databases.Fresh database = kind.create()) {
            try (Node node = new Node(database, temporary.resolve("search")).start()) {
                node.append(history);
                node.awaitReadings();
                assertThat(node.rebuilt(ListingProjection.NAME, false).state()).isEqualTo(State.DONE);
                RebuildTest.await(() -> RebuildTest.generations(database).size() == 1);
            }
            database.execute("ALTER TABLE \"reading_1\".reading_position DROP COLUMN consumed");
            JdbcClient.create(database.dataSource())
                    .sql("DELETE FROM \"reading_1\".\"reading_schema\" WHERE \"version\" = '5'").update();
            try (Node upgraded = new Node(database, temporary.resolve("search"))) {
                assertThat(upgraded.catchup.consumed()).isEqualTo(Consumed.NOTHING);
                upgraded.start().assertComplete();
                assertThat(upgraded.rebuilt(ListingProjection.NAME, false).state()).isEqualTo(State.DONE);
            }
        }
    }

    @Test
    void givenWhatAReadingConsumed_whenThatIsChangedByHand_thenTheReadingIsAlarmed() throws Exception {
        List<Recorded> history = RebuildTest.history();
        try (Databases.Fresh database = Databases.H2.create()) {
            try (Node node = new Node(database, temporary.resolve("search")).start()) {
                node.append(history);
                node.assertComplete();
                database.execute("UPDATE reading_position SET consumed = X'00' WHERE name = 'listings'");
                RebuildTest.await(() -> node.completeness.alarm(ListingProjection.NAME).isPresent());
                assertThat(node.completeness.alarm(NameSearch.NAME)).isEmpty();
            }
        }
    }
}
