package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class OperatingTest {

    private static final RunningLedger LEDGER = RunningLedger.shared();

    @Test
    void givenARunningService_whenItsHealthIsAsked_thenUpWithHowFarTheReadingsAre() {
        LEDGER.record(Demand.register("operating"));
        JsonNode health = LEDGER.json("/actuator/health");

        assertThat(health.get("status").asString()).isEqualTo("UP");
        assertThat(health.at("/components/ledger/status").asString()).isEqualTo("UP");
        assertThat(health.at("/components/ledger/details/recorded").asLong()).isEqualTo(LEDGER.head());
        assertThat(health.at("/components/ledger/details/reflected").asLong()).isEqualTo(LEDGER.head());
        assertThat(LEDGER.json("/actuator/health/liveness").get("status").asString()).isEqualTo("UP");
        assertThat(LEDGER.json("/actuator/health/readiness").get("status").asString()).isEqualTo("UP");
    }

    @Test
    void givenARunningService_whenItsMetricsAreScraped_thenTheLedgersOwnAreAmongThem() {
        LEDGER.record(Demand.register("operating-2"));
        Answer metrics = LEDGER.get("/actuator/prometheus");

        assertThat(metrics.status()).isEqualTo(200);
        assertThat(metrics.text()).contains("# TYPE ledger_append_events_total counter", "ledger_append_batches_total",
                "ledger_append_waiting", "ledger_reading_lag", "http_server_requests_seconds_count");
        assertThat(metrics.text().lines().filter(line -> line.startsWith("ledger_append_events_total "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).findFirst()
                .orElseThrow())
                .isEqualTo((double) LEDGER.head());
    }

    @Test
    void givenNoSettings_whenTheServiceListens_thenOnThisMachineOnly() throws IOException {
        assertThat(LEDGER.context().getEnvironment().getProperty("server.address")).isEqualTo("127.0.0.1");
        for (InetAddress address : NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress()).toList()) {
            try (Socket socket = new Socket()) {
                Assertions.assertThatThrownBy(
                        () -> socket.connect(new InetSocketAddress(address, LEDGER.port()), 5_000))
                        .isInstanceOf(ConnectException.class);
            }
        }
    }

    @Test
    void givenARequestInFlight_whenTheServiceIsToldToStop_thenItIsAnsweredBeforeTheEnd()
            throws IOException, InterruptedException {
        Path data = RunningLedger.folder();
        RunningLedger ledger = RunningLedger.on(data);
        ledger.record(Demand.register("l"));
        byte[] command = Demand.list("x", "l", "2020-01-01").getBytes(StandardCharsets.UTF_8);
        String answer;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ledger.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(("POST /v1/actions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + "Content-Type: application/json\r\nContent-Length: " + command.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(command, 0, command.length / 2);
            socket.getOutputStream().flush();
            awaitRequest(ledger);
            Thread stopping = Thread.ofPlatform().start(ledger::close);
            awaitRefusedConnection(ledger.port());
            socket.getOutputStream().write(command, command.length / 2, command.length - command.length / 2);
            socket.getOutputStream().flush();
            answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            stopping.join();
        }
        assertThat(answer).startsWith("HTTP/1.1 201").contains("\"entityId\":\"x\"");
        try (RunningLedger again = RunningLedger.on(data)) {
            assertThat(again.json("/v1/entities/x/history").get("actions")).hasSize(1);
        } finally {
            RunningLedger.delete(data);
        }
    }

    /** Until the service has begun to work on the request whose body is not whole yet. */
    private static void awaitRequest(RunningLedger ledger) throws InterruptedException {
        while (Thread.getAllStackTraces().values().stream().noneMatch(stack -> List.of(stack).stream()
                .anyMatch(frame -> frame.getClassName().equals("org.policyledger.api.Edge")
                        && frame.getMethodName().equals("body")))) {
            Thread.sleep(5);
        }
        assertThat(ledger.context().isActive()).isTrue();
    }

    private static void awaitRefusedConnection(int port) throws InterruptedException {
        while (true) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertThat(socket.isConnected()).isTrue();
                Thread.sleep(5);
            } catch (IOException refused) {
                return;
            }
        }
    }
}
