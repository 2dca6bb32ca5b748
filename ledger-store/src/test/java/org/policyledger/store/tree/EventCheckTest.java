package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.erdtman.jcs.JsonCanonicalizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads events, and tells those whose form is not that in which events are recorded. */
class EventCheckTest {

    private static EventCheck.Leaf read(String event) {
        return EventCheck.read(event.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void givenEventsThatSayNothingOfThemselves_whenTaken_thenAllThatIsMissingIsNamed() {
        EventCheck.Findings findings = new EventCheck.Findings();
        EventCheck check = new EventCheck(true, findings);
        check.take(read("{}"), "line 1");
        check.take(read("{\"position\":\"2\"}"), "line 2");
        assertThat(findings.all().stream().map(Finding::toString)).contains("line 1: the event has no id",
                "line 1: the event has no type", "line 1: the event has no time", "line 1: the event has no subject",
                "line 1: the event has no source",
                "line 1: the event says it has position -1, where 0 should stand",
                "line 2: the event says it has position 2, where 1 should stand");
    }

    /** The sample of RFC 8785, sections 3.2.2 and 3.2.4, as it came and as it is canonical. */
    @Test
    void givenTheSampleOfRfc8785_whenRead_thenItsCanonicalFormAloneHasNoFault() {
        String canonical = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                + "\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assertThat(read(canonical).fault()).isEmpty();
        assertThat(read("{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"
                + "\"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\","
                + "\"literals\":[null,true,false]}").fault())
                .isEqualTo("is not in the canonical form of RFC 8785");
    }

    /** Appendix B of RFC 8785: how doubles are written. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "5e-324", "-5e-324", "1.7976931348623157e+308", "9007199254740992",
            "-9007199254740992", "295147905179352830000", "9.999999999999997e+22", "1e+23", "1.0000000000000001e+23",
            "999999999999999700000", "999999999999999900000", "1e+21", "9.999999999999997e-7", "0.000001",
            "333333333.3333332", "333333333.33333325", "-0.0000033333333333333333", "1424953923781206.2"})
    void givenANumberAsRfc8785WritesIt_whenRead_thenItHasNoFault(String number) {
        assertThat(read("{\"a\":" + number + "}").fault()).isEmpty();
    }

    /** The names of RFC 8785, section 3.2.3, in the order of their UTF-16 code units, which is not that of their code points. */
    @Test
    void givenNamesInTheOrderOfTheirCodeUnits_whenRead_thenThatOrderAloneHasNoFault() {
        List<String> names = List.of("\\r", "1", "\u0080", "\u00f6", "\u20ac", "\ud83d\ude00", "\ufb33");
        assertThat(read(object(names)).fault()).isEmpty();
        for (int i = 1; i < names.size(); i++) {
            List<String> swapped = new ArrayList<>(names);
            java.util.Collections.swap(swapped, i - 1, i);
            assertThat(read(object(swapped)).fault()).isEqualTo("is not in the canonical form of RFC 8785");
        }
    }

    private static String object(List<String> names) {
        return "{" + String.join(",", names.stream().map(name -> "\"" + name + "\":{}").toList()) + "}";
    }

    @ParameterizedTest
    @ValueSource(strings = {"{ }", "{} ", " {}", "{\"a\":1,\"a\":1}", "{\"a\":1,\"a\":2}", "{\"b\":1,\"a\":2}",
            "{\"a\":{\"c\":1,\"b\":2}}", "{\"a\":[{\"c\":1,\"b\":2}]}", "{\"a\":1.0}", "{\"a\":01}", "{\"a\":-0}",
            "{\"a\":1E2}", "{\"a\":1e400}", "{\"a\":\"\\/\"}", "{\"a\":\"\\u0041\"}", "{\"a\":\"\\u000A\"}",
            "{\"a\":\"\\u001F\"}", "{\"\\u0061\":1}", "{\"a\":NaN}", "{\"a\":1,}", "{\"a\":1}{\"a\":1}",
            "{\"a\":1} {\"a\":1}", "{\"a\":1}]", "[]", "1", "", "{\"a\":/*x*/1}", "{'a':1}", "\ufeff{}",
            "{\"a\":9007199254740993}", "{\"a\":\"\t\"}", "{\"a\":\"\\ud800\"}"})
    void givenAnotherForm_whenRead_thenItHasAFault(String event) {
        assertThat(read(event).fault()).isNotEmpty();
    }

    @Test
    void givenBytesThatAreNoUtf8_whenRead_thenTheyHaveAFault() {
        for (byte[] bad : List.of(new byte[]{(byte) 0xC3, 0x28}, new byte[]{(byte) 0xED, (byte) 0xA0, (byte) 0x80},
                new byte[]{(byte) 0xC0, (byte) 0xAF}, new byte[]{(byte) 0xF5, (byte) 0x80, (byte) 0x80, (byte) 0x80})) {
            byte[] event = new byte[bad.length + 8];
            System.arraycopy("{\"a\":\"".getBytes(StandardCharsets.UTF_8), 0, event, 0, 6);
            System.arraycopy(bad, 0, event, 6, bad.length);
            System.arraycopy("\"}".getBytes(StandardCharsets.UTF_8), 0, event, 6 + bad.length, 2);
            assertThat(EventCheck.read(event).fault()).isNotEmpty();
        }
    }

    @Test
    void givenMoreBytesThanAnEntryCanHave_whenRead_thenTheyAreCounted() {
        assertThat(read("{\"a\":\"" + "x".repeat(65_535 - 8) + "\"}").fault()).isEmpty();
        assertThat(read("{\"a\":\"" + "x".repeat(65_535 - 7) + "\"}").fault()).startsWith("has 65536 bytes");
    }

    @Test
    void givenAnyTextsAndNumbers_whenWrittenByTheCanonicalizer_thenTheyHaveNoFaultAndAnyOtherByteMakesOne()
            throws Exception {
        long seed = System.nanoTime();
        System.out.println("EventCheckTest seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            String canonical = new JsonCanonicalizer(value(random, 0)).getEncodedString();
            assertThat(read(canonical).fault()).as(canonical).isEmpty();
            int at = random.nextInt(canonical.length());
            String spaced = canonical.substring(0, at) + " " + canonical.substring(at);
            assertThat(
                    !read(spaced).fault().isEmpty() || spaced.equals(new JsonCanonicalizer(spaced).getEncodedString()))
                    .as(spaced).isTrue();
        }
    }

    private static String value(Random random, int depth) {
        StringBuilder object = new StringBuilder("{");
        for (int i = random.nextInt(6); i > 0; i--) {
            object.append(quoted(random)).append(i).append("\":");
            switch (depth > 3 ? random.nextInt(3) : random.nextInt(5)) {
                case 0 -> object.append(quoted(random)).append('"');
                case 1 -> object.append(Double.toString(number(random)));
                case 2 -> object.append(random.nextInt());
                case 3 -> object.append('[').append(value(random, depth + 1)).append(",true,null]");
                default -> object.append(value(random, depth + 1));
            }
            object.append(i > 1 ? "," : "");
        }
        return object.append('}').toString();
    }

    private static double number(Random random) {
        double any = Double.longBitsToDouble(random.nextLong());
        return Double.isFinite(any) ? any : 0.5;
    }

    /** The beginning of a JSON string of characters of all kinds, escaped. */
    private static String quoted(Random random) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = random.nextInt(8); i > 0; i--) {
            int any = switch (random.nextInt(4)) {
                case 0 -> random.nextInt(0x20);
                case 1 -> 0x20 + random.nextInt(0x60);
                case 2 -> 0x80 + random.nextInt(0xD700);
                default -> 0x10000 + random.nextInt(0x100000);
            };
            for (char unit : Character.toChars(any)) {
                text.append(String.format("\\u%04x", (int) unit));
            }
        }
        return text.toString();
    }
}
