package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.policyledger.api.LiveClient.Message;
import org.policyledger.api.event.LiveEvents;
import org.policyledger.store.Databases;

/** The events as they come, to whoever follows them. */
class LiveTest {

    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static final String OFTEN = "--ledger.live.heartbeat=30ms";

    private static LiveClient follow(RunningLedger ledger, String query, String... headers) {
        return new LiveClient(HTTP, ledger.url() + "/v1/events?" + query, headers);
    }

    private static List<String> lines(RunningLedger ledger, String query) {
        List<String> lines = new ArrayList<>();
        String next = "/v1/events?limit=1000&" + query;
        while (!next.isEmpty()) {
            Answer page = ledger.get(next, "Accept", "application/x-ndjson");
            assertThat(page.status()).as(page.toString()).isEqualTo(200);
            page.text().lines().forEach(lines::add);
            next = page.next();
        }
        return lines;
    }

    private static List<String> data(List<Message> messages) {
        return messages.stream().map(Message::data).toList();
    }

    private static List<Long> positions(List<Message> messages) {
        return messages.stream().map(Message::position).toList();
    }

    private static List<Long> upTo(long head) {
        return LongStream.range(0, head).boxed().toList();
    }

    // ---- what comes ----

    @Test
    void givenEventsThereAndEventsYetToCome_whenFollowed_thenTheyComeInOrderByteForByteAsTheLinesOfTheLog()
            throws InterruptedException {
        LEDGER.record(Demand.register("live"));
        long first = LEDGER
                .record(Demand.list("l-1", "live", "2020-01-01", "Soci\u00e9t\u00e9 \uD83D\uDE00 \\n\\u2028 x: y"))
                .position();
        try (LiveClient client = follow(LEDGER, "after=" + (first - 1))) {
            assertThat(client.head().statusCode()).isEqualTo(200);
            assertThat(client.head().headers().firstValue("Content-Type")).hasValue("text/event-stream");
            assertThat(client.head().headers().firstValue("Cache-Control")).hasValue("no-store");
            client.await(1);
            for (int i = 2; i < 12; i++) {
                LEDGER.record(Demand.list("l-" + i, "live", "2020-01-01"));
            }
            List<Message> came = client.await(11);
            assertThat(data(came)).isEqualTo(lines(LEDGER, "after=" + (first - 1)));
            assertThat(positions(came)).isEqualTo(LongStream.range(first, first + 11).boxed().toList());
            assertThat(came).allMatch(message -> message.type().equals("message"));
            assertThat(client.retry()).isEqualTo("2000");
        }
    }

    @Test
    void givenNoPositionNamed_whenFollowed_thenFromTheFirstEventOn() throws InterruptedException {
        LEDGER.record(Demand.register("live-first"));
        long head = LEDGER.head();
        try (LiveClient client = follow(LEDGER, "")) {
            assertThat(positions(client.await(Math.toIntExact(head)))).startsWith(0L).isEqualTo(upTo(head));
        }
    }

    @Test
    void givenBothALastEventIdAndAPosition_whenFollowed_thenTheLastEventIdCounts() throws InterruptedException {
        long last = LEDGER.record(Demand.register("live-both")).position();
        try (LiveClient client = follow(LEDGER, "after=" + last, "Last-Event-ID", Long.toString(last - 1));
                LiveClient empty = follow(LEDGER, "after=" + (last - 1), "Last-Event-ID", "")) {
            assertThat(positions(client.await(1))).startsWith(last);
            assertThat(positions(empty.await(1))).startsWith(last);
        }
    }

    private static final class Story {
        private final RunningLedger ledger;
        private int chapter;

        Story(RunningLedger ledger) {
            this.ledger = ledger;
            ledger.record(Demand.register("one"));
            ledger.record(Demand.register("two"));
        }

        /** Actions in and outside of an affair, with what corrects, voids and accompanies them and takes its label from them. */
        void goOn() {
            String x = "x-" + chapter;
            String y = "y-" + chapter;
            String affair = "\"circumstances\": {\"dossier\": \"affair\"}";
            String listing = ledger.record(Demand.with(Demand.list(x, "one", "2020-01-01"), affair)).actionId();
            String other = ledger.record(Demand.list("steady", chapter % 2 == 0 ? "one" : "two", "202" + chapter
                    + "-01-01")).actionId();
            ledger.record(Demand.list(y, "two", "2020-01-01"));
            ledger.record(
                    """
                            {"action": "RecordStatement", "entityId": "%s", "actionId": "%s", "statement": {"speaker": "A", "saidOn": "2020-03-01", "stance": "denies", "text": "No"}}"""
                            .formatted(x, listing));
            ledger.record(Demand.correct(x, listing, Demand.list(x, "one", "2020-02-01")));
            ledger.record(
                    """
                            {"action": "RecordCommitment", "commitmentId": "word-%d", "dossier": "affair", "commitment": {"by": "A", "to": "B", "text": "To act", "madeOn": "2020-01-10"}}"""
                            .formatted(chapter));
            ledger.record(
                    """
                            {"action": "CloseCommitment", "commitmentId": "word-%d", "closure": {"outcome": "FULFILLED", "closedOn": "2020-06-01"}}"""
                            .formatted(chapter));
            ledger.record(Demand.strike("steady", other));
            ledger.record(Demand.link(x, y, "same address"));
            chapter++;
        }
    }

    @Test
    void givenFilters_whenFollowedWhileMoreIsRecorded_thenWhatComesIsWhatThePagesOfThemHold()
            throws InterruptedException {
        try (RunningLedger ledger = RunningLedger.start(OFTEN)) {
            Story story = new Story(ledger);
            story.goOn();
            List<String> filters = List.of("type=EntityListed", "type=ActionVoided", "entityId=steady", "entityId=x-0",
                    "listId=one", "listId=two&type=EntityListed", "dossier=affair", "dossier=affair&listId=one",
                    "actor=anonymous", "actor=somebody", "entityId=nobody", "dossier=none");
            List<LiveClient> clients = filters.stream().map(filter -> follow(ledger, filter)).toList();
            story.goOn();
            story.goOn();
            String last = Long.toString(ledger.head() - 1);
            for (int i = 0; i < filters.size(); i++) {
                try (LiveClient client = clients.get(i)) {
                    // Also where nothing fits the reader is told how far it is, without a message.
                    List<Message> came = client.await(reader -> reader.lastEventId().equals(last));
                    assertThat(data(came)).as(filters.get(i)).isEqualTo(lines(ledger, filters.get(i)));
                }
            }
            assertThat(lines(ledger, "dossier=affair")).hasSizeGreaterThanOrEqualTo(15);
        }
    }

    // ---- coming again ----

    @Test
    void givenWritesThatGoOn_whenAReaderGoesAndComesAgain_thenItHasEveryEventOnceAndInOrder() throws Exception {
        try (RunningLedger ledger = RunningLedger.start(); ExecutorService writer = Executors.newFixedThreadPool(2)) {
            ledger.record(Demand.register("again"));
            List<Future<?>> writing = IntStream.range(0, 2).<Future<?>>mapToObj(number -> writer.submit(() -> {
                for (int i = 0; i < 300; i++) {
                    ledger.record(Demand.list("a-" + number + "-" + i, "again", "2020-01-01"));
                }
            })).toList();
            Random random = new Random(7);
            List<Message> all = new ArrayList<>();
            String lastEventId = "-1";
            int connections = 0;
            while (all.size() < 601) {
                try (LiveClient client = follow(ledger, "after=3", "Last-Event-ID", lastEventId)) {
                    client.await(Math.min(random.nextInt(1, 60), 601 - all.size()));
                    client.close();
                    // What comes between the two is lost with the connection, and must come again.
                    List<Message> came = client.messages();
                    all.addAll(came);
                    lastEventId = came.getLast().lastEventId();
                    connections++;
                }
            }
            for (Future<?> each : writing) {
                each.get();
            }
            assertThat(connections).isGreaterThan(5);
            assertThat(positions(all)).isEqualTo(upTo(601));
            assertThat(data(all)).isEqualTo(lines(ledger, ""));
        }
    }

    @Test
    void givenAServiceThatIsKilledAmidWrites_whenAReaderComesAgainWithItsLastEventId_thenNothingIsLostOrDoubled()
            throws Exception {
        Path data = RunningLedger.folder();
        Path home = RunningLedger.folder();
        List<Message> all = new ArrayList<>();
        Set<Long> acknowledged = new HashSet<>();
        for (int round = 0; round < 3; round++) {
            try (ServiceProcess service = ServiceProcess.serve(home, "--data", data.toString());
                    LiveClient client = new LiveClient(HTTP, service.url() + "/v1/events", "Last-Event-ID",
                            all.isEmpty() ? "" : all.getLast().lastEventId())) {
                assertThat(client.head().statusCode()).isEqualTo(200);
                service.post("/v1/lists", Demand.register("killed"), "Idempotency-Key", "register");
                Queue<Long> receipts = new ConcurrentLinkedQueue<>();
                try (ExecutorService writers = Executors.newFixedThreadPool(3)) {
                    for (int writer = 0; writer < 3; writer++) {
                        String name = "k-" + round + "-" + writer + "-";
                        var unused = writers.submit(() -> writeUntilGone(service, name, receipts));
                    }
                    while (receipts.size() < 60 + 10 * round) {
                        Thread.sleep(1);
                    }
                    service.kill();
                }
                assertThat(client.awaitEnd()).as("a killed service ends no answer").isFalse();
                all.addAll(client.messages());
                acknowledged.addAll(receipts);
            }
        }
        try (RunningLedger again = RunningLedger.on(data);
                LiveClient client = follow(again, "", "Last-Event-ID", all.getLast().lastEventId())) {
            client.await(Math.toIntExact(again.head()) - all.size());
            all.addAll(client.messages());
            assertThat(positions(all)).isEqualTo(upTo(again.head()));
            assertThat(positions(all)).containsAll(acknowledged);
            assertThat(acknowledged).hasSizeGreaterThan(200);
            assertThat(data(all)).isEqualTo(lines(again, ""));
        }
        RunningLedger.delete(data);
        RunningLedger.delete(home);
    }

    private static void writeUntilGone(ServiceProcess service, String name, Queue<Long> receipts) {
        for (int i = 0;; i++) {
            try {
                Answer answer = service.post("/v1/actions", Demand.list(name + i, "killed", "2020-01-01"));
                assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
                receipts.add(answer.position());
            } catch (UncheckedIOException gone) {
                return;
            }
        }
    }

    @Test
    void givenTwoServicesOnOneDatabase_whenOneRecords_thenReadersOfTheOtherHaveIt() throws InterruptedException {
        try (Databases.Fresh database = Databases.POSTGRESQL.create();
                RunningLedger here = RunningLedger.start("--ledger.db.url=" + database.url(),
                        "--ledger.db.user=" + database.user());
                RunningLedger there = RunningLedger.start("--ledger.db.url=" + database.url(),
                        "--ledger.db.user=" + database.user());
                LiveClient client = follow(here, "")) {
            there.record(Demand.register("elsewhere"));
            here.record(Demand.list("e-1", "elsewhere", "2020-01-01"));
            there.record(Demand.list("e-2", "elsewhere", "2020-01-01"));
            assertThat(data(client.await(3))).isEqualTo(lines(here, ""));
        }
    }

    // ---- many, and slow ones ----

    @Test
    void givenAThousandReaders_whenEventsAreRecorded_thenEachHasAllOfThemInOrder() throws InterruptedException {
        int readers = 1_000;
        try (RunningLedger ledger = RunningLedger.start()) {
            ledger.record(Demand.register("many"));
            int threads = Thread.activeCount();
            List<LiveClient> clients = new ArrayList<>();
            for (int i = 0; i < readers; i++) {
                clients.add(follow(ledger, "", "Last-Event-ID", "0"));
            }
            for (LiveClient client : clients) {
                assertThat(client.head().statusCode()).isEqualTo(200);
            }
            assertThat(ledger.context().getBean(LiveEvents.class).readers()).isEqualTo(readers);
            assertThat(ledger.get("/actuator/prometheus").text()).contains("ledger_live_readers 1000.0");
            for (int i = 0; i < 40; i++) {
                ledger.record(Demand.list("m-" + i, "many", "2020-01-01"));
            }
            List<String> expected = lines(ledger, "after=0");
            assertThat(expected).hasSize(40);
            for (LiveClient client : clients) {
                assertThat(data(client.await(40))).isEqualTo(expected);
            }
            assertThat(Thread.activeCount() - threads).as("threads beyond those of before").isLessThan(250);
            clients.forEach(LiveClient::close);
        }
    }

    private static Socket stuck(RunningLedger ledger) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4 << 10);
        socket.setSoTimeout(60_000);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), ledger.port()));
        socket.getOutputStream().write("GET /v1/events HTTP/1.0\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    private static String large(int number) {
        String names = "{\"name\": \"" + "n".repeat(900) + "\"}, ";
        return Demand.list("s-" + number, "slow", "2020-01-01").replace("\"X Institute\"",
                "\"X\", \"aliases\": [" + names.repeat(55) + "{\"name\": \"last\"}]");
    }

    private static long memoryInUse() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void givenReadersThatDoNotRead_whenMuchIsRecorded_thenOthersHaveItAllAndNothingPilesUp() throws Exception {
        try (RunningLedger ledger = RunningLedger.start()) {
            ledger.record(Demand.register("slow"));
            List<Socket> stuck = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                stuck.add(stuck(ledger));
            }
            try (LiveClient client = follow(ledger, "")) {
                client.await(1);
                long before = memoryInUse();
                for (int batch = 0; batch < 8; batch++) {
                    String lines = IntStream.range(batch * 50, batch * 50 + 50).mapToObj(LiveTest::large)
                            .collect(Collectors.joining("\n"));
                    assertThat(ledger.batch("/v1/actions/batch?atomic=true", lines).status()).isEqualTo(201);
                }
                List<Message> came = client.await(401);
                assertThat(positions(came)).isEqualTo(upTo(401));
                long sent = came.stream().mapToLong(message -> message.data().length()).sum();
                assertThat(sent).isGreaterThan(20_000_000);
                assertThat(ledger.context().getBean(LiveEvents.class).readers()).isEqualTo(41);
                long grown = memoryInUse() - before;
                System.out.println("LiveTest: " + (sent >> 20) + " MB recorded, memory in use grew by " + (grown >> 20)
                        + " MB with 40 readers that do not read");
                assertThat(grown).as("bytes that 40 readers of %d bytes each keep", sent).isLessThan(8 * sent);

                // One that reads after all has missed nothing, however far it is behind.
                BufferedReader late = new BufferedReader(
                        new InputStreamReader(stuck.getFirst().getInputStream(), StandardCharsets.UTF_8));
                List<String> read = new ArrayList<>();
                while (read.size() < came.size()) {
                    String line = String.valueOf(late.readLine());
                    if (line.startsWith("data: ")) {
                        read.add(line.substring("data: ".length()));
                    }
                }
                assertThat(read).isEqualTo(data(came));
            } finally {
                for (Socket socket : stuck) {
                    socket.close();
                }
            }
        }
    }

    // ---- signs of life, limits, the end ----

    @Test
    void givenNothingRecorded_whenFollowed_thenCommentsComeAndNoMessage() throws InterruptedException {
        try (RunningLedger ledger = RunningLedger.start(OFTEN, "--ledger.live.retry=250ms");
                LiveClient client = follow(ledger, "")) {
            assertThat(client.await(reader -> reader.comments() >= 3)).isEmpty();
            assertThat(client.lastEventId()).isEmpty();
            assertThat(client.retry()).isEqualTo("250");
            ledger.record(Demand.register("quiet"));
            assertThat(positions(client.await(1))).containsExactly(0L);
        }
    }

    @Test
    void givenAsManyReadersAsAreLet_whenAnotherComes_thenItIsToldToComeLaterAndCanOnceOneHasGone()
            throws InterruptedException {
        try (RunningLedger ledger = RunningLedger.start(OFTEN, "--ledger.live.readers=2")) {
            ledger.record(Demand.register("full"));
            try (LiveClient one = follow(ledger, ""); LiveClient two = follow(ledger, "")) {
                one.await(1);
                two.await(1);
                Answer refused = ledger.get("/v1/events", "Accept", "text/event-stream");
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.code()).isEqualTo("too-many-readers");
                assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
                assertThat(refused.header("Retry-After")).isEqualTo("1");
                assertThat(refused.at("/detail")).contains("2 readers", "ledger.live.readers");
                one.close();
                LiveEvents live = ledger.context().getBean(LiveEvents.class);
                while (live.readers() == 2) {
                    Thread.sleep(5);
                }
                try (LiveClient three = follow(ledger, "")) {
                    assertThat(positions(three.await(1))).containsExactly(0L);
                }
            }
        }
    }

    @Test
    void givenAReaderThatTakesNothing_whenTheTimeOfAConnectionIsOver_thenItIsLetGoAndQuietOnesAreNot()
            throws Exception {
        // Without a time of its own, an idle connection would be closed after that time too, under a request of this test.
        try (RunningLedger ledger = RunningLedger.start("--server.tomcat.connection-timeout=500ms",
                "--server.tomcat.keep-alive-timeout=2m")) {
            ledger.record(Demand.register("slow"));
            LiveEvents live = ledger.context().getBean(LiveEvents.class);
            try (Socket stuck = stuck(ledger); LiveClient quiet = follow(ledger, "type=ListRegistered")) {
                quiet.await(1);
                String lines = IntStream.range(0, 100).mapToObj(LiveTest::large).collect(Collectors.joining("\n"));
                assertThat(ledger.batch("/v1/actions/batch?atomic=true", lines).status()).isEqualTo(201);
                long end = System.nanoTime() + 60_000_000_000L;
                while (live.readers() == 2 && System.nanoTime() < end) {
                    Thread.sleep(5);
                }
                assertThat(live.readers()).isEqualTo(1);
                assertThat(stuck.isConnected()).isTrue();
                long last = ledger.record(Demand.register("still-there")).position();
                assertThat(positions(quiet.await(2))).containsExactly(0L, last);
            }
        }
    }

    @Test
    void givenReadersThatReadAndOneThatDoesNot_whenTheServiceStops_thenEveryStreamEndsAndSoDoesTheService()
            throws Exception {
        RunningLedger ledger = RunningLedger.start();
        ledger.record(Demand.register("slow"));
        try (Socket stuck = stuck(ledger);
                LiveClient one = follow(ledger, "");
                LiveClient two = follow(ledger, "type=EntityDelisted")) {
            String lines = IntStream.range(0, 100).mapToObj(LiveTest::large).collect(Collectors.joining("\n"));
            assertThat(ledger.batch("/v1/actions/batch?atomic=true", lines).status()).isEqualTo(201);
            one.await(101);
            assertThat(two.head().statusCode()).isEqualTo(200);
            long from = System.nanoTime();
            ledger.close();
            long millis = (System.nanoTime() - from) / 1_000_000;
            assertThat(one.awaitEnd()).isTrue();
            assertThat(two.awaitEnd()).isTrue();
            assertThat(stuck.isConnected()).isTrue();
            System.out.println("LiveTest: the service stopped in " + millis + " ms");
            assertThat(millis).isLessThan(15_000);
        }
    }

    // ---- what is refused ----

    private static void refused(String query, String lastEventId, String code, String... told) {
        Answer answer = LEDGER.get("/v1/events?" + query, "Accept", "text/event-stream", "Last-Event-ID", lastEventId);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.code()).as(answer.toString()).isEqualTo(code);
        assertThat(answer.at("/detail")).contains(told);
    }

    @Test
    void givenWrongPositionsAndFilters_whenFollowed_thenRefusedWithTheThingTheValueAndTheWayOut() {
        LEDGER.record(Demand.register("live-refused"));
        for (String wrong : List.of("x", "1.5", "-2", "1 2", "0x1", "9999999999999999999", "position:4", "%31")) {
            refused("", wrong, "malformed", "Last-Event-ID", "'" + wrong + "'", "leave it out");
        }
        String last = Long.toString(LEDGER.head() - 1);
        refused("", "999999999", "unknown-position", "Last-Event-ID 999999999", "0 to " + last, "-1");
        refused("after=999999999", "", "unknown-position", "after 999999999", "0 to " + last, "-1");
        refused("after=-2", "", "unknown-position", "after -2");
        refused("after=x", "", "malformed", "after", "'x'");
        refused("type=Nothing", "", "malformed", "type 'Nothing'", "EntityListed");
        refused("entityId=", "", "malformed", "entity");
        refused("listId=A%20B", "", "malformed", "A B");
        for (String ofPages : List.of("through=3", "limit=5", "cursor=abc")) {
            refused(ofPages, "", "malformed", ofPages.substring(0, ofPages.indexOf('=')), "leave them out");
        }
    }

    @Test
    void givenTheHeadAlone_whenAsked_thenItIsGivenAndNothingIsFollowed() {
        LEDGER.record(Demand.register("live-head"));
        LiveEvents live = LEDGER.context().getBean(LiveEvents.class);
        int before = live.readers();
        Answer head = LEDGER.send("HEAD", "/v1/events", new byte[0], "Accept", "text/event-stream");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Content-Type")).isEqualTo("text/event-stream");
        assertThat(live.readers()).isLessThanOrEqualTo(before);
    }
}
