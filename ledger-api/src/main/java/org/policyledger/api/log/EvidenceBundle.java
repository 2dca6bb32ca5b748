package org.policyledger.api.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.core.LedgerJson;
import org.policyledger.store.tree.NoteSigner;
import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Packs an answer with the events it rests on and all that a stranger needs to check them, into one file. */
public final class EvidenceBundle {

    public static final String ZIP = "application/zip";

    /**
     * A document that events rest on. The ledger keeps its digest, where that was recorded, and not the document.
     *
     * @param positions the events that name it
     */
    record Source(JsonNode document, SortedSet<Long> positions) {}

    private final Proofs proofs;
    private final NoteSigner signer;
    private final JsonMapper answers;
    private final int mostEvents;

    /**
     * @param mostEvents the most events that are packed into one
     */
    public EvidenceBundle(Proofs proofs, NoteSigner signer, JsonMapper answers, int mostEvents) {
        this.proofs = proofs;
        this.signer = signer;
        this.answers = answers;
        this.mostEvents = mostEvents;
    }

    /**
     * The bundle as it is sent.
     *
     * @param name names the file
     * @param about what it is about, in words
     * @param positions those of the events that the answer rests on, at least one
     */
    public ResponseEntity<byte[]> answer(String name, String about, Object answer, SortedSet<Long> positions) {
        if (positions.size() > mostEvents) {
            throw new Refused(Problem.Kind.TOO_LARGE, "The answer rests on " + positions.size() + " events: at most "
                    + mostEvents + " are packed into a bundle; export the log instead (/v1/export)");
        }
        return ResponseEntity.ok().cacheControl(CacheControl.noCache()).contentType(MediaType.parseMediaType(ZIP))
                .header("Content-Disposition",
                        ContentDisposition.attachment().filename(name.replaceAll("[^A-Za-z0-9._-]", "-") + ".zip")
                                .build().toString())
                .body(pack(about, answer, proofs.of(positions)));
    }

    private byte[] pack(String about, Object answer, Proofs.Evidence evidence) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            add(zip, "README.txt", readme(about));
            add(zip, "key", signer.keys().stream().map(key -> key + "\n").collect(Collectors.joining()));
            add(zip, "checkpoint", evidence.checkpoint());
            add(zip, "answer.json", answers.writerWithDefaultPrettyPrinter().writeValueAsString(answer) + "\n");
            add(zip, "sources.json",
                    answers.writerWithDefaultPrettyPrinter().writeValueAsString(sources(evidence)) + "\n");
            add(zip, "events.ndjson", evidence.events().stream().map(proven -> proven.event() + "\n")
                    .collect(Collectors.joining()));
            for (Proofs.Proven proven : evidence.events()) {
                add(zip, "proofs/" + proven.position() + ".tlog-proof", proven.proof());
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private String readme(String about) {
        return """
                Evidence bundle of the ledger %s
                about %s

                What is in it
                  answer.json         what the ledger answered, up to the position it names
                  events.ndjson       the events that the answer rests on, one a line, as they were recorded
                  proofs/N.tlog-proof for each event, that it stands at position N of the log (c2sp.org/tlog-proof@v1)
                  checkpoint          what the log was when the bundle was made, signed (c2sp.org/tlog-checkpoint)
                  key                 the keys that sign for the log (c2sp.org/signed-note)
                  sources.json        the documents that the events name, with their SHA-256 where it was recorded

                How to check it
                  1. Compare the file "key" with the key of the ledger as you have it from elsewhere: all else rests on it.
                  2. Without any service:  ledger verify THIS_FILE.zip --key KEY
                     or, with a program that shares nothing with the ledger:  verifier-go -key KEY_FILE THIS_FILE.zip
                  3. By hand: the leaf hash of an event is SHA-256 over a zero byte and the line without its end. The lines after
                     "index" in its proof lead from it to the root in the checkpoint (RFC 6962, section 2.1.1), and the signature
                     below the checkpoint is Ed25519 over the lines above the blank line.
                  4. Compare the documents in sources.json with what their publishers have: sha256sum gives the same digest.

                What it shows, and what not
                  That these events were recorded, in this form, at these positions. Not that what they say is true, and not that
                  no later event says otherwise: for that, the whole log is read.
                """
                .formatted(signer.key().name(), about);
    }

    private static void add(ZipOutputStream zip, String name, String text) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(text.getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
    }

    private static List<Source> sources(Proofs.Evidence evidence) {
        Map<String, Source> sources = new LinkedHashMap<>();
        evidence.events().forEach(proven -> collect(LedgerJson.MAPPER.readTree(proven.event()).path("data"),
                proven.position(), sources));
        return new ArrayList<>(sources.values());
    }

    /** A document is named by its publisher and its reference, wherever that stands in an event. */
    private static void collect(JsonNode node, long position, Map<String, Source> sources) {
        if (node.has("publisher") && node.has("reference")) {
            sources.computeIfAbsent(node.toString(), text -> new Source(node, new TreeSet<>())).positions()
                    .add(position);
        }
        node.forEach(child -> collect(child, position, sources));
    }
}
