package org.policyledger.api.log;

import io.swagger.v3.oas.annotations.Hidden;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.core.Check;
import org.policyledger.store.tree.LedgerTree;
import org.policyledger.store.tree.NoteSigner;
import org.policyledger.store.tree.Tile;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** Serves the log's checkpoint, tiles and entries at the addresses and in the forms of C2SP tlog-tiles, to the letter; what they
 * are is said there, and not in the service's own description. */
@Hidden
@RestController
class LogController {

    private static final MediaType TEXT = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);
    static final CacheControl FOR_EVER = CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable();

    private final LedgerTree tree;
    private final NoteSigner signer;

    LogController(LedgerTree tree, NoteSigner signer) {
        this.tree = tree;
        this.signer = signer;
    }

    @GetMapping("/log/checkpoint")
    ResponseEntity<byte[]> checkpoint() {
        LedgerTree.Signed latest = tree.latest().orElseThrow(() -> new Refused(Problem.Kind.NOT_FOUND,
                "No checkpoint is signed yet: nothing is recorded"));
        return text(latest.note());
    }

    /** The same log as far as its witnesses have signed it, at an address of its own: there is one checkpoint to an address. */
    @GetMapping("/log/cosigned/checkpoint")
    ResponseEntity<byte[]> cosigned() {
        LedgerTree.Signed cosigned = tree.cosigned().orElseThrow(() -> new Refused(Problem.Kind.NOT_FOUND,
                "No checkpoint is signed by as many witnesses as are needed: what the log alone signed is at /log/checkpoint"));
        return text(cosigned.note());
    }

    /** All that ever signed, one a line: the current one first, and after it those that verify what was signed earlier. */
    @GetMapping({"/log/key", "/log/cosigned/key"})
    ResponseEntity<byte[]> key() {
        return text(signer.keys().stream().map(key -> key + "\n").collect(Collectors.joining()));
    }

    @GetMapping({"/log/tile/entries/{*index}", "/log/cosigned/tile/entries/{*index}"})
    ResponseEntity<byte[]> entries(@PathVariable String index,
            @RequestHeader(name = HttpHeaders.ACCEPT_ENCODING, defaultValue = "") String encodings) throws IOException {
        byte[] entries = find("0", index, tree::entries);
        ResponseEntity.BodyBuilder answer = immutable().varyBy(HttpHeaders.ACCEPT_ENCODING);
        return encodings.contains("gzip")
                ? answer.header(HttpHeaders.CONTENT_ENCODING, "gzip").body(gzip(entries))
                : answer.body(entries);
    }

    @GetMapping({"/log/tile/{level}/{*index}", "/log/cosigned/tile/{level}/{*index}"})
    ResponseEntity<byte[]> tile(@PathVariable String level, @PathVariable String index) {
        return immutable().body(find(level, index, tree::tile));
    }

    private static byte[] find(String level, String index, Function<Tile, Optional<byte[]>> in) {
        return Tile.parse(level, index.substring(1)).flatMap(in)
                .orElseThrow(() -> new Refused(Problem.Kind.NOT_FOUND, "No tile of level " + Check.excerpt(level)
                        + " stands at '" + Check.excerpt(index)
                        + "': ask for tiles that the size in /log/checkpoint makes, in the form of c2sp.org/tlog-tiles"));
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(plain.length / 3);
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    private static ResponseEntity<byte[]> text(String text) {
        return ResponseEntity.ok().cacheControl(CacheControl.noCache()).contentType(TEXT)
                .body(text.getBytes(StandardCharsets.UTF_8));
    }

    private static ResponseEntity.BodyBuilder immutable() {
        return ResponseEntity.ok().cacheControl(FOR_EVER).contentType(MediaType.APPLICATION_OCTET_STREAM);
    }
}
