package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.policyledger.store.tree.Checkpoint;
import org.policyledger.store.tree.NoteKey;
import org.policyledger.store.tree.SignedNote;
import org.policyledger.store.tree.TlogProof;
import org.policyledger.store.tree.Verifier;
import tools.jackson.databind.JsonNode;

/** A service whose checkpoints are signed by a witness in another process, and kept in a folder outside its database. */
class WitnessedServiceTest {

    private static final String ORIGIN = "ledger.example/witnessed";

    private final Path home = RunningLedger.folder();
    private final Path data = home.resolve("data");
    private final Path copies = home.resolve("copies");
    private Optional<ServiceProcess> witness = Optional.empty();
    private String asked = "";

    @BeforeEach
    void startBoth() throws IOException {
        Files.createDirectory(copies);
        // The first start makes the key that the witness must know.
        try (RunningLedger first = RunningLedger.on(data, "--ledger.origin=" + ORIGIN)) {
            Files.writeString(home.resolve("log.keys"), first.get("/log/key").text());
        }
        startWitness("0");
    }

    private void startWitness(String port) {
        ServiceProcess started = ServiceProcess.run(home, "witness", "--name", "witness.example", "--log",
                home.resolve("log.keys").toString(), "--data", home.resolve("witness").toString(), "--port", port);
        witness = Optional.of(started);
        until(() -> started.output().contains("http://"));
        asked = started.output().lines().filter(line -> line.contains(" http://")).findFirst().orElseThrow();
    }

    @AfterEach
    void stopBoth() {
        witness.ifPresent(ServiceProcess::close);
        RunningLedger.delete(home);
    }

    private RunningLedger start(String... more) {
        return RunningLedger.on(data, java.util.stream.Stream.concat(
                java.util.stream.Stream.of("--ledger.checkpoint-interval=50ms", "--ledger.witnesses.asked=" + asked,
                        "--ledger.witnesses.interval=50ms"),
                java.util.stream.Stream.of(more)).toArray(String[]::new));
    }

    private RunningLedger startWithCopies() {
        return start("--ledger.checkpoint-copies.folder=" + copies, "--ledger.checkpoint-copies.interval=50ms");
    }

    private NoteKey witnessKey() {
        return NoteKey.parse(asked.split(" ", 2)[0]);
    }

    private static void until(BooleanSupplier holds) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it does not come about").isLessThan(end);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private static long cosigned(RunningLedger ledger) {
        Answer answer = ledger.get("/log/cosigned/checkpoint");
        return answer.status() == 404 ? 0 : Checkpoint.parse(SignedNote.parse(answer.text()).text()).size();
    }

    private static double metric(RunningLedger ledger, String name) {
        return ledger.get("/actuator/prometheus").text().lines().filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).findFirst()
                .orElseThrow(() -> new AssertionError(name));
    }

    private static String said(RunningLedger ledger, String detail) {
        return ledger.get("/actuator/health").json().at("/components/oversight/details/" + detail).asString();
    }

    @Test
    void givenAWitnessAndAFolder_whenEventsAreRecorded_thenCheckpointsAndProofsCarryBothSignaturesAndAreKept()
            throws Exception {
        try (RunningLedger ledger = startWithCopies()) {
            assertThat(ledger.get("/log/cosigned/checkpoint").status()).isEqualTo(404);
            ledger.record(Demand.register("witnessed"));
            Answer receipt = ledger.record(Demand.list("w-1", "witnessed", "2020-01-01"));
            until(() -> cosigned(ledger) == ledger.head());
            SignedNote note = SignedNote.parse(ledger.get("/log/checkpoint").text());
            List<NoteKey> keys = List.of(NoteKey.parse(ledger.get("/log/key").text().strip()), witnessKey());
            assertThat(note.signedBy(keys)).isEqualTo(keys);
            assertThat(ledger.get("/log/cosigned/checkpoint").text()).isEqualTo(note.toString());
            assertThat(ledger.get("/log/cosigned/tile/0/000.p/2").response().body())
                    .isEqualTo(ledger.get("/log/tile/0/000.p/2").response().body()).hasSize(64);
            assertThat(ledger.get("/log/cosigned/key").text()).isEqualTo(ledger.get("/log/key").text());
            String proof = ledger.get("/v1/events/" + receipt.actionId() + "/proof").text();
            assertThat(SignedNote.parse(TlogProof.parse(proof).checkpoint()).signedBy(keys)).isEqualTo(keys);
            byte[] event = ledger.get("/v1/events/" + receipt.actionId()).response().body();
            for (NoteKey trusted : keys) {
                assertThat(new Verifier(List.of(trusted), List.of(), read -> {}).proof(event, proof).findings())
                        .isEmpty();
            }

            until(() -> metric(ledger, "ledger_witness_lag{witness=\"witness.example\"}") == 0
                    && metric(ledger, "ledger_checkpoint_copies_lag") == 0);
            assertThat(metric(ledger, "ledger_checkpoint_alarms")).isZero();
            assertThat(said(ledger, "witnesses/witness.example")).isEqualTo("signed at 2 events");
            assertThat(said(ledger, "checkpointCopies")).isEqualTo("kept at 2 events");

            // A witness that is killed is trouble, and no alarm; and it comes back as it was.
            String port = asked.substring(asked.lastIndexOf(':') + 1);
            witness.orElseThrow().kill();
            ledger.record(Demand.list("w-2", "witnessed", "2020-01-01"));
            until(() -> said(ledger, "witnesses/witness.example").contains("cannot be asked"));
            assertThat(ledger.json("/actuator/health").get("status").asString()).isEqualTo("UP");
            assertThat(cosigned(ledger)).isEqualTo(2);
            startWitness(port);
            until(() -> cosigned(ledger) == 3);
            ledger.record(Demand.list("w-3", "witnessed", "2020-01-01"));
        }
        assertThat(Checkpoint.parse(SignedNote.parse(Files.readString(copies.resolve("latest"))).text()).size())
                .as("the last one is kept when the service stops").isEqualTo(4);
    }

    @Test
    void givenAnOlderCopyOfTheDatabase_whenItIsPutBack_thenTheFolderStopsTheStartAndTheWitnessRaisesTheAlarm()
            throws Exception {
        try (RunningLedger ledger = startWithCopies()) {
            ledger.record(Demand.register("witnessed"));
            until(() -> cosigned(ledger) == 1);
        }
        Path database = data.resolve("ledger.mv.db");
        byte[] older = Files.readAllBytes(database);
        try (RunningLedger ledger = startWithCopies()) {
            ledger.record(Demand.list("w-1", "witnessed", "2020-01-01"));
            until(() -> cosigned(ledger) == 2 && Files.exists(copies.resolve("2.checkpoint")));
        }
        Files.write(database, older);
        assertThatThrownBy(this::startWithCopies).rootCause()
                .hasMessageContainingAll(copies.resolve("2.checkpoint").toString(), "2 events", "covers 1",
                        "rolled back");

        try (RunningLedger blind = start()) {
            until(() -> metric(blind, "ledger_checkpoint_alarms") == 1);
            JsonNode health = blind.get("/actuator/health").json();
            assertThat(health.get("status").asString()).isEqualTo("DOWN");
            assertThat(blind.json("/actuator/health/readiness").get("status").asString()).isEqualTo("UP");
            assertThat(said(blind, "witnesses/witness.example")).contains("has signed this log at 2 events", "holds 1");
            assertThat(blind.record(Demand.list("w-9", "witnessed", "2020-01-01")).status())
                    .as("whom a witness could stop from recording, it would rule").isEqualTo(201);
        }
    }

    @Test
    void givenARotationOfTheKey_whenTheServiceStartsAgain_thenBothSignAndAllKeysAreGivenTheCurrentFirst()
            throws Exception {
        String before = Files.readString(home.resolve("log.keys"));
        Path file = data.resolve("ledger.key");
        try (ServiceProcess rotation = ServiceProcess.run(home, "rotate-key", file.toString())) {
            assertThat(rotation.exitCode()).as(rotation.output()).isZero();
            Files.writeString(home.resolve("log.keys"), rotation.output());
        }
        try (RunningLedger ledger = start()) {
            ledger.record(Demand.register("witnessed"));
            until(() -> cosigned(ledger) == 1);
            assertThat(ledger.get("/log/key").text()).isEqualTo(Files.readString(home.resolve("log.keys")))
                    .endsWith(before).hasLineCount(2);
            List<NoteKey> keys = ledger.get("/log/key").text().lines().map(NoteKey::parse).toList();
            assertThat(SignedNote.parse(ledger.get("/log/checkpoint").text()).signedBy(keys)).isEqualTo(keys);
        }
        try (ServiceProcess missing = ServiceProcess.run(home, "rotate-key", home.resolve("none").toString())) {
            assertThat(missing.exitCode()).isEqualTo(3);
            assertThat(missing.output()).contains("is not there");
        }
    }

    @Test
    void givenSettingsThatCannotBeMeant_whenTheServiceStarts_thenItSaysWhichInOneSentence() {
        for (List<String> wrong : List.of(List.of("--ledger.witnesses.asked=nobody", "'nobody'"),
                List.of("--ledger.witnesses.needed=2", "quorum of 2 among 1"),
                List.of("--ledger.checkpoint-copies.folder=" + home.resolve("missing"), "make the folder"))) {
            assertThatThrownBy(() -> start(wrong.getFirst()).close()).as(wrong.toString())
                    .satisfies(failure -> assertThat(messages(failure)).contains(wrong.getLast()));
        }
    }

    private static String messages(Throwable failure) {
        return failure.getMessage() + (failure.getCause() == null ? "" : "\n" + messages(failure.getCause()));
    }
}
