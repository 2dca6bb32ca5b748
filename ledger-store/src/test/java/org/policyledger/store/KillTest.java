package org.policyledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kills a writing process without warning, several times over, and looks at what it left. */
class KillTest extends OpenedLogs {

    private static final int KILLS = 3;
    private static final int ACKNOWLEDGEMENTS_PER_LIFE = 100;

    @ParameterizedTest
    @EnumSource
    void givenProcessKilledWhileAppending_whenReopened_thenAllItAcknowledgedIsThereAndTheLogIsSound(Databases kind)
            throws Exception {
        create(kind);
        Map<Long, String> acknowledged = new HashMap<>();
        Map<Long, String> keys = new HashMap<>();
        for (int kill = 0; kill < KILLS; kill++) {
            database.suspend();
            runAndKill(acknowledged, keys);
            database.resume();
            LedgerLog log = openAgain(LogSettings.defaults());
            List<StoredEvent> all = LogAssertions.assertSound(log);
            assertThat(all.size()).isGreaterThanOrEqualTo((kill + 1) * ACKNOWLEDGEMENTS_PER_LIFE * 2);
            acknowledged.forEach((position, eventId) -> assertThat(all.get(position.intValue()).eventId().toString())
                    .isEqualTo(eventId));
            Map<String, Long> perStream = all.stream().filter(event -> event.stream().startsWith("entity/"))
                    .collect(Collectors.groupingBy(StoredEvent::stream, Collectors.counting()));
            assertThat(perStream.values()).allSatisfy(events -> assertThat(events).isEven()); // appended by twos
            keys.forEach((position, key) -> assertThat(
                    log.findRecorded(Thing.key(key)).orElseThrow().events().getLast().position()).isEqualTo(position));
            assertThat(Thing.append(log, "after", kill).events().getFirst().position()).isEqualTo(all.size());
            log.close();
        }
    }

    private void runAndKill(Map<Long, String> acknowledged, Map<Long, String> keys) throws Exception {
        Process child = database.run(KilledWriter.class);
        int seen = 0;
        try (BufferedReader output = child.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                String[] words = line.split(" ", -1);
                if (words.length == 5 && words[4].equals(".")) { // the kill may cut a line short
                    acknowledged.put(Long.valueOf(words[1]), words[2]);
                    keys.put(Long.valueOf(words[1]), words[3]);
                }
                if (++seen == ACKNOWLEDGEMENTS_PER_LIFE) {
                    child.toHandle().destroyForcibly(); // SIGKILL, and what it printed can still be read
                }
            }
        }
        child.waitFor();
    }
}
