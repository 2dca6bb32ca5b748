package org.policyledger.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

class LedgerJsonTest {

    private static final String DEMAND = """
            {"action": "ListEntity", "entityId": "x", "listId": "l", "effectiveDate": "2020-06-05",
             "entry": {"subject": {"name": "X"}}%s}""";

    @Test
    void givenAbsentAndNullFields_whenRead_thenOptionalsAndListsAreEmpty() {
        for (String extra : new String[]{"", ", \"until\": null"}) {
            Command.ListEntity command = (Command.ListEntity) read(DEMAND.formatted(extra));
            assertThat(command.until()).isEqualTo(Optional.empty());
            assertThat(command.entry().subject().title()).isEqualTo(Optional.empty());
            assertThat(command.entry().subject().aliases()).isEmpty();
            assertThat(command.circumstances().basis()).isEqualTo(Circumstances.Basis.STATED);
            assertThat(command.circumstances().notice()).isEqualTo(Optional.empty());
        }
    }

    @Test
    void givenAnUnknownField_whenRead_thenItIsRefusedByName() {
        assertThatThrownBy(() -> read(DEMAND.formatted(", \"effectivDate\": \"2020-06-06\"")))
                .isInstanceOf(JacksonException.class).hasMessageContaining("effectivDate");
        assertThatThrownBy(() -> read(DEMAND.replace("\"name\"", "\"nam\": 1, \"name\"").formatted("")))
                .isInstanceOf(JacksonException.class).hasMessageContaining("nam");
    }

    @Test
    void givenADuplicateFieldOrTrailingText_whenRead_thenItIsRefused() {
        assertThatThrownBy(() -> read(DEMAND.formatted(", \"listId\": \"m\""))).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> read(DEMAND.formatted("") + " {}")).isInstanceOf(JacksonException.class);
    }

    @Test
    void givenWrongValues_whenRead_thenTheRuleIsNamed() {
        assertThatThrownBy(() -> read(DEMAND.formatted(", \"until\": \"2020-06-05\"")))
                .hasMessageContaining("is not after effectiveDate");
        assertThatThrownBy(() -> read(DEMAND.formatted("").replace("2020-06-05", "0202-06-05")))
                .hasMessageContaining("out of range");
        assertThatThrownBy(() -> read(DEMAND.formatted("").replace("\"x\"", "\"x y\"")))
                .hasMessageContaining("entityId 'x y' has a wrong form");
        assertThatThrownBy(() -> read(DEMAND.formatted("").replace("\"X\"", "7"))).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> read("{\"action\": \"EraseEntity\"}")).hasMessageContaining("EraseEntity");
    }

    @Test
    void givenADateThatIsNotWrittenAsOne_whenRead_thenItIsRefused() {
        for (String wrong : new String[]{"18418", "[2020, 6, 5]", "\"2020-06-05T10:00:00Z\"", "\"2021-02-30\"",
                "\"05.06.2020\"", "\"\"", "true", "{}"}) {
            assertThat(catchThrowable(() -> read(DEMAND.formatted("").replace("\"2020-06-05\"", wrong))))
                    .as(wrong).isInstanceOf(JacksonException.class);
        }
    }

    @Test
    void givenHalfASurrogatePair_whenRead_thenTheFieldIsNamed() {
        for (String half : new String[]{"\\ud83d", "\\ude00", "\\ud83dX", "\\ude00\\ud83d"}) {
            assertThatThrownBy(() -> read(DEMAND.formatted("").replace("\"X\"", "\"a" + half + "\"")))
                    .as(half).hasMessageContaining("entry.subject.name holds half a surrogate pair at 1");
        }
        assertThat(((Command.ListEntity) read(DEMAND.formatted("").replace("\"X\"", "\"\\ud83d\\ude00\""))).entry()
                .subject().name()).isEqualTo("\uD83D\uDE00");
    }

    private static Command read(String json) {
        return LedgerJson.MAPPER.readValue(json, Command.class);
    }
}
