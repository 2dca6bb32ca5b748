package org.policyledger.api.log;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.policyledger.store.tree.NoteKey;
import org.policyledger.store.tree.Quorum;
import org.policyledger.store.tree.Witness;

/** The witnesses that the service is told to ask, and how many of them must have signed. */
public record AskedWitnesses(List<Witness> all, Quorum quorum) {

    /**
     * Reads the settings.
     *
     * @param settings each a verifier key, a space and an address
     * @param needed all of them if it is not said
     * @throws IllegalArgumentException with what is wrong about which
     */
    public static AskedWitnesses of(List<String> settings, Optional<Integer> needed) {
        List<Witness> all = new ArrayList<>();
        for (String setting : settings) {
            String[] parts = setting.strip().split("\\s+");
            if (parts.length != 2) {
                throw new IllegalArgumentException("'" + setting + "' is not a witness's key, a space and its address");
            }
            all.add(new Witness(NoteKey.parse(parts[0]), URI.create(parts[1])));
        }
        return new AskedWitnesses(List.copyOf(all),
                new Quorum(all.stream().map(Witness::key).toList(), needed.orElse(all.size())));
    }
}
