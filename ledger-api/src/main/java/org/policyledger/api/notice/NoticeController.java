package org.policyledger.api.notice;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.policyledger.api.Edge;
import org.policyledger.api.Edge.Coordinates;
import org.policyledger.api.Edge.PageRequest;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.api.action.NoticeDemand;
import org.policyledger.api.action.NoticeRecorder;
import org.policyledger.api.action.Receipt;
import org.policyledger.api.log.EvidenceBundle;
import org.policyledger.core.Check;
import org.policyledger.core.LedgerJson;
import org.policyledger.core.NoticeId;
import org.policyledger.projections.notice.NoticeReader;
import org.policyledger.projections.notice.NoticeReader.CitingAction;
import org.policyledger.projections.notice.NoticeReader.NoticeDetail;
import org.policyledger.projections.notice.NoticeReader.NoticeView;
import org.policyledger.projections.notice.NoticeReader.Part;
import org.policyledger.projections.notice.NoticeReader.Wanted;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Records notices with their actions, and answers about notices. */
@RestController
@RequestMapping(path = "/v1/notices", produces = MediaType.APPLICATION_JSON_VALUE)
class NoticeController {

    /** More than a bundle takes: it says so itself. */
    private static final int MOST_ACTIONS = 100_000;

    /** What was recorded: the notice, and the actions it carries, in the order sent. */
    record NoticeReceipt(NoticeId noticeId, Receipt notice, List<Receipt> actions) {}

    record NoticesAnswer(long position, List<NoticeView> notices, Optional<String> cursor) {}

    /** A notice with a page of what cites it. */
    record NoticeAnswer(NoticeId noticeId, long position, NoticeView notice, List<CitingAction> actions,
            Optional<String> cursor) {}

    private final NoticeRecorder recorder;
    private final NoticeReader reader;
    private final Edge edge;
    private final EvidenceBundle bundle;

    NoticeController(NoticeRecorder recorder, NoticeReader reader, Edge edge, EvidenceBundle bundle) {
        this.recorder = recorder;
        this.reader = reader;
        this.edge = edge;
        this.bundle = bundle;
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<NoticeReceipt> record(HttpServletRequest request) throws IOException {
        byte[] body = edge.body(request, edge.limits().batch());
        NoticeDemand demand = LedgerJson.MAPPER.readValue(body, NoticeDemand.class);
        if (demand == null) {
            throw Refused.malformed("null is no notice: give an object");
        }
        if (demand.actions().size() > edge.limits().batchLines()) {
            throw new Refused(Problem.Kind.TOO_LARGE, "The notice has " + demand.actions().size()
                    + " actions: at most " + edge.limits().batchLines() + " are taken at once");
        }
        List<Receipt> receipts = recorder.record(demand, edge.callerOfMany(request, body));
        Receipt first = receipts.getFirst();
        NoticeId noticeId = first.noticeId().orElseThrow();
        boolean seen = !Edge.respondAsync(request) && edge.seen(receipts.getLast().position());
        return Edge.written(request, seen, HttpStatus.CREATED)
                .location(URI.create("/v1/notices/" + noticeId))
                .body(new NoticeReceipt(noticeId, first, receipts.subList(1, receipts.size())));
    }

    @GetMapping
    ResponseEntity<NoticesAnswer> notices(@RequestParam Optional<String> from, @RequestParam Optional<String> to,
            @RequestParam Optional<String> publisher, @RequestParam Optional<String> asKnownAt,
            @RequestParam Optional<String> cursor, @RequestParam Optional<Integer> limit) {
        Wanted wanted = new Wanted(from.map(given -> Edge.date("from", given)), to.map(given -> Edge.date("to", given)),
                publisher.map(given -> Edge.parse(given, text -> Check.text("publisher", text, 200))));
        if (wanted.from().isPresent() && wanted.to().isPresent() && wanted.to().get().isBefore(wanted.from().get())) {
            throw Refused.malformed("from " + wanted.from().get() + " is after to " + wanted.to().get()
                    + ": give the earlier day first");
        }
        PageRequest page = edge.page(cursor, limit);
        Coordinates at = page.pin(known(asKnownAt));
        Part<NoticeView> part = reader.notices(wanted, at.known(), offset(page), page.limit());
        Optional<String> next = part.next().map(offset -> Edge.cursor(at, Long.toString(offset)));
        return Edge.page(at, next).body(new NoticesAnswer(at.known(), part.items(), next));
    }

    @GetMapping("/{noticeId}")
    ResponseEntity<NoticeAnswer> notice(@PathVariable String noticeId, @RequestParam Optional<String> asKnownAt,
            @RequestParam Optional<String> cursor, @RequestParam Optional<Integer> limit) {
        PageRequest page = edge.page(cursor, limit);
        Coordinates at = page.pin(known(asKnownAt));
        NoticeAnswer answer = answer(noticeId, at, offset(page), page.limit());
        return Edge.page(at, answer.cursor()).body(answer);
    }

    @GetMapping(path = "/{noticeId}/evidence", produces = EvidenceBundle.ZIP)
    ResponseEntity<byte[]> evidence(@PathVariable String noticeId, @RequestParam Optional<String> asKnownAt) {
        NoticeAnswer answer = answer(noticeId, known(asKnownAt), 0, MOST_ACTIONS);
        TreeSet<Long> positions = new TreeSet<>(answer.actions().stream().map(CitingAction::position).toList());
        answer.notice().position().ifPresent(positions::add);
        return bundle.answer(answer.noticeId().toString(), "notice " + answer.noticeId(), answer, positions);
    }

    private NoticeAnswer answer(String noticeId, Coordinates at, long offset, int limit) {
        NoticeId id = Edge.parse(noticeId, NoticeId::new);
        NoticeDetail detail = reader.find(id, at.known(), offset, limit)
                .orElseThrow(() -> new Refused(Problem.Kind.UNKNOWN_NOTICE, "Notice " + id
                        + " is neither recorded nor cited as known at position " + at.known()
                        + ": /v1/notices tells which are"));
        return new NoticeAnswer(id, at.known(), detail.view(), detail.actions().items(),
                detail.actions().next().map(next -> Edge.cursor(at, Long.toString(next))));
    }

    /** No day counts here; a position alone makes the answer the same for ever. */
    private Coordinates known(Optional<String> asKnownAt) {
        return edge.coordinates(Optional.of("1900-01-01"), asKnownAt);
    }

    private static long offset(PageRequest page) {
        long offset = page.afterNumber(0);
        if (offset < 0) {
            throw Refused.malformed("cursor is one that another address gave: start again without it");
        }
        return offset;
    }
}
