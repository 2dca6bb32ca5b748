package org.policyledger.api.log;

import java.util.List;
import java.util.Optional;
import org.policyledger.api.Edge;
import org.policyledger.api.Refused;
import org.policyledger.store.Sha256;
import org.policyledger.store.tree.LedgerTree;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Proves that an event is in the log, and that the log only ever grew. */
@RestController
class ProofController {

    /**
     * That the tree of one size begins with the tree of another (RFC 6962, section 2.1.2). Hashes in Base64.
     *
     * @param from the smaller size
     * @param to the larger size
     */
    record ConsistencyAnswer(long from, String fromRoot, long to, String toRoot, List<String> proof) {}

    private final Edge edge;
    private final LedgerTree tree;
    private final Proofs proofs;

    ProofController(Edge edge, LedgerTree tree, Proofs proofs) {
        this.edge = edge;
        this.tree = tree;
        this.proofs = proofs;
    }

    @GetMapping(path = "/v1/events/{actionId}/proof", produces = "text/plain;charset=utf-8")
    ResponseEntity<String> event(@PathVariable String actionId) {
        return ResponseEntity.ok().cacheControl(CacheControl.noCache())
                .body(proofs.of(edge.event(actionId).position()));
    }

    @GetMapping(path = "/v1/consistency", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<ConsistencyAnswer> consistency(@RequestParam long from, @RequestParam Optional<Long> to) {
        long last = tree.latest().map(signed -> signed.checkpoint().size()).orElse(0L);
        long size = to.orElse(last);
        if (from < 0 || from > size || size > last) {
            throw Refused.malformed("from " + from + " and to " + size + " are not sizes of the log in their order: use"
                    + " 0 to " + last + ", the size of the last checkpoint");
        }
        return ResponseEntity.ok().cacheControl(to.isPresent() ? LogController.FOR_EVER : CacheControl.noCache())
                .body(new ConsistencyAnswer(from, tree.root(from).base64(), size, tree.root(size).base64(),
                        tree.consistency(from, size).stream().map(Sha256::base64).toList()));
    }
}
