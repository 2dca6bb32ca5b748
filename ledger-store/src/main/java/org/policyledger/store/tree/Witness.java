package org.policyledger.store.tree;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.policyledger.store.LedgerDamaged;
import org.policyledger.store.Sha256;

/**
 * Somebody else who signs the log's checkpoints, but none that contradicts one he has signed (C2SP tlog-witness); here is what the log
 * asks of him. Used by one thread at a time; what it is in trouble with, by any.
 */
public final class Witness {

    /** What came back. */
    private record Answer(int status, String type, String body) {}

    private static final int ATTEMPTS = 3;
    private static final int LONGEST_ANSWER = 64 * 1024;
    private static final Pattern SIZE = Pattern.compile("(0|[1-9][0-9]{0,17})\n");

    private final NoteKey key;
    private final URI address;
    private final Duty duty;
    private long known;
    private volatile long cosigned;

    /**
     * @param key with which the witness signs
     * @param prefix where it takes submissions, without {@code /add-checkpoint}
     */
    public Witness(NoteKey key, URI prefix) {
        if (key.type() != NoteKey.Type.WITNESS) {
            throw new IllegalArgumentException("'" + key + "' is the key of a log, not of a witness");
        }
        if (!List.of("http", "https").contains(String.valueOf(prefix.getScheme())) || prefix.getHost() == null
                || prefix.getQuery() != null || prefix.getFragment() != null) {
            throw new IllegalArgumentException("a witness cannot be asked at '" + prefix
                    + "': its address is http:// or https://, a host and a path");
        }
        this.key = key;
        this.address = URI.create(prefix.toString().replaceFirst("/+$", "") + "/add-checkpoint");
        this.duty = new Duty("Witness " + key.name());
    }

    /** The key with which it signs. */
    public NoteKey key() {
        return key;
    }

    /** How large the log was that it signed last, in the time of this process. */
    public long cosigned() {
        return cosigned;
    }

    /** What kept it from signing the checkpoint that it was asked for last. */
    public Optional<String> trouble() {
        return duty.trouble();
    }

    /** Whether what it has signed contradicts what the log is now. Then it is not asked again in the time of this process. */
    public boolean isAlarmed() {
        return duty.isAlarmed();
    }

    /** Asks for its signature under a checkpoint that lacks it, and has the tree keep it. */
    void ask(LedgerTree tree, LedgerTree.Signed signed, HttpClient client, Duration timeout) {
        duty.attempt(() -> cosign(tree, signed, client, timeout));
    }

    private void cosign(LedgerTree tree, LedgerTree.Signed first, HttpClient client, Duration timeout)
            throws IOException, InterruptedException {
        LedgerTree.Signed signed = first;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (known > signed.checkpoint().size()) {
                // Another process may have signed, and shown it, since we looked.
                signed = tree.latest().orElse(signed);
            }
            Checkpoint checkpoint = signed.checkpoint();
            SignedNote note = SignedNote.parse(signed.note());
            // Also where its signature is there, it is asked once in the time of this process: it may know of more than the database does.
            if (known == checkpoint.size() && note.isSignedBy(key)) {
                cosigned = known;
                return;
            }
            if (known > checkpoint.size()) {
                throw new LedgerDamaged("The witness " + key.name() + " has signed this log at " + known
                        + " events, but it holds " + checkpoint.size()
                        + ": events were cut off, or an older state of the"
                        + " database was put back.");
            }
            Answer answer = exchange(client, request(tree, checkpoint, note, timeout), timeout);
            switch (answer.status()) {
                case 200 -> {
                    // Dying before this leaves a witness that knows the size, and tells it when it is asked again.
                    tree.cosign(checkpoint, signature(note, answer.body()));
                    known = checkpoint.size();
                    cosigned = known;
                    return;
                }
                case 409 -> known = learn(answer, checkpoint);
                case 422 -> throw contradiction(checkpoint);
                case 400 -> throw refused(answer, "takes the request for malformed");
                case 403 -> throw refused(answer, "knows none of the keys that signed the checkpoint: give "
                        + note.signatures().getFirst().name() + "'s verifier key to who runs it");
                case 404 -> throw refused(answer, "does not know the log '" + checkpoint.origin()
                        + "', or has another address: give the log's verifier key to who runs it");
                default -> throw refused(answer, "does not sign");
            }
        }
        throw new IOException(
                "it tells another size each time, at last " + known + ": it is signing for another process");
    }

    private HttpRequest request(LedgerTree tree, Checkpoint checkpoint, SignedNote note, Duration timeout) {
        StringBuilder body = new StringBuilder("old ").append(known).append('\n');
        for (Sha256 hash : tree.consistency(known, checkpoint.size())) {
            body.append(hash.base64()).append('\n');
        }
        body.append('\n').append(note);
        return HttpRequest.newBuilder(address).timeout(timeout)
                .POST(HttpRequest.BodyPublishers.ofString(body.toString())).build();
    }

    /** However slowly the answer comes, it is not waited for any longer. */
    private Answer exchange(HttpClient client, HttpRequest request, Duration timeout)
            throws IOException, InterruptedException {
        FutureTask<Answer> exchange = new FutureTask<>(() -> {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                return new Answer(response.statusCode(), response.headers().firstValue("Content-Type").orElse(""),
                        new String(body.readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8));
            }
        });
        Thread.ofVirtual().start(exchange);
        try {
            return exchange.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("it does not answer within " + timeout.toMillis() + " ms at " + address, e);
        } catch (ExecutionException e) {
            throw new IOException("it cannot be asked at " + address + " (" + e.getCause() + ")", e);
        } finally {
            exchange.cancel(true);
        }
    }

    /** The witness's signature in the lines of an answer; lines of others are passed over, whatever they say. */
    private SignedNote.Signature signature(SignedNote note, String lines) throws IOException {
        try {
            List<SignedNote.Signature> own = lines.lines().map(SignedNote.Signature::parse)
                    .filter(line -> line.isOf(key)).toList();
            if (new SignedNote(note.text(), own).isSignedBy(key)) {
                return own.getFirst();
            }
        } catch (IllegalArgumentException noLines) {
            throw new IOException("its answer does not consist of signature lines", noLines);
        }
        throw new IOException("its answer has no signature that holds for the key " + key);
    }

    private long learn(Answer answer, Checkpoint checkpoint) throws IOException {
        boolean equal = known == checkpoint.size();
        var size = SIZE.matcher(answer.body());
        if (answer.type().equals("text/x.tlog.size") && size.matches()) {
            long told = Long.parseLong(size.group(1));
            if (told != known) {
                return told;
            }
        }
        if (equal) {
            throw contradiction(checkpoint);
        }
        throw refused(answer, "finds the size " + known + " in conflict with its own, but tells no other");
    }

    private LedgerDamaged contradiction(Checkpoint checkpoint) {
        return new LedgerDamaged("The witness " + key.name() + " has signed this log at " + known
                + " events with another content than it has now, at " + checkpoint.size() + " events with the root "
                + checkpoint.root() + ": the log was forked, or events in it were changed.");
    }

    private static IOException refused(Answer answer, String why) {
        String said = answer.body().strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
        return new IOException("it " + why + " (" + answer.status()
                + (said.isEmpty() ? "" : ", '" + said.substring(0, Math.min(said.length(), 200)) + "'") + ")");
    }
}
