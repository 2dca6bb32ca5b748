package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.policyledger.api.Answer;
import org.policyledger.api.Demand;
import org.policyledger.api.RunningLedger;
import org.policyledger.api.SdnFile;

/**
 * Snapshots in any order: whatever the order, the list stands on each day as that day's file shows it, and between two days as
 * on the earlier one; and what was known before an import stays known as it was.
 */
class BackfillTest {

    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static final LocalDate FIRST_DAY = LocalDate.of(2021, 1, 1);
    private static final int ENTITIES = 8;
    private static final int ANCHOR = 1;

    /** What a list's files showed, and how the ledger is asked about it. */
    private static final class Series {
        private final String list;
        private final int base;
        private final NavigableMap<LocalDate, Map<Integer, String>> shown = new TreeMap<>();

        Series(String list, int base) {
            this.list = list;
            this.base = base;
            LEDGER.record(Demand.register(list));
        }

        Answer send(LocalDate day, Map<Integer, String> records) {
            Map<Integer, String> numbered = records.entrySet().stream()
                    .collect(Collectors.toMap(record -> base + record.getKey(), Map.Entry::getValue));
            return LEDGER
                    .file("/v1/lists/" + list + "/snapshots?format=ofac-sdn-csv&backfill=true&maxDrop=1&snapshotDate="
                            + day, SdnFile.of(numbered));
        }

        void take(String told, LocalDate day, Map<Integer, String> records) {
            Answer answer = send(day, records);
            assertThat(answer.status()).as(told + " import of " + day + ": " + answer).isEqualTo(201);
            shown.put(day, records);
        }

        Map<Integer, String> standing(LocalDate day, long position) {
            Map<Integer, String> standing = new TreeMap<>();
            LEDGER.json("/v1/lists/" + list + "/entries?asOf=" + day + "&asKnownAt=position:" + position)
                    .get("entries").forEach(entry -> standing.put(
                            Integer.parseInt(entry.get("entityId").asString().substring("ofac-sdn-".length())) - base,
                            entry.at("/entry/remarks").asString()));
            return standing;
        }

        /** Each day asked about with how the list stands on it, as known at the position. */
        Map<LocalDate, Map<Integer, String>> all(long position, int days) {
            Map<LocalDate, Map<Integer, String>> all = new TreeMap<>();
            for (int day = -1; day <= days; day++) {
                all.put(FIRST_DAY.plusDays(day), standing(FIRST_DAY.plusDays(day), position));
            }
            return all;
        }

        Map<Integer, String> expected(LocalDate day) {
            Map.Entry<LocalDate, Map<Integer, String>> before = shown.floorEntry(day);
            return before == null ? Map.of() : before.getValue();
        }
    }

    private static Map<Integer, String> randomList(Random random) {
        Map<Integer, String> records = new TreeMap<>(Map.of(ANCHOR, "always"));
        for (int entity = ANCHOR + 1; entity <= ENTITIES; entity++) {
            int what = random.nextInt(4);
            if (what > 0) {
                records.put(entity, "wording " + what);
            }
        }
        return records;
    }

    private static void inThisOrder(String told, Series series, List<LocalDate> order, Random random, int days) {
        for (LocalDate day : order) {
            long before = LEDGER.head() - 1;
            Map<LocalDate, Map<Integer, String>> knownBefore = series.all(before, days);
            series.take(told, day, randomList(random));
            assertThat(series.all(before, days)).as(told + " as known before " + day).isEqualTo(knownBefore);
            series.all(LEDGER.head() - 1, days).forEach((asked, standing) -> assertThat(standing)
                    .as(told + " on " + asked + " after the import of " + day).isEqualTo(series.expected(asked)));
        }
    }

    @Test
    void givenTheFirstAndTheLast_whenTheOneBetweenIsBackfilled_thenEachDayShowsItsFile() {
        Random random = new Random(7);
        for (int run = 0; run < 4; run++) {
            inThisOrder("run " + run, new Series("f-between-" + run, 10_000 + run * 100),
                    List.of(FIRST_DAY, FIRST_DAY.plusDays(4), FIRST_DAY.plusDays(2)), random, 5);
        }
    }

    @Test
    void givenSnapshots_whenOneBeforeAllIsBackfilled_thenEachDayShowsItsFile() {
        Random random = new Random(8);
        for (int run = 0; run < 3; run++) {
            inThisOrder("run " + run, new Series("f-before-" + run, 20_000 + run * 100),
                    List.of(FIRST_DAY.plusDays(2), FIRST_DAY.plusDays(4), FIRST_DAY), random, 5);
        }
    }

    @Test
    void givenManyDays_whenTheirSnapshotsComeInAnyOrder_thenEachDayShowsItsFile() {
        long seed = System.nanoTime();
        System.out.println("BackfillTest seed " + seed);
        Random random = new Random(seed);
        for (int run = 0; run < 4; run++) {
            List<LocalDate> order = new ArrayList<>();
            for (int day = 0; day < 6; day++) {
                order.add(FIRST_DAY.plusDays(day));
            }
            Collections.shuffle(order, random);
            inThisOrder("seed " + seed + " run " + run + " order " + order, new Series("f-any-" + run,
                    30_000 + run * 100), order, random, 6);
        }
    }

    @Test
    void givenTwoFilesOfOneDay_whenBothAreImported_thenTheDayShowsTheSecondAndLaterDaysAreNotTouched() {
        long seed = System.nanoTime();
        System.out.println("BackfillTest seed " + seed);
        Random random = new Random(seed);
        for (int run = 0; run < 3; run++) {
            inThisOrder("seed " + seed + " run " + run, new Series("f-twice-" + run, 40_000 + run * 100),
                    List.of(FIRST_DAY, FIRST_DAY, FIRST_DAY.plusDays(2), FIRST_DAY.plusDays(2), FIRST_DAY.plusDays(1)),
                    random, 3);
        }
    }

    @Test
    void givenAFixedTermThatEndsBetweenTwoSnapshots_whenAChangeIsBackfilled_thenItIsNotPutBackAfterItsEnd() {
        Series series = new Series("f-term", 50_000);
        series.take("term", FIRST_DAY, Map.of(ANCHOR, "always"));
        LEDGER.record(Demand.until(Demand.list("ofac-sdn-50002", "f-term", FIRST_DAY.toString(), "by hand"),
                FIRST_DAY.plusDays(3).toString()));
        LEDGER.record(Demand.until(Demand.list("ofac-sdn-50003", "f-term", FIRST_DAY.toString(), "by hand"),
                FIRST_DAY.plusDays(3).toString()));
        series.take("term", FIRST_DAY.plusDays(5), Map.of(ANCHOR, "always"));

        series.take("term", FIRST_DAY.plusDays(1), Map.of(ANCHOR, "always", 3, "observed"));

        long now = LEDGER.head() - 1;
        assertThat(series.standing(FIRST_DAY, now)).containsOnlyKeys(ANCHOR, 2, 3);
        assertThat(series.standing(FIRST_DAY.plusDays(2), now))
                .isEqualTo(Map.of(ANCHOR, "always", 3, "observed"));
        assertThat(series.standing(FIRST_DAY.plusDays(3), now)).containsOnlyKeys(ANCHOR);
        assertThat(series.standing(FIRST_DAY.plusDays(5), now)).containsOnlyKeys(ANCHOR);
    }
}
