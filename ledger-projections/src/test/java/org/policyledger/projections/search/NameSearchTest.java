package org.policyledger.projections.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.core.ActionId;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.ListId;
import org.policyledger.core.Timeline.State;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingSuspended;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.LedgerCodec;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.search.NameSearch.Found;
import org.policyledger.projections.search.NameSearch.Hit;
import org.policyledger.projections.search.NameSearch.NameKind;
import org.policyledger.projections.search.NameSearch.Question;
import org.policyledger.store.Databases;
import org.policyledger.store.EventCodec;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

class NameSearchTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ListId L = new ListId("list-a");
    private static final ListId M = new ListId("list-b");
    private static final LocalDate DAY = LocalDate.of(2024, 6, 1);

    @TempDir
    private Path temporary = Path.of("");

    /** A log with its readings, and what a test writes to it. */
    private static final class Ledger implements AutoCloseable {
        private final LedgerLog log;
        private final Catchup catchup;
        private final NameSearch search;
        private final Map<String, Long> sequences = new HashMap<>();

        Ledger(Databases.Fresh database, Optional<Path> folder) {
            this(database, folder, true);
        }

        Ledger(Databases.Fresh database, Optional<Path> folder, boolean started) {
            log = LedgerLog.open(database.dataSource(), new LedgerCodec(), LogSettings.defaults());
            catchup = new Catchup(log, database.dataSource());
            search = new NameSearch(log, catchup, new ListingReader(JdbcClient.create(database.dataSource()), log),
                    folder, PATIENCE);
            if (started) {
                catchup.start();
                search.start();
            }
        }

        UUID record(EntityEvent event) {
            UUID eventId = UUID.randomUUID();
            long sequence = sequences.merge(event.stream(), 1L, Long::sum) - 1;
            long position = log.append(List.of(new NewEvent(event.stream(), sequence, eventId, event, Map.of())),
                    Optional.empty()).events().getFirst().position();
            assertThat(await(position)).isTrue();
            return eventId;
        }

        boolean await(long position) {
            try {
                return catchup.await(position, PATIENCE);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        Found find(Question question) {
            try {
                return search.find(question).orElseThrow(() -> new AssertionError("the index is behind"));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        List<String> ids(String name) {
            return ids(question(name));
        }

        List<String> ids(Question question) {
            return find(question).hits().stream().map(hit -> hit.entityId().value()).toList();
        }

        @Override
        public void close() {
            search.close();
            catchup.close();
            log.close();
        }
    }

    private static Question question(String name) {
        return new Question(name, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), DAY, 10);
    }

    private static Question with(State status, LocalDate asOf) {
        return new Question("common name", Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(status),
                asOf, 10);
    }

    private static Entry entry(String name, String... aliases) {
        return entry(name, Entry.Type.ORGANISATION, "Malta", aliases);
    }

    private static Entry entry(String name, Entry.Type type, String country, String... aliases) {
        return new Entry(new Entry.Subject(name, Optional.of(type), Optional.empty(),
                Stream.of(aliases).map(Entry.Alias::of).toList(), List.of(), List.of(country), List.of(),
                Optional.empty(), Optional.empty()), Entry.Terms.NONE, Optional.empty());
    }

    private static EntityListed listed(String entityId, ListId list, String date, Entry entry) {
        return new EntityListed(new EntityId(entityId), list, LocalDate.parse(date), Optional.empty(), entry,
                Circumstances.stated());
    }

    private static ListingAmended amended(String entityId, ListId list, String date, Entry entry) {
        return new ListingAmended(new EntityId(entityId), list, LocalDate.parse(date), Optional.empty(), entry,
                List.of(), Circumstances.stated());
    }

    private static EntityDelisted delisted(String entityId, ListId list, String date) {
        return new EntityDelisted(new EntityId(entityId), list, LocalDate.parse(date), Circumstances.stated());
    }

    @ParameterizedTest
    @EnumSource
    void givenNamesOfAllKinds_whenSearched_thenFoundByAnyOfThemBestFirst(Databases kind) {
        try (Databases.Fresh database = kind.create(); Ledger ledger = new Ledger(database, Optional.empty())) {
            ledger.record(listed("e-1", L, "2024-01-01", entry("ZAWAHIRI, Ayman", "Abu Fatima", "Ахмед Фуад")));
            ledger.record(listed("e-2", L, "2024-01-01", entry("Ayman Zawahiri Trading Establishment")));
            ledger.record(listed("e-3", L, "2024-01-01", entry("Aiman Zawahri")));
            ledger.record(listed("e-4", L, "2024-01-01", entry("Havana Shipping")));
            assertThat(ledger.ids("ayman zawahiri")).containsExactly("e-1", "e-2", "e-3");
            Hit alias = ledger.find(question("Akhmed Fuad")).hits().getFirst();
            assertThat(alias.entityId().value()).isEqualTo("e-1");
            assertThat(alias.matched().name()).isEqualTo("Ахмед Фуад");
            assertThat(alias.matched().kind()).isEqualTo(NameKind.ALIAS);
            assertThat(alias.matched().listIds()).containsExactly(L);
            assertThat(alias.name()).isEqualTo("ZAWAHIRI, Ayman");
            assertThat(alias.score()).isEqualTo(1);
            assertThat(ledger.ids("Hvaana Shiping")).containsExactly("e-4");
            assertThat(ledger.ids("Nobody At All")).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenAFormerNameAndACorrectedOne_whenSearched_thenBothStillFindTheEntityAsItIsNamedNow(Databases kind) {
        try (Databases.Fresh database = kind.create(); Ledger ledger = new Ledger(database, Optional.empty())) {
            UUID listing = ledger.record(listed("e-1", L, "2024-01-01", entry("Wrongly Spelt Syndicate")));
            ledger.record(new ActionCorrected(new EntityId("e-1"), L, new ActionId(listing),
                    listed("e-1", L, "2024-01-01", entry("Former Holding", "The Alias")), Circumstances.stated()));
            ledger.record(amended("e-1", L, "2024-02-01", entry("Present Holding")));
            ledger.record(delisted("e-1", L, "2024-03-01"));
            for (String name : List.of("Wrongly Spelt Syndicate", "Former Holding", "Present Holding", "Alias")) {
                Hit hit = ledger.find(question(name)).hits().getFirst();
                assertThat(hit.name()).as(name).isEqualTo("Present Holding");
                assertThat(hit.matched().kind()).isEqualTo(name.equals("Alias") ? NameKind.ALIAS : NameKind.NAME);
                assertThat(hit.lists()).singleElement()
                        .satisfies(standing -> assertThat(standing.state()).isEqualTo(State.NOT_LISTED));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenFilters_whenSearched_thenAllOfThemHoldAndTheStatusIsThatOfTheDay(Databases kind) {
        try (Databases.Fresh database = kind.create(); Ledger ledger = new Ledger(database, Optional.empty())) {
            ledger.record(listed("p", L, "2024-01-01", entry("Common Name", Entry.Type.PERSON, "Côte d'Ivoire")));
            ledger.record(listed("o", L, "2024-01-01", entry("Common Name", Entry.Type.ORGANISATION, "Malta")));
            ledger.record(listed("o", M, "2024-04-01", entry("Other Name", Entry.Type.VESSEL, "Panama")));
            ledger.record(new ListingSuspended(new EntityId("o"), L, LocalDate.parse("2024-03-01"), Optional.empty(),
                    Circumstances.stated()));
            ledger.record(delisted("p", L, "2024-05-01"));
            Optional<String> anywhere = Optional.empty();
            assertThat(ledger.ids("common name")).containsExactly("o", "p");
            assertThat(ledger.ids(new Question("common name", Optional.of(M), Optional.empty(), anywhere,
                    Optional.empty(), DAY, 10))).containsExactly("o");
            assertThat(ledger.ids(new Question("common name", Optional.empty(), Optional.of(Entry.Type.PERSON),
                    anywhere, Optional.empty(), DAY, 10))).containsExactly("p");
            assertThat(ledger.ids(new Question("common name", Optional.empty(), Optional.of(Entry.Type.VESSEL),
                    anywhere, Optional.empty(), DAY, 10))).as("of whichever of its names").containsExactly("o");
            assertThat(ledger.ids(new Question("common name", Optional.empty(), Optional.empty(),
                    Optional.of("COTE D’IVOIRE"), Optional.empty(), DAY, 10))).containsExactly("p");

            assertThat(ledger.ids(with(State.LISTED, LocalDate.parse("2024-02-01")))).containsExactly("o", "p");
            assertThat(ledger.ids(with(State.SUSPENDED, LocalDate.parse("2024-03-01")))).containsExactly("o");
            assertThat(ledger.ids(with(State.LISTED, DAY))).as("on the other list").containsExactly("o");
            assertThat(ledger.ids(with(State.NOT_LISTED, DAY))).containsExactly("p");
            assertThat(ledger.ids(with(State.NOT_LISTED, LocalDate.parse("2023-12-31")))).containsExactly("o", "p");
            Found one = ledger.find(new Question("common name", Optional.of(L), Optional.empty(), anywhere,
                    Optional.empty(), DAY, 1));
            assertThat(one.more()).isTrue();
            assertThat(one.hits()).singleElement().satisfies(hit -> assertThat(hit.lists()).singleElement()
                    .satisfies(standing -> assertThat(standing.listId()).isEqualTo(L)));
            assertThat(one.position()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenAnIndexInAFolder_whenOpenedAgain_thenItGoesOnFromItsCommitAndKnowsEveryName(Databases kind) {
        Path folder = temporary.resolve("search");
        try (Databases.Fresh database = kind.create()) {
            try (Ledger ledger = new Ledger(database, Optional.of(folder))) {
                ledger.record(listed("e-1", L, "2024-01-01", entry("First Name", "An Alias")));
                ledger.record(listed("e-2", L, "2024-01-01", entry("Second Name")));
                assertThat(ledger.ids("first name")).contains("e-1");
            }
            try (Ledger waiting = new Ledger(database, Optional.of(folder), false)) {
                assertThat(waiting.search.position()).isEqualTo(1);
            }
            try (Ledger ledger = new Ledger(database, Optional.of(folder))) {
                ledger.sequences.put("entity/e-1", 1L);
                ledger.record(listed("e-1", M, "2024-02-01", entry("Third Name")));
                for (String name : List.of("first name", "an alias", "third name")) {
                    assertThat(ledger.ids(name).getFirst()).as(name).isEqualTo("e-1");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenAnIndexThatIsMissingDamagedOrOfAnotherLedger_whenOpened_thenItIsBuiltAnewByItself(Databases kind)
            throws IOException {
        Path folder = temporary.resolve("search");
        try (Databases.Fresh database = kind.create(); Databases.Fresh another = kind.create()) {
            try (Ledger ledger = new Ledger(database, Optional.of(folder))) {
                ledger.record(listed("e-1", L, "2024-01-01", entry("First Name")));
                assertThat(ledger.ids("first name")).containsExactly("e-1");
            }
            Path kept = copy(folder, temporary.resolve("kept"));
            List<String> damages = new ArrayList<>(List.of("nothing there", "another ledger"));
            try (Stream<Path> files = Files.list(folder)) {
                files.map(file -> String.valueOf(file.getFileName())).filter(file -> !file.equals("write.lock"))
                        .forEach(damages::add);
            }
            for (String damage : damages) {
                delete(folder);
                copy(kept, folder);
                switch (damage) {
                    case "nothing there" -> delete(folder);
                    case "another ledger" -> {
                        try (Ledger other = new Ledger(another, Optional.of(folder), false)) {
                            assertThat(other.search.position()).isEqualTo(-1);
                        }
                    }
                    default -> flip(folder.resolve(damage));
                }
                try (Ledger waiting = new Ledger(database, Optional.of(folder), false)) {
                    assertThat(waiting.search.position()).as(damage).isEqualTo(-1);
                }
                try (Ledger ledger = new Ledger(database, Optional.of(folder))) {
                    assertThat(ledger.ids("first name")).as(damage).containsExactly("e-1");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenADatabasePutBackThatWentAnotherWay_whenTheIndexIsOpened_thenItIsBuiltAnew(Databases kind) {
        Path folder = temporary.resolve("search");
        LogSettings settings = LogSettings.defaults().withOrigin("ledger.example.org/main");
        try (Databases.Fresh database = kind.create(); Databases.Fresh putBack = kind.create()) {
            LedgerLog.open(database.dataSource(), new LedgerCodec(), settings).close();
            LedgerLog.open(putBack.dataSource(), new LedgerCodec(), settings).close();
            try (Ledger ledger = new Ledger(database, Optional.of(folder))) {
                ledger.record(listed("e-1", L, "2024-01-01", entry("First Name")));
                assertThat(ledger.ids("first name")).containsExactly("e-1");
            }
            try (Ledger ledger = new Ledger(putBack, Optional.of(folder))) {
                ledger.record(listed("e-1", L, "2024-01-01", entry("Another Name")));
                assertThat(ledger.ids("another name")).containsExactly("e-1");
                assertThat(ledger.ids("first")).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenAnIndexThatAnotherHolds_whenOpened_thenRefusedWithTheWayOut(Databases kind) {
        Path folder = temporary.resolve("search");
        try (Databases.Fresh database = kind.create();
                Ledger holder = new Ledger(database, Optional.of(folder));
                Databases.Fresh second = kind.create()) {
            holder.record(listed("e-1", L, "2024-01-01", entry("First Name")));
            assertThatThrownBy(() -> new Ledger(second, Optional.of(folder))).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(folder.toString()).hasMessageContaining("data folder of its own");
            assertThat(holder.ids("first name")).containsExactly("e-1");
        }
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenAnEventThatCannotBeRead_whenTheIndexComesToIt_thenItStopsThereAndSaysSo(Databases kind)
            throws InterruptedException {
        try (Databases.Fresh database = kind.create(); Ledger ledger = new Ledger(database, Optional.empty())) {
            ledger.record(listed("e-1", L, "2024-01-01", entry("First Name")));
            assertThat(ledger.ids("first name")).containsExactly("e-1");
            try (LedgerLog future = LedgerLog.open(database.dataSource(), new FromTheFuture(),
                    LogSettings.defaults())) {
                future.append(List.of(new NewEvent("entity/unheard-of", 0, UUID.randomUUID(), "anything", Map.of())),
                        Optional.empty());
            }
            while (ledger.search.isHealthy()) {
                Thread.sleep(20);
            }
            assertThat(ledger.search.position()).isZero();
            assertThat(ledger.search.lag()).isEqualTo(1);
            assertThat(ledger.ids("first name")).as("what is known is still answered").containsExactly("e-1");
        }
    }

    private static final class FromTheFuture implements EventCodec {
        @Override
        public Encoded encode(Object payload) {
            return new Encoded("EntityTransferred", 1, "{}", Map.of());
        }

        @Override
        public Object decode(String type, int revision, String data) {
            return data;
        }
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 0x55;
        Files.write(file, bytes);
    }

    private static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(String.valueOf(file.getFileName())));
            }
        }
        return to;
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
