package org.policyledger.api.log;

import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.policyledger.api.Refused;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Gives the log out, byte for byte, however large: a line is the leaf of the event's place in the Merkle tree. */
@RestController
class ExportController {

    private static final int PAGE = 1_000;

    private final LedgerLog log;

    ExportController(LedgerLog log) {
        this.log = log;
    }

    @GetMapping(path = "/v1/export", produces = MediaType.APPLICATION_NDJSON_VALUE)
    void export(@RequestParam(defaultValue = "0") long from, @RequestParam Optional<Long> to,
            HttpServletResponse response) throws IOException {
        long head = log.head();
        long end = to.orElse(head);
        if (from < 0 || from > end || end > head) {
            throw Refused.malformed("from " + from + " and to " + end + " name no stretch of the log: use 0 to " + head
                    + "; to is the position after the last that is wanted");
        }
        response.setContentType(MediaType.APPLICATION_NDJSON_VALUE);
        response.setHeader(HttpHeaders.CACHE_CONTROL,
                to.isPresent() ? LogController.FOR_EVER.getHeaderValue() : "no-cache");
        OutputStream out = new BufferedOutputStream(response.getOutputStream(), 1 << 16);
        for (long next = from; next < end;) {
            List<StoredEvent> page = log.read(next - 1, (int) Math.min(PAGE, end - next));
            for (StoredEvent event : page) {
                out.write(event.event().getBytes(StandardCharsets.UTF_8));
                out.write('\n');
            }
            next += page.size();
        }
        out.flush();
    }
}
