package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.Sha256;
import org.policyledger.store.StoredEvent;
import org.policyledger.store.tree.Checkpoint;
import org.policyledger.store.tree.MerkleTree;
import org.policyledger.store.tree.NoteKey;
import org.policyledger.store.tree.SignedNote;
import org.policyledger.store.tree.TlogProof;
import tools.jackson.databind.JsonNode;

class ProofTest {

    private static final String L = "proved";
    private static final Path DATA = RunningLedger.folder();
    private static final RunningLedger LEDGER = RunningLedger.on(DATA, "--ledger.checkpoint-interval=50ms");
    private static final List<Answer> RECEIPTS = new ArrayList<>();
    private static Checkpoint early = new Checkpoint("none", 0, Sha256.ofBytes(new byte[0]));

    @BeforeAll
    static void record() {
        LEDGER.record(Demand.register(L));
        early = covering(0);
        for (int i = 0; i < 3; i++) {
            RECEIPTS.add(LEDGER.record(Demand.list("p-" + i, L, "2020-01-01")));
        }
        String lines = IntStream.range(0, 600).mapToObj(i -> Demand.list("many-" + i, L, "2020-02-02") + "\n")
                .collect(Collectors.joining());
        assertThat(LEDGER.post("/v1/actions/batch?atomic=true", lines, "Content-Type", "application/x-ndjson").status())
                .isEqualTo(201);
        RECEIPTS.add(LEDGER.record(Demand.delist("p-0", L, "2021-01-01")));
    }

    @AfterAll
    static void stop() {
        LEDGER.close();
        RunningLedger.delete(DATA);
    }

    /** What a checkpoint signed by the log's key says; it covers the position. */
    private static Checkpoint covering(long position) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (true) {
            Answer answer = LEDGER.get("/log/checkpoint");
            if (answer.status() == 200) {
                Checkpoint checkpoint = verified(answer.text());
                if (checkpoint.size() > position) {
                    return checkpoint;
                }
            }
            assertThat(System.nanoTime()).as("no checkpoint comes").isLessThan(end);
        }
    }

    private static Checkpoint verified(String note) {
        NoteKey key = NoteKey.parse(LEDGER.get("/log/key").text().strip());
        SignedNote signed = SignedNote.parse(note);
        assertThat(signed.isSignedBy(key)).isTrue();
        return Checkpoint.parse(signed.text());
    }

    private static Sha256 hash(JsonNode base64) {
        return Sha256.of(Base64.getDecoder().decode(base64.asString()));
    }

    private static List<Sha256> hashes(byte[] tile) {
        return IntStream.range(0, tile.length / 32)
                .mapToObj(i -> Sha256.of(java.util.Arrays.copyOfRange(tile, i * 32, i * 32 + 32))).toList();
    }

    private static byte[] body(String path, String... headers) {
        Answer answer = LEDGER.get(path, headers);
        assertThat(answer.status()).as(path + answer).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/octet-stream");
        assertThat(answer.header("Cache-Control")).contains("immutable");
        return answer.response().body();
    }

    @Test
    void givenTheLog_whenItsCheckpointAndKeyAreAsked_thenTheyAreTextsThatNobodyKeepsLong() throws IOException {
        for (String path : List.of("/log/checkpoint", "/log/key")) {
            Answer answer = LEDGER.get(path);
            assertThat(answer.header("Content-Type")).isEqualToIgnoringCase("text/plain;charset=utf-8");
            assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
        }
        Checkpoint checkpoint = covering(604);
        assertThat("https://" + checkpoint.origin())
                .isEqualTo(LEDGER.get("/v1/events/" + RECEIPTS.getFirst().actionId()).at("/source"));
        Path key = DATA.resolve("ledger.key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key))).isEqualTo("rw-------");
        assertThat(Files.readString(key)).endsWith(LEDGER.get("/log/key").text());
    }

    @Test
    void givenTheTiles_whenTheyAndTheEntriesAreRead_thenTheTreeIsComputedFromThemAlone() throws IOException {
        Checkpoint checkpoint = covering(604);
        int last = (int) (checkpoint.size() % 256);
        List<Sha256> leaves = new ArrayList<>();
        List<byte[]> entries = new ArrayList<>();
        for (String path : List.of("000", "001", "002.p/" + last)) {
            leaves.addAll(hashes(body("/log/tile/0/" + path)));
            ByteBuffer bundle = ByteBuffer.wrap(body("/log/tile/entries/" + path, "Accept-Encoding", "identity"));
            while (bundle.hasRemaining()) {
                byte[] entry = new byte[Short.toUnsignedInt(bundle.getShort())];
                bundle.get(entry);
                entries.add(entry);
            }
        }
        assertThat(leaves).hasSize((int) checkpoint.size()).isEqualTo(entries.stream().map(Sha256::ofLeaf).toList());
        MerkleTree tree = new MerkleTree((level, index) -> {
            assertThat(level).isZero();
            return leaves.get((int) index);
        });
        MerkleTree whole = new MerkleTree(
                (level, index) -> level == 0 ? leaves.get((int) index) : folded(leaves, level, index));
        assertThat(whole.root(checkpoint.size())).isEqualTo(checkpoint.root());
        assertThat(tree.root(1)).isEqualTo(leaves.getFirst());
        assertThat(hashes(body("/log/tile/1/000.p/2"))).containsExactly(whole.root(256), folded(leaves, 8, 1));
        StoredEvent first = LEDGER.context().getBean(LedgerLog.class).at(0).orElseThrow();
        assertThat(new String(entries.getFirst(), StandardCharsets.UTF_8)).isEqualTo(first.event());
    }

    private static Sha256 folded(List<Sha256> leaves, int level, long index) {
        return level == 0
                ? leaves.get((int) index)
                : Sha256.ofNode(folded(leaves, level - 1, index * 2), folded(leaves, level - 1, index * 2 + 1));
    }

    @Test
    void givenAClientThatTakesGzip_whenEntriesAreAsked_thenTheyComePackedAndOtherwiseTheSame() throws IOException {
        byte[] plain = body("/log/tile/entries/000", "Accept-Encoding", "identity");
        Answer packed = LEDGER.get("/log/tile/entries/000", "Accept-Encoding", "gzip");
        assertThat(packed.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(packed.header("Vary")).isEqualTo("Accept-Encoding");
        assertThat(packed.response().body()).hasSizeLessThan(plain.length / 2);
        ByteArrayOutputStream unpacked = new ByteArrayOutputStream();
        new GZIPInputStream(new ByteArrayInputStream(packed.response().body())).transferTo(unpacked);
        assertThat(unpacked.toByteArray()).isEqualTo(plain);
    }

    @Test
    void givenAddressesThatNameNoTile_whenTheyAreAsked_thenTheyAreNotFoundWithAReason() {
        for (String path : List.of("/log/tile/0/003", "/log/tile/0/002", "/log/tile/1/000", "/log/tile/1/000.p/3",
                "/log/tile/2/000.p/1", "/log/tile/0/x000/000", "/log/tile/0/0", "/log/tile/0/000.p/0",
                "/log/tile/0/000.p/256", "/log/tile/0/000.p/01", "/log/tile/64/000", "/log/tile/00/000",
                "/log/tile/-1/000", "/log/tile/0/x999/x999/x999/x999/999", "/log/tile/63/000.p/1",
                "/log/tile/entries/003", "/log/tile/entries/abc", "/log/tile/0/000.p/", "/log/tile/9/000.p/1")) {
            Answer answer = LEDGER.get(path);
            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(answer.code()).as(path).isEqualTo("not-found");
        }
        assertThat(LEDGER.get("/log/tile/0/000.p/1").response().body()).hasSize(32);
    }

    @Test
    void givenAnEvent_whenItsProofIsAskedAtOnce_thenTheProofHoldsForTheEventAsItIsShown() {
        Answer receipt = LEDGER.record(Demand.list("just-now", L, "2022-01-01"));
        List<Answer> all = new ArrayList<>(RECEIPTS);
        all.add(receipt);
        for (Answer of : all) {
            Answer answer = LEDGER.get("/v1/events/" + of.actionId() + "/proof");
            assertThat(answer.header("Content-Type")).isEqualToIgnoringCase("text/plain;charset=utf-8");
            TlogProof proof = TlogProof.parse(answer.text());
            verified(proof.checkpoint());
            assertThat(proof.index()).isEqualTo(of.position());
            byte[] event = LEDGER.get("/v1/events/" + of.actionId()).response().body();
            assertThat(proof.holdsFor(Sha256.ofLeaf(event))).isTrue();
            event[20]++;
            assertThat(proof.holdsFor(Sha256.ofLeaf(event))).isFalse();
            assertThat(proof.toString()).isEqualTo(answer.text());
        }
    }

    @Test
    void givenNoSuchEvent_whenItsProofIsAsked_thenItIsRefusedByName() {
        Answer unknown = LEDGER.get("/v1/events/00000000-0000-4000-8000-000000000000/proof");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.code()).isEqualTo("unknown-event");
        assertThat(LEDGER.get("/v1/events/nonsense/proof").code()).isEqualTo("malformed");
    }

    @Test
    void givenAStatus_whenProofIsAsked_thenItsDecidingEventsComeProvedAgainstOneCheckpoint() {
        Answer plain = LEDGER.get("/v1/entities/p-0/status?asOf=2021-06-01");
        assertThat(plain.json().has("proof")).isFalse();
        Answer answer = LEDGER.get("/v1/entities/p-0/status?asOf=2021-06-01&proof=true");
        JsonNode evidence = answer.json().get("proof");
        verified(evidence.get("checkpoint").asString());
        assertThat(evidence.get("events")).hasSize(1);
        for (JsonNode proven : evidence.get("events")) {
            TlogProof proof = TlogProof.parse(proven.get("proof").asString());
            assertThat(proof.checkpoint()).isEqualTo(evidence.get("checkpoint").asString());
            assertThat(proof.index()).isEqualTo(RECEIPTS.getLast().position());
            assertThat(proof.holdsFor(
                    Sha256.ofLeaf(proven.get("event").asString().getBytes(StandardCharsets.UTF_8)))).isTrue();
            assertThat(proven.get("event").asString()).contains(answer.at("/lists/0/decidedBy/actionId"));
        }
        assertThat(LEDGER.get("/v1/entities/p-0/status?asOf=2019-01-01&proof=true").json().has("proof")).isFalse();
        assertThat(LEDGER.get("/v1/entities/p-0/status?proof=perhaps").code()).isEqualTo("malformed");
    }

    @Test
    void givenACorrectedAction_whenProofIsAsked_thenTheCorrectionIsProvedBesideIt() {
        Answer listed = LEDGER.record(Demand.list("p-9", L, "2020-01-01"));
        Answer corrected = LEDGER.record(Demand.correct("p-9", listed.actionId(), Demand.list("p-9", L, "2020-01-05")));
        JsonNode evidence = LEDGER.get("/v1/entities/p-9/status?asOf=2020-02-01&proof=true").json().get("proof");
        assertThat(StreamSupport.stream(evidence.get("events").spliterator(), false)
                .map(event -> event.get("position").asLong())).containsExactly(listed.position(), corrected.position());
    }

    @Test
    void givenTwoSizes_whenConsistencyIsAsked_thenTheProofHoldsBetweenTheCheckpointsOfThem() {
        Checkpoint now = covering(604);
        Answer answer = LEDGER.get("/v1/consistency?from=" + early.size() + "&to=" + now.size());
        JsonNode told = answer.json();
        assertThat(hash(told.get("fromRoot"))).isEqualTo(early.root());
        assertThat(hash(told.get("toRoot"))).isEqualTo(now.root());
        List<Sha256> proof = new ArrayList<>();
        told.get("proof").forEach(hash -> proof.add(hash(hash)));
        assertThat(MerkleTree.verifyConsistency(early.size(), early.root(), now.size(), now.root(), proof)).isTrue();
        assertThat(answer.header("Cache-Control")).contains("immutable");
        assertThat(LEDGER.get("/v1/consistency?from=0").json().get("proof")).isEmpty();
        for (String wrong : List.of("from=-1", "from=5&to=3", "from=1&to=99999999")) {
            Answer refused = LEDGER.get("/v1/consistency?" + wrong);
            assertThat(refused.status()).as(wrong).isEqualTo(400);
            assertThat(refused.at("/detail")).contains("sizes of the log");
        }
        assertThat(LEDGER.get("/v1/consistency").code()).isEqualTo("malformed");
    }
}
