package org.policyledger.projections.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.core.ActionId;
import org.policyledger.core.Command.LinkCommand;
import org.policyledger.core.Command.LinkEntities;
import org.policyledger.core.Command.UnlinkEntities;
import org.policyledger.core.Decide;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityPair;
import org.policyledger.core.EventNames;
import org.policyledger.core.Histories;
import org.policyledger.core.Histories.Recorded;
import org.policyledger.core.LinkState;
import org.policyledger.core.ListId;
import org.policyledger.core.Notice;
import org.policyledger.core.Timeline;
import org.policyledger.core.Timeline.State;
import org.policyledger.core.event.EntitiesLinked;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.LedgerCodec;
import org.policyledger.projections.link.LinkReader.LinkView;
import org.policyledger.projections.link.LinkReader.Member;
import org.policyledger.projections.link.LinkReader.Party;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;
import org.policyledger.store.NewEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Every answer about parties and links equals that of a plain fold, for generated histories on both databases. */
class LinkOracleTest {

    private static final long FIRST_SEED = 20_240_304;
    private static final int HISTORIES = 3;
    private static final int ENTITIES = 7;
    private static final int LISTS = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ParameterizedTest
    @EnumSource
    void givenGeneratedHistories_whenAskedAtEveryPositionAndOnManyDays_thenPartyAndLinksAreTheFolds(Databases kind)
            throws Exception {
        int partiesOfMany = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
            List<Recorded> history = new Linking(seed).history();
            try (Databases.Fresh database = kind.create();
                    LedgerLog log = LedgerLog.open(database.dataSource(), new LedgerCodec(), LogSettings.defaults())) {
                catchUpInPieces(database, log, history, new Random(seed));
                partiesOfMany += new Comparison(history, reader(database, log), listings(database, log),
                        kind + ", seed " + seed).everything(new Random(seed));
            }
        }
        assertThat(partiesOfMany).as("answers with parties of three and more").isGreaterThan(200);
    }

    @ParameterizedTest
    @EnumSource
    void givenGeneratedHistories_whenAnyTwoAreLinkedAndUnlinked_thenTheAnswerIsTheOneBeforeAndTheOldOneStaysAsItWas(
            Databases kind) throws Exception {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
            Linking linking = new Linking(seed);
            int before = linking.history().size();
            List<EntityPair> tried = new ArrayList<>();
            linking.pairs().stream().filter(pair -> linking.isKnown(pair) && !linking.isLinked(pair))
                    .forEach(pair -> {
                        linking.demand(new LinkEntities(pair, "Perhaps", List.of()));
                        linking.demand(new UnlinkEntities(pair, "Not so", List.of()));
                        tried.add(pair);
                    });
            List<Recorded> history = linking.history();
            assertThat(tried).isNotEmpty();
            assertThat(history).hasSize(before + 2 * tried.size());
            try (Databases.Fresh database = kind.create();
                    LedgerLog log = LedgerLog.open(database.dataSource(), new LedgerCodec(), LogSettings.defaults())) {
                LinkReader reader = reader(database, log);
                catchUp(database, log, history.subList(0, before));
                List<Party> first = parties(reader, before - 1);
                catchUp(database, log, history.subList(before, history.size()));
                assertThat(parties(reader, before - 1)).as("%s, seed %d: as known before", kind, seed)
                        .isEqualTo(first);
                for (int i = 0; i < tried.size(); i++) {
                    long linked = before + 2L * i;
                    String about = "%s, seed %d: %s at %d".formatted(kind, seed, tried.get(i), linked);
                    assertThat(parties(reader, linked)).as(about).isNotEqualTo(first);
                    assertThat(parties(reader, linked + 1)).as(about + ", unlinked").isEqualTo(first);
                }
            }
        }
    }

    private static List<Party> parties(LinkReader reader, long known) {
        LocalDate asOf = Histories.FIRST_DAY.plusDays(Histories.WINDOW / 2);
        return IntStream.range(0, ENTITIES)
                .mapToObj(n -> reader.party(Histories.entity(n), asOf, known, ENTITIES).orElseThrow()).toList();
    }

    private static LinkReader reader(Databases.Fresh database, LedgerLog log) {
        return new LinkReader(JdbcClient.create(database.dataSource()), log, listings(database, log));
    }

    private static ListingReader listings(Databases.Fresh database, LedgerLog log) {
        return new ListingReader(JdbcClient.create(database.dataSource()), log);
    }

    /** With restarts between: how the batches are cut must make no difference. */
    private static void catchUpInPieces(Databases.Fresh database, LedgerLog log, List<Recorded> history, Random random)
            throws InterruptedException {
        int done = 0;
        while (done < history.size()) {
            int piece = Math.min(history.size() - done, 1 + random.nextInt(60));
            catchUp(database, log, history.subList(done, done + piece));
            done += piece;
        }
    }

    private static void catchUp(Databases.Fresh database, LedgerLog log, List<Recorded> events)
            throws InterruptedException {
        try (Catchup catchup = new Catchup(log, database.dataSource())) {
            catchup.start();
            log.append(events.stream().map(each -> new NewEvent(each.stream(), each.sequence(),
                    each.actionId().value(), each.event(), Map.of("actor", "generator"))).toList(), Optional.empty());
            assertThat(catchup.await(events.getLast().position(), PATIENCE)).isTrue();
        }
    }

    /** A generated history with links and unlinkings between its events, all of them accepted by the law. */
    private static final class Linking {

        private final Random random;
        private final List<Recorded> history = new ArrayList<>();
        private final Map<EntityPair, LinkState> states = new HashMap<>();

        Linking(long seed) {
            random = new Random(31 * seed);
            for (Recorded each : Histories.generate(seed, ENTITIES, LISTS, 120)) {
                history.add(new Recorded(history.size(), each.recordedAt(), each.stream(), each.sequence(),
                        each.actionId(), each.event()));
                if (random.nextInt(3) == 0) {
                    List<EntityPair> pairs = pairs();
                    EntityPair pair = pairs.get(random.nextInt(pairs.size()));
                    if (isKnown(pair)) {
                        demand(isLinked(pair)
                                ? new UnlinkEntities(pair, "Reason " + random.nextInt(9), List.of())
                                : new LinkEntities(pair, "Reason " + random.nextInt(9),
                                        List.of(Notice.of("Gazette", "No. " + random.nextInt(9)))));
                    }
                }
            }
        }

        List<Recorded> history() {
            return List.copyOf(history);
        }

        List<EntityPair> pairs() {
            List<EntityPair> pairs = new ArrayList<>();
            for (int n = 0; n < ENTITIES; n++) {
                for (int m = 0; m < n; m++) {
                    pairs.add(new EntityPair(Histories.entity(n), Histories.entity(m)));
                }
            }
            return pairs;
        }

        boolean isKnown(EntityPair pair) {
            return pair.entityIds().stream().allMatch(this::isKnown);
        }

        private boolean isKnown(EntityId entityId) {
            return history.stream().anyMatch(each -> each.stream().equals(entityId.stream()));
        }

        boolean isLinked(EntityPair pair) {
            return states.getOrDefault(pair, LinkState.EMPTY).linkedBy().isPresent();
        }

        void demand(LinkCommand command) {
            LinkState state = states.getOrDefault(command.entityIds(), LinkState.EMPTY);
            LinkEvent event = Decide.link(state, command, this::isKnown, OptionalLong.empty());
            ActionId actionId = new ActionId(new UUID((random.nextLong() & ~0xf000L) | 0x4000L,
                    (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L));
            history.add(new Recorded(history.size(), history.getLast().recordedAt(), event.stream(),
                    state.nextSequence(), actionId, event));
            states.put(command.entityIds(), state.after(event, actionId));
        }
    }

    private record Comparison(List<Recorded> history, LinkReader reader, ListingReader listings, String called) {

        /** The number of answers with three members and more. */
        int everything(Random random) {
            int many = 0;
            for (long known = -1; known < history.size(); known++) {
                for (int i = 0; i < 3; i++) {
                    LocalDate asOf = Histories.FIRST_DAY.plusDays(random.nextInt(Histories.WINDOW + 20) - 2L);
                    EntityId entityId = Histories.entity(random.nextInt(ENTITIES));
                    many += party(entityId, asOf, known) >= 3 ? 1 : 0;
                    links(entityId, known);
                }
            }
            return many;
        }

        private String about(EntityId entityId, LocalDate asOf, long known) {
            return "%s: %s as of %s known at %d".formatted(called, entityId, asOf, known);
        }

        private int party(EntityId entityId, LocalDate asOf, long known) {
            Map<EntityPair, Recorded> standing = standing(known);
            TreeSet<EntityId> expected = new TreeSet<>(List.of(entityId));
            boolean grew = true;
            while (grew) {
                grew = false;
                for (EntityPair pair : standing.keySet()) {
                    if (expected.contains(pair.first()) != expected.contains(pair.second())) {
                        expected.addAll(pair.entityIds());
                        grew = true;
                    }
                }
            }
            String about = about(entityId, asOf, known);
            Party party = reader.party(entityId, asOf, known, expected.size()).orElseThrow();
            assertThat(party.members().stream().map(Member::entityId)).as(about).containsExactlyElementsOf(expected);
            for (Member member : party.members()) {
                Map<ListId, String> answered = new TreeMap<>();
                member.lists().forEach(status -> answered.put(status.listId(), status.state() + " "
                        + status.since() + " " + status.entry()));
                assertThat(answered).as(about + ": " + member.entityId())
                        .isEqualTo(statuses(member.entityId(), asOf, known));
                assertThat(member.lists()).as(about + ": " + member.entityId())
                        .isEqualTo(listings.status(member.entityId(), Optional.empty(), asOf, known));
            }
            assertThat(party.links()).as(about).isEqualTo(standing.entrySet().stream()
                    .filter(link -> expected.contains(link.getKey().first())).map(Map.Entry::getValue)
                    .sorted((one, other) -> Long.compare(one.position(), other.position()))
                    .map(recorded -> view(recorded, party.links(), Optional.empty())).toList());
            if (expected.size() > 1) {
                assertThat(reader.party(entityId, asOf, known, expected.size() - 1)).as(about + ", one too many")
                        .isEmpty();
            }
            return expected.size();
        }

        /** The links that stand at the position: those linked and not unlinked since. */
        private Map<EntityPair, Recorded> standing(long known) {
            Map<EntityPair, Recorded> standing = new HashMap<>();
            for (Recorded each : history) {
                if (each.position() <= known && each.event() instanceof LinkEvent event) {
                    if (event instanceof EntitiesLinked) {
                        standing.put(event.entityIds(), each);
                    } else {
                        standing.remove(event.entityIds());
                    }
                }
            }
            return standing;
        }

        private Map<ListId, String> statuses(EntityId entityId, LocalDate asOf, long known) {
            Map<ListId, String> statuses = new TreeMap<>();
            for (int n = 0; n < LISTS; n++) {
                ListId listId = Histories.list(n);
                Timeline timeline = Histories.stateAt(history, entityId, known).timeline(listId);
                if (!timeline.periods().isEmpty()) {
                    Optional<Timeline.Period> period = timeline.at(asOf);
                    statuses.put(listId, period.map(Timeline.Period::state).orElse(State.NOT_LISTED) + " "
                            + period.map(Timeline.Period::since) + " " + period.flatMap(Timeline.Period::inForce)
                                    .flatMap(step -> step.action().newEntry()));
                }
            }
            return statuses;
        }

        private void links(EntityId entityId, long known) {
            List<LinkView> answered = reader.links(entityId, known);
            List<LinkView> expected = new ArrayList<>();
            for (Recorded each : history) {
                if (each.position() <= known && each.event() instanceof LinkEvent event
                        && event.entityIds().entityIds().contains(entityId)) {
                    Optional<ActionId> unlinkedBy = event instanceof EntitiesLinked
                            ? history.stream().filter(later -> later.position() <= known
                                    && later.stream().equals(each.stream())
                                    && later.sequence() == each.sequence() + 1).map(Recorded::actionId).findFirst()
                            : Optional.empty();
                    expected.add(view(each, answered, unlinkedBy));
                }
            }
            assertThat(answered).as(about(entityId, Histories.FIRST_DAY, known)).isEqualTo(expected);
        }

        /** What is to be told of the event; the instant is the ledger's own, which it stamped when the test recorded it. */
        private static LinkView view(Recorded recorded, List<LinkView> answered, Optional<ActionId> unlinkedBy) {
            LinkEvent event = (LinkEvent) recorded.event();
            return new LinkView(event.entityIds(), EventNames.of(event.getClass()).type(), recorded.actionId(),
                    recorded.position(), recorded.sequence(),
                    answered.stream().filter(view -> view.position() == recorded.position())
                            .map(LinkView::recordedAt).findFirst().orElse(recorded.recordedAt()),
                    "generator", event.reason(), event.evidence(), unlinkedBy);
        }
    }
}
