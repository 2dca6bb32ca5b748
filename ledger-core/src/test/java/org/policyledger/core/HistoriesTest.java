package org.policyledger.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.policyledger.core.Histories.Attempt;
import org.policyledger.core.Histories.History;
import org.policyledger.core.Histories.Recorded;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.CommitmentAssessed;
import org.policyledger.core.event.CommitmentClosed;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.CommitmentRecorded;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.ListRegistered;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingReinstated;
import org.policyledger.core.event.ListingSuspended;
import org.policyledger.core.event.StatementRecorded;

class HistoriesTest {

    private static final List<History> HISTORIES = LongStream.range(0, 100)
            .mapToObj(seed -> Histories.history(seed, 3, 2, 60)).toList();

    @Test
    void givenTheSameSeed_whenGeneratedAgain_thenTheHistoryIsTheSame() {
        assertThat(Histories.generate(7, 3, 2, 60)).isEqualTo(Histories.generate(7, 3, 2, 60))
                .isNotEqualTo(Histories.generate(8, 3, 2, 60));
    }

    @Test
    void givenAnyHistory_whenRead_thenPositionsAndSequencesAreDenseAndRecordedAtNeverFalls() {
        boolean repeated = false;
        for (History history : HISTORIES) {
            Map<String, Long> next = new HashMap<>();
            Instant last = Instant.MIN;
            for (int position = 0; position < history.recorded().size(); position++) {
                Recorded each = history.recorded().get(position);
                assertThat(each.position()).isEqualTo(position);
                assertThat(each.stream()).isEqualTo(each.event().stream());
                assertThat(each.sequence()).isEqualTo(next.merge(each.stream(), 1L, Long::sum) - 1);
                assertThat(each.recordedAt()).isAfterOrEqualTo(last);
                repeated |= each.recordedAt().equals(last);
                last = each.recordedAt();
            }
            assertThat(history.recorded().stream().map(Recorded::actionId)).doesNotHaveDuplicates();
        }
        assertThat(repeated).isTrue();
    }

    @Test
    void givenAnyHistory_whenRead_thenItBeginsWithItsLists() {
        for (History history : HISTORIES) {
            assertThat(history.recorded().subList(0, 2)).allMatch(each -> each.event() instanceof ListRegistered);
            assertThat(history.recorded().stream().skip(2)).noneMatch(each -> each.event() instanceof ListRegistered);
        }
    }

    @Test
    void givenManyHistories_whenWhatIsSaidIsCounted_thenEveryKindOccurs() {
        Map<Class<?>, Long> said = HISTORIES.stream().flatMap(history -> history.recorded().stream())
                .map(Recorded::event).filter(event -> event instanceof CommitmentEvent
                        || event instanceof StatementRecorded)
                .collect(Collectors.groupingBy(Object::getClass, Collectors.counting()));
        assertThat(said.keySet()).isEqualTo(Set.of(CommitmentRecorded.class, CommitmentAssessed.class,
                CommitmentClosed.class, StatementRecorded.class));
        assertThat(said.values()).allMatch(count -> count > HISTORIES.size() / 2);
    }

    @Test
    void givenManyHistories_whenCounted_thenMostDemandsAreAcceptedAndEveryKindAndRefusalOccurs() {
        List<Attempt> attempts = HISTORIES.stream().flatMap(history -> history.attempts().stream()).toList();
        Map<Class<?>, Long> accepted = attempts.stream().flatMap(attempt -> attempt.event().stream())
                .collect(Collectors.groupingBy(Object::getClass, Collectors.counting()));
        Map<Rejection.Code, Long> refused = attempts.stream().flatMap(attempt -> attempt.refusal().stream())
                .collect(Collectors.groupingBy(Rejection::code, Collectors.counting()));
        long events = accepted.values().stream().mapToLong(Long::longValue).sum();
        assertThat(events).as("accepted of %d demands", attempts.size()).isGreaterThan(attempts.size() * 4L / 10);
        assertThat(accepted.keySet()).isEqualTo(Set.of(EntityListed.class, ListingAmended.class, ListingSuspended.class,
                ListingReinstated.class, EntityDelisted.class, ActionCorrected.class, ActionVoided.class));
        assertThat(accepted.values()).allMatch(count -> count > events / 50);
        Set<Rejection.Code> expected = EnumSet.allOf(Rejection.Code.class);
        expected.removeAll(Set.of(Rejection.Code.MALFORMED, Rejection.Code.IDEMPOTENCY_KEY_REUSED,
                Rejection.Code.LIST_ALREADY_REGISTERED, Rejection.Code.COMMITMENT_ALREADY_RECORDED,
                Rejection.Code.NOTICE_ALREADY_RECORDED,
                Rejection.Code.UNKNOWN_ENTITY, Rejection.Code.UNKNOWN_COMMITMENT, Rejection.Code.COMMITMENT_NOT_MADE,
                Rejection.Code.COMMITMENT_CLOSED, Rejection.Code.ALREADY_LINKED, Rejection.Code.NOT_LINKED));
        assertThat(refused.keySet()).isEqualTo(expected);
    }
}
