package org.policyledger.api;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** A reader of the live stream that takes it apart as the standard demands of browsers (WHATWG HTML, section 9.2.6). */
public final class LiveClient implements AutoCloseable, Flow.Subscriber<String> {

    private static final long PATIENCE = TimeUnit.MINUTES.toNanos(2);

    /** A message as it is dispatched. */
    public record Message(String lastEventId, String type, String data) {

        public long position() {
            return Long.parseLong(lastEventId);
        }
    }

    private final CompletableFuture<ResponseInfo> head = new CompletableFuture<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private final List<Message> messages = new ArrayList<>();
    private final StringBuilder data = new StringBuilder();
    private String type = "";
    private String idBuffer = "";
    private String lastEventId = "";
    private String retry = "";
    private int comments;
    private boolean ended;
    private boolean whole;

    /** Follows an address; headers are given as name, value, name, value. */
    public LiveClient(HttpClient http, String address, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address)).header("Accept", "text/event-stream");
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        var unused = http.sendAsync(request.build(), info -> {
            head.complete(info);
            return BodySubscribers.fromLineSubscriber(this);
        }).whenComplete((answer, failure) -> {
            if (failure != null) {
                head.completeExceptionally(failure);
                end(false);
            }
        });
    }

    /** The head of the answer, which comes before any event need be there. */
    public ResponseInfo head() {
        try {
            return head.get(PATIENCE, TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Waits until what has come is as wanted, and gives the messages so far. */
    public synchronized List<Message> await(Predicate<LiveClient> wanted) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE;
        while (!wanted.test(this)) {
            if (ended || System.nanoTime() > end) {
                throw new AssertionError(
                        (ended ? "the stream ended" : "nothing more came") + " after " + messages.size()
                                + " messages, the last with id '" + lastEventId + "'");
            }
            wait(1_000);
        }
        return List.copyOf(messages);
    }

    /** Waits until so many messages have come. */
    public List<Message> await(int number) throws InterruptedException {
        return await(client -> client.messages.size() >= number);
    }

    /** Waits until the stream has ended; whether it ended as a whole answer does. */
    public synchronized boolean awaitEnd() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE;
        while (!ended) {
            if (System.nanoTime() > end) {
                throw new AssertionError("the stream did not end");
            }
            wait(1_000);
        }
        return whole;
    }

    public synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    /** What a browser would send as Last-Event-ID when it came again. */
    public synchronized String lastEventId() {
        return lastEventId;
    }

    public synchronized String retry() {
        return retry;
    }

    public synchronized int comments() {
        return comments;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription.complete(given);
        given.request(Long.MAX_VALUE);
    }

    @Override
    public synchronized void onNext(String line) {
        if (line.isEmpty()) {
            lastEventId = idBuffer;
            if (!data.isEmpty()) {
                messages.add(new Message(lastEventId, type.isEmpty() ? "message" : type,
                        data.substring(0, data.length() - 1)));
            }
            data.setLength(0);
            type = "";
        } else if (line.startsWith(":")) {
            comments++;
        } else {
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            take(field, value.startsWith(" ") ? value.substring(1) : value);
        }
        notifyAll();
    }

    private void take(String field, String value) {
        switch (field) {
            case "event" -> type = value;
            case "data" -> data.append(value).append('\n');
            case "id" -> idBuffer = value;
            case "retry" -> retry = value;
            default -> throw new AssertionError("a browser would pass over the field " + field);
        }
    }

    @Override
    public void onError(Throwable broken) {
        end(false);
    }

    @Override
    public void onComplete() {
        end(true);
    }

    private synchronized void end(boolean asAWhole) {
        whole |= asAWhole && !ended;
        ended = true;
        notifyAll();
    }

    /** Goes away without a word, as a browser whose page is closed. */
    @Override
    public void close() {
        var unused = subscription.thenAccept(Flow.Subscription::cancel);
    }
}
