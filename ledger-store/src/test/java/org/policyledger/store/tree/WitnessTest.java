package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerDamaged;

class WitnessTest extends TreeFixture {

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private WitnessServer server(String name, int port) {
        try {
            return closing(WitnessServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    witnessSigner(name), signer().keys(), folder.resolve(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private NoteSigner witnessSigner(String name) {
        return NoteSigner.openWitness(folder.resolve(name + ".key"), name);
    }

    private Witness client(String name, URI address) {
        return new Witness(witnessSigner(name).key(), address);
    }

    private static Quorum of(Witness... witnesses) {
        return new Quorum(List.of(witnesses).stream().map(Witness::key).toList(), witnesses.length);
    }

    private Witnesses ask(LedgerTree tree, Witness... witnesses) {
        return closing(Witnesses.open(tree, List.of(witnesses), SOON, PATIENCE));
    }

    @ParameterizedTest
    @EnumSource
    void givenAWitness_whenTheLogGrows_thenCheckpointsComeToCarryItsSignatureUnderTheLogs(Databases kind) {
        create(kind);
        Witness witness = client("w.example", server("w.example", 0).address());
        LedgerTree tree = tree(SOON, of(witness), Optional.empty());
        assertThat(tree.cosigned()).isEmpty();
        ask(tree, witness);
        for (int events : new int[]{1, 2, 300, 1, 40}) {
            record(events);
            until(() -> cosigned(tree) == log.head());
            SignedNote note = SignedNote.parse(tree.latest().orElseThrow().note());
            assertThat(note.signedBy(List.of(witness.key(), signer().key()))).hasSize(2);
            assertThat(note.signatures()).hasSize(2);
            assertThat(note.signatures().getFirst().isOf(signer().key())).isTrue();
            assertThat(tree.cosigned()).isEqualTo(tree.latest());
        }
        until(() -> witness.cosigned() == log.head());
        assertThat(witness.trouble()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void givenTwoWitnesses_whenOneIsAwayAndComesBack_thenTheOtherSignsAndTheLogGoesOn(Databases kind) {
        create(kind);
        Witness one = client("one.example", server("one.example", 0).address());
        WitnessServer gone = server("two.example", 0);
        int port = gone.address().getPort();
        Witness two = client("two.example", gone.address());
        gone.close();
        LedgerTree tree = tree(SOON, new Quorum(List.of(one.key(), two.key()), 2), Optional.empty());
        ask(tree, one, two);
        record(5);
        until(() -> one.cosigned() == 5 && two.trouble().isPresent());
        assertThat(two.trouble().orElseThrow()).contains("it cannot be asked at http://");
        assertThat(two.isAlarmed()).isFalse();
        assertThat(SignedNote.parse(tree.latest().orElseThrow().note()).signedBy(List.of(one.key(), two.key())))
                .containsExactly(one.key());
        assertThat(tree.cosigned()).as("two are needed").isEmpty();
        LedgerTree modest = tree(SELDOM, new Quorum(List.of(one.key(), two.key()), 1), Optional.empty());
        assertThat(cosigned(modest)).isEqualTo(5);

        server("two.example", port);
        record(2);
        until(() -> cosigned(tree) == 7);
        until(() -> two.trouble().isEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void givenAWitnessThatIsRestarted_whenTheLogGrows_thenItGoesOnWhereItWas(Databases kind) {
        create(kind);
        WitnessServer first = server("w.example", 0);
        Witness witness = client("w.example", first.address());
        LedgerTree tree = tree(SOON, of(witness), Optional.empty());
        ask(tree, witness);
        record(5);
        until(() -> cosigned(tree) == 5);
        first.close();
        record(3);
        until(() -> witness.trouble().isPresent());
        server("w.example", first.address().getPort());
        until(() -> cosigned(tree) == 8);
        assertThat(witness.isAlarmed()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void givenASignatureThatWasNotStoredBeforeACrash_whenTheServiceStartsAgain_thenTheWitnessGivesAnother(
            Databases kind) throws Exception {
        create(kind);
        WitnessServer server = server("w.example", 0);
        Witness before = client("w.example", server.address());
        LedgerTree tree = tree(SOON, of(before), Optional.empty());
        record(5);
        Witnesses asked = ask(tree, before);
        until(() -> cosigned(tree) == 5);
        asked.close();
        unguarded("ledger_cosignature", "DELETE FROM ledger_cosignature");

        Witness after = client("w.example", server.address());
        LedgerTree again = tree(SOON, of(after), Optional.empty());
        assertThat(again.cosigned()).isEmpty();
        ask(again, after);
        until(() -> cosigned(again) == 5);
        assertThat(after.trouble()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void givenTwoServicesOnOneLog_whenBothAskTheSameWitness_thenNeitherTakesTheOthersWorkForARollBack(Databases kind) {
        create(kind);
        URI address = server("w.example", 0).address();
        Witness one = client("w.example", address);
        Witness other = client("w.example", address);
        LedgerTree first = tree(Duration.ofMillis(5), of(one), Optional.empty());
        LedgerTree second = tree(Duration.ofMillis(5), of(other), Optional.empty());
        closing(Witnesses.open(first, List.of(one), Duration.ofMillis(1), PATIENCE));
        closing(Witnesses.open(second, List.of(other), Duration.ofMillis(1), PATIENCE));
        for (int i = 0; i < 40; i++) {
            record(7);
            long head = log.head();
            until(() -> size(first) == head);
        }
        until(() -> cosigned(first) == log.head() && one.trouble().isEmpty() && other.trouble().isEmpty());
        assertThat(one.isAlarmed() || other.isAlarmed()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void givenADatabaseThatWasRolledBack_whenTheWitnessIsAsked_thenItIsAnAlarmAndNotAskedForEver(Databases kind)
            throws Exception {
        create(kind);
        AtomicInteger asked = new AtomicInteger();
        WitnessServer server = server("w.example", 0);
        Witness before = client("w.example", server.address());
        LedgerTree tree = tree(SOON, of(before), Optional.empty());
        Witnesses asking = ask(tree, before);
        for (int events : new int[]{5, 5}) {
            record(events);
            until(() -> cosigned(tree) == log.head());
        }
        asking.close();
        tree.close();
        rollBackTo(5);

        Witness rolledBack = client("w.example", counted(server.address(), asked));
        LedgerTree again = tree(SOON, of(rolledBack), Optional.empty());
        ask(again, rolledBack);
        until(rolledBack::isAlarmed);
        assertThat(rolledBack.trouble().orElseThrow()).contains(
                "The witness w.example has signed this log at 10 events",
                "it holds 5");
        int requests = asked.get();
        record(1);
        until(() -> size(again) == 6);
        Thread.sleep(200);
        assertThat(asked).as("requests after the alarm").hasValue(requests);

        // Grown over what was cut off, the log is as large as the witness knows it, or larger, and another one.
        for (int size : new int[]{10, 13}) {
            record((int) (size - log.head()));
            until(() -> size(again) == size);
            Witness forked = client("w.example", server.address());
            ask(again, forked);
            until(forked::isAlarmed);
            assertThat(forked.trouble().orElseThrow()).contains(
                    "has signed this log at 10 events with another content", "at " + size + " events");
        }
        assertThat(cosigned(again)).isEqualTo(5);
    }

    /** Passes requests on to a witness. */
    private URI counted(URI to, AtomicInteger requests) {
        return scripted(exchange -> {
            requests.incrementAndGet();
            try (var client = java.net.http.HttpClient.newHttpClient()) {
                var answer = client.send(
                        java.net.http.HttpRequest.newBuilder(URI.create(to + "/add-checkpoint"))
                                .POST(java.net.http.HttpRequest.BodyPublishers
                                        .ofByteArray(exchange.getRequestBody().readAllBytes()))
                                .build(),
                        java.net.http.HttpResponse.BodyHandlers.ofString());
                reply(exchange, answer.statusCode(), answer.headers().firstValue("Content-Type").orElse(""),
                        answer.body());
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
    }

    private interface Script {
        void answer(HttpExchange exchange) throws IOException;
    }

    private URI scripted(Script script) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            var threads = Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());
            server.setExecutor(threads);
            server.createContext("/add-checkpoint", exchange -> {
                try (exchange) {
                    script.answer(exchange);
                }
            });
            server.start();
            closing(() -> server.stop(0));
            closing(threads::shutdownNow);
            return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void reply(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenEachRefusal_whenTheWitnessGivesIt_thenTheTroubleSaysWhatToDoAndNothingIsHeldUp(Databases kind) {
        create(kind);
        int[] status = {400};
        String[] type = {"text/plain"};
        String[] body = {"no\u0007 thanks\n"};
        Witness witness = client("w.example", scripted(exchange -> reply(exchange, status[0], type[0], body[0])));
        LedgerTree tree = tree(SOON, of(witness), Optional.empty());
        ask(tree, witness);
        record(5);
        says(witness, "takes the request for malformed (400, 'no thanks')");
        status[0] = 403;
        says(witness, "knows none of the keys", "give ledger.example/main's verifier key");
        status[0] = 404;
        says(witness, "does not know the log 'ledger.example/main'");
        status[0] = 503;
        says(witness, "does not sign (503");
        status[0] = 302;
        says(witness, "does not sign (302");
        status[0] = 409;
        says(witness, "in conflict", "tells no other");
        type[0] = "text/x.tlog.size";
        body[0] = "007\n";
        says(witness, "in conflict", "007");
        assertThat(witness.isAlarmed()).isFalse();
        assertThat(tree.cosigned()).isEmpty();
        record(1);
        until(() -> size(tree) == 6);
    }

    private static void says(Witness witness, String... words) {
        until(() -> List.of(words).stream().allMatch(witness.trouble().orElse("")::contains));
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenAWitnessThatTellsAnotherSizeEachTime_whenItIsAsked_thenARoundAsksThreeTimes(Databases kind) {
        create(kind);
        AtomicInteger requests = new AtomicInteger();
        Witness witness = client("w.example", scripted(
                exchange -> reply(exchange, 409, "text/x.tlog.size", 1 + requests.getAndIncrement() % 3 + "\n")));
        record(9);
        LedgerTree tree = tree(SOON, of(witness), Optional.empty());
        closing(Witnesses.open(tree, List.of(witness), SELDOM, PATIENCE));
        says(witness, "it tells another size each time");
        assertThat(requests).hasValue(3);
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenAWitnessThatNeverEndsItsAnswer_whenItIsAsked_thenItIsWaitedForSoLongAndAskedAgain(Databases kind) {
        create(kind);
        AtomicInteger requests = new AtomicInteger();
        Witness silent = client("silent.example", scripted(exchange -> pause(Duration.ofSeconds(30))));
        Witness dripping = client("drip.example", scripted(exchange -> {
            requests.incrementAndGet();
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 300; i++) {
                exchange.getResponseBody().write('\n');
                exchange.getResponseBody().flush();
                pause(Duration.ofMillis(100));
            }
        }));
        record(1);
        LedgerTree tree = tree(SOON, of(silent, dripping), Optional.empty());
        Witnesses asking = Witnesses.open(tree, List.of(silent, dripping), SOON, Duration.ofMillis(300));
        until(() -> requests.get() >= 3);
        says(silent, "does not answer within 300 ms");
        says(dripping, "does not answer within 300 ms");
        record(1);
        until(() -> size(tree) == 2);
        long from = System.nanoTime();
        asking.close();
        assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(5));
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenForgedSignatures_whenTheWitnessOrTheDatabaseGivesThem_thenNoneIsTaken(Databases kind) throws Exception {
        create(kind);
        NoteSigner right = witnessSigner("w.example");
        NoteSigner impostor = NoteSigner.openWitness(folder.resolve("impostor.key"), "w.example");
        String[] line = {""};
        Witness witness = client("w.example", scripted(exchange -> reply(exchange, 200, "text/plain", line[0])));
        record(5);
        LedgerTree tree = tree(SOON, of(witness), Optional.empty());
        String text = tree.latest().orElseThrow().checkpoint().text();
        SignedNote.Signature real = right.sign(text).signatures().getFirst();
        byte[] bent = real.bytes().value();
        bent[7]++;
        List<String> forged = List.of("", impostor.sign(text).signatures().getFirst().toString(),
                right.sign(text.replace("\n5\n", "\n6\n")).signatures().getFirst().toString(),
                new SignedNote.Signature("w.example", right.key().id(), NoteKey.Bytes.of(bent)).toString(),
                new SignedNote.Signature("w.example", right.key().id(),
                        impostor.sign(text).signatures().getFirst().bytes()).toString(),
                new SignedNote.Signature("w.example", right.key().id(), NoteKey.Bytes.of(new byte[64])).toString());
        ask(tree, witness);
        for (String lie : forged) {
            line[0] = lie.isEmpty() ? "" : lie + "\n";
            pause(Duration.ofMillis(60));
            says(witness, "no signature that holds for the key w.example+");
        }
        line[0] = "anything\n";
        says(witness, "does not consist of signature lines");
        assertThat(SignedNote.parse(tree.latest().orElseThrow().note()).signatures()).hasSize(1);
        for (String lie : forged.subList(1, forged.size())) {
            assertThatThrownBy(() -> tree.cosign(tree.latest().orElseThrow().checkpoint(),
                    SignedNote.Signature.parse(lie))).isInstanceOf(IllegalArgumentException.class);
        }
        database.execute("INSERT INTO ledger_cosignature (size, witness, line) VALUES (5, '" + right.key().shortName()
                + "', '" + forged.getLast() + "')");
        assertThat(SignedNote.parse(tree.latest().orElseThrow().note()).signatures()).hasSize(1);
        assertThatThrownBy(tree::cosigned).isInstanceOf(LedgerDamaged.class)
                .hasMessageContaining("in the name of witnesses");
        unguarded("ledger_cosignature", "DELETE FROM ledger_cosignature");

        // The right one is taken, also among lines of others.
        line[0] = impostor.sign(text).signatures().getFirst() + "\n" + real + "\n";
        until(() -> cosigned(tree) == 5);
        assertThat(SignedNote.parse(tree.latest().orElseThrow().note()).signatures()).hasSize(2).endsWith(real);
    }

    @ParameterizedTest
    @EnumSource
    void givenSignaturesOfWitnesses_whenTheyAreChanged_thenTheDatabaseRefuses(Databases kind) {
        create(kind);
        Witness witness = client("w.example", server("w.example", 0).address());
        record(1);
        LedgerTree tree = tree(SELDOM, of(witness), Optional.empty());
        ask(tree, witness);
        until(() -> cosigned(tree) == 1);
        for (String change : List.of("UPDATE ledger_cosignature SET line = ''", "DELETE FROM ledger_cosignature",
                "TRUNCATE TABLE ledger_cosignature")) {
            assertThatThrownBy(() -> database.execute(change)).as(change).isInstanceOf(java.sql.SQLException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "H2")
    void givenSettingsThatCannotBeMeant_whenAWitnessIsMadeOfThem_thenTheyAreRefused(Databases kind) {
        create(kind);
        NoteKey key = witnessSigner("w.example").key();
        assertThatThrownBy(() -> new Witness(signer().key(), URI.create("http://w.example")))
                .hasMessageContaining("is the key of a log");
        for (String wrong : List.of("w.example", "ftp://w.example", "http:///x", "https://w.example/?a=b")) {
            assertThatThrownBy(() -> new Witness(key, URI.create(wrong))).as(wrong).hasMessageContaining(wrong);
        }
        for (int needed : new int[]{0, 3}) {
            assertThatThrownBy(() -> new Quorum(
                    List.of(key, witnessSigner("other.example").key()), needed)).hasMessageContaining("quorum");
        }
        assertThatThrownBy(() -> new Quorum(List.of(key, key), 1)).hasMessageContaining("twice");
        assertThat(IntStream.of(1, 2)).allMatch(needed -> new Quorum(
                List.of(key, witnessSigner("other.example").key()), needed).needed() == needed);
    }
}
