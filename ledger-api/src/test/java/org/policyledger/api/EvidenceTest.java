package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.policyledger.core.LedgerJson;
import org.policyledger.store.tree.Finding;
import org.policyledger.store.tree.NoteKey;
import org.policyledger.store.tree.SignedNote;
import org.policyledger.store.tree.Verifier;
import tools.jackson.databind.JsonNode;

class EvidenceTest {

    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static final Path FOLDER = RunningLedger.folder();
    private static final String NOTICE = "\"circumstances\": {\"basis\": \"STATED\", \"dossier\": \"proved-affair\", \"notice\": {\"publisher\": \"Evident Gazette\", \"reference\": \"7\", \"sha256\": \""
            + "ab".repeat(32) + "\"}}";

    @BeforeAll
    static void record() {
        LEDGER.record(Demand.register("evident"));
        LEDGER.record(Demand.with(Demand.list("ev-1", "evident", "2020-01-01"), NOTICE));
        LEDGER.record(Demand.list("ev-2", "evident", "2020-01-01"));
        LEDGER.record(Demand.delist("ev-1", "evident", "2021-01-01"));
    }

    @AfterAll
    static void clean() {
        RunningLedger.delete(FOLDER);
    }

    private static Map<String, String> parts(byte[] zip) throws IOException {
        Map<String, String> parts = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                parts.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return parts;
    }

    private static Path zip(Map<String, String> parts) throws IOException {
        Path file = FOLDER.resolve("bundle.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, String> part : parts.entrySet()) {
                out.putNextEntry(new ZipEntry(part.getKey()));
                out.write(part.getValue().getBytes(StandardCharsets.UTF_8));
                out.closeEntry();
            }
        }
        return file;
    }

    private static List<String> findings(Map<String, String> parts) throws IOException {
        List<NoteKey> keys = LEDGER.get("/log/key").text().lines().map(NoteKey::parse).toList();
        return new Verifier(keys, List.<SignedNote>of(), events -> {}).bundle(zip(parts)).findings().stream()
                .map(Finding::toString).toList();
    }

    @Test
    void givenAnEntityADossierAndANotice_whenTheirEvidenceIsAsked_thenEachBundleVerifiesAndHoldsItsEvents()
            throws IOException {
        Map<String, Integer> wanted = Map.of("/v1/entities/ev-1/evidence?asOf=2020-06-01", 2,
                "/v1/dossiers/proved-affair/evidence", 1, "/v1/notices/evident-gazette:7/evidence", 1);
        for (Map.Entry<String, Integer> bundle : wanted.entrySet()) {
            Answer answer = LEDGER.get(bundle.getKey());
            assertThat(answer.status()).as(bundle.getKey()).isEqualTo(200);
            assertThat(answer.header("Content-Type")).isEqualTo("application/zip");
            assertThat(answer.header("Content-Disposition")).contains(".zip");
            Map<String, String> parts = parts(answer.response().body());
            assertThat(parts.keySet()).contains("README.txt", "key", "checkpoint", "answer.json", "sources.json",
                    "events.ndjson");
            assertThat(String.valueOf(parts.get("events.ndjson")).lines()).hasSize(bundle.getValue());
            assertThat(findings(parts)).as(bundle.getKey()).isEmpty();
            JsonNode source = LedgerJson.MAPPER.readTree(String.valueOf(parts.get("sources.json"))).get(0);
            assertThat(source.at("/document/sha256").asString()).isEqualTo("ab".repeat(32));
            assertThat(source.get("positions")).hasSize(1);
        }
        Map<String, String> entity = parts(LEDGER.get("/v1/entities/ev-1/evidence?asOf=2020-06-01").response().body());
        assertThat(LedgerJson.MAPPER.readTree(String.valueOf(entity.get("answer.json"))).at("/status/lists/0/state")
                .asString())
                .isEqualTo("LISTED");
        assertThat(entity.get("README.txt")).contains("ev-1 as of 2020-06-01", "ledger verify");
    }

    @Test
    void givenABundle_whenAnyPartThatCountsIsChanged_thenItDoesNotVerify() throws IOException {
        Map<String, String> good = parts(LEDGER.get("/v1/entities/ev-1/evidence").response().body());
        String events = String.valueOf(good.get("events.ndjson"));
        String proof = good.keySet().stream().filter(name -> name.startsWith("proofs/")).findFirst().orElseThrow();
        String other = good.keySet().stream().filter(name -> name.startsWith("proofs/")).reduce((a, b) -> b)
                .orElseThrow();
        Map<String, String> changed = new LinkedHashMap<>(good);
        changed.put("events.ndjson", events.replace("2021-01-01", "2022-01-01"));
        assertThat(findings(changed)).singleElement().asString().contains("does not hold");
        changed = new LinkedHashMap<>(good);
        changed.put(proof, String.valueOf(good.get(other)));
        assertThat(findings(changed)).isNotEmpty();
        changed = new LinkedHashMap<>(good);
        changed.remove(proof);
        assertThat(findings(changed)).singleElement().asString().contains("has no proof");
        changed = new LinkedHashMap<>(good);
        changed.put("events.ndjson", events.lines().limit(1).findFirst().orElseThrow() + "\n");
        assertThat(findings(changed)).singleElement().asString().contains("2 proofs for 1 events");
        changed = new LinkedHashMap<>(good);
        String checkpoint = String.valueOf(good.get("checkpoint"));
        String size = checkpoint.lines().skip(1).findFirst().orElseThrow();
        changed.put("checkpoint", checkpoint.replace("\n" + size + "\n", "\n1" + size + "\n"));
        assertThat(findings(changed)).anyMatch(told -> told.contains("none of the keys"));
    }

    @Test
    void givenNothingRecordedOfIt_whenEvidenceIsAsked_thenItIsRefusedByName() {
        assertThat(LEDGER.get("/v1/entities/ev-nobody/evidence").code()).isEqualTo("unknown-entity");
        assertThat(LEDGER.get("/v1/dossiers/no-such-affair/evidence").code()).isEqualTo("unknown-dossier");
        assertThat(LEDGER.get("/v1/notices/nobody:1/evidence").code()).isEqualTo("unknown-notice");
        assertThat(LEDGER.get("/v1/entities/ev-1/evidence?asKnownAt=position:99999999").code())
                .isEqualTo("unknown-position");
    }
}
