package org.policyledger.bench;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.policyledger.core.Circumstances;
import org.policyledger.core.Command.AmendListing;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.Command.ListEntity;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.event.EntityListed;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.NewEvent;

/**
 * What is appended: real SDN entries, either each to an entity of its own, or as amendments of entities listed before. The
 * n-th demand is the same for everyone who is measured.
 */
enum Workload {
    /** Each command lists an entity that has no record. */
    NEW {
        @Override
        EntityCommand demand(List<Entry> entries, String run, long number, int listed) {
            return new ListEntity(entity(run, number), Ledger.SDN, LISTED_ON, Optional.empty(),
                    entries.get((int) (number % entries.size())), Circumstances.stated());
        }

        @Override
        long sequence(long number) {
            return 0;
        }
    },
    /**
     * Each command amends an entity that was listed beforehand, {@value #ROUND_ROBIN} of them in turn. When each of these has
     * {@value #AMENDMENTS} amendments the next ones take over, so that records stay as short as they really are.
     */
    EXISTING {
        @Override
        EntityCommand demand(List<Entry> entries, String run, long number, int listed) {
            long generation = number / ((long) ROUND_ROBIN * AMENDMENTS);
            long entity = (generation * ROUND_ROBIN + number % ROUND_ROBIN) % listed;
            long amendment = 1 + number / ROUND_ROBIN % AMENDMENTS;
            Entry before = entries.get((int) (entity % entries.size()));
            return new AmendListing(entity(run, entity), Ledger.SDN, LISTED_ON.plusDays(amendment), Optional.empty(),
                    new Entry(before.subject(), before.terms(),
                            Optional.of(before.remarks().orElse("(Linked to)") + " Rev. " + number % 100_000)),
                    Circumstances.stated());
        }

        @Override
        long sequence(long number) {
            return 1 + number / ROUND_ROBIN % AMENDMENTS;
        }
    };

    static final int ROUND_ROBIN = 1_000;
    static final int AMENDMENTS = 5;
    static final int BULK = 1_000;
    private static final LocalDate LISTED_ON = LocalDate.of(2020, 1, 1);

    /**
     * The n-th demand of a run.
     *
     * @param listed how many entities the run has listed beforehand
     */
    abstract EntityCommand demand(List<Entry> entries, String run, long number, int listed);

    /** The sequence that demand's event has in its stream. */
    abstract long sequence(long number);

    /** The events that list the first entities of a run. */
    static List<EntityListed> listings(List<Entry> entries, String run, int count) {
        List<EntityListed> listed = new ArrayList<>(count);
        for (int number = 0; number < count; number++) {
            listed.add(new EntityListed(entity(run, number), Ledger.SDN, LISTED_ON, Optional.empty(),
                    entries.get(number % entries.size()), Circumstances.stated()));
        }
        return listed;
    }

    /** Appends them to a log as an import does, many at once. */
    static void append(LedgerLog log, List<EntityListed> listings) {
        for (int from = 0; from < listings.size(); from += BULK) {
            List<NewEvent> events = new ArrayList<>();
            listings.subList(from, Math.min(from + BULK, listings.size())).forEach(listed -> events
                    .add(new NewEvent(listed.stream(), 0, UUID.randomUUID(), listed, Map.of("actor", "bench"))));
            log.append(events, Optional.empty());
        }
    }

    private static EntityId entity(String run, long number) {
        return new EntityId("ofac-sdn-" + run + "-" + number);
    }
}
