package org.policyledger.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * Many readers of the live stream that cost as little as readers can: one thread takes what comes for any of them, finds the
 * events in it, and notes when it had each.
 */
final class LiveReaders implements AutoCloseable {

    private static final byte[] EVENT = "\ndata: ".getBytes(StandardCharsets.US_ASCII);

    /** One connection: it has an event when the empty line after its data has come. */
    private static final class Reader {
        private final SocketChannel channel;
        private final long[] had;
        private int events;
        private int matched;
        private boolean inData;
        private boolean lineEnded;

        Reader(SocketChannel channel, int count) {
            this.channel = channel;
            this.had = new long[count];
        }

        void take(ByteBuffer bytes) {
            long now = System.nanoTime();
            while (bytes.hasRemaining()) {
                byte next = bytes.get();
                if (inData) {
                    if (next == '\n' && lineEnded) {
                        inData = false;
                        if (events < had.length) {
                            had[events] = now;
                        }
                        events++;
                    }
                    lineEnded = next == '\n';
                } else {
                    matched = next == EVENT[matched] ? matched + 1 : next == EVENT[0] ? 1 : 0;
                    if (matched == EVENT.length) {
                        matched = 0;
                        inData = true;
                        lineEnded = false;
                    }
                }
            }
        }
    }

    private final List<Reader> readers = new ArrayList<>();
    private final Selector selector;
    private final Thread thread;
    private volatile boolean closed;

    /** Connects readers that start after the position and wait for so many events. */
    LiveReaders(int port, int number, long after, int count) throws IOException {
        selector = Selector.open();
        // HTTP 1.0, so that nothing but the stream itself comes after the head.
        byte[] request = ("GET /v1/events HTTP/1.0\r\nHost: bench\r\nAccept: text/event-stream\r\nLast-Event-ID: "
                + after
                + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < number; i++) {
            SocketChannel channel = SocketChannel
                    .open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.write(ByteBuffer.wrap(request));
            channel.configureBlocking(false);
            Reader reader = new Reader(channel, count);
            readers.add(reader);
            channel.register(selector, SelectionKey.OP_READ, reader);
        }
        thread = Thread.ofPlatform().name("live-readers").start(this::take);
    }

    /** Waits until the service counts all of them. */
    void awaitOpen(IntSupplier connected) throws InterruptedException {
        while (connected.getAsInt() < readers.size()) {
            Thread.sleep(10);
        }
    }

    /** Waits until all have all, and gives when each had each. */
    long[][] await() throws InterruptedException {
        thread.join();
        return readers.stream().map(reader -> reader.had).toArray(long[][]::new);
    }

    private void take() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 16);
        int missing = readers.size();
        try {
            while (missing > 0 && !closed) {
                selector.select(100);
                for (SelectionKey key : selector.selectedKeys()) {
                    Reader reader = (Reader) key.attachment();
                    if (reader.channel.read(bytes.clear()) < 0) {
                        throw new IllegalStateException("a live stream ended after " + reader.events + " events");
                    }
                    boolean lacked = reader.events < reader.had.length;
                    reader.take(bytes.flip());
                    if (lacked && reader.events >= reader.had.length) {
                        missing--;
                    }
                }
                selector.selectedKeys().clear();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        for (Reader reader : readers) {
            reader.channel.close();
        }
        selector.close();
    }
}
