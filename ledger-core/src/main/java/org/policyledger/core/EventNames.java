package org.policyledger.core;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.CommitmentAssessed;
import org.policyledger.core.event.CommitmentClosed;
import org.policyledger.core.event.CommitmentRecorded;
import org.policyledger.core.event.EntitiesLinked;
import org.policyledger.core.event.EntitiesUnlinked;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.ListRegistered;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingReinstated;
import org.policyledger.core.event.ListingSuspended;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.SnapshotImported;
import org.policyledger.core.event.StatementRecorded;

/**
 * The names under which events are stored: ours, never class names, so that a renamed class still reads what was written. A
 * change of shape that old readers could not read makes a new revision, and an upcaster for the old one.
 */
public final class EventNames {

    /** A stored type name with its revision. */
    public record Name(String type, int revision) {}

    private static final Map<Class<? extends LedgerEvent>, Name> NAMES = Map.ofEntries(
            Map.entry(ListRegistered.class, new Name("ListRegistered", 1)),
            Map.entry(SnapshotImported.class, new Name("SnapshotImported", 1)),
            Map.entry(EntityListed.class, new Name("EntityListed", 1)),
            Map.entry(ListingAmended.class, new Name("ListingAmended", 1)),
            Map.entry(ListingSuspended.class, new Name("ListingSuspended", 1)),
            Map.entry(ListingReinstated.class, new Name("ListingReinstated", 1)),
            Map.entry(EntityDelisted.class, new Name("EntityDelisted", 1)),
            Map.entry(ActionCorrected.class, new Name("ActionCorrected", 1)),
            Map.entry(ActionVoided.class, new Name("ActionVoided", 1)),
            Map.entry(StatementRecorded.class, new Name("StatementRecorded", 1)),
            Map.entry(CommitmentRecorded.class, new Name("CommitmentRecorded", 1)),
            Map.entry(CommitmentAssessed.class, new Name("CommitmentAssessed", 1)),
            Map.entry(CommitmentClosed.class, new Name("CommitmentClosed", 1)),
            Map.entry(EntitiesLinked.class, new Name("EntitiesLinked", 1)),
            Map.entry(EntitiesUnlinked.class, new Name("EntitiesUnlinked", 1)),
            Map.entry(NoticeRecorded.class, new Name("NoticeRecorded", 1)));

    private static final Map<Name, Class<? extends LedgerEvent>> CLASSES = NAMES.keySet().stream()
            .collect(Collectors.toUnmodifiableMap(type -> of(type), Function.identity()));

    private EventNames() {}

    /** The stored name of an event class. */
    public static Name of(Class<? extends LedgerEvent> type) {
        Name name = NAMES.get(type);
        if (name == null) {
            throw new IllegalArgumentException(type + " has no stored name");
        }
        return name;
    }

    /** The class that reads a stored name; absent for names this version does not know. */
    public static Optional<Class<? extends LedgerEvent>> find(Name name) {
        return Optional.ofNullable(CLASSES.get(name));
    }

    /** Every stored name this version knows. */
    public static Stream<Name> all() {
        return CLASSES.keySet().stream();
    }
}
