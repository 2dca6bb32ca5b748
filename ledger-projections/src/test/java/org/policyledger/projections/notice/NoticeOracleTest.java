package org.policyledger.projections.notice;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.core.ActionId;
import org.policyledger.core.Circumstances;
import org.policyledger.core.Histories;
import org.policyledger.core.Histories.Recorded;
import org.policyledger.core.Notice;
import org.policyledger.core.NoticeContent;
import org.policyledger.core.NoticeId;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingReinstated;
import org.policyledger.core.event.ListingSuspended;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.LedgerCodec;
import org.policyledger.projections.notice.NoticeReader.CitingAction;
import org.policyledger.projections.notice.NoticeReader.NoticeDetail;
import org.policyledger.projections.notice.NoticeReader.NoticeView;
import org.policyledger.projections.notice.NoticeReader.Part;
import org.policyledger.projections.notice.NoticeReader.Wanted;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Every answer about notices equals the oracle's, for generated histories on both databases. */
class NoticeOracleTest {

    private static final long FIRST_SEED = 20_221_013;
    private static final int HISTORIES = 3;
    private static final List<String> PUBLISHERS = List.of("Gazette", "The Register");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ParameterizedTest
    @EnumSource
    void givenGeneratedHistories_whenAskedAsKnownAnywhere_thenTheAnswerIsTheOracles(Databases kind) throws Exception {
        int moved = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
            List<Recorded> history = history(seed);
            try (Databases.Fresh database = kind.create();
                    LedgerLog log = LedgerLog.open(database.dataSource(), new LedgerCodec(), LogSettings.defaults())) {
                catchUpInPieces(database, log, history, new Random(seed));
                moved += new Comparison(history, new NoticeReader(JdbcClient.create(database.dataSource()), log),
                        kind + ", seed " + seed).everything(new Random(seed));
            }
        }
        assertThat(moved).as("corrections that moved an action to another notice").isPositive();
    }

    /** A generated history in which most actions cite one of few notices, and some notices are recorded in between. */
    private static List<Recorded> history(long seed) {
        Random random = new Random(seed + 7);
        List<Recorded> history = new ArrayList<>();
        Map<NoticeId, Long> recorded = new HashMap<>();
        for (Recorded each : Histories.generate(seed, 5, 2, 150)) {
            history.add(new Recorded(history.size(), each.recordedAt(), each.stream(), each.sequence(),
                    each.actionId(), citing(each.event(), random)));
            if (random.nextInt(12) == 0) {
                Notice notice = notice(random);
                NoticeId id = NoticeId.of(notice);
                if (recorded.putIfAbsent(id, 0L) == null) {
                    history.add(new Recorded(history.size(), each.recordedAt(), id.stream(), 0,
                            new ActionId(new UUID(seed, history.size())), new NoticeRecorded(id, notice,
                                    NoticeContent.NONE, Optional.empty())));
                }
            }
        }
        return history;
    }

    private static Notice notice(Random random) {
        return new Notice(PUBLISHERS.get(random.nextInt(2)), "No. " + random.nextInt(4), Optional.empty(),
                Optional.empty(), random.nextInt(3) == 0
                        ? Optional.empty()
                        : Optional.of(Histories.FIRST_DAY.plusDays(random.nextInt(6))),
                Optional.empty());
    }

    private static Circumstances around(Random random) {
        return new Circumstances(Circumstances.Basis.STATED,
                random.nextInt(4) == 0 ? Optional.empty() : Optional.of(notice(random)), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static LedgerEvent citing(LedgerEvent event, Random random) {
        return switch (event) {
            case ListingAction action -> citing(action, random);
            case ActionCorrected e -> new ActionCorrected(e.entityId(), e.listId(), e.actionId(),
                    citing(e.replacement(), random), around(random));
            case ActionVoided e -> new ActionVoided(e.entityId(), e.listId(), e.actionId(), around(random));
            case LedgerEvent other -> other;
        };
    }

    private static ListingAction citing(ListingAction action, Random random) {
        return switch (action) {
            case EntityListed e -> new EntityListed(e.entityId(), e.listId(), e.effectiveDate(), e.until(), e.entry(),
                    around(random));
            case ListingAmended e -> new ListingAmended(e.entityId(), e.listId(), e.effectiveDate(), e.until(),
                    e.entry(), e.changed(), around(random));
            case ListingSuspended e -> new ListingSuspended(e.entityId(), e.listId(), e.effectiveDate(), e.until(),
                    around(random));
            case ListingReinstated e ->
                new ListingReinstated(e.entityId(), e.listId(), e.effectiveDate(), around(random));
            case EntityDelisted e -> new EntityDelisted(e.entityId(), e.listId(), e.effectiveDate(), around(random));
        };
    }

    /** With restarts between: how the batches are cut must make no difference. */
    private static void catchUpInPieces(Databases.Fresh database, LedgerLog log, List<Recorded> history, Random random)
            throws InterruptedException {
        int done = 0;
        while (done < history.size()) {
            int piece = Math.min(history.size() - done, 1 + random.nextInt(50));
            try (Catchup catchup = new Catchup(log, database.dataSource())) {
                catchup.start();
                log.append(history.subList(done, done + piece).stream()
                        .map(each -> new NewEvent(each.stream(), each.sequence(), each.actionId().value(),
                                each.event(), Map.of("actor", "generator")))
                        .toList(), Optional.empty());
                done += piece;
                assertThat(catchup.await(done - 1, PATIENCE)).isTrue();
            }
        }
    }

    /** The oracle's citation: what cites, with the content it has as known, and what corrected and voided it. */
    private record Citation(Recorded by, EntityEvent content, long contentPosition, Notice notice,
            Optional<ActionId> correctedBy, Optional<ActionId> voidedBy) {

        Optional<LocalDate> date() {
            return content.effectiveOn();
        }
    }

    private record Comparison(List<Recorded> history, NoticeReader reader, String called) {

        /** How many corrections moved an action to another notice, over all positions asked about. */
        int everything(Random random) {
            int moved = 0;
            for (int i = 0; i < 120; i++) {
                long known = random.nextInt(history.size() + 1) - 1L;
                List<Citation> citations = citations(known);
                moved += (int) citations.stream().filter(each -> each.by().event() instanceof ListingAction first
                        && each.correctedBy().isPresent()
                        && !first.circumstances().notice().map(NoticeId::of)
                                .equals(Optional.of(NoticeId.of(each.notice()))))
                        .count();
                for (String publisher : PUBLISHERS) {
                    for (int n = 0; n < 5; n++) {
                        one(NoticeId.of(Notice.of(publisher, "No. " + n)), citations, known, 1 + random.nextInt(6));
                    }
                }
                list(new Wanted(day(random), day(random), random.nextInt(3) == 0
                        ? Optional.of(PUBLISHERS.get(random.nextInt(2)).toUpperCase(java.util.Locale.ROOT))
                        : Optional.empty()), citations, known, 1 + random.nextInt(4));
            }
            return moved;
        }

        private static Optional<LocalDate> day(Random random) {
            return random.nextInt(3) == 0
                    ? Optional.of(Histories.FIRST_DAY.plusDays(random.nextInt(7)))
                    : Optional.empty();
        }

        private List<Citation> citations(long known) {
            List<Citation> citations = new ArrayList<>();
            for (Recorded each : history.subList(0, (int) known + 1)) {
                if (!(each.event() instanceof EntityEvent event)) {
                    continue;
                }
                Optional<Recorded> correction = after(each, known)
                        .filter(later -> later.event() instanceof ActionCorrected corrected
                                && corrected.actionId().equals(each.actionId()))
                        .reduce((one, other) -> other);
                Optional<Recorded> voiding = after(each, known)
                        .filter(later -> later.event() instanceof ActionVoided voided
                                && voided.actionId().equals(each.actionId()))
                        .findFirst();
                EntityEvent content = correction.<EntityEvent>map(
                        later -> ((ActionCorrected) later.event()).replacement()).orElse(event);
                content.circumstances().notice().ifPresent(notice -> citations.add(new Citation(each, content,
                        correction.orElse(each).position(), notice, correction.map(Recorded::actionId),
                        voiding.map(Recorded::actionId))));
            }
            return citations;
        }

        private Stream<Recorded> after(Recorded each, long known) {
            return history.subList((int) each.position(), (int) known + 1).stream();
        }

        private Optional<NoticeRecorded> recorded(NoticeId id, long known) {
            return history.subList(0, (int) known + 1).stream().map(Recorded::event)
                    .filter(event -> event instanceof NoticeRecorded made && made.noticeId().equals(id))
                    .map(NoticeRecorded.class::cast).findFirst();
        }

        private static List<Citation> of(NoticeId id, List<Citation> citations) {
            return citations.stream().filter(each -> NoticeId.of(each.notice()).equals(id)).toList();
        }

        private Notice told(NoticeId id, List<Citation> citing, long known) {
            Comparator<Citation> order = Comparator.comparingLong(Citation::contentPosition)
                    .thenComparing(each -> each.notice().publishedOn().orElse(LocalDate.MIN),
                            Comparator.reverseOrder());
            return recorded(id, known).map(NoticeRecorded::notice)
                    .or(() -> citing.stream().filter(each -> each.notice().publishedOn().isPresent()).min(order)
                            .map(Citation::notice))
                    .orElseGet(() -> citing.stream().min(order).orElseThrow().notice());
        }

        private void same(NoticeView view, List<Citation> citations, long known) {
            String about = "%s: %s known at %d".formatted(called, view.noticeId(), known);
            List<Citation> citing = of(view.noticeId(), citations);
            assertThat(view.recorded()).as(about).isEqualTo(recorded(view.noticeId(), known).isPresent());
            assertThat(view.citations()).as(about).isEqualTo(citing.size());
            assertThat(view.notice()).as(about).isEqualTo(told(view.noticeId(), citing, known));
        }

        private void one(NoticeId id, List<Citation> citations, long known, int pageSize) {
            String about = "%s: %s known at %d".formatted(called, id, known);
            List<Citation> expected = of(id, citations).stream().sorted(Comparator
                    .<Citation, LocalDate>comparing(each -> each.date().orElse(LocalDate.MAX))
                    .thenComparingLong(each -> each.by().position())).toList();
            Optional<NoticeDetail> first = reader.find(id, known, 0, pageSize);
            assertThat(first.isPresent()).as(about)
                    .isEqualTo(!expected.isEmpty() || recorded(id, known).isPresent());
            if (first.isEmpty()) {
                return;
            }
            same(first.get().view(), citations, known);
            List<CitingAction> answered = new ArrayList<>();
            Optional<Long> next = Optional.of(0L);
            while (next.isPresent()) {
                Part<CitingAction> part = reader.find(id, known, next.get(), pageSize).orElseThrow().actions();
                assertThat(part.items()).hasSizeLessThanOrEqualTo(pageSize);
                answered.addAll(part.items());
                next = part.next();
            }
            assertThat(answered).as(about).hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                Citation wanted = expected.get(i);
                CitingAction got = answered.get(i);
                assertThat(got.actionId()).as(about).isEqualTo(wanted.by().actionId());
                assertThat(got.event()).as(about).isEqualTo(wanted.content());
                assertThat(got.effectiveDate()).as(about).isEqualTo(wanted.date());
                assertThat(got.correctedBy()).as(about).isEqualTo(wanted.correctedBy());
                assertThat(got.voidedBy()).as(about).isEqualTo(wanted.voidedBy());
            }
        }

        private void list(Wanted wanted, List<Citation> citations, long known, int pageSize) {
            TreeSet<NoticeId> all = new TreeSet<>();
            citations.forEach(each -> all.add(NoticeId.of(each.notice())));
            history.subList(0, (int) known + 1).stream().map(Recorded::event).filter(NoticeRecorded.class::isInstance)
                    .forEach(event -> all.add(((NoticeRecorded) event).noticeId()));
            Map<NoticeId, Optional<LocalDate>> days = new HashMap<>();
            all.forEach(id -> days.put(id, told(id, of(id, citations), known).publishedOn()));
            List<NoticeId> expected = all.stream()
                    .filter(id -> wanted.from().isEmpty()
                            || days.getOrDefault(id, Optional.empty()).filter(day -> !day.isBefore(wanted.from().get()))
                                    .isPresent())
                    .filter(id -> wanted.to().isEmpty()
                            || days.getOrDefault(id, Optional.empty()).filter(day -> !day.isAfter(wanted.to().get()))
                                    .isPresent())
                    .filter(id -> wanted.publisher().isEmpty()
                            || id.value().startsWith(NoticeId.of(Notice.of(wanted.publisher().get(), "No.")).value()
                                    .replaceFirst(":.*", ":")))
                    .sorted(Comparator
                            .<NoticeId, LocalDate>comparing(
                                    id -> days.getOrDefault(id, Optional.empty()).orElse(LocalDate.MAX))
                            .thenComparing(id -> id))
                    .toList();
            List<NoticeId> answered = new ArrayList<>();
            Optional<Long> next = Optional.of(0L);
            while (next.isPresent()) {
                Part<NoticeView> part = reader.notices(wanted, known, next.get(), pageSize);
                part.items().forEach(view -> {
                    same(view, citations, known);
                    answered.add(view.noticeId());
                });
                next = part.next();
            }
            assertThat(answered).as("%s: %s known at %d", called, wanted, known).isEqualTo(expected);
        }
    }
}
