package org.policyledger.projections;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.NIOFSDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.ListId;
import org.policyledger.core.event.EntityListed;
import org.policyledger.projections.Rebuild.Comparison;
import org.policyledger.projections.Rebuild.Progress;
import org.policyledger.projections.Rebuild.State;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.search.NameSearch;
import org.policyledger.projections.search.NameSearch.Found;
import org.policyledger.projections.search.NameSearch.Question;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.policyledger.store.tree.LedgerTree;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The search index is rebuilt beside itself. */
class SearchRebuildTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path temporary = Path.of("");

    private static Entry entry(String name) {
        return new Entry(new Entry.Subject(name, Optional.of(Entry.Type.ORGANISATION), Optional.empty(), List.of(),
                List.of(), List.of("Malta"), List.of(), Optional.empty(), Optional.empty()), Entry.Terms.NONE,
                Optional.empty());
    }

    private static final class Node implements AutoCloseable {
        private final LedgerLog log;
        private final LedgerTree tree;
        private final Catchup catchup;
        private final NameSearch search;
        private final Rebuilds rebuilds;

        Node(Databases.Fresh database, Path folder, Consumer<State> observer) {
            log = LedgerLog.open(database.dataSource(), new LedgerCodec(), LogSettings.defaults());
            catchup = new Catchup(log, database.dataSource());
            search = new NameSearch(log, catchup,
                    new ListingReader(JdbcClient.create(catchup.generations().dataSource()), log), Optional.of(folder),
                    PATIENCE);
            tree = Trees.open(log, database.dataSource());
            rebuilds = new Rebuilds(log, database.dataSource(), catchup,
                    new Completeness(tree, List.of(catchup, search), Trees.INTERVAL), observer);
            rebuilds.add(NameSearch.NAME, search::beside);
            catchup.start();
            search.start();
        }

        void list(String entityId, String name) throws InterruptedException {
            EntityListed event = new EntityListed(new EntityId(entityId), new ListId("l"), LocalDate.of(2020, 1, 1),
                    Optional.empty(), entry(name), Circumstances.stated());
            long position = log.append(
                    List.of(new NewEvent(event.stream(), 0, java.util.UUID.randomUUID(), event, Map.of())),
                    Optional.empty()).events().getFirst().position();
            assertThat(catchup.await(position, PATIENCE)).isTrue();
        }

        Found find(String name) throws InterruptedException {
            return search.find(new Question(name, Optional.empty(), Optional.empty(), Optional.empty(),
                    Optional.empty(), LocalDate.of(2020, 6, 1), 10)).orElseThrow();
        }

        Progress rebuilt(boolean switchIfDifferent) throws Exception {
            var unused = rebuilds.start(NameSearch.NAME, switchIfDifferent);
            RebuildTest.await(() -> progress().state().isOver());
            return progress();
        }

        Progress progress() {
            return rebuilds.progress(NameSearch.NAME).orElseThrow();
        }

        @Override
        public void close() {
            rebuilds.close();
            search.close();
            catchup.close();
            tree.close();
            log.close();
        }
    }

    private Set<String> folders() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            Set<String> names = new TreeSet<>();
            files.filter(Files::isDirectory).forEach(folder -> names.add(folder.getFileName().toString()));
            return names;
        }
    }

    @Test
    void givenSearchesAllTheTime_whenTheIndexIsRebuiltAgainAndAgain_thenNoneFailsAndTheNewFolderIsLive()
            throws Exception {
        Path folder = temporary.resolve("search");
        try (Databases.Fresh database = Databases.H2.create()) {
            try (Node node = new Node(database, folder, state -> {})) {
                for (int n = 0; n < 50; n++) {
                    node.list("x-" + n, "Works Number " + n);
                }
                ConcurrentLinkedQueue<Object> wrong = new ConcurrentLinkedQueue<>();
                AtomicBoolean over = new AtomicBoolean();
                Thread reader = Thread.ofPlatform().start(() -> {
                    while (!over.get()) {
                        try {
                            if (!node.find("works number 7").hits().getFirst().entityId().value().equals("x-7")) {
                                wrong.add("another was found");
                            }
                        } catch (Exception | AssertionError failed) {
                            wrong.add(failed);
                        }
                    }
                });
                for (String live : List.of("search-1", "search-2", "search-1")) {
                    Progress end = node.rebuilt(false);
                    assertThat(end.state()).as(end.toString()).isEqualTo(State.DONE);
                    Comparison comparison = end.comparison().orElseThrow();
                    assertThat(comparison.agrees()).isTrue();
                    assertThat(comparison.rows()).isGreaterThanOrEqualTo(50);
                    assertThat(folders()).containsExactly(live);
                    node.list("y-" + System.nanoTime(), "Recorded After");
                    assertThat(node.find("recorded after").hits()).isNotEmpty();
                }
                over.set(true);
                reader.join();
                assertThat(wrong).isEmpty();
            }
            try (Node again = new Node(database, folder, state -> {})) {
                assertThat(again.find("recorded after").hits()).hasSize(3);
                assertThat(folders()).containsExactly("search-1");
            }
        }
    }

    @Test
    void givenNamesThatTheIndexLost_whenRebuilt_thenTheyAreToldAndFoundAgainOnlyIfSwitched() throws Exception {
        Path folder = temporary.resolve("search");
        try (Databases.Fresh database = Databases.H2.create()) {
            try (Node node = new Node(database, folder, state -> {})) {
                node.list("lost", "Lost Works");
                node.list("kept", "Kept Works");
                assertThat(node.find("lost works").hits().getFirst().entityId().value()).isEqualTo("lost");
            }
            try (NIOFSDirectory directory = new NIOFSDirectory(folder);
                    IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
                assertThat(writer.deleteDocuments(new Term("entity", "lost"))).isPositive();
            }
            try (Node node = new Node(database, folder, state -> {})) {
                Progress end = node.rebuilt(false);
                assertThat(end.state()).as(end.toString()).isEqualTo(State.DIFFERS);
                Comparison comparison = end.comparison().orElseThrow();
                assertThat(comparison.differing()).isEqualTo(1);
                assertThat(comparison.differences().getFirst().live()).isEmpty();
                assertThat(comparison.differences().getFirst().rebuilt().orElseThrow()).containsEntry("entity", "lost")
                        .containsEntry("name", "Lost Works");
                assertThat(folders()).containsExactly("search");
                assertThat(node.find("lost").hits()).isEmpty();
                assertThat(node.rebuilt(true).state()).isEqualTo(State.DONE);
                assertThat(node.find("lost").hits()).hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FILLING", "COMPARING", "SWITCHING"})
    void givenARebuildOfTheIndex_whenCancelledInAPhase_thenTheLiveOneAnswersAndTheOtherFolderIsGone(State phase)
            throws Exception {
        AtomicBoolean there = new AtomicBoolean();
        AtomicBoolean on = new AtomicBoolean();
        try (Databases.Fresh database = Databases.H2.create();
                Node node = new Node(database, temporary.resolve("search"), state -> {
                    if (state == phase) {
                        there.set(true);
                        waitFor(on);
                    }
                })) {
            node.list("kept", "Kept Works");
            assertThat(node.find("kept works").hits()).hasSize(1);
            var unused = node.rebuilds.start(NameSearch.NAME, false);
            waitFor(there);
            assertThat(folders()).containsExactly("search", "search-1");
            Thread canceller = Thread.ofPlatform().start(() -> cancel(node));
            RebuildTest.await(() -> canceller.getState() == Thread.State.WAITING);
            on.set(true);
            canceller.join();
            assertThat(node.progress().state()).isEqualTo(State.CANCELLED);
            assertThat(folders()).containsExactly("search");
            assertThat(node.find("kept works").hits()).hasSize(1);
        }
    }

    private static void cancel(Node node) {
        try {
            var unused = node.rebuilds.cancel(NameSearch.NAME);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void waitFor(AtomicBoolean flag) {
        try {
            RebuildTest.await(flag::get);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
