package org.policyledger.api.log;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.policyledger.store.tree.CheckpointTarget;
import org.policyledger.store.tree.LedgerTree;
import org.policyledger.store.tree.Witness;
import org.policyledger.store.tree.Witnesses;

/** What those say who see the log from outside its database, for who operates it. */
public final class Oversight {

    private final LedgerTree tree;
    private final Witnesses witnesses;
    private final Optional<CheckpointTarget> copies;

    public Oversight(LedgerTree tree, Witnesses witnesses, Optional<CheckpointTarget> copies) {
        this.tree = tree;
        this.witnesses = witnesses;
        this.copies = copies;
    }

    public List<Witness> witnesses() {
        return witnesses.all();
    }

    /** How many of them contradict what the log is now. That a witness is away is no alarm. */
    public long alarms() {
        return witnesses.all().stream().filter(Witness::isAlarmed).count()
                + copies.filter(CheckpointTarget::isAlarmed).stream().count();
    }

    /** How many events of the log no copy of a checkpoint covers yet; 0 where no copies are made. */
    public double copiesLag(long head) {
        return copies.map(target -> (double) head - target.kept()).orElse(0.0);
    }

    /** How far each has come, or what is wrong, by name; nothing of those that there are not. */
    public Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        tree.trouble().ifPresent(trouble -> details.put("checkpoint", trouble));
        copies.ifPresent(target -> details.put("checkpointCopies",
                target.trouble().orElse("kept at " + target.kept() + " events")));
        if (!witnesses.all().isEmpty()) {
            Map<String, String> said = new LinkedHashMap<>();
            witnesses.all().forEach(witness -> said.put(witness.key().name(),
                    witness.trouble().orElse("signed at " + witness.cosigned() + " events")));
            details.put("witnesses", said);
        }
        return details;
    }
}
