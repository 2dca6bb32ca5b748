package org.policyledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

import org.erdtman.jcs.JsonCanonicalizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.policyledger.store.AppendRefused.Kind;

class CanonicalEventTest {

    private static final String ORIGIN = "ledger.example.org/main";
    private static final UUID ID = UUID.fromString("018c0000-0000-7000-8000-000000000001");
    private static final Instant TIME = Instant.parse("2026-11-24T03:22:58.123456Z");

    private static StoredEvent recorded(String data, Map<String, String> attributes) {
        NewEvent event = new NewEvent("entity/\"1\"\\é", 7, ID, data, attributes);
        EventCodec.Encoded encoded = new EventCodec.Encoded("EntityListed", 2, data, Map.of());
        return CanonicalEvent.of(ORIGIN, event, encoded).recorded(
                new LogWriter.Prepared(event.stream(), 7, ID, "EntityListed", 2,
                        CanonicalEvent.of(ORIGIN, event, encoded)),
                42, TIME, CanonicalEvent.time(Database.micros(TIME)));
    }

    private static AppendRefused refusal(String data, Map<String, String> attributes) {
        return catchThrowableOfType(AppendRefused.class, () -> recorded(data, attributes));
    }

    @Test
    void givenEvent_whenWrittenDown_thenExactlyThis() {
        assertThat(recorded("{ \"b\": 1.0, \"a\": [] }", Map.of("actor", "clerk", "zone", "z")).event())
                .isEqualTo("{\"actor\":\"clerk\",\"data\":{\"a\":[],\"b\":1},\"datacontenttype\":\"application/json\","
                        + "\"id\":\"018c0000-0000-7000-8000-000000000001\",\"position\":\"000000000042\","
                        + "\"revision\":2,\"sequence\":\"000000000007\",\"source\":\"https://ledger.example.org/main\","
                        + "\"specversion\":\"1.0\",\"subject\":\"entity/\\\"1\\\"\\\\é\","
                        + "\"time\":\"2026-11-24T03:22:58.123456Z\",\"type\":\"EntityListed\",\"zone\":\"z\"}");
    }

    @Test
    void givenTimeOnTheFullSecond_whenWritten_thenSixFractionDigits() {
        assertThat(CanonicalEvent.time(0)).isEqualTo("1970-01-01T00:00:00.000000Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"data\":{\"data\":{}}}", "{\"\\u20ac\":\"Euro\",\"\\r\":\"\\r\",\"1\":1e30,"
            + "\"\\ud83d\\ude00\":[4.50,2e-3,0.000000000000000000000000001,true,null],\"</script>\":\"\\u000f\\u0080\"}"})
    void givenData_whenWrittenDown_thenEqualToCanonicalizationOfTheWhole(String data) throws Exception {
        StoredEvent stored = recorded(data, Map.of("a", "ü\"\\ \ud83d\ude00", "zz9", ""));

        assertThat(stored.event()).isEqualTo(new JsonCanonicalizer(stored.event()).getEncodedString());
        assertThat(stored.data()).isEqualTo(new JsonCanonicalizer(data).getEncodedString());
        assertThat(stored.attributes()).isEqualTo(Map.of("a", "ü\"\\ \ud83d\ude00", "zz9", ""));
    }

    @Test
    void givenRandomData_whenWrittenDown_thenEqualToCanonicalizationOfTheWhole() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            StringBuilder data = new StringBuilder("{");
            for (int member = random.nextInt(5); member >= 0; member--) {
                data.append('"').append(member).append(text(random)).append("\":\"").append(text(random)).append("\",");
            }
            data.append("\"n\":").append(random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20)).append('}');
            StoredEvent stored = recorded(data.toString(), Map.of("z", "z"));

            assertThat(stored.event()).as("seed %d", seed)
                    .isEqualTo(new JsonCanonicalizer(stored.event()).getEncodedString());
            assertThat(stored.data()).as("seed %d", seed)
                    .isEqualTo(new JsonCanonicalizer(data.toString()).getEncodedString());
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(12); length > 0; length--) {
            int codePoint = random.nextInt(4) == 0 ? random.nextInt(0x110000) : random.nextInt(0x100);
            boolean surrogate = codePoint >= 0xD800 && codePoint <= 0xDFFF;
            text.append(surrogate
                    ? "s"
                    : codePoint < 0x20 || codePoint == '"' || codePoint == '\\'
                            ? String.format("\\u%04X", codePoint)
                            : Character.toString(codePoint));
        }
        return text.toString();
    }

    @Test
    void givenEvent_whenHashed_thenLeafHashOfRfc6962() throws Exception {
        StoredEvent stored = recorded("{}", Map.of());
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update((byte) 0);
        digest.update(stored.event().getBytes(StandardCharsets.UTF_8));

        assertThat(stored.leafHash()).isEqualTo(Sha256.of(digest.digest()));
        assertThat(stored.leafHash().toString()).hasSize(64);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud800", "\\udc00\\ud800", "\\ud800x"})
    void givenHalfASurrogatePair_whenWrittenDown_thenInvalid(String text) {
        assertThat(refusal("{\"a\":\"" + text + "\"}", Map.of()).kind()).isEqualTo(Kind.INVALID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "1", "{\"a\":}", "{\"a\":1,\"a\":2}", "{} x", "{\"a\":NaN}",
            "{\"a\":9007199254740993}", "{\"a\":-123456789012345678901234567890}"})
    void givenDataThatCouldNotBeKeptExactly_whenWrittenDown_thenInvalid(String data) {
        assertThat(refusal(data, Map.of()).kind()).isEqualTo(Kind.INVALID);
    }

    @Test
    void givenDataNestedTooDeepToRead_whenWrittenDown_thenInvalid() {
        String data = "{\"a\":" + "[".repeat(20_000) + "]".repeat(20_000) + "}";
        assertThat(refusal(data, Map.of()).kind()).isEqualTo(Kind.INVALID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Actor", "actor_id", "abcdefghijklmnopqrstu", "time", "position", "dataschema"})
    void givenBadAttributeName_whenWrittenDown_thenInvalid(String name) {
        assertThat(refusal("{}", Map.of(name, "x")).kind()).isEqualTo(Kind.INVALID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "\u0000", "\ud800", "\u0085"})
    void givenBadAttributeValue_whenWrittenDown_thenInvalid(String value) {
        assertThat(refusal("{}", Map.of("actor", value)).kind()).isEqualTo(Kind.INVALID);
    }
}
