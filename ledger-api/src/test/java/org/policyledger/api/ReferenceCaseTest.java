package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.policyledger.api.snapshot.Samples;
import tools.jackson.databind.JsonNode;

/** The Institute of Forensic Science on the Entity List, from the shipped commands to the answers. */
class ReferenceCaseTest {

    private static final String IFS = "/v1/entities/cn-mps-ifs";
    private static final String LIST = "us-bis-entity-list";
    private static final List<Answer> RECEIPTS = new ArrayList<>();
    private static final List<Answer> AROUND = new ArrayList<>();
    private static RunningLedger ledger;

    @BeforeAll
    static void record() {
        ledger = RunningLedger.start();
        ledger.record(Samples.entityListRegistration());
        Samples.referenceCase().lines().forEach(command -> RECEIPTS.add(ledger.record(command)));
        Samples.referenceCommitment(RECEIPTS.get(2).actionId()).lines()
                .forEach(command -> AROUND.add(ledger.record(command)));
    }

    @AfterAll
    static void stop() {
        ledger.close();
    }

    private static JsonNode status(String asOf, String asKnownAt) {
        return status(IFS, asOf, asKnownAt);
    }

    private static JsonNode status(String entity, String asOf, String asKnownAt) {
        JsonNode answer = ledger.json(entity + "/status?listId=" + LIST + "&asOf=" + asOf
                + (asKnownAt.isEmpty() ? "" : "&asKnownAt=" + asKnownAt));
        assertThat(answer.get("asOf").asString()).isEqualTo(asOf);
        assertThat(answer.get("lists")).hasSize(1);
        return answer.get("lists").get(0);
    }

    private static String stateAgain(String asOf, String asKnownAt) {
        return status(IFS + "-again", asOf, asKnownAt).get("state").asString();
    }

    private static String state(String asOf, String asKnownAt) {
        return status(asOf, asKnownAt).get("state").asString();
    }

    @Test
    void givenTheCase_whenAskedBeforeTheListing_thenNotListedAndTheListingIsTheNextChange() {
        JsonNode status = status("2020-06-04", "");

        assertThat(status.get("state").asString()).isEqualTo("NOT_LISTED");
        assertThat(status.has("entry")).isFalse();
        assertThat(status.has("decidedBy")).isFalse();
        assertThat(status.at("/nextChange/on").asString()).isEqualTo("2020-06-05");
        assertThat(status.at("/nextChange/state").asString()).isEqualTo("LISTED");
        assertThat(status.at("/nextChange/actionId").asString()).isEqualTo(RECEIPTS.get(0).actionId());
    }

    @Test
    void givenTheCase_whenAskedOnTheDayOfTheListing_thenListedWithTheTermsOfItsNotice() {
        JsonNode status = status("2020-06-05", "");

        assertThat(status.get("state").asString()).isEqualTo("LISTED");
        assertThat(status.get("since").asString()).isEqualTo("2020-06-05");
        assertThat(status.at("/entry/terms/licenseReviewPolicy").asString())
                .startsWith("Presumption of denial").doesNotContain("infectious disease");
        assertThat(status.at("/decidedBy/circumstances/notice/reference").asString()).isEqualTo("85 FR 34503");
        assertThat(status.at("/decidedBy/circumstances/announcedOn").asString()).isEqualTo("2020-05-22");
    }

    @Test
    void givenTheCase_whenAskedOnTheDayOfTheAmendment_thenListedWithTheAmendedPolicy() {
        JsonNode status = status("2020-07-22", "");

        assertThat(status.get("state").asString()).isEqualTo("LISTED");
        assertThat(status.get("since").asString()).as("an amendment does not begin the listing anew")
                .isEqualTo("2020-06-05");
        assertThat(status.at("/entry/terms/licenseReviewPolicy").asString()).contains("infectious disease");
        assertThat(status.at("/decidedBy/circumstances/notice/reference").asString()).isEqualTo("85 FR 44159");
        assertThat(status("2020-07-21", "").at("/entry/terms/licenseReviewPolicy").asString())
                .doesNotContain("infectious disease");
    }

    @Test
    void givenTheCase_whenAskedAroundTheRemoval_thenListedUpToTheDayBeforeAndNotFromTheDayOn() {
        assertThat(state("2023-11-15", "")).isEqualTo("LISTED");
        JsonNode removed = status("2023-11-16", "");
        assertThat(removed.get("state").asString()).isEqualTo("NOT_LISTED");
        assertThat(removed.get("cause").asString()).isEqualTo("removal-proposal");
        assertThat(removed.get("since").asString()).isEqualTo("2023-11-16");
        assertThat(removed.at("/decidedBy/circumstances/notice/reference").asString()).isEqualTo("88 FR 80131");
        assertThat(removed.at("/decidedBy/circumstances/notice/publishedOn").asString())
                .as("effective the day before it was published").isEqualTo("2023-11-17");
        assertThat(state("2024-07-31", "")).isEqualTo("NOT_LISTED");
    }

    @Test
    void givenTheCase_whenAskedAsKnownBeforeTheRemovalWasRecorded_thenStillListedOnThatDay() {
        String before = "position:" + (RECEIPTS.get(2).position() - 1);

        assertThat(state("2023-11-16", before)).isEqualTo("LISTED");
        assertThat(state("2023-11-16", "position:" + RECEIPTS.get(2).position())).isEqualTo("NOT_LISTED");
        assertThat(state("2023-11-16", RECEIPTS.get(2).at("/recordedAt"))).isEqualTo("NOT_LISTED");
        assertThat(state("2020-06-05", "position:" + (RECEIPTS.get(0).position() - 1))).isEqualTo("NOT_LISTED");
    }

    @Test
    void givenTheCase_whenTheHistoryIsAsked_thenEveryActionComesWithTimesActorNoticeAndChangedFields() {
        JsonNode actions = ledger.json(IFS + "/history?asKnownAt=position:" + RECEIPTS.get(2).position())
                .get("actions");

        assertThat(actions).hasSize(3);
        List<String> types = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            JsonNode action = actions.get(i);
            types.add(action.get("type").asString());
            assertThat(action.get("sequence").asLong()).isEqualTo(i);
            assertThat(action.get("actionId").asString()).isEqualTo(RECEIPTS.get(i).actionId());
            assertThat(action.get("position").asLong()).isEqualTo(RECEIPTS.get(i).position());
            assertThat(action.get("recordedAt").asString()).isEqualTo(RECEIPTS.get(i).at("/recordedAt"));
            assertThat(action.get("actor").asString()).isEqualTo("anonymous");
            assertThat(action.at("/event/circumstances/notice/publisher").asString()).isEqualTo("Federal Register");
        }
        assertThat(types).containsExactly("EntityListed", "ListingAmended", "EntityDelisted");
        assertThat(actions.get(1).get("changes")).hasSize(1);
        assertThat(actions.get(1).at("/changes/0/field").asString()).isEqualTo("/terms/licenseReviewPolicy");
        assertThat(actions.get(1).at("/changes/0/before").asString()).doesNotContain("infectious");
        assertThat(actions.get(1).at("/changes/0/after").asString()).contains("infectious");
        assertThat(actions.get(2).get("effectiveDate").asString()).isEqualTo("2023-11-16");
        assertThat(actions.get(2).at("/event/circumstances/rationale/text").asString())
                .contains("End-User Review Committee");
    }

    @Test
    void givenTheCase_whenTheTimelineIsAsked_thenItsThreePeriodsJoinWithoutGaps() {
        JsonNode periods = ledger.json(IFS + "/timeline?asKnownAt=position:" + RECEIPTS.get(2).position())
                .at("/lists/" + LIST);

        assertThat(periods).hasSize(3);
        List<String> told = new ArrayList<>();
        periods.forEach(period -> told.add(period.get("from").asString() + " " + period.path("to").asString("open")
                + " " + period.get("state").asString()));
        assertThat(told).containsExactly("2020-06-05 2020-07-22 LISTED", "2020-07-22 2023-11-16 LISTED",
                "2023-11-16 open NOT_LISTED");
    }

    private static String whole() {
        return "position:" + AROUND.getLast().position();
    }

    private static JsonNode dossier(String query) {
        return ledger.json("/v1/dossiers/ifs?" + query);
    }

    private static List<String> told(JsonNode dossier) {
        List<String> told = new ArrayList<>();
        dossier.get("chronology").forEach(item -> told.add(item.get("date").asString() + " "
                + item.get("type").asString() + item.at("/event/statement/organisation").asString("")
                        .transform(who -> who.isEmpty() ? "" : " " + who)));
        return told;
    }

    @Test
    void givenTheCase_whenItsDossierIsAsked_thenTheAffairIsToldWholeInTheOrderOfItsDays() {
        JsonNode dossier = dossier("asOf=2024-07-31&asKnownAt=" + whole());

        assertThat(told(dossier)).containsExactly("2020-06-05 EntityListed", "2020-07-22 ListingAmended",
                "2023-11-15 CommitmentRecorded", "2023-11-16 EntityDelisted",
                "2023-11-16 StatementRecorded US Department of State",
                "2023-11-17 StatementRecorded China National Narcotics Control Commission",
                "2023-11-17 StatementRecorded Chinese state media", "2024-01-30 CommitmentAssessed",
                "2024-07-31 CommitmentAssessed");
        assertThat(dossier.at("/chronology/3/event/circumstances/notice/reference").asString())
                .isEqualTo("88 FR 80131");
        assertThat(dossier.get("entities")).hasSize(1);
        assertThat(dossier.at("/entities/0/entityId").asString()).isEqualTo("cn-mps-ifs");
        assertThat(dossier.at("/entities/0/lists/0/state").asString()).isEqualTo("NOT_LISTED");
        assertThat(dossier.get("commitments")).hasSize(1);
        assertThat(dossier.at("/commitments/0/latestAssessment/assessment/assessedOn").asString())
                .isEqualTo("2024-07-31");
        assertThat(dossier.at("/commitments/0/actionIds/0").asString()).as("given for the removal")
                .isEqualTo(RECEIPTS.get(2).actionId());
    }

    @Test
    void givenOpposingStatements_whenTheDossierIsAsked_thenEachIsAttributedAndNoneIsPreferred() {
        JsonNode chronology = dossier("asOf=2023-11-17&asKnownAt=" + whole()).get("chronology");

        List<String> said = new ArrayList<>();
        chronology.forEach(item -> {
            if (item.get("type").asString().equals("StatementRecorded")) {
                assertThat(item.at("/event/actionId").asString()).isEqualTo(RECEIPTS.get(2).actionId());
                said.add(item.at("/event/statement/organisation").asString() + ": "
                        + item.at("/event/statement/stance").asString());
            }
        });
        assertThat(said).containsExactly("US Department of State: supports",
                "China National Narcotics Control Commission: announces", "Chinese state media: explains");
    }

    @Test
    void givenTheCase_whenTheDossierIsAskedOfAnEarlierDayOrAsKnownEarlier_thenOnlyWhatWasThenIsTold() {
        assertThat(told(dossier("asOf=2023-11-15&asKnownAt=" + whole()))).containsExactly("2020-06-05 EntityListed",
                "2020-07-22 ListingAmended", "2023-11-15 CommitmentRecorded");
        assertThat(told(dossier("asOf=2024-07-31&asKnownAt=position:" + RECEIPTS.get(2).position())))
                .containsExactly("2020-06-05 EntityListed", "2020-07-22 ListingAmended",
                        "2023-11-16 EntityDelisted");
        assertThat(told(dossier("asOf=2024-07-31&asKnownAt=position:" + (RECEIPTS.get(2).position() - 1))))
                .containsExactly("2020-06-05 EntityListed", "2020-07-22 ListingAmended");
    }

    @Test
    void givenTheCase_whenTheCommitmentIsAsked_thenItStandsOpenWithTheFindingOfTheDay() {
        String path = "/v1/commitments/cn-us-fentanyl-precursors?asKnownAt=" + whole() + "&asOf=";
        JsonNode before = ledger.json(path + "2023-11-14");
        assertThat(before.at("/commitment/state").asString()).isEqualTo("NOT_MADE");
        JsonNode january = ledger.json(path + "2024-01-30");
        assertThat(january.at("/commitment/state").asString()).isEqualTo("OPEN");
        assertThat(january.at("/commitment/latestAssessment/assessment/assessedOn").asString())
                .isEqualTo("2024-01-30");
        assertThat(january.get("assessments")).hasSize(1);
        assertThat(ledger.json(path + "2024-07-31").get("assessments")).hasSize(2);
    }

    @Test
    void givenTheStatements_whenTheHistoryIsAsked_thenTheyAreToldAmongTheActionsAndTheStatusIsAsBefore() {
        JsonNode actions = ledger.json(IFS + "/history?asKnownAt=" + whole()).get("actions");

        List<String> types = new ArrayList<>();
        actions.forEach(action -> types.add(action.get("type").asString()));
        assertThat(types).containsExactly("EntityListed", "ListingAmended", "EntityDelisted", "StatementRecorded",
                "StatementRecorded", "StatementRecorded");
        assertThat(actions.get(3).has("listId")).isFalse();
        assertThat(actions.at("/3/event/statement/stance").asString()).isEqualTo("supports");
        assertThat(state("2023-11-16", whole())).isEqualTo("NOT_LISTED");
        assertThat(state("2023-11-15", whole())).isEqualTo("LISTED");
    }

    @Test
    void givenTheCase_whenTheRemovalIsCorrectedAndThenVoided_thenEachPositionGoesOnShowingWhatWasKnownThere() {
        List<String> commands = Samples.referenceCase().replace("cn-mps-ifs", "cn-mps-ifs-again").lines().toList();
        List<Answer> receipts = commands.stream().map(ledger::record).toList();
        String removal = receipts.get(2).actionId();

        Answer correction = ledger.record(Demand.correct("cn-mps-ifs-again", removal,
                commands.get(2).replace("2023-11-16", "2023-11-17")));
        assertThat(stateAgain("2023-11-16", "")).isEqualTo("LISTED");
        assertThat(stateAgain("2023-11-17", "")).isEqualTo("NOT_LISTED");
        JsonNode decided = status(IFS + "-again", "2023-11-17", "").get("decidedBy");
        assertThat(decided.get("actionId").asString()).isEqualTo(removal);
        assertThat(decided.get("correctedBy").asString()).isEqualTo(correction.actionId());

        Answer voiding = ledger.record(Demand.strike("cn-mps-ifs-again", removal));
        assertThat(stateAgain("2023-11-17", "")).isEqualTo("LISTED");

        String asRecorded = "position:" + receipts.get(2).position();
        String asCorrected = "position:" + correction.position();
        String asVoided = "position:" + voiding.position();
        assertThat(List.of(stateAgain("2023-11-16", asRecorded), stateAgain("2023-11-17", asRecorded)))
                .containsOnly("NOT_LISTED");
        assertThat(List.of(stateAgain("2023-11-16", asCorrected), stateAgain("2023-11-17", asCorrected)))
                .containsExactly("LISTED", "NOT_LISTED");
        assertThat(List.of(stateAgain("2023-11-16", asVoided), stateAgain("2023-11-17", asVoided)))
                .containsOnly("LISTED");

        JsonNode actions = ledger.json(IFS + "-again/history").get("actions");
        assertThat(actions).hasSize(5);
        assertThat(actions.at("/2/correctedBy/0").asString()).isEqualTo(correction.actionId());
        assertThat(actions.at("/2/voidedBy").asString()).isEqualTo(voiding.actionId());
        assertThat(actions.at("/3/corrects").asString()).isEqualTo(removal);
        assertThat(actions.at("/3/changes/0/field").asString()).isEqualTo("/effectiveDate");
        assertThat(actions.at("/3/changes/0/before").asString()).isEqualTo("2023-11-16");
        assertThat(actions.at("/4/voids").asString()).isEqualTo(removal);
        JsonNode before = ledger.json(IFS + "-again/history?asKnownAt=" + asRecorded).at("/actions/2");
        assertThat(before.get("correctedBy")).isEmpty();
        assertThat(before.has("voidedBy")).isFalse();
    }
}
