package org.policyledger.projections;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.policyledger.core.EntityId;
import org.policyledger.core.ListId;
import org.policyledger.projections.dossier.DossierProjection;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.listing.ListingProjection.Fact;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;

/**
 * Which events are asked for; what is left out asks for all. Tells one event at a time, from the log alone, what the listings and
 * dossiers readings find in their tables.
 */
public record EventFilter(Optional<EntityId> entityId, Optional<ListId> listId, Optional<String> type,
        Optional<String> actor, Optional<String> dossier) {

    /** Only those of the affair with this label. */
    public static EventFilter ofDossier(String label) {
        return new EventFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.of(label));
    }

    /** Whether it asks for every event. */
    public boolean isEmpty() {
        return entityId.isEmpty() && listId.isEmpty() && type.isEmpty() && actor.isEmpty() && dossier.isEmpty();
    }

    /** Whether the event is asked for. A label may have to be looked up in the event's stream, once for each candidate. */
    public boolean fits(Candidate event) {
        return entityId.filter(id -> !event.stored.stream().equals(id.stream())).isEmpty()
                && type.filter(name -> !event.stored.type().equals(name)).isEmpty()
                && listId.filter(id -> !ListingProjection.listOf(event.fact().event()).equals(listId)).isEmpty()
                && actor.filter(name -> !event.fact().actor().equals(name)).isEmpty()
                && dossier.filter(label -> !event.labels().contains(label)).isEmpty();
    }

    /** An event that many filters may look at: what they ask is worked out when one first asks, and kept. Thread-safe. */
    public static final class Candidate {
        private final StoredEvent stored;
        private final LedgerLog log;
        private volatile @Nullable Fact fact;
        private volatile @Nullable Set<String> labels;

        public Candidate(StoredEvent stored, LedgerLog log) {
            this.stored = stored;
            this.log = log;
        }

        private Fact fact() {
            Fact known = fact;
            if (known == null) {
                known = Fact.of(stored, log);
                fact = known;
            }
            return known;
        }

        private Set<String> labels() {
            Set<String> known = labels;
            if (known == null) {
                known = new DossierProjection(log).labels(List.of(fact())).getOrDefault(stored.position(), Set.of());
                labels = known;
            }
            return known;
        }
    }
}
