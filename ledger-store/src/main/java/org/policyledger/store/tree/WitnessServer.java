package org.policyledger.store.tree;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.policyledger.store.Sha256;

/**
 * A witness of logs (C2SP tlog-witness): signs a checkpoint only if it continues the one it signed before, which it keeps in a folder, one
 * file for each log. It is of use where another person runs it, on another machine, than the log.
 */
public final class WitnessServer implements AutoCloseable {

    /** An answer other than 200. */
    private static final class Refusal extends Exception {
        private final int status;
        private final String type;

        Refusal(int status, String type, String body) {
            super(body, null, false, false);
            this.status = status;
            this.type = type;
        }

        Refusal(int status, String why) {
            this(status, "text/plain; charset=utf-8", why + "\n");
        }

        /** The size that the witness knows. */
        static Refusal conflict(Checkpoint signed) {
            return new Refusal(409, "text/x.tlog.size", signed.size() + "\n");
        }
    }

    private static final int LARGEST_REQUEST = 64 * 1024;
    private static final Pattern REQUEST = Pattern
            .compile("old (0|[1-9][0-9]{0,17})\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n(.+)", Pattern.DOTALL);

    private final NoteSigner signer;
    private final List<NoteKey> logs;
    private final Path folder;
    private final FileChannel lock;
    private final HttpServer server;
    private final ExecutorService threads = Executors
            .newFixedThreadPool(8, Thread.ofPlatform().daemon().name("witness-", 0).factory());

    private WitnessServer(NoteSigner signer, List<NoteKey> logs, Path folder, FileChannel lock, HttpServer server) {
        this.signer = signer;
        this.logs = List.copyOf(logs);
        this.folder = folder;
        this.lock = lock;
        this.server = server;
    }

    /**
     * Takes checkpoints from now on.
     *
     * @param logs the keys of the logs it signs for; a log that has changed its key has several
     * @param folder holds what was signed, and is another witness's at no time
     */
    public static WitnessServer start(InetSocketAddress address, NoteSigner signer, List<NoteKey> logs, Path folder)
            throws IOException {
        Files.createDirectories(folder);
        FileChannel lock = FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock held = lock.tryLock();
        if (held == null) {
            lock.close();
            throw new IOException("another witness keeps what it signed in " + folder);
        }
        WitnessServer witness = new WitnessServer(signer, logs, folder, lock, HttpServer.create(address, 0));
        witness.server.createContext("/add-checkpoint", witness::handle);
        witness.server.setExecutor(witness.threads);
        witness.server.start();
        return witness;
    }

    /** Where it takes submissions. */
    public URI address() {
        InetSocketAddress bound = server.getAddress();
        return URI.create("http://" + bound.getHostString() + ":" + bound.getPort());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            int status = 200;
            String type = "text/plain; charset=utf-8";
            String body;
            try {
                body = answer(exchange);
            } catch (Refusal refusal) {
                status = refusal.status;
                type = refusal.type;
                body = String.valueOf(refusal.getMessage());
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private String answer(HttpExchange exchange) throws IOException, Refusal {
        if (!exchange.getRequestURI().getPath().equals("/add-checkpoint")) {
            throw new Refusal(404, "there is nothing here but /add-checkpoint");
        }
        if (!exchange.getRequestMethod().equals("POST")) {
            throw new Refusal(405, "send checkpoints with POST");
        }
        byte[] request = exchange.getRequestBody().readNBytes(LARGEST_REQUEST + 1);
        Matcher parts = REQUEST.matcher(new String(request, StandardCharsets.UTF_8));
        if (request.length > LARGEST_REQUEST || !parts.matches()) {
            throw new Refusal(400, "a request has a line with the old size, the lines of a proof, an empty line and a"
                    + " checkpoint");
        }
        try {
            SignedNote note = SignedNote.parse(parts.group(3));
            Checkpoint checkpoint = Checkpoint.parse(note.text());
            List<Sha256> proof = parts.group(2).lines().map(Sha256::ofBase64)
                    .toList();
            return add(Long.parseLong(parts.group(1)), proof, checkpoint, note);
        } catch (IllegalArgumentException malformed) {
            throw new Refusal(400, String.valueOf(malformed.getMessage()));
        }
    }

    /** One after the other: what is compared is still there when it is replaced. */
    private synchronized String add(long old, List<Sha256> proof, Checkpoint checkpoint, SignedNote note)
            throws IOException, Refusal {
        List<NoteKey> keys = logs.stream().filter(key -> key.name().equals(checkpoint.origin())).toList();
        if (keys.isEmpty()) {
            throw new Refusal(404, "the log '" + checkpoint.origin() + "' is not known here");
        }
        if (note.signedBy(keys).isEmpty()) {
            throw new Refusal(403, "no signature holds for a key of '" + checkpoint.origin() + "' that is known here");
        }
        if (old > checkpoint.size()) {
            throw new Refusal(400, "the old size " + old + " is larger than that of the checkpoint");
        }
        Path file = folder
                .resolve(Sha256.ofBytes(checkpoint.origin().getBytes(StandardCharsets.UTF_8)) + ".checkpoint");
        Checkpoint signed = Files.exists(file)
                ? Checkpoint.parse(SignedNote.parse(Files.readString(file)).text())
                : new Checkpoint(checkpoint.origin(), 0, MerkleTree.EMPTY);
        boolean forked = old == checkpoint.size() && !checkpoint.root().equals(signed.root());
        if (old != signed.size() || forked) {
            throw Refusal.conflict(signed);
        }
        if (!MerkleTree.verifyConsistency(old, signed.root(), checkpoint.size(), checkpoint.root(), proof)) {
            throw new Refusal(422,
                    "the proof does not show that the checkpoint continues the log of " + old + " events");
        }
        SignedNote own = signer.sign(note.text());
        // Dying after this leaves a signature that nobody has seen, and a witness that signs nothing else of that size.
        DurableFile.replace(file, new SignedNote(note.text(), note.signatures().stream()
                .filter(line -> keys.stream().anyMatch(line::isOf)).toList()).with(own.signatures()).toString());
        return own.toString().substring(own.text().length() + 1);
    }

    /** Takes no more requests. One that is broken off was signed or not, as a witness that dies leaves it. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
