package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.policyledger.api.snapshot.Samples;
import org.policyledger.api.snapshot.SnapshotFormat;
import org.policyledger.projections.search.NameSearch;
import org.policyledger.projections.search.NameSearch.Hit;
import org.policyledger.projections.search.NameSearch.Question;

/** How well names of the real lists are found when they are mistyped; by a seed, so that it comes out the same each time. */
class SearchQualityTest {

    private static final long SEED = 8_880_131;
    private static final int SAMPLE = 300;
    private static final LocalDate DAY = LocalDate.of(2026, 7, 9);
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

    private record Named(String entityId, String name) {}

    private static final List<Named> NAMES = new ArrayList<>();
    private static Optional<RunningLedger> running = Optional.empty();

    private static final class OneIsEnough extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @BeforeAll
    static void loadTheLists() {
        RunningLedger ledger = RunningLedger.start();
        running = Optional.of(ledger);
        ledger.post("/v1/lists", Samples.entityListRegistration());
        ledger.post("/v1/lists", Samples.sdnListRegistration());
        load(ledger, "us-bis-entity-list", "bis-entity-list-json", Samples.ENTITY_LIST_DATE, Samples.entityList());
        try {
            Samples.eachSdnSnapshot(sample -> {
                load(ledger, "us-ofac-sdn", "ofac-sdn-csv", sample.snapshotDate(), sample.content());
                throw new OneIsEnough();
            });
        } catch (OneIsEnough loaded) {
            assertThat(NAMES).hasSizeGreaterThan(10_000);
        }
    }

    private static void load(RunningLedger ledger, String list, String format, LocalDate date, byte[] file) {
        Answer answer = ledger.file("/v1/lists/" + list + "/snapshots?format=" + format + "&limit=1&snapshotDate="
                + date, file);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        SnapshotFormat.named(format).orElseThrow().parse(file).entries().forEach((entityId, entry) -> {
            add(new Named(entityId.value(), entry.subject().name()));
            entry.subject().aliases().forEach(alias -> add(new Named(entityId.value(), alias.name())));
        });
    }

    /** Of a short acronym too little is left after an error to tell it by. */
    private static void add(Named named) {
        if (named.name().length() >= 6 && named.name().length() <= 290) {
            NAMES.add(named);
        }
    }

    @AfterAll
    static void stop() {
        running.ifPresent(RunningLedger::close);
    }

    @ParameterizedTest
    @CsvSource({"0, 99, 99", "1, 94, 97", "2, 88, 94"})
    void givenNamesOfTheRealListsWithTypingErrors_whenSearched_thenMostAreFirstAndNearlyAllAmongTen(int errors,
            int firstPercent, int tenPercent) throws InterruptedException {
        Random random = new Random(SEED);
        NameSearch search = running.orElseThrow().context().getBean(NameSearch.class);
        int first = 0;
        int ten = 0;
        List<String> missed = new ArrayList<>();
        for (int i = 0; i < SAMPLE; i++) {
            Named named = NAMES.get(random.nextInt(NAMES.size()));
            String typed = mistyped(named.name(), errors, random);
            List<Hit> hits = search.find(new Question(typed, Optional.empty(), Optional.empty(), Optional.empty(),
                    Optional.empty(), DAY, 10)).orElseThrow().hits();
            int place = place(hits, named);
            first += place == 0 ? 1 : 0;
            ten += place >= 0 ? 1 : 0;
            if (place < 0) {
                missed.add(typed + " for " + named);
            }
        }
        assertThat(100 * first / SAMPLE).as("first, %d errors, seed %d", errors, SEED)
                .isGreaterThanOrEqualTo(firstPercent);
        assertThat(100 * ten / SAMPLE).as("in ten, %d errors, seed %d, missed %s", errors, SEED, missed)
                .isGreaterThanOrEqualTo(tenPercent);
    }

    /** Where the entity is among the hits; several share a name, and then each of them is right. */
    private static int place(List<Hit> hits, Named named) {
        for (int i = 0; i < hits.size(); i++) {
            if (hits.get(i).entityId().value().equals(named.entityId())
                    || hits.get(i).matched().name().equalsIgnoreCase(named.name())) {
                return i;
            }
        }
        return -1;
    }

    private static String mistyped(String name, int errors, Random random) {
        StringBuilder typed = new StringBuilder(name);
        for (int error = 0; error < errors; error++) {
            int at = random.nextInt(typed.length() - 1);
            char letter = LETTERS.charAt(random.nextInt(LETTERS.length()));
            switch (random.nextInt(4)) {
                case 0 -> typed.insert(at, letter);
                case 1 -> typed.deleteCharAt(at);
                case 2 -> typed.setCharAt(at, letter);
                default -> typed.insert(at, typed.charAt(at + 1)).deleteCharAt(at + 2);
            }
        }
        return typed.toString();
    }
}
