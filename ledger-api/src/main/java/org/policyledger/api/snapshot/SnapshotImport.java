package org.policyledger.api.snapshot;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.policyledger.api.Edge;
import org.policyledger.api.Edge.Coordinates;
import org.policyledger.api.Edge.PageRequest;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.api.action.AtomicBatch;
import org.policyledger.api.action.Caller;
import org.policyledger.api.action.Recorder;
import org.policyledger.core.Check;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.EventNames;
import org.policyledger.core.ListId;
import org.policyledger.core.Timeline.State;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.SnapshotImported;
import org.policyledger.projections.listing.ListingProjection;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.listing.ListingReader.ListEntry;
import org.policyledger.store.Appended;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.StoredEvent;

/**
 * Imports the whole of a list from an official file: derives, by difference with the ledger's own state on the file's day, the
 * actions that make the ledger show what the file shows from that day on, and records them with the import itself in one
 * append. Their effective dates are observed, not stated. Thread-safe; of two imports of one list at once, one decides anew.
 */
public final class SnapshotImport {

    private static final int ATTEMPTS = 3;

    /**
     * What to import, and how.
     *
     * @param snapshotDate the day for which the file shows the list
     * @param dryRun whether to derive only and record nothing
     * @param backfill whether the day may lie before that of a snapshot imported earlier
     * @param maxDrop the share of the list that the file may lack
     */
    public record Request(ListId listId, String format, LocalDate snapshotDate, boolean dryRun, boolean backfill,
            double maxDrop) {}

    /**
     * A derived action.
     *
     * @param name the subject's name where the action states an entry
     * @param changed the fields an amendment changes, as JSON pointers
     * @param cause {@link Circumstances#PARSER_CHANGE} or {@link Circumstances#SOURCE_OR_PARSER_CHANGE}; absent where the list
     *     itself has changed
     */
    public record Derived(String type, EntityId entityId, Optional<LocalDate> effectiveDate, Optional<String> name,
            List<String> changed, Optional<String> cause) {}

    /**
     * What an import came to.
     *
     * @param importId the event that records the import; absent in a dry run
     * @param position the position of that event; in a dry run that of the state compared with
     * @param snapshot what the import's event says, or would say
     * @param actions the derived actions, a page of them
     * @param next where the following page is: of a recorded import its events, of a dry run the cursor to send again
     */
    public record Result(boolean dryRun, Optional<UUID> importId, long position, SnapshotImported snapshot,
            List<Derived> actions,
            Optional<String> next) {}

    private final LedgerLog log;
    private final Recorder recorder;
    private final Edge edge;
    private final ListingReader reader;
    private final List<SnapshotFormat> formats;

    public SnapshotImport(LedgerLog log, Recorder recorder, Edge edge, ListingReader reader,
            List<SnapshotFormat> formats) {
        this.log = log;
        this.recorder = recorder;
        this.edge = edge;
        this.reader = reader;
        this.formats = formats;
    }

    /** Imports one file; refused as a whole, or recorded as a whole. */
    public Result run(Request request, byte[] file, Caller caller, PageRequest page) {
        SnapshotFormat format = formats.stream().filter(known -> known.name().equals(request.format())).findFirst()
                .orElseThrow(() -> new Refused(Problem.Kind.UNKNOWN_FORMAT, "Format '"
                        + Check.excerpt(request.format()) + "' is not known: use one of "
                        + formats.stream().map(SnapshotFormat::name).toList()));
        Optional<Appended> before = request.dryRun() ? Optional.empty() : caller.key().flatMap(log::findRecorded);
        if (before.isPresent()) {
            return recorded(before.get(), page);
        }
        SourceList source = format.parse(file);
        String sha256 = Edge.sha256(file);
        return Recorder.decidingAnew(ATTEMPTS, () -> derive(request, format, source, sha256, caller, page));
    }

    private Result derive(Request request, SnapshotFormat format, SourceList source, String sha256, Caller caller,
            PageRequest page) {
        List<SnapshotImported> before = importedBefore(request.listId());
        List<LocalDate> imported = before.stream().map(SnapshotImported::snapshotDate).toList();
        boolean backfill = imported.stream().anyMatch(request.snapshotDate()::isBefore);
        if (backfill && !request.backfill()) {
            throw new Refused(Problem.Kind.SNAPSHOT_OUT_OF_ORDER, "A snapshot of " + request.listId() + " for "
                    + imported.stream().max(LocalDate::compareTo).orElseThrow()
                    + " was imported before; this one is for "
                    + request.snapshotDate() + ": say backfill=true if an earlier day is meant");
        }
        long known = reflected();
        Map<EntityId, ListEntry> ledger = new TreeMap<>();
        reader.eachEntry(request.listId(), request.snapshotDate(), known, entry -> ledger.put(entry.entityId(), entry));
        List<EntityId> gone = ledger.values().stream()
                .filter(entry -> entry.state() == State.LISTED && !source.entries().containsKey(entry.entityId()))
                .map(ListEntry::entityId).toList();
        if (gone.size() > request.maxDrop() * ledger.size()) {
            throw new Refused(Problem.Kind.SNAPSHOT_DROP, "The file lacks " + gone.size() + " of the " + ledger.size()
                    + " entries on " + request.listId() + " on " + request.snapshotDate() + "; at most a share of "
                    + request.maxDrop() + " may go at once: check the file, or raise maxDrop for this import");
        }
        TreeSet<EntityId> changed = new TreeSet<>(gone);
        source.entries().forEach((id, entry) -> {
            ListEntry there = ledger.get(id);
            if (there == null || !there.entry().equals(entry)) {
                changed.add(id);
            }
        });

        Caller importer = caller.withCorrelation(caller.correlationId().orElseGet(() -> UUID.randomUUID().toString()));
        AtomicBatch batch = new AtomicBatch(log, recorder.lists(), importer);
        batch.load(changed);
        Optional<LocalDate> nextImport = imported.stream().filter(request.snapshotDate()::isBefore)
                .min(LocalDate::compareTo);
        Optional<String> cause = cause(before, request.snapshotDate(), format, sha256);
        List<LedgerEvent> actions = new ArrayList<>();
        int added = 0;
        int amended = 0;
        for (EntityId id : changed) {
            Optional<Entry> shown = Optional.ofNullable(source.entries().get(id));
            SnapshotDifference.demands(batch.state(id), id, request.listId(), request.snapshotDate(), shown, nextImport,
                    cause).forEach(demand -> actions.add(batch.decide(demand)));
            added += shown.isPresent() && !ledger.containsKey(id) ? 1 : 0;
            amended += shown.isPresent() && ledger.containsKey(id) ? 1 : 0;
        }
        SnapshotImported fact = new SnapshotImported(request.listId(), request.snapshotDate(), sha256, format.name(),
                format.version(),
                backfill, source.entries().size(), added, amended, gone.size());
        if (request.dryRun()) {
            return preview(fact, known, actions, page);
        }
        batch.add(fact);
        return recorded(batch.append(), page);
    }

    /** The snapshots imported before, in the order of their recording; the list must be registered. */
    private List<SnapshotImported> importedBefore(ListId listId) {
        if (!recorder.lists().contains(listId)) {
            throw new Refused(Problem.Kind.UNKNOWN_LIST,
                    "List " + listId + " is not registered: register it with POST /v1/lists first");
        }
        return log.readStream(listId.stream(), 0).stream().map(log::payload).filter(SnapshotImported.class::isInstance)
                .map(SnapshotImported.class::cast).toList();
    }

    /**
     * Why the file may differ from the ledger other than by a change of the list: the ledger stands on that day as our reading of
     * the latest snapshot up to then showed it, and the same bytes, or others, are read by another format or version of it now.
     */
    private static Optional<String> cause(List<SnapshotImported> before, LocalDate day, SnapshotFormat format,
            String sha256) {
        return before.stream().filter(snapshot -> !snapshot.snapshotDate().isAfter(day))
                .reduce((one, other) -> other.snapshotDate().isBefore(one.snapshotDate()) ? one : other)
                .filter(latest -> !latest.parser().equals(format.name()) || latest.parserVersion() != format.version())
                .map(latest -> latest.sha256().equals(sha256)
                        ? Circumstances.PARSER_CHANGE
                        : Circumstances.SOURCE_OR_PARSER_CHANGE);
    }

    /** The position the comparison is made at: all that is recorded by now. What comes after is a conflict when appending. */
    private long reflected() {
        edge.mustBeComplete(ListingProjection.NAME);
        long known = log.head() - 1;
        if (!edge.seen(known)) {
            throw new Refused(Problem.Kind.READING_BEHIND,
                    "The readings do not reflect position " + known + " yet: try again");
        }
        return known;
    }

    private static Result preview(SnapshotImported fact, long known, List<LedgerEvent> actions, PageRequest page) {
        int from = Math.toIntExact(Math.clamp(page.afterNumber(0), 0, actions.size()));
        int to = Math.min(actions.size(), from + page.limit());
        Optional<String> next = to == actions.size()
                ? Optional.empty()
                : Optional.of(Edge.cursor(new Coordinates(fact.snapshotDate(), known, false), Integer.toString(to)));
        return new Result(true, Optional.empty(), known, fact,
                actions.subList(from, to).stream().map(SnapshotImport::derived).toList(), next);
    }

    private Result recorded(Appended appended, PageRequest page) {
        List<StoredEvent> events = appended.events();
        StoredEvent last = events.getLast();
        int shown = Math.min(page.limit(), events.size() - 1);
        Optional<String> next = shown == events.size() - 1
                ? Optional.empty()
                : Optional.of("/v1/events?after=" + (events.getFirst().position() + shown - 1) + "&through="
                        + (last.position() - 1));
        return new Result(false, Optional.of(last.eventId()), last.position(), (SnapshotImported) log.payload(last),
                events.subList(0, shown).stream().map(event -> derived((LedgerEvent) log.payload(event))).toList(),
                next);
    }

    private static Derived derived(LedgerEvent event) {
        EntityEvent about = (EntityEvent) event;
        return new Derived(EventNames.of(event.getClass()).type(), about.entityId(), event.effectiveOn(),
                about.content().flatMap(ListingAction::newEntry).map(entry -> entry.subject().name()),
                event instanceof ListingAmended amended ? amended.changed() : List.of(),
                about.circumstances().cause());
    }
}
