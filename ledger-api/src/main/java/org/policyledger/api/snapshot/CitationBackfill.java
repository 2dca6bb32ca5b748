package org.policyledger.api.snapshot;

import static org.policyledger.api.snapshot.SnapshotRefused.quoted;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.policyledger.api.Edge;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.policyledger.api.action.AtomicBatch;
import org.policyledger.api.action.Caller;
import org.policyledger.api.action.Recorder;
import org.policyledger.api.snapshot.CitationChains.Chain;
import org.policyledger.api.snapshot.CitationChains.Citation;
import org.policyledger.api.snapshot.SnapshotRefused.Code;
import org.policyledger.core.Circumstances;
import org.policyledger.core.Circumstances.Basis;
import org.policyledger.core.Command;
import org.policyledger.core.Command.AmendListing;
import org.policyledger.core.Command.CorrectAction;
import org.policyledger.core.Command.ListEntity;
import org.policyledger.core.Command.RecordNotice;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityState;
import org.policyledger.core.Entry;
import org.policyledger.core.ListId;
import org.policyledger.core.Notice;
import org.policyledger.core.NoticeId;
import org.policyledger.core.Timeline.Step;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.store.Appended;
import org.policyledger.store.LedgerLog;

/**
 * Records what the BIS Entity List tells of its own past: each entry's chain of citations, of which the first is taken for its
 * addition and later ones for its amendments, with the notices that are known by themselves, all in one append. What the sources do
 * not tell is said so in each action: entries removed before the list was published do not appear; of a chain of several
 * citations only the wording since the last is known; a day of effect is the day of publication unless a notice tells another.
 * Recording the same files again records nothing. Thread-safe.
 */
public final class CitationBackfill {

    /** The cause of an action that was inferred from a citation: why the authority took it is not told. */
    static final String CAUSE = "inferred-from-citation";

    private static final int ATTEMPTS = 3;

    /**
     * The files, as texts.
     *
     * @param chain the citations of each entry, as comma-separated values
     * @param entries the list in the format {@code bis-entity-list-json}
     * @param notices what notices tell about themselves, as comma-separated values
     */
    public record Files(String chain, String entries, Optional<String> notices) {
        public Files {
            if (chain == null || entries == null) {
                throw new IllegalArgumentException((chain == null ? "chain" : "entries")
                        + " is missing: give the text of the file");
            }
        }
    }

    /**
     * What a backfill came to.
     *
     * @param position the last position it recorded; of one that recorded nothing, the last of the ledger
     * @param entriesOn the day for which the entries show the list
     * @param citations all citations of all chains
     * @param listed entries listed; {@code corrected} are those whose observed listing was moved to its first citation
     * @param recordedBefore citations for which an action was recorded already
     * @param undated citations that could not be placed, as no day of them is told
     * @param leftAlone entities whose record holds actions that do not come from the chain
     */
    public record Result(boolean dryRun, ListId listId, long position, LocalDate entriesOn, int entries, int citations,
            int notices, int listed, int amended, int corrected, int recordedBefore, List<String> undated,
            List<EntityId> leftAlone) {}

    /** A day, how it is known, and the words that say so. */
    private record Effect(LocalDate day, Basis basis, String words) {}

    /** One citation placed in time. */
    private record Placed(Citation citation, LocalDate publishedOn, Effect effect, int ordinal) {

        Notice notice() {
            return new Notice(CitationChains.PUBLISHER, citation.reference(), Optional.empty(), Optional.empty(),
                    Optional.of(publishedOn), Optional.empty());
        }
    }

    private final LedgerLog log;
    private final Recorder recorder;

    public CitationBackfill(LedgerLog log, Recorder recorder) {
        this.log = log;
        this.recorder = recorder;
    }

    /** Records all that the files tell and the ledger does not hold yet, or refuses all of it. */
    public Result run(ListId listId, Files files, boolean dryRun, Caller caller) {
        if (!recorder.lists().contains(listId)) {
            throw new Refused(Problem.Kind.UNKNOWN_LIST,
                    "List " + listId + " is not registered: register it with POST /v1/lists first");
        }
        Sources sources = new Sources(files);
        return Recorder.decidingAnew(ATTEMPTS, () -> new Derivation(listId, sources, caller).run(dryRun));
    }

    private static List<String> told(Entry entry) {
        return CitationChains.references(entry.remarks().orElse("").substring(BisEntityListJson.CITATIONS.length()));
    }

    /** What the files say, held against each other. */
    private static final class Sources {

        private final Map<EntityId, Chain> chains = new TreeMap<>();
        private final Map<EntityId, Entry> entries;
        private final Map<NoticeId, RecordNotice> notices;
        private final Map<String, LocalDate> days;
        private final LocalDate entriesOn;
        private final String source;

        Sources(Files files) {
            List<Chain> read = CitationChains.read(files.chain());
            byte[] json = files.entries().getBytes(StandardCharsets.UTF_8);
            SourceList list;
            try {
                list = BisEntityListJson.FORMAT.parse(json);
            } catch (SnapshotRefused refused) {
                throw CitationChains.of("entries", refused);
            }
            entries = list.entries();
            entriesOn = list.statedDate().orElseThrow();
            notices = files.notices().map(CitationChains::readNotices).orElse(Map.of());
            days = CitationChains.daysOf(read);
            source = "Citation chain, SHA-256 " + Edge.sha256(files.chain().getBytes(StandardCharsets.UTF_8))
                    + "; entries of " + entriesOn + ", SHA-256 " + Edge.sha256(json) + files.notices()
                            .map(text -> "; notices, SHA-256 " + Edge.sha256(text.getBytes(StandardCharsets.UTF_8)))
                            .orElse("");
            match(read);
        }

        private void match(List<Chain> read) {
            Map<List<String>, Deque<EntityId>> byWords = new HashMap<>();
            entries.forEach((id, entry) -> byWords.computeIfAbsent(words(entry.subject().countries().getFirst(),
                    entry.subject().name(), told(entry)), words -> new ArrayDeque<>()).add(id));
            for (Chain chain : read) {
                Deque<EntityId> fitting = byWords.getOrDefault(words(chain.country(), chain.name(),
                        chain.citations().stream().map(Citation::reference).toList()), new ArrayDeque<>());
                EntityId id = fitting.poll();
                if (id == null) {
                    throw new SnapshotRefused(Code.BAD_VALUE, "In chain: Line " + chain.line() + " begins the chain of "
                            + quoted(chain.name()) + " under " + quoted(chain.country())
                            + ", but no entry left has that name, country and those citations in that order: give the"
                            + " chain that was made of these entries");
                }
                chains.put(id, chain);
            }
            entries.keySet().stream().filter(id -> !chains.containsKey(id)).findFirst().ifPresent(id -> {
                throw new SnapshotRefused(Code.TRUNCATED, "In chain: no chain is there for the entry " + id
                        + ": the file is not whole; give the chain that was made of these entries");
            });
        }

        private static List<String> words(String country, String name, List<String> references) {
            List<String> words = new ArrayList<>(List.of(country, name));
            words.addAll(references);
            return words;
        }

        /** The citations that have a day, in order. */
        List<Placed> placed(Chain chain) {
            List<Placed> placed = new ArrayList<>();
            for (Citation citation : chain.citations()) {
                Optional<LocalDate> day = citation.publishedOn()
                        .or(() -> Optional.ofNullable(days.get(citation.reference())));
                day.ifPresent(published -> placed.add(new Placed(citation, published, effect(citation, published),
                        chain.citations().indexOf(citation) + 1)));
            }
            for (int i = 1; i < placed.size(); i++) {
                if (!placed.get(i).effect().day().isAfter(placed.get(i - 1).effect().day())) {
                    throw new SnapshotRefused(Code.BAD_VALUE, "In chain: Line " + chain.line() + " begins the chain of "
                            + quoted(chain.name()) + ", in which " + placed.get(i).citation().reference()
                            + ", effective "
                            + placed.get(i).effect().day() + ", would not come after "
                            + placed.get(i - 1).citation().reference() + ", effective "
                            + placed.get(i - 1).effect().day() + ": correct its days");
                }
            }
            return placed;
        }

        /**
         * The day from which what a citation stands for has effect. A citation gives the page of the entry, which mostly is not
         * the first of its notice: then the notice is the nearest one known that was published on that day, begins before that
         * page and changes entries.
         */
        private Effect effect(Citation citation, LocalDate published) {
            String day = citation.publishedOn().isPresent()
                    ? ""
                    : " The day of publication is that which other entries give for this citation.";
            Optional<RecordNotice> notice = notices.values().stream()
                    .filter(each -> each.notice().publishedOn().filter(published::equals).isPresent())
                    .filter(each -> isBefore(each, citation)).filter(Sources::changesEntries)
                    .max(Comparator.comparingLong(each -> cited(each).page()));
            if (notice.isPresent() && notice.get().content().effectiveDate().isPresent()) {
                String reference = notice.get().notice().reference();
                LocalDate effective = notice.get().content().effectiveDate().get();
                if (notice.get().content().kinds().contains("staggered-effective")) {
                    return new Effect(published, Basis.OBSERVED, "Notice " + reference + ", taken to hold this page,"
                            + " has effect on several days, and which of them is this entry's is not told: the day of"
                            + " publication is taken for it." + day);
                }
                return reference.equals(citation.reference())
                        ? new Effect(effective, Basis.STATED, "The day of effect is that of notice " + reference + "."
                                + day)
                        : new Effect(effective, Basis.OBSERVED, "The day of effect is that of notice " + reference
                                + ", which is taken to hold this page: it was published on the same day and begins "
                                + (citation.page() - cited(notice.get()).page()) + " pages before." + day);
            }
            return new Effect(published, Basis.OBSERVED,
                    "The day of effect is not told: the day of publication is taken for it." + day);
        }

        private static boolean isBefore(RecordNotice notice, Citation citation) {
            return !CitationChains.references(notice.notice().reference()).isEmpty()
                    && cited(notice).volume() == citation.volume() && cited(notice).page() <= citation.page();
        }

        private static Citation cited(RecordNotice notice) {
            return new Citation(notice.notice().reference(), Optional.empty());
        }

        private static boolean changesEntries(RecordNotice notice) {
            return notice.content().kinds().stream().anyMatch(kind -> kind.startsWith("addition")
                    || kind.startsWith("modification") || kind.startsWith("revision") || kind.startsWith("correction")
                    || kind.startsWith("transfer"));
        }
    }

    /** What one run demands of the ledger as it stands. */
    private final class Derivation {

        private final ListId listId;
        private final Sources sources;
        private final Caller caller;
        private final AtomicBatch batch;
        private final List<LedgerEvent> events = new ArrayList<>();
        private final List<String> undated = new ArrayList<>();
        private final List<EntityId> leftAlone = new ArrayList<>();
        private int citations;
        private int recordedBefore;

        Derivation(ListId listId, Sources sources, Caller caller) {
            this.listId = listId;
            this.sources = sources;
            this.caller = caller;
            this.batch = new AtomicBatch(log, recorder.lists(), caller);
        }

        Result run(boolean dryRun) {
            Set<String> known = new HashSet<>();
            log.readStreams(sources.notices.keySet().stream().map(NoticeId::stream).toList())
                    .forEach((stream, recorded) -> {
                        if (!recorded.isEmpty()) {
                            known.add(stream);
                        }
                    });
            sources.notices.forEach((id, demand) -> {
                if (!known.contains(id.stream())) {
                    events.add(batch.decide(demand));
                }
            });
            batch.load(sources.chains.keySet());
            sources.chains.forEach(this::entry);
            if (dryRun) {
                return result(true, log.head() - 1, events);
            }
            Optional<Appended> before = caller.key().flatMap(log::findRecorded);
            if (before.isEmpty() && events.isEmpty()) {
                return result(false, log.head() - 1, events);
            }
            Appended appended = before.isPresent() ? before.get() : batch.append();
            return result(false, appended.events().getLast().position(),
                    appended.events().stream().map(stored -> (LedgerEvent) log.payload(stored)).toList());
        }

        private Result result(boolean dryRun, long position, Collection<LedgerEvent> recorded) {
            return new Result(dryRun, listId, position, sources.entriesOn, sources.entries.size(), citations,
                    count(recorded, NoticeRecorded.class), count(recorded, EntityListed.class),
                    count(recorded, ListingAmended.class), count(recorded, ActionCorrected.class), recordedBefore,
                    undated, leftAlone);
        }

        private static int count(Collection<LedgerEvent> events, Class<? extends LedgerEvent> kind) {
            return (int) events.stream().filter(kind::isInstance).count();
        }

        private void entry(EntityId id, Chain chain) {
            citations += chain.citations().size();
            List<Placed> placed = sources.placed(chain);
            chain.citations().stream()
                    .filter(citation -> placed.stream().noneMatch(each -> each.citation().equals(citation)))
                    .forEach(citation -> undated.add(id + " " + citation.reference()));
            if (placed.isEmpty()) {
                return;
            }
            EntityState state = batch.state(id);
            List<Step> steps = state.steps(listId);
            Set<NoticeId> cited = new HashSet<>();
            steps.forEach(step -> step.action().circumstances().notice().map(NoticeId::of).ifPresent(cited::add));
            List<Placed> missing = placed.stream().filter(each -> !cited.contains(NoticeId.of(each.notice()))).toList();
            Optional<Step> observed = soleObservedListing(steps, placed.getLast(), entryAt(id, chain, placed,
                    placed.getLast()));
            if (!steps.isEmpty() && missing.size() == placed.size() && observed.isEmpty()) {
                leftAlone.add(id);
                return;
            }
            recordedBefore += placed.size() - missing.size();
            for (Placed each : missing) {
                Entry entry = entryAt(id, chain, placed, each);
                Circumstances circumstances = circumstances(chain, placed, each);
                boolean first = each.equals(placed.getFirst());
                Command demand = first
                        ? new ListEntity(id, listId, each.effect().day(), Optional.empty(), entry, circumstances)
                        : new AmendListing(id, listId, each.effect().day(), Optional.empty(), entry, circumstances);
                if (first && observed.isPresent()) {
                    demand = new CorrectAction(id, observed.get().actionId(), (ListEntity) demand, circumstances);
                }
                events.add(batch.decide(demand));
            }
        }

        /** The listing that a snapshot of the same wording was observed to make, where nothing else is recorded. */
        private static Optional<Step> soleObservedListing(List<Step> steps, Placed last, Entry today) {
            return steps.size() == 1 && steps.getFirst().action() instanceof EntityListed listed
                    && listed.circumstances().basis() == Basis.OBSERVED && listed.circumstances().notice().isEmpty()
                    && listed.until().isEmpty() && listed.effectiveDate().isAfter(last.effect().day())
                    && listed.entry().equals(today)
                            ? Optional.of(steps.getFirst())
                            : Optional.empty();
        }

        /** The whole entry since the last citation; before it, only what the chain itself tells. */
        private Entry entryAt(EntityId id, Chain chain, List<Placed> placed, Placed at) {
            Entry today = sources.entries.get(id);
            if (today == null) {
                throw new IllegalStateException("no entry " + id);
            }
            if (at.equals(placed.getLast())) {
                return today;
            }
            Entry.Subject subject = new Entry.Subject(chain.name(), Optional.empty(), Optional.empty(), List.of(),
                    List.of(), List.of(chain.country()), List.of(), Optional.empty(), Optional.empty());
            return new Entry(subject, Entry.Terms.NONE, Optional.of("Citation " + at.ordinal() + " of "
                    + chain.citations().size() + ", " + at.citation().reference()
                    + ": what the entry said from then on is not told. Name and country are those of the list of "
                    + sources.entriesOn + "; its wording is recorded from the last citation on, "
                    + placed.getLast().citation().reference() + "."));
        }

        private Circumstances circumstances(Chain chain, List<Placed> placed, Placed at) {
            StringBuilder words = new StringBuilder(
                    "Inferred from the citations that stand with the entry on the list of ")
                    .append(sources.entriesOn).append(at.equals(placed.getFirst())
                            ? ": the first of them is taken for its addition. "
                            : ": after the first, each is taken for an amendment, of which the content is not told. ")
                    .append(at.effect().words());
            if (at.equals(placed.getLast())) {
                words.append(" That the wording of ").append(sources.entriesOn)
                        .append(" has held since then is inferred too.");
                chain.citations().stream()
                        .filter(citation -> placed.stream().noneMatch(each -> each.citation().equals(citation)))
                        .forEach(citation -> words.append(" The chain also cites ").append(citation.reference())
                                .append(", of which no day is told: it stands for no action here."));
            }
            return new Circumstances(at.effect().basis(), Optional.of(at.notice()), Optional.empty(), Optional.empty(),
                    Optional.of(CAUSE), Optional.of(new Circumstances.Rationale(words.toString(),
                            Optional.of(sources.source))),
                    Optional.empty());
        }
    }
}
