package org.policyledger.api.action;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.policyledger.api.Edge;
import org.policyledger.api.Problem;
import org.policyledger.api.Problems;
import org.policyledger.api.Refused;
import org.policyledger.core.Command;
import org.policyledger.core.Command.CommitmentCommand;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.Command.LinkCommand;
import org.policyledger.core.Command.RecordNotice;
import org.policyledger.core.Command.RecordStatement;
import org.policyledger.core.Command.RegisterList;
import org.policyledger.core.EntityId;
import org.policyledger.core.Rejection;
import org.policyledger.store.LedgerLog;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Records actions: one, or many in one request. */
@RestController
class ActionController {

    private static final int ATTEMPTS = 5;
    private static final int LINES_AT_ONCE = 64;

    /** A line of a batch with its number, from 1, and what came of it. */
    @SuppressWarnings("ArrayRecordComponent") // the bytes as sent; lines are not compared
    private record Line(int number, byte[] text) {}

    private final Recorder recorder;
    private final LedgerLog log;
    private final Edge edge;
    private final JsonMapper answers;
    /** As many as fill the log's commits; more would only wait for connections. */
    private final ExecutorService lines = Executors.newFixedThreadPool(LINES_AT_ONCE, Thread.ofVirtual().factory());

    ActionController(Recorder recorder, LedgerLog log, Edge edge, JsonMapper answers) {
        this.recorder = recorder;
        this.log = log;
        this.edge = edge;
        this.answers = answers;
    }

    @PostMapping(path = "/v1/actions", consumes = MediaType.APPLICATION_JSON_VALUE, produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Receipt> record(HttpServletRequest request) throws IOException {
        byte[] body = edge.body(request, edge.limits().action());
        Command command = Edge.command(body, Command.class);
        Receipt receipt = recorder.record(command, edge.caller(request, body));
        return edge.answer(receipt, request, "/v1/events/" + receipt.actionId());
    }

    @PostMapping(path = "/v1/actions/batch", consumes = MediaType.APPLICATION_NDJSON_VALUE, produces = MediaType.APPLICATION_NDJSON_VALUE)
    ResponseEntity<byte[]> recordBatch(@RequestParam(defaultValue = "false") boolean atomic, HttpServletRequest request)
            throws IOException, InterruptedException {
        byte[] body = edge.body(request, edge.limits().batch());
        List<Line> given = lines(body);
        Caller caller = edge.callerOfMany(request, body);
        List<Object> results = new ArrayList<>(atomic ? recordAtomic(given, caller) : recordEach(given, caller));
        long last = results.stream().mapToLong(result -> result instanceof Receipt receipt ? receipt.position() : -1)
                .max().orElse(-1);
        boolean seen = !Edge.respondAsync(request) && edge.seen(last);
        StringBuilder answer = new StringBuilder();
        results.forEach(result -> answer.append(answers.writeValueAsString(result)).append('\n'));
        HttpStatus done = atomic ? HttpStatus.CREATED : HttpStatus.OK;
        return Edge.written(request, seen, done).contentType(MediaType.APPLICATION_NDJSON)
                .body(answer.toString().getBytes(StandardCharsets.UTF_8));
    }

    private List<Line> lines(byte[] body) {
        List<Line> given = new ArrayList<>();
        int number = 0;
        int end;
        for (int start = 0; start < body.length; start = end + 1) {
            number++;
            end = start;
            boolean blank = true;
            while (end < body.length && body[end] != '\n') {
                blank &= body[end] == ' ' || body[end] == '\t' || body[end] == '\r';
                end++;
            }
            if (!blank) {
                given.add(new Line(number, Arrays.copyOfRange(body, start, end)));
            }
        }
        if (given.isEmpty()) {
            throw Refused.malformed("The batch is empty: give one command a line");
        }
        if (given.size() > edge.limits().batchLines()) {
            throw new Refused(Problem.Kind.TOO_LARGE, "The batch has " + given.size() + " lines: at most "
                    + edge.limits().batchLines() + " are taken at once");
        }
        return given;
    }

    private List<Receipt> recordAtomic(List<Line> given, Caller caller) {
        try {
            List<Command> commands = given.stream()
                    .map(line -> atLine(line, () -> Edge.command(line.text(), Command.class))).toList();
            return Recorder.decidingAnew(ATTEMPTS, () -> decideAll(given, commands, caller));
        } catch (Refused refused) {
            return recorder.findRecorded(caller).orElseThrow(() -> refused);
        }
    }

    private List<Receipt> decideAll(List<Line> given, List<Command> commands, Caller caller) {
        AtomicBatch batch = new AtomicBatch(log, recorder.lists(), caller);
        batch.load(commands.stream().flatMap(ActionController::entities).toList());
        for (int i = 0; i < commands.size(); i++) {
            Command command = commands.get(i);
            atLine(given.get(i), () -> batch.decide(command));
        }
        return recorder.receipts(batch.append());
    }

    /** The entities whose records a command is decided on. */
    private static Stream<EntityId> entities(Command command) {
        return switch (command) {
            case EntityCommand demand -> Stream.of(demand.entityId());
            case LinkCommand demand -> demand.entityIds().entityIds().stream();
            case RecordStatement demand -> demand.entityId().stream();
            case CommitmentCommand elsewhere -> Stream.empty();
            case RecordNotice elsewhere -> Stream.empty();
            case RegisterList elsewhere -> Stream.empty();
        };
    }

    private static <T> T atLine(Line line, Supplier<T> step) {
        try {
            return step.get();
        } catch (Rejection | JacksonException | Refused failure) {
            Problem problem = Problems.of(failure);
            throw new Refused(new Problem(problem.type(), problem.title(), problem.status(),
                    "Line " + line.number() + ": " + problem.detail() + " (nothing of the batch was recorded)",
                    problem.code(),
                    List.of(new Problem.Fault("/" + (line.number() - 1), problem.detail()))));
        }
    }

    /**
     * Lines about one stream are taken in order, others side by side; a new list is there before what follows it, and what goes
     * before a link about its entities before the link.
     */
    private List<Object> recordEach(List<Line> given, Caller caller) throws InterruptedException {
        Object[] results = new Object[given.size()];
        Map<String, List<Runnable>> streams = new LinkedHashMap<>();
        for (int i = 0; i < given.size(); i++) {
            int at = i;
            Line line = given.get(i);
            Command command;
            try {
                command = Edge.command(line.text(), Command.class);
            } catch (JacksonException | Refused unreadable) {
                results[at] = Problems.of(unreadable);
                continue;
            }
            boolean list = command instanceof RegisterList;
            if (list || isAbout(command, streams.keySet())) {
                runAll(streams);
            }
            Caller part = caller.part(line.number(),
                    Edge.fingerprint("line", line.text()));
            streams.computeIfAbsent(command.stream(), stream -> new ArrayList<>())
                    .add(() -> results[at] = recordOne(command, part));
            if (list) {
                runAll(streams);
            }
        }
        runAll(streams);
        return List.of(results);
    }

    /** Whether the command links entities of which some records are among these streams. */
    private static boolean isAbout(Command command, Set<String> streams) {
        return command instanceof LinkCommand link
                && link.entityIds().entityIds().stream().map(EntityId::stream).anyMatch(streams::contains);
    }

    private void runAll(Map<String, List<Runnable>> streams) throws InterruptedException {
        List<Future<?>> running = new ArrayList<>();
        streams.values().forEach(steps -> running.add(lines.submit(() -> steps.forEach(Runnable::run))));
        streams.clear();
        for (Future<?> one : running) {
            try {
                one.get();
            } catch (java.util.concurrent.ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private Object recordOne(Command command, Caller caller) {
        try {
            return recorder.record(command, caller);
        } catch (RuntimeException failure) {
            return Problems.of(failure);
        }
    }
}
