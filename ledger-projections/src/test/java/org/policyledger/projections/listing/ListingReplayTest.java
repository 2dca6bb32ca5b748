package org.policyledger.projections.listing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.core.EntityId;
import org.policyledger.core.Histories;
import org.policyledger.core.Histories.Recorded;
import org.policyledger.core.ListId;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.LedgerCodec;
import org.policyledger.projections.listing.ListingReplay.Difference;
import org.policyledger.projections.listing.ListingReplay.EntityReplay;
import org.policyledger.projections.listing.ListingReplay.ListReplay;
import org.policyledger.projections.listing.ListingReplay.Period;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Replays agree with the reading wherever it is right, and name the row wherever it is not, on both databases. */
class ListingReplayTest {

    private static final long SEED = 20_241_124;
    private static final int ENTITIES = 6;
    private static final int LISTS = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final LocalDate DAY = Histories.FIRST_DAY.plusDays(Histories.WINDOW / 2L);

    /** What a replay of a generated history is asked on. */
    private record Case(List<Recorded> history, LedgerLog log, JdbcClient jdbc, ListingReplay replay) {

        EntityReplay entity(int n, long known) {
            return replay.entity(Histories.entity(n), DAY, known).orElseThrow();
        }

        ListReplay list(ListId listId, long known) {
            return replay.list(listId, DAY, known).orElseThrow();
        }

        long last() {
            return history.size() - 1L;
        }
    }

    private interface Trial {
        void on(Case that) throws Exception;
    }

    private static void onAHistory(Databases kind, Trial trial) throws Exception {
        List<Recorded> history = Histories.generate(SEED, ENTITIES, LISTS, 150);
        try (Databases.Fresh database = kind.create();
                LedgerLog log = LedgerLog.open(database.dataSource(), new LedgerCodec(), LogSettings.defaults());
                Catchup catchup = new Catchup(log, database.dataSource())) {
            log.append(
                    history.stream().map(each -> new NewEvent(each.stream(), each.sequence(), each.actionId().value(),
                            each.event(), Map.of("actor", "generator"))).toList(),
                    Optional.empty());
            catchup.start();
            assertThat(catchup.await(history.size() - 1, PATIENCE)).isTrue();
            JdbcClient jdbc = JdbcClient.create(database.dataSource());
            trial.on(new Case(history, log, jdbc, new ListingReplay(jdbc, log)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenAGeneratedHistory_whenReplayedToAnyPosition_thenEqualToTheReading(Databases kind) throws Exception {
        onAHistory(kind, that -> {
            Random random = new Random(SEED);
            long replayed = 0;
            for (long known = LISTS - 1; known <= that.last(); known += 1 + random.nextInt(10)) {
                for (int n = 0; n < ENTITIES; n++) {
                    Optional<EntityReplay> came = that.replay().entity(Histories.entity(n), DAY, known);
                    if (came.isPresent()) {
                        EntityReplay both = came.get();
                        assertThat(both.differences()).as("%s, seed %d, position %d", kind, SEED, known).isEmpty();
                        assertThat(both.replayed()).isEqualTo(both.reading());
                        replayed += both.replayed().size();
                    }
                }
                for (int l = 0; l < LISTS; l++) {
                    ListReplay list = that.list(Histories.list(l), known);
                    assertThat(list.replayed()).as("%s, seed %d, position %d", kind, SEED, known)
                            .isEqualTo(list.reading());
                    assertThat(list.differences()).isEmpty();
                }
            }
            assertThat(replayed).isGreaterThan(50);
            ListReplay all = that.list(Histories.list(0), that.last());
            ListingReader reader = new ListingReader(that.jdbc(), that.log());
            List<EntityId> entries = new ArrayList<>();
            reader.eachEntry(Histories.list(0), DAY, that.last(), entry -> entries.add(entry.entityId()));
            assertThat(all.replayed().entries()).isEqualTo(entries.size());
        });
    }

    private static List<Period> periods(EntityReplay came, ListId listId) {
        return Objects.requireNonNull(came.replayed().get(listId)).periods();
    }

    @ParameterizedTest
    @EnumSource
    void givenARowThatWasTamperedWith_whenReplayed_thenExactlyThatPeriodDiffers(Databases kind) throws Exception {
        onAHistory(kind, that -> {
            int n = 2;
            EntityReplay before = that.entity(n, that.last());
            ListId listId = before.replayed().keySet().iterator().next();
            Period right = periods(before, listId).getFirst();
            int changed = that.jdbc().sql("UPDATE reading_period SET state = 'FORGED', decided_position = 999999"
                    + " WHERE entity_id = :entity AND list_id = :list AND valid_from = :from AND known_to IS NULL")
                    .param("entity", Histories.entity(n).value()).param("list", listId.value())
                    .param("from", right.from()).update();
            assertThat(changed).isEqualTo(1);
            Difference expected = new Difference(Histories.entity(n), listId, Optional.of(right),
                    Optional.of(new Period(right.from(), right.to(), "FORGED", right.since(), right.until(),
                            right.expired(), right.entryPosition(), 999_999)));

            assertThat(that.entity(n, that.last()).differences()).containsExactly(expected);
            ListReplay list = that.list(listId, that.last());
            assertThat(list.differences()).containsExactly(expected);
            assertThat(list.differing()).isEqualTo(1);
            assertThat(list.reading().sha256()).isNotEqualTo(list.replayed().sha256());
            assertThat(that.entity(n + 1, that.last()).differences()).isEmpty();
        });
    }

    @ParameterizedTest
    @EnumSource
    void givenRowsThatAreMissingOrMadeUp_whenTheListIsReplayed_thenTheyAreTold(Databases kind) throws Exception {
        onAHistory(kind, that -> {
            EntityReplay before = that.entity(1, that.last());
            ListId listId = before.replayed().keySet().iterator().next();
            int periods = periods(before, listId).size();
            that.jdbc().sql("DELETE FROM reading_period WHERE entity_id = :entity AND list_id = :list")
                    .param("entity", Histories.entity(1).value()).param("list", listId.value()).update();
            that.jdbc().sql("INSERT INTO reading_period (entity_id, list_id, valid_from, known_from, state, since,"
                    + " expired, decided_position) VALUES ('zz-made-up', :list, :day, 3, 'LISTED', :day, FALSE, 3)")
                    .param("list", listId.value()).param("day", DAY).update();

            ListReplay list = that.list(listId, that.last());
            assertThat(list.differing()).isEqualTo(periods + 1L);
            assertThat(list.differences()).filteredOn(each -> each.entityId().equals(Histories.entity(1)))
                    .hasSize(Math.min(periods, ListingReplay.MOST_DIFFERENCES))
                    .allMatch(each -> each.reading().isEmpty());
            if (periods < ListingReplay.MOST_DIFFERENCES) {
                assertThat(list.differences().getLast().entityId()).isEqualTo(new EntityId("zz-made-up"));
                assertThat(list.differences().getLast().replayed()).isEmpty();
            }
            assertThat(that.replay().list(new ListId("unheard-of"), DAY, that.last())).isEmpty();
            assertThat(that.replay().entity(new EntityId("zz-made-up"), DAY, that.last())).isEmpty();
        });
    }
}
