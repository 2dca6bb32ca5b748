package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.policyledger.store.Databases;
import org.policyledger.store.tree.Checkpoint;
import org.policyledger.store.tree.NoteKey;
import org.policyledger.store.tree.SignedNote;
import org.policyledger.store.tree.Verifier;
import tools.jackson.databind.JsonNode;

/** The process is killed in the middle of concurrent writes; what it acknowledged must be there when it is started again. */
class CrashTest {

    private static final int WRITERS = 6;
    private static final String L = "crash";
    /** So that a kill often hits the tree while it grows. */
    private static final String OFTEN = "--set=ledger.checkpoint-interval=5ms";

    /** What the killed processes acknowledged: the position of each action, the entities written to, the checkpoints signed. */
    private static final class Acknowledged {
        private final Map<String, Long> positions = new HashMap<>();
        private final TreeSet<String> entities = new TreeSet<>();
        private final Set<String> checkpoints = new LinkedHashSet<>();
    }

    @Test
    void givenConcurrentWritesToAFile_whenTheProcessIsKilledThreeTimes_thenEveryAcknowledgedActionIsThere()
            throws InterruptedException, ExecutionException, IOException {
        Path data = RunningLedger.folder();
        Path home = RunningLedger.folder();
        Random random = seeded();
        Acknowledged acknowledged = new Acknowledged();
        for (int round = 0; round < 3; round++) {
            try (ServiceProcess service = ServiceProcess.serve(home, OFTEN, "--data", data.toString())) {
                check(service::get, acknowledged);
                killAmidWrites(service, round, random, acknowledged);
            }
        }
        try (RunningLedger again = RunningLedger.on(data)) {
            check(again::get, acknowledged);
        }
        assertThat(home.resolve(".axoniq")).as("nothing calls home").doesNotExist();
        RunningLedger.delete(data);
        RunningLedger.delete(home);
    }

    @Test
    void givenConcurrentWritesToPostgres_whenTheProcessIsKilled_thenEveryAcknowledgedActionIsThere()
            throws InterruptedException, ExecutionException, IOException {
        Path home = RunningLedger.folder();
        Acknowledged acknowledged = new Acknowledged();
        try (Databases.Fresh database = Databases.POSTGRESQL.create()) {
            try (ServiceProcess service = ServiceProcess.serve(home, OFTEN, "--data", home.toString(), "--db-url",
                    database.url(), "--db-user", database.user())) {
                killAmidWrites(service, 0, seeded(), acknowledged);
            }
            try (RunningLedger again = RunningLedger.on(home, "--ledger.db.url=" + database.url(),
                    "--ledger.db.user=" + database.user())) {
                check(again::get, acknowledged);
            }
        }
        RunningLedger.delete(home);
    }

    private static Random seeded() {
        long seed = System.nanoTime();
        System.out.println("CrashTest seed " + seed);
        return new Random(seed);
    }

    private static void killAmidWrites(ServiceProcess service, int round, Random random, Acknowledged acknowledged)
            throws InterruptedException, ExecutionException {
        Answer registered = service.post("/v1/lists", Demand.register(L), "Idempotency-Key", "register");
        assertThat(registered.status()).as(registered.toString()).isEqualTo(201);
        Queue<Answer> receipts = new ConcurrentLinkedQueue<>();
        try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS + 1)) {
            List<Future<?>> running = new ArrayList<>();
            running.add(writers.submit(() -> keepCheckpointsUntilGone(service, acknowledged.checkpoints)));
            for (int writer = 0; writer < WRITERS; writer++) {
                String name = "k-" + round + "-" + writer + "-";
                running.add(writers.submit(() -> writeUntilGone(service, name, receipts)));
            }
            int enough = random.nextInt(60, 240);
            while (receipts.size() < enough && running.stream().noneMatch(Future::isDone)) {
                Thread.sleep(1);
            }
            service.kill();
            for (Future<?> writer : running) {
                writer.get();
            }
        }
        assertThat(receipts).hasSizeGreaterThan(50);
        receipts.forEach(receipt -> {
            acknowledged.positions.put(receipt.actionId(), receipt.position());
            acknowledged.entities.add(receipt.at("/entityId"));
        });
    }

    private static void keepCheckpointsUntilGone(ServiceProcess service, Set<String> kept) {
        try {
            while (true) {
                Answer answer = service.get("/log/checkpoint");
                if (answer.status() == 200) { // else none is signed yet
                    kept.add(answer.text());
                }
            }
        } catch (UncheckedIOException gone) {
            assertThat(kept).hasSizeGreaterThan(3);
        }
    }

    private static void writeUntilGone(ServiceProcess service, String name, Queue<Answer> receipts) {
        for (int i = 0;; i++) {
            String entity = name + i / 3;
            String command = switch (i % 3) {
                case 0 -> Demand.list(entity, L, "2020-01-01");
                case 1 -> Demand.amend(entity, L, "2020-02-01", "other wording");
                default -> Demand.delist(entity, L, "2020-03-01");
            };
            try {
                Answer answer = service.post("/v1/actions", command);
                assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
                receipts.add(answer);
            } catch (UncheckedIOException gone) {
                return;
            }
        }
    }

    /** The log begins with what every checkpoint says that anybody was given. */
    private static void checkCheckpoints(Function<String, Answer> service, Set<String> kept) throws IOException {
        String note = service.apply("/log/checkpoint").text();
        Path export = Files.createTempFile("crash", ".ndjson");
        long size = Checkpoint.parse(SignedNote.parse(note).text()).size();
        Files.writeString(export, service.apply("/v1/export?to=" + size).text());
        assertThat(new Verifier(List.of(NoteKey.parse(service.apply("/log/key").text().strip())),
                kept.stream().map(SignedNote::parse).toList(), events -> {
                }).export(List.of(export), note).findings()).isEmpty();
        Files.delete(export);
    }

    private static void check(Function<String, Answer> service, Acknowledged acknowledged) throws IOException {
        if (!acknowledged.checkpoints.isEmpty()) {
            checkCheckpoints(service, acknowledged.checkpoints);
        }
        // The readings go on from their last commit: an answer at the last position waits for them.
        long head = service.apply("/actuator/health").json().at("/components/ledger/details/recorded").asLong();
        if (head > 0) {
            assertThat(service.apply("/v1/lists?asKnownAt=position:" + (head - 1)).status()).isEqualTo(200);
        }
        Map<String, Long> recorded = new HashMap<>();
        List<Long> positions = new ArrayList<>();
        String next = "/v1/events?limit=1000";
        while (!next.isEmpty()) {
            Answer page = service.apply(next);
            page.json().forEach(event -> {
                positions.add(Long.parseLong(event.get("position").asString()));
                recorded.put(event.get("id").asString(), positions.getLast());
            });
            next = page.next();
        }
        for (int i = 0; i < positions.size(); i++) {
            assertThat(positions.get(i)).isEqualTo(i);
        }
        assertThat(positions).hasSize(Math.toIntExact(head));
        assertThat(recorded).containsAllEntriesOf(acknowledged.positions);
        for (String entity : acknowledged.entities) {
            JsonNode actions = service.apply("/v1/entities/" + entity + "/history").json().get("actions");
            for (int i = 0; i < actions.size(); i++) {
                assertThat(actions.get(i).get("sequence").asInt()).isEqualTo(i);
            }
            JsonNode status = service.apply("/v1/entities/" + entity + "/status?asOf=2020-04-01").json().at("/lists/0");
            JsonNode last = actions.get(actions.size() - 1);
            assertThat(status.get("state").asString()).as(entity)
                    .isEqualTo(last.get("type").asString().equals("EntityDelisted") ? "NOT_LISTED" : "LISTED");
            assertThat(status.at("/decidedBy/actionId").asString()).isEqualTo(last.get("actionId").asString());
        }
    }
}
