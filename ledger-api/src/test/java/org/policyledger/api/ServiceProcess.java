package org.policyledger.api;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The {@code ledger} command in a process of its own, which can be killed. */
public final class ServiceProcess implements AutoCloseable {

    private static final String LISTENING = "The ledger listens on ";

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Process process;
    private final Path output;
    private String url = "";

    private ServiceProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Runs any verb; what it says goes into a file. Its home is the folder given. */
    public static ServiceProcess run(Path home, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx300m",
                "-XX:TieredStopAtLevel=1",
                "-Duser.home=" + home, "-cp", System.getProperty("java.class.path"),
                "org.policyledger.api.cli.LedgerCommand"));
        command.addAll(List.of(arguments));
        try {
            Path output = Files.createTempFile(home, "output", ".txt");
            return new ServiceProcess(
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start(),
                    output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code serve} on a free port and waits until it listens. */
    public static ServiceProcess serve(Path home, String... arguments) throws InterruptedException {
        List<String> all = new ArrayList<>(List.of("serve", "--port", "0"));
        all.addAll(List.of(arguments));
        ServiceProcess service = run(home, all.toArray(String[]::new));
        service.awaitUrl();
        return service;
    }

    private void awaitUrl() throws InterruptedException {
        while (url.isEmpty()) {
            if (!process.isAlive()) {
                throw new AssertionError("the service ended with " + process.exitValue() + ": " + output());
            }
            try (BufferedReader lines = Files.newBufferedReader(output, StandardCharsets.UTF_8)) {
                url = lines.lines().filter(line -> line.startsWith(LISTENING)).findFirst()
                        .map(line -> line.substring(LISTENING.length(), line.indexOf("/ (Ctrl-C"))).orElse("");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Thread.sleep(50);
        }
    }

    public String url() {
        return url;
    }

    /** Fails with an {@link UncheckedIOException} when the process is gone. */
    public Answer post(String path, String json, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Content-Type", "application/json"));
        return RunningLedger.send(http, url, "POST", path, json.getBytes(StandardCharsets.UTF_8),
                all.toArray(String[]::new));
    }

    /** As a power cut would end it: no shutdown hook runs. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Asks it to stop, as Ctrl-C does. */
    public void stop() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    public int exitCode() throws InterruptedException {
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            throw new AssertionError("still running: " + output());
        }
        return process.exitValue();
    }

    /** What it has said so far, on both of its outputs. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
