package org.policyledger.api.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.policyledger.core.ActionId;
import org.policyledger.core.Command;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.Decide;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityState;
import org.policyledger.core.Entry;
import org.policyledger.core.ListId;
import org.policyledger.core.Rejection;
import org.policyledger.core.Timeline;
import org.policyledger.core.Timeline.Period;
import org.policyledger.core.event.EntityEvent;

/** One listing, shown or not by snapshots that come in any order; every demand is decided by the law. */
class SnapshotDifferenceTest {

    private static final EntityId ENTITY = new EntityId("x");
    private static final ListId LIST = new ListId("l");
    private static final LocalDate FIRST_DAY = LocalDate.of(2021, 1, 1);

    /** The listing's record, and what the snapshots showed of it, the last of each day. */
    private static final class Listing {
        private EntityState state = EntityState.EMPTY;
        private final NavigableMap<LocalDate, Optional<Entry>> shown = new TreeMap<>();

        /** The demands that were made. */
        List<Command> take(LocalDate day, Optional<Entry> entry) {
            List<Command> demands = SnapshotDifference.demands(state, ENTITY, LIST, day, entry,
                    Optional.ofNullable(shown.higherKey(day)), Optional.empty());
            EntityState next = state;
            for (Command demand : demands) {
                EntityEvent event = Decide.entity(next, (EntityCommand) demand, list -> true, OptionalLong.empty());
                next = next.after(event, ActionId.random());
            }
            state = next;
            shown.put(day, entry);
            return demands;
        }

        Optional<Entry> standing(LocalDate day) {
            return state.timeline(LIST).at(day).flatMap(Period::inForce).flatMap(step -> step.action().newEntry());
        }

        Optional<Entry> expected(LocalDate day) {
            Map.Entry<LocalDate, Optional<Entry>> before = shown.floorEntry(day);
            return before == null ? Optional.empty() : before.getValue();
        }
    }

    private static LocalDate day(int number) {
        return FIRST_DAY.plusDays(number);
    }

    private static Optional<Entry> entry(int what) {
        return what == 0
                ? Optional.empty()
                : Optional.of(new Entry(Entry.Subject.named("X"), Entry.Terms.NONE, Optional.of("wording " + what)));
    }

    @Test
    void givenAnyStatesOnAnyDays_whenSnapshotsComeInAnyOrder_thenEveryDayStandsAsShown() {
        long seed = System.nanoTime();
        System.out.println("SnapshotDifferenceTest seed " + seed);
        Random random = new Random(seed);
        for (int run = 0; run < 5_000; run++) {
            List<Integer> days = new ArrayList<>();
            for (int day = 0; day < 7; day++) {
                days.add(day * 2);
            }
            Collections.shuffle(days, random);
            Listing listing = new Listing();
            List<String> told = new ArrayList<>();
            for (int day : days) {
                int what = random.nextInt(4);
                told.add(day + "=" + what);
                String as = "seed " + seed + " " + told;
                try {
                    listing.take(day(day), entry(what));
                } catch (Rejection rejection) {
                    throw new AssertionError(as + ": " + rejection.detail(), rejection);
                }
                for (int asked = -1; asked < 14; asked++) {
                    assertThat(listing.standing(day(asked))).as(as + " on day " + asked)
                            .isEqualTo(listing.expected(day(asked)));
                }
            }
        }
    }

    @Test
    void givenDaysWithSeveralSnapshots_whenTheyComeInAnyOrder_thenEveryDayStandsAsShownOrNothingIsChanged() {
        long seed = System.nanoTime();
        System.out.println("SnapshotDifferenceTest seed " + seed);
        Random random = new Random(seed);
        int refused = 0;
        int taken = 0;
        for (int run = 0; run < 3_000; run++) {
            Listing listing = new Listing();
            List<String> told = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                int day = random.nextInt(4) * 2;
                int what = random.nextInt(4);
                told.add(day + "=" + what);
                try {
                    listing.take(day(day), entry(what));
                    taken++;
                } catch (Rejection rejection) {
                    refused++;
                    told.add("refused");
                }
                for (int asked = -1; asked < 8; asked++) {
                    assertThat(listing.standing(day(asked))).as("seed " + seed + " " + told + " on day " + asked)
                            .isEqualTo(listing.expected(day(asked)));
                }
            }
        }
        assertThat(refused).as("seed " + seed + ": refusals where days are shown twice out of order")
                .isLessThan(taken / 100);
    }

    @Test
    void givenSnapshotsInOrder_whenEachIsTaken_thenAtMostOneActionFollows() {
        Random random = new Random(1);
        for (int run = 0; run < 500; run++) {
            Listing listing = new Listing();
            for (int day = 0; day < 8; day++) {
                Optional<Entry> shown = entry(random.nextInt(4));
                boolean differs = !listing.expected(day(day)).equals(shown);
                assertThat(listing.take(day(day), shown)).hasSize(differs ? 1 : 0);
                assertThat(listing.take(day(day), shown)).as("the same again").isEmpty();
            }
            assertThat(Timeline.of(listing.state.steps(LIST))).isInstanceOf(Timeline.Legal.class);
        }
    }
}
