package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.policyledger.store.Sha256;

class WitnessServerTest {

    private static final String ORIGIN = "log.example/one";
    private static final List<Sha256> LEAVES = IntStream.range(0, 40)
            .mapToObj(i -> Sha256.ofLeaf(new byte[]{(byte) i})).toList();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;
    private final HttpClient client = HttpClient.newHttpClient();
    @SuppressWarnings("NullAway.Init")
    private NoteSigner log;
    @SuppressWarnings("NullAway.Init")
    private NoteSigner own;
    @SuppressWarnings("NullAway.Init")
    private WitnessServer witness;

    @BeforeEach
    void start() throws IOException {
        log = NoteSigner.open(folder.resolve("log.key"), ORIGIN);
        own = NoteSigner.openWitness(folder.resolve("witness.key"), "witness.example");
        restart();
    }

    private void restart() throws IOException {
        witness = WitnessServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), own,
                List.of(log.key()), folder.resolve("state"));
    }

    @AfterEach
    void stop() {
        witness.close();
        client.close();
    }

    private static MerkleTree tree(List<Sha256> leaves) {
        return new MerkleTree((level, index) -> CompactRange.EMPTY
                .plus(leaves.subList((int) (index << level), (int) ((index + 1) << level))).root());
    }

    private static String checkpoint(NoteSigner signer, String origin, List<Sha256> leaves, long size) {
        return signer.sign(new Checkpoint(origin, size, tree(leaves).root(size)).text()).toString();
    }

    private static String request(long old, List<Sha256> proof, String checkpoint) {
        return "old " + old + "\n" + proof.stream().map(hash -> Base64.getEncoder().encodeToString(hash.bytes()) + "\n")
                .collect(Collectors.joining()) + "\n" + checkpoint;
    }

    private String growth(long old, long size) {
        return request(old, tree(LEAVES).consistency(old, size), checkpoint(log, ORIGIN, LEAVES, size));
    }

    private HttpResponse<String> post(String body) {
        try {
            return client.send(
                    HttpRequest.newBuilder(URI.create(witness.address() + "/add-checkpoint"))
                            .POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                    HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void refuses(int status, String body) {
        HttpResponse<String> answer = post(body);
        assertThat(answer.statusCode()).as(body + answer.body()).isEqualTo(status);
        assertThat(answer.body()).doesNotContain("\u2014");
    }

    private void knows(long size, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/x.tlog.size");
        assertThat(answer.body()).isEqualTo(size + "\n");
    }

    @Test
    void givenAGrowingLog_whenEachCheckpointContinuesTheOneBefore_thenEachIsSignedAsOfNow() {
        long old = 0;
        for (long size : new long[]{1, 2, 7, 8, 8, 31, 40}) {
            long from = Instant.now().getEpochSecond();
            HttpResponse<String> answer = post(growth(old, size));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            SignedNote note = SignedNote.parse(checkpoint(log, ORIGIN, LEAVES, size) + answer.body());
            assertThat(note.signedBy(List.of(log.key(), own.key()))).containsExactly(log.key(), own.key());
            byte[] signature = note.signatures().getLast().bytes().value();
            assertThat(signature).hasSize(8 + 64);
            assertThat(java.nio.ByteBuffer.wrap(signature).getLong()).isBetween(from, Instant.now().getEpochSecond());
            old = size;
        }
    }

    @Test
    void givenARequestThatIsNone_whenItIsSent_thenItIsRefusedAndNothingIsSigned() {
        String good = growth(0, 5);
        String proof = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
        for (String wrong : List.of("", "old 0\n", good.replace("old 0", "old 00"), good.replace("old 0", "old -1"),
                good.replace("old 0\n", ""), good.replace("old 0", "new 0"), good.stripTrailing(),
                "old 0\n" + proof.repeat(64) + good.substring(6), "old 0\nAAAA\n" + good.substring(6),
                growth(0, 5).replace("\n5\n", "\n05\n"), growth(6, 6).replace("old 6", "old 7"),
                good + "\u2014 x AAAAAAAA\n".repeat(6_000))) {
            refuses(400, wrong);
        }
        refuses(404, request(0, List.of(), checkpoint(NoteSigner.open(folder.resolve("other.key"), "log.example/two"),
                "log.example/two", LEAVES, 5)));
        refuses(403, request(0, List.of(), checkpoint(NoteSigner.open(folder.resolve("second.key"), ORIGIN), ORIGIN,
                LEAVES, 5)));
        refuses(403, good.replace("\n5\n", "\n6\n"));
        assertThat(post(good).statusCode()).isEqualTo(200);
    }

    @Test
    void givenASignedCheckpoint_whenAnotherIsSentThatDoesNotContinueIt_thenTheWitnessSaysWhatItKnows() {
        assertThat(post(growth(0, 9)).statusCode()).isEqualTo(200);
        knows(9, post(growth(0, 12)));
        knows(9, post(growth(8, 12)));
        knows(9, post(growth(10, 12)));
        knows(9, post(growth(3, 8)));
        List<Sha256> forked = new ArrayList<>(LEAVES);
        forked.set(4, Sha256.ofLeaf(new byte[]{99}));
        knows(9, post(request(9, List.of(), checkpoint(log, ORIGIN, forked, 9))));
        refuses(422, request(9, tree(forked).consistency(9, 12), checkpoint(log, ORIGIN, forked, 12)));
        refuses(422, request(9, List.of(), checkpoint(log, ORIGIN, LEAVES, 12)));
        assertThat(post(growth(9, 12)).statusCode()).isEqualTo(200);
    }

    @Test
    void givenAProofWhereNoneIsNeeded_whenItIsSent_thenItIsRefused() {
        refuses(422, request(0, tree(LEAVES).consistency(3, 9), checkpoint(log, ORIGIN, LEAVES, 9)));
        assertThat(post(growth(0, 9)).statusCode()).isEqualTo(200);
        refuses(422, request(9, tree(LEAVES).consistency(3, 9), checkpoint(log, ORIGIN, LEAVES, 9)));
    }

    @Test
    void givenARestart_whenAnOlderStateIsSent_thenTheWitnessRemembersWhatItSigned() throws IOException {
        assertThat(post(growth(0, 9)).statusCode()).isEqualTo(200);
        witness.close();
        Path[] files;
        try (Stream<Path> kept = Files.list(folder.resolve("state"))) {
            files = kept.filter(file -> file.toString().endsWith(".checkpoint")).toArray(Path[]::new);
        }
        assertThat(files).hasSize(1);
        assertThat(SignedNote.parse(Files.readString(files[0])).signedBy(List.of(log.key(), own.key()))).hasSize(2);
        // What a process leaves that died while it wrote.
        Files.writeString(folder.resolve("state/.new123"), "half a checkp");
        restart();
        knows(9, post(growth(0, 5)));
        assertThat(post(growth(9, 10)).statusCode()).isEqualTo(200);
        assertThatThrownBy(this::restart).isInstanceOf(OverlappingFileLockException.class);
    }

    @Test
    void givenManyRequestsAtOnce_whenTheyFollowOnOneSize_thenOneIsSignedAndNoneAgainstIt() throws Exception {
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Callable<HttpResponse<String>>> all = IntStream.range(1, 33)
                    .mapToObj(size -> (Callable<HttpResponse<String>>) () -> post(growth(0, size))).toList();
            List<String> answers = new ArrayList<>();
            for (Future<HttpResponse<String>> answer : threads.invokeAll(all)) {
                answers.add(answer.get().statusCode() + " " + answer.get().body());
            }
            assertThat(answers).filteredOn(answer -> answer.startsWith("200")).hasSize(1);
            int signed = IntStream.range(0, 32).filter(i -> answers.get(i).startsWith("200")).findFirst().orElseThrow()
                    + 1;
            assertThat(answers).filteredOn(answer -> !answer.startsWith("200")).containsOnly("409 " + signed + "\n");
        }
    }
}
