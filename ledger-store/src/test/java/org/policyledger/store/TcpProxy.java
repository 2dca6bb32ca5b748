package org.policyledger.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Stands between a client and a PostgreSQL server, and breaks the connection when told. */
final class TcpProxy implements AutoCloseable {

    /** What happens to the connection on which the next commit is seen. */
    enum AtCommit {
        PASS,
        CUT_BEFORE,
        CUT_AFTER
    }

    /** How the statement begins by which the ledger's writer commits. */
    private static final String COMMIT = "WITH moved";

    private final ServerSocket listener;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicReference<AtCommit> atCommit = new AtomicReference<>(AtCommit.PASS);
    private volatile boolean holding;
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private volatile boolean refusing;
    private volatile boolean frozen;

    TcpProxy(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** From now on commits stay on their way to the server, until they are let go; all else passes. */
    void holdCommits() {
        holding = true;
    }

    /** Lets the server have what was held, though nobody waits for its answer any more; returns how many when it has answered. */
    int letGo() throws InterruptedException {
        holding = false;
        while (answered.get() < held.get()) {
            Thread.sleep(5);
        }
        return held.get();
    }

    /** Once: the next commit cuts its connection, before or after the server has carried it out. */
    void cutAtNextCommit(AtCommit when) {
        atCommit.set(when);
    }

    boolean commitWasCut() {
        return atCommit.get() == AtCommit.PASS;
    }

    /** Ends all connections and refuses new ones, until {@link #restore}. */
    void cut() {
        refusing = true;
        open.forEach(TcpProxy::end);
    }

    /** Keeps all connections open but carries nothing any more. */
    void freeze() {
        frozen = true;
    }

    void restore() {
        refusing = false;
        if (frozen) {
            frozen = false;
            open.forEach(TcpProxy::end);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (refusing) {
                    end(client);
                    continue;
                }
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                open.add(client);
                open.add(server);
                AtomicReference<AtCommit> cut = new AtomicReference<>(AtCommit.PASS);
                Semaphore answers = new Semaphore(0);
                start(() -> carry(client, server, true, cut, answers));
                start(() -> carry(server, client, false, cut, answers));
            } catch (IOException e) {
                // The listener was closed, or the server is away: the client sees its connection end.
            }
        }
    }

    private void carry(Socket from, Socket to, boolean toServer, AtomicReference<AtCommit> cut,
            Semaphore answers) {
        byte[] buffer = new byte[1 << 16];
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                while (frozen) {
                    Thread.sleep(5);
                }
                if (toServer && new String(buffer, 0, read, StandardCharsets.ISO_8859_1).contains(COMMIT)) {
                    if (holding) {
                        held.incrementAndGet();
                        while (holding) {
                            Thread.sleep(5);
                        }
                        answers.drainPermits();
                        out.write(buffer, 0, read);
                        answers.acquire();
                        answered.incrementAndGet();
                        return;
                    }
                    cut.set(atCommit.getAndSet(AtCommit.PASS));
                    if (cut.get() == AtCommit.CUT_BEFORE) {
                        return;
                    }
                }
                if (!toServer) {
                    answers.release();
                }
                if (!toServer && cut.get() == AtCommit.CUT_AFTER) {
                    return; // this is the server's answer to the commit: it has been carried out
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException | InterruptedException e) {
            // Cut, from whichever side.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void start(Runnable work) {
        Thread.ofPlatform().daemon().start(work);
    }
}
