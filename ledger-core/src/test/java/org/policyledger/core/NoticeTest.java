package org.policyledger.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.policyledger.core.Sample.day;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.policyledger.core.Command.RecordNotice;
import org.policyledger.core.event.NoticeRecorded;
import tools.jackson.databind.exc.ValueInstantiationException;

/** A notice's identity, and the decision to record it. */
class NoticeTest {

    private static final Notice NOTICE = Notice.of("Federal Register", "88 FR 80131");
    private static final RecordNotice DEMAND = new RecordNotice(NOTICE, NoticeContent.NONE, Optional.of("ifs"));
    private static final NoticeRecorded RECORDED = new NoticeRecorded(new NoticeId("federal-register:88-FR-80131"),
            NOTICE, NoticeContent.NONE, Optional.of("ifs"));

    private final AggregateTestFixture<NoticeRecord> fixture = new AggregateTestFixture<>(NoticeRecord.class);

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"Federal Register|88 FR 80131|federal-register:88-FR-80131",
            "federal  register|88-FR-80131|federal-register:88-FR-80131",
            "Federal Register|FR Doc 2022-07643|federal-register:FR-Doc-2022-07643",
            "Example Gazette|2024/7|example-gazette:2024~2F7",
            "Journal officiel de l'État|n° 1|journal-officiel-de-l~27~C3~A9tat:n~C2~B0-1"})
    void givenACitation_thenItsIdentityIsReadableAndSafeInAPath(String publisher, String reference, String id) {
        assertThat(NoticeId.of(Notice.of(publisher, reference)).value()).isEqualTo(id);
    }

    @Test
    void givenTwoLongReferencesThatDifferAtTheEnd_thenTheirIdentitiesDifferAndAreShort() {
        NoticeId one = NoticeId.of(Notice.of("p".repeat(200), "é".repeat(199) + "1"));
        NoticeId other = NoticeId.of(Notice.of("p".repeat(200), "é".repeat(199) + "2"));
        assertThat(one).isNotEqualTo(other);
        assertThat(one.stream().length()).isLessThan(300);
    }

    @Test
    void givenNothing_whenRecordNotice_thenNoticeRecorded() {
        fixture.givenNoPriorActivity().when(DEMAND).expectSuccessfulHandlerExecution().expectEvents(RECORDED);
    }

    @Test
    void givenRecorded_whenRecordedAgain_thenRefusedWithTheWayOut() {
        fixture.given(RECORDED).when(DEMAND).expectNoEvents().expectException(Rejection.class).expectExceptionMessage(
                "Notice federal-register:88-FR-80131 is recorded already: record further actions that cite it with"
                        + " POST /v1/actions or /v1/actions/batch");
    }

    @Test
    void givenRecorded_whenDecided_thenTheCodeIsNoticeAlreadyRecorded() {
        assertThatThrownBy(() -> Decide.notice(1, DEMAND, OptionalLong.empty())).isInstanceOfSatisfying(
                Rejection.class, refused -> assertThat(refused.code())
                        .isEqualTo(Rejection.Code.NOTICE_ALREADY_RECORDED));
    }

    @Test
    void whenAFieldIsToldAndSaidNotToBeTold_thenRefused() {
        NoticeContent content = new NoticeContent(List.of(), Optional.of(day("2023-11-16")), List.of(),
                Optional.empty(), Optional.empty(), Optional.empty(), List.of("effectiveDate"));
        assertThatThrownBy(() -> new RecordNotice(NOTICE, content, Optional.empty()))
                .hasMessage("content.notTold names effectiveDate, which is told: leave it out of notTold, or leave the"
                        + " field out");
    }

    @Test
    void whenNotToldNamesNoField_thenRefused() {
        assertThatThrownBy(() -> LedgerJson.MAPPER.readValue("""
                {"action": "RecordNotice", "notice": {"publisher": "P", "reference": "1"},
                 "content": {"notTold": ["colour"]}}""", Command.class))
                .isInstanceOf(ValueInstantiationException.class)
                .hasMessageContaining("content.notTold names 'colour', which is no field of a notice");
    }

    @Test
    void givenACommandOfTheCitationOnly_thenItsContentIsAbsentAndNotGuessed() {
        Command read = LedgerJson.MAPPER.readValue(
                "{\"action\": \"RecordNotice\", \"notice\": {\"publisher\": \"P\", \"reference\": \"1\"}}",
                Command.class);
        assertThat(read)
                .isEqualTo(new RecordNotice(Notice.of("P", "1"), NoticeContent.NONE, Optional.empty()));
    }
}
