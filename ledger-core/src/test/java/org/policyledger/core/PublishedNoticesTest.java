package org.policyledger.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.policyledger.core.Sample.action;
import static org.policyledger.core.Sample.day;
import static org.policyledger.core.Timeline.State.LISTED;
import static org.policyledger.core.Timeline.State.NOT_LISTED;
import static org.policyledger.core.Timeline.State.SUSPENDED;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.policyledger.core.Command.AmendListing;
import org.policyledger.core.Command.CorrectAction;
import org.policyledger.core.Command.DelistEntity;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.Command.ListEntity;
import org.policyledger.core.Command.SuspendListing;
import org.policyledger.core.Timeline.Period;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.ListingAmended;

/**
 * What published notices did to lists, taken through the decisions: the kinds of action that the law must carry. Dates and contents
 * that a test does not turn on are chosen for it.
 */
class PublishedNoticesTest {

    private static final ListId ENTITY_LIST = new ListId("bis-entity-list");
    private static final ListId MILITARY_END_USERS = new ListId("bis-military-end-user-list");
    private static final ListId DENIED_PERSONS = new ListId("bis-denied-persons");
    private static final ListId SDN = new ListId("ofac-sdn");
    private static final ListId UN = new ListId("un-consolidated");
    private static final RegisteredLists LISTS = List.of(ENTITY_LIST, MILITARY_END_USERS, DENIED_PERSONS, SDN,
            UN)::contains;
    private static final EntityId SUBJECT = new EntityId("subject");

    /** The reference case: the Institute of Forensic Science on the Entity List, 2020 to 2023. */
    @Test
    void givenTheInstituteOfForensicScience_whenAskedOnTheDaysThatMatter_thenTheAnswersAreTheExpectedOnes() {
        EntityId institute = new EntityId("cn-institute-of-forensic-science");
        Entry added = entry("Institute of Forensic Science", "Case-by-case review for listed ECCNs; otherwise"
                + " presumption of denial");
        Entry amended = entry("Institute of Forensic Science", "Case-by-case review for listed ECCNs and for items to"
                + " detect, identify and treat infectious disease; otherwise presumption of denial");
        Circumstances addition = new Circumstances(Circumstances.Basis.STATED,
                Optional.of(published("85 FR 34503", "2020-06-05")), Optional.of(day("2020-05-22")), Optional.empty(),
                Optional.empty(), Optional.of(new Circumstances.Rationale("Activities contrary to the foreign policy"
                        + " interests of the United States", Optional.of("85 FR 34503"))),
                Optional.of("ifs"));
        EntityState listed = record(EntityState.EMPTY,
                new ListEntity(institute, ENTITY_LIST, day("2020-06-05"), Optional.empty(), added, addition),
                new AmendListing(institute, ENTITY_LIST, day("2020-07-22"), Optional.empty(), amended,
                        by("85 FR 44159", "2020-07-22", null)));
        EntityState removed = record(listed, new DelistEntity(institute, ENTITY_LIST, day("2023-11-16"),
                by("88 FR 80131", "2023-11-17", "proposal")));

        Timeline timeline = removed.timeline(ENTITY_LIST);
        assertThat(timeline.stateAt(day("2020-06-04"))).isEqualTo(NOT_LISTED);
        assertThat(inForce(timeline, "2020-06-05")).isEqualTo(added);
        assertThat(noticeAt(timeline, "2020-06-05")).isEqualTo("85 FR 34503");
        assertThat(inForce(timeline, "2020-07-21")).isEqualTo(added);
        assertThat(inForce(timeline, "2020-07-22")).isEqualTo(amended);
        assertThat(timeline.stateAt(day("2023-11-15"))).isEqualTo(LISTED);
        assertThat(timeline.stateAt(day("2023-11-16"))).isEqualTo(NOT_LISTED);
        assertThat(causeAt(timeline, "2023-11-16")).isEqualTo("proposal");
        assertThat(timeline.at(day("2023-11-15")).orElseThrow().since()).isEqualTo(day("2020-06-05"));
        assertThat(listed.timeline(ENTITY_LIST).stateAt(day("2023-11-16")))
                .as("as known before the removal was recorded").isEqualTo(LISTED);
        assertThat(((ListingAmended) removed.find(action(2)).orElseThrow().action()).changed())
                .containsExactly("/entry/terms/licenseReviewPolicy");
    }

    @Test
    void givenAnAddressAsAnEntry_whenAddedBy89Fr51644_thenListedAsASubjectOfItsOwn() {
        Entry address = new Entry(new Entry.Subject("Address 01", Optional.of(Entry.Type.ADDRESS), Optional.empty(),
                List.of(), List.of(Entry.Address.of("A building, Hong Kong")), List.of("Hong Kong"), List.of(),
                Optional.empty(), Optional.empty()), Entry.Terms.NONE, Optional.empty());
        EntityState state = record(EntityState.EMPTY, new ListEntity(SUBJECT, ENTITY_LIST, day("2024-06-18"),
                Optional.empty(), address, by("89 FR 51644", "2024-06-18", null)));
        assertThat(inForce(state.timeline(ENTITY_LIST), "2024-06-18").subject().type())
                .isEqualTo(Optional.of(Entry.Type.ADDRESS));
    }

    @Test
    void givenThirtySevenEntries_whenOneNoticeAmendsThemAll_thenEachRecordHasItsOwnAmendmentUnderThatNotice() {
        Circumstances notice = by("85 FR 44159", "2020-07-22", null);
        List<EntityState> amended = IntStream.rangeClosed(1, 37).mapToObj(n -> new EntityId("entry-" + n))
                .map(id -> record(EntityState.EMPTY,
                        new ListEntity(id, ENTITY_LIST, day("2020-06-05"), Optional.empty(),
                                entry(id.value(), "presumption of denial"), by("85 FR 34503", "2020-06-05", null)),
                        new AmendListing(id, ENTITY_LIST, day("2020-07-22"), Optional.empty(),
                                entry(id.value(), "case-by-case"), notice)))
                .toList();
        assertThat(amended).hasSize(37)
                .allSatisfy(state -> assertThat(noticeAt(state.timeline(ENTITY_LIST), "2020-07-22"))
                        .isEqualTo("85 FR 44159"));
    }

    @Test
    void givenAnEntryOf20220214_whenCorrectedTwoMonthsLaterApplicableAsOfThen_thenOnlyWhatIsKnownChanges() {
        EntityState before = record(EntityState.EMPTY, new ListEntity(SUBJECT, ENTITY_LIST, day("2022-02-14"),
                Optional.empty(), entry("S, misspelt", "wrong"), by("2022-03029", "2022-02-14", null)));
        Circumstances correction = new Circumstances(Circumstances.Basis.STATED,
                Optional.of(published("2022-07643", "2022-04-11")), Optional.empty(), Optional.of(day("2022-02-14")),
                Optional.empty(), Optional.empty(), Optional.empty());
        EntityState after = record(before, new CorrectAction(SUBJECT, action(1), new ListEntity(SUBJECT, ENTITY_LIST,
                day("2022-02-14"), Optional.empty(), entry("S", "right"),
                by("2022-03029", "2022-02-14", null)), correction));
        assertThat(inForce(before.timeline(ENTITY_LIST), "2022-02-14").subject().name())
                .isEqualTo("S, misspelt");
        assertThat(inForce(after.timeline(ENTITY_LIST), "2022-02-14").subject().name())
                .isEqualTo("S");
        assertThat(after.timeline(ENTITY_LIST).periods()).hasSize(1);
    }

    @Test
    void givenRemovalsOnProposalRequestAndReview_whenAskedWhy_thenEachCauseIsKept() {
        Map.of("proposal", "88 FR 80131", "request", "86 FR 31909", "review", "74 FR 35797")
                .forEach((cause, reference) -> {
                    EntityState state = record(listedSince("2009-01-02"), new DelistEntity(SUBJECT, ENTITY_LIST,
                            day("2023-11-16"), citing(reference, cause)));
                    assertThat(causeAt(state.timeline(ENTITY_LIST), "2023-11-16")).isEqualTo(cause);
                    assertThat(noticeAt(state.timeline(ENTITY_LIST), "2023-11-16")).isEqualTo(reference);
                });
    }

    @Test
    void givenAliases_whenSixAreRemovedBy202519858_thenAmendedAndStillListed() {
        List<Entry.Alias> aliases = IntStream.rangeClosed(1, 8).mapToObj(n -> Entry.Alias.of("Alias " + n)).toList();
        EntityState state = record(EntityState.EMPTY,
                new ListEntity(SUBJECT, ENTITY_LIST, day("2025-10-09"), Optional.empty(), withAliases(aliases),
                        by("90 FR 48193", "2025-10-09", null)),
                new AmendListing(SUBJECT, ENTITY_LIST, day("2025-11-12"), Optional.empty(),
                        withAliases(aliases.subList(0, 2)), by("2025-19858", "2025-11-12", null)));
        assertThat(state.timeline(ENTITY_LIST).stateAt(day("2025-11-12"))).isEqualTo(LISTED);
        assertThat(((ListingAmended) state.find(action(2)).orElseThrow().action()).changed())
                .containsExactly("/entry/subject/aliases");
    }

    @Test
    void givenAMilitaryEndUser_whenMovedToTheEntityListBy202204300_thenOffOneAndOnTheOtherFromTheSameDay() {
        Circumstances transfer = by("2022-04300", "2022-03-03", "redesignation");
        EntityState state = record(EntityState.EMPTY,
                new ListEntity(SUBJECT, MILITARY_END_USERS, day("2020-12-23"), Optional.empty(), entry("S", "licence"),
                        Circumstances.stated()),
                new DelistEntity(SUBJECT, MILITARY_END_USERS, day("2022-03-03"), transfer),
                new ListEntity(SUBJECT, ENTITY_LIST, day("2022-03-03"), Optional.empty(), entry("S", "licence"),
                        transfer));
        assertThat(state.timeline(MILITARY_END_USERS).stateAt(day("2022-03-02"))).isEqualTo(LISTED);
        assertThat(state.timeline(MILITARY_END_USERS).stateAt(day("2022-03-03"))).isEqualTo(NOT_LISTED);
        assertThat(state.timeline(ENTITY_LIST).stateAt(day("2022-03-02"))).isEqualTo(NOT_LISTED);
        assertThat(state.timeline(ENTITY_LIST).stateAt(day("2022-03-03"))).isEqualTo(LISTED);
    }

    @Test
    void givenATemporaryDenialOrder_whenRenewedTwice_thenOneUnbrokenListingThatEndsWithTheLastTerm() {
        Entry order = entry("S", "denial of export privileges");
        EntityState state = record(EntityState.EMPTY,
                new ListEntity(SUBJECT, DENIED_PERSONS, day("2023-03-29"), Optional.of(day("2023-09-25")), order,
                        Circumstances.stated()),
                new AmendListing(SUBJECT, DENIED_PERSONS, day("2023-09-22"), Optional.of(day("2024-09-21")), order,
                        citing("88 FR 66807", "renewal")),
                new AmendListing(SUBJECT, DENIED_PERSONS, day("2024-09-19"), Optional.of(day("2025-09-19")), order,
                        citing("89 FR 78283", "renewal")));
        Timeline timeline = state.timeline(DENIED_PERSONS);
        Period last = timeline.at(day("2025-09-18")).orElseThrow();
        assertThat(last.since()).isEqualTo(day("2023-03-29"));
        assertThat(last.until()).isEqualTo(Optional.of(day("2025-09-19")));
        Period over = timeline.at(day("2025-09-19")).orElseThrow();
        assertThat(over.state()).isEqualTo(NOT_LISTED);
        assertThat(over.expired()).isTrue();
        assertThat(over.decidedBy().actionId()).isEqualTo(action(3));
        refused(state, new AmendListing(SUBJECT, DENIED_PERSONS, day("2025-09-19"), Optional.empty(), order,
                Circumstances.stated()), Rejection.Code.NOT_LISTED);
    }

    @Test
    void givenASuspensionOfOneYearBy202519846_whenTheYearIsOver_thenListedAgainWithoutAnAction() {
        EntityState state = record(listedSince("2025-09-29"), new SuspendListing(SUBJECT, ENTITY_LIST,
                day("2025-11-10"), Optional.of(day("2026-11-10")), by("2025-19846", "2025-11-12", null)));
        Timeline timeline = state.timeline(ENTITY_LIST);
        assertThat(timeline.stateAt(day("2025-11-09"))).isEqualTo(LISTED);
        assertThat(timeline.stateAt(day("2025-11-10"))).isEqualTo(SUSPENDED);
        assertThat(timeline.stateAt(day("2026-11-09"))).isEqualTo(SUSPENDED);
        Period again = timeline.at(day("2026-11-10")).orElseThrow();
        assertThat(again.state()).isEqualTo(LISTED);
        assertThat(again.expired()).isTrue();
        refused(state, new Command.ReinstateListing(SUBJECT, ENTITY_LIST, day("2026-11-10"), Circumstances.stated()),
                Rejection.Code.NOT_SUSPENDED);
    }

    @Test
    void givenTheZimbabweProgrammesEnd_whenRedesignatedTheSameDay_thenListedWithoutABreakUnderTheNewProgramme() {
        Entry zimbabwe = underProgramme("ZIMBABWE");
        Entry glomag = underProgramme("GLOMAG");
        EntityState state = record(EntityState.EMPTY,
                new ListEntity(SUBJECT, SDN, day("2003-03-07"), Optional.empty(), zimbabwe, Circumstances.stated()),
                new DelistEntity(SUBJECT, SDN, day("2024-03-04"), because("programme-end")));
        assertThat(state.timeline(SDN).stateAt(day("2024-03-04"))).isEqualTo(NOT_LISTED);
        EntityState redesignated = record(state, new ListEntity(SUBJECT, SDN, day("2024-03-04"), Optional.empty(),
                glomag, because("redesignation")));
        Period now = redesignated.timeline(SDN).at(day("2024-03-04")).orElseThrow();
        assertThat(now.state()).isEqualTo(LISTED);
        assertThat(now.since()).isEqualTo(day("2003-03-07"));
        assertThat(inForce(redesignated.timeline(SDN), "2024-03-04").terms().programs()).containsExactly("GLOMAG");
        assertThat(inForce(redesignated.timeline(SDN), "2024-03-03").terms().programs()).containsExactly("ZIMBABWE");
    }

    @Test
    void givenAnEntryTakenOffTheUnList_whenBackUnderTheSameReference_thenListedSinceItsReturn() {
        Entry entry = new Entry(new Entry.Subject("S", Optional.empty(), Optional.empty(), List.of(), List.of(),
                List.of(), List.of(new Entry.Identifier("reference", "IRe.001")), Optional.empty(), Optional.empty()),
                Entry.Terms.NONE, Optional.empty());
        EntityState state = record(EntityState.EMPTY,
                new ListEntity(SUBJECT, UN, day("2006-12-23"), Optional.empty(), entry, Circumstances.stated()),
                new DelistEntity(SUBJECT, UN, day("2016-01-16"), Circumstances.observed()),
                new ListEntity(SUBJECT, UN, day("2025-09-27"), Optional.empty(), entry, because("redesignation")));
        Timeline timeline = state.timeline(UN);
        assertThat(timeline.stateAt(day("2025-09-26"))).isEqualTo(NOT_LISTED);
        assertThat(timeline.at(day("2025-09-27")).orElseThrow().since()).isEqualTo(day("2025-09-27"));
        assertThat(timeline.periods()).extracting(Period::state).containsExactly(LISTED, NOT_LISTED, LISTED);
    }

    @Test
    void givenARemovalPublishedADayAfterItTookEffect_whenAskedOnThatDay_thenPublicationDoesNotCount() {
        EntityState state = record(listedSince("2020-06-05"), new DelistEntity(SUBJECT, ENTITY_LIST,
                day("2023-11-16"), by("88 FR 80131", "2023-11-17", "proposal")));
        assertThat(state.timeline(ENTITY_LIST).stateAt(day("2023-11-15"))).isEqualTo(LISTED);
        assertThat(state.timeline(ENTITY_LIST).stateAt(day("2023-11-16"))).isEqualTo(NOT_LISTED);
    }

    @Test
    void givenOneNoticeWithThreeEffectiveDates_whenRecordedInAnyOrder_thenEachTakesForceOnItsOwnDay() {
        Circumstances notice = by("87 FR 62186", "2022-10-13", null);
        EntityState state = record(listedSince("2015-02-18"), amendment("2022-10-21", "third step", notice),
                amendment("2022-10-07", "first step", notice), amendment("2022-10-12", "second step", notice));
        Timeline timeline = state.timeline(ENTITY_LIST);
        assertThat(policyAt(timeline, "2022-10-06")).isEqualTo("licence");
        assertThat(policyAt(timeline, "2022-10-07")).isEqualTo("first step");
        assertThat(policyAt(timeline, "2022-10-12")).isEqualTo("second step");
        assertThat(policyAt(timeline, "2022-10-20")).isEqualTo("second step");
        assertThat(policyAt(timeline, "2022-10-21")).isEqualTo("third step");
    }

    private static AmendListing amendment(String date, String policy, Circumstances notice) {
        return new AmendListing(SUBJECT, ENTITY_LIST, day(date), Optional.empty(), entry("S", policy), notice);
    }

    private static EntityState listedSince(String date) {
        return record(EntityState.EMPTY, new ListEntity(SUBJECT, ENTITY_LIST, day(date), Optional.empty(),
                entry("S", "licence"), Circumstances.stated()));
    }

    private static EntityState record(EntityState before, EntityCommand... demands) {
        EntityState state = before;
        for (EntityCommand demand : demands) {
            EntityEvent event = Decide.entity(state, demand, LISTS, OptionalLong.empty());
            state = state.after(event, action((int) state.nextSequence() + 1));
        }
        return state;
    }

    private static void refused(EntityState state, EntityCommand demand, Rejection.Code code) {
        Optional<Rejection.Code> refused = Optional.empty();
        try {
            Decide.entity(state, demand, LISTS, OptionalLong.empty());
        } catch (Rejection rejection) {
            refused = Optional.of(rejection.code());
        }
        assertThat(refused).isEqualTo(Optional.of(code));
    }

    private static Notice published(String reference, String date) {
        LocalDate publishedOn = day(date);
        return new Notice("Federal Register", reference, Optional.empty(), Optional.empty(), Optional.of(publishedOn),
                Optional.empty());
    }

    private static Circumstances by(String reference, String date, @Nullable String cause) {
        return new Circumstances(Circumstances.Basis.STATED, Optional.of(published(reference, date)), Optional.empty(),
                Optional.empty(), Optional.ofNullable(cause), Optional.empty(), Optional.empty());
    }

    private static Circumstances citing(String reference, String cause) {
        return new Circumstances(Circumstances.Basis.STATED, Optional.of(Notice.of("Federal Register", reference)),
                Optional.empty(), Optional.empty(), Optional.of(cause), Optional.empty(), Optional.empty());
    }

    private static Circumstances because(String cause) {
        return new Circumstances(Circumstances.Basis.STATED, Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.of(cause), Optional.empty(), Optional.empty());
    }

    private static Entry entry(String name, String reviewPolicy) {
        return new Entry(Entry.Subject.named(name), new Entry.Terms(Optional.of("For all items subject to the EAR"),
                Optional.of(reviewPolicy), List.of(), Optional.empty()), Optional.empty());
    }

    private static Entry withAliases(List<Entry.Alias> aliases) {
        return new Entry(new Entry.Subject("S", Optional.empty(), Optional.empty(), aliases, List.of(), List.of(),
                List.of(), Optional.empty(), Optional.empty()), Entry.Terms.NONE, Optional.empty());
    }

    private static Entry underProgramme(String programme) {
        return new Entry(Entry.Subject.named("S"), new Entry.Terms(Optional.empty(), Optional.empty(),
                List.of(programme), Optional.empty()), Optional.empty());
    }

    private static Entry inForce(Timeline timeline, String date) {
        return timeline.at(day(date)).orElseThrow().inForce().orElseThrow().action().newEntry().orElseThrow();
    }

    private static String policyAt(Timeline timeline, String date) {
        return inForce(timeline, date).terms().licenseReviewPolicy().orElseThrow();
    }

    private static String noticeAt(Timeline timeline, String date) {
        return timeline.at(day(date)).orElseThrow().decidedBy().action().circumstances().notice().orElseThrow()
                .reference();
    }

    private static String causeAt(Timeline timeline, String date) {
        return timeline.at(day(date)).orElseThrow().decidedBy().action().circumstances().cause().orElseThrow();
    }
}
