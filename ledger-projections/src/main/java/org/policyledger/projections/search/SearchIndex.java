package org.policyledger.projections.search;

import java.io.Closeable;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.MultiDocValues;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.DisjunctionMaxQuery;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.FuzzyQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.SearcherFactory;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.Lock;
import org.apache.lucene.store.NIOFSDirectory;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.ListId;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.projections.Consumed;
import org.policyledger.projections.Rebuild;
import org.policyledger.projections.search.EntityNames.Use;
import org.policyledger.store.Sha256;
import org.policyledger.store.tree.CompactRange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Lucene index of names: a document for each name of each entity, all those of one entity written together. The position it
 * reflects is part of each of its commits, so it goes on from there whenever the process died.
 *
 * <p>One thread writes; any thread takes a {@link View}.
 */
final class SearchIndex implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(SearchIndex.class);

    /** Of the documents, of how names are folded into them, and of what a commit tells: an index of another version is built anew. */
    private static final String VERSION = "2";

    private static final String ENTITY = "entity";
    private static final String NAME = "name";
    private static final String FOLDED = "folded";
    private static final String WORD = "word";
    private static final String SOUND = "sound";
    private static final String GRAM = "gram";
    private static final String IN_ONE_ORDER = "inOneOrder";
    private static final String USE = "use";
    private static final String TYPE = "type";
    private static final String COUNTRY = "country";
    private static final String LIST = "list";
    private static final String LATEST_NAME = "latestName";
    private static final String LATEST_TYPE = "latestType";
    private static final String LATEST_COUNTRY = "latestCountry";

    private static final int CACHED_ENTITIES = 4_000;
    /** Of words like one that is asked for; with all others a query stays below Lucene's limit of 1,024. */
    private static final int LIKE_WORDS = 20;
    private static final int FIRST_LETTERS_RIGHT = 1;
    private static final int MOST_EDITS = 2;
    /** Longer words are found by their letters in groups. */
    private static final int LONGEST_MISSPELT = 40;
    private static final double GRAMS_LEFT = 0.35;

    /** A word that counts towards the length of its name, so that of two names with a word the shorter comes first. */
    private static final FieldType COUNTED = new FieldType();

    static {
        COUNTED.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
        COUNTED.setTokenized(false);
        COUNTED.freeze();
    }

    /** Which part of the log an index reflects: what it consumed, and what stands at the position. */
    record Reflected(Consumed consumed, Optional<UUID> eventId) {
        static final Reflected NOTHING = new Reflected(Consumed.NOTHING, Optional.empty());

        long position() {
            return consumed.position();
        }
    }

    /**
     * An event with its place.
     *
     * @param leaf the hash of the record that all the rest was read out of
     */
    record Fact(long position, long sequence, UUID eventId, LedgerEvent event, Sha256 leaf) {}

    /** What stands at a position of the log this index belongs to. */
    interface Origin {
        /** The log's identity. */
        String name();

        /** The event at a position; empty when the log does not reach so far. */
        Optional<UUID> eventAt(long position);
    }

    /** Another process holds the index. */
    static final class Held extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Held(Path folder, Throwable cause) {
            super("the search index in " + folder + " is held by another service: give each a data folder of its own",
                    cause);
        }
    }

    private final Directory directory;
    private final IndexWriter writer;
    private final SearcherManager searchers;
    private final String origin;
    private final Map<EntityId, EntityNames> recent = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<EntityId, EntityNames> eldest) {
            return size() > CACHED_ENTITIES;
        }
    };

    private Reflected written;
    private Reflected searchable;
    private Reflected committed;

    private SearchIndex(Directory directory, String origin, Reflected reflected) throws IOException {
        this.directory = directory;
        this.origin = origin;
        this.written = reflected;
        this.searchable = reflected;
        this.committed = reflected;
        // What is not committed is read from the log again.
        this.writer = new IndexWriter(directory, new IndexWriterConfig().setCommitOnClose(false));
        this.searchers = new SearcherManager(writer, new SearcherFactory());
    }

    /**
     * Opens the index in a folder, or makes one in memory. One that is missing, damaged, of another version or of another log is
     * built anew: it then reflects nothing.
     *
     * @throws Held if another process holds it
     */
    static SearchIndex open(Optional<Path> folder, Origin origin) throws IOException {
        Directory directory = folder.isPresent()
                ? new NIOFSDirectory(Files.createDirectories(folder.get()))
                : new ByteBuffersDirectory();
        try {
            Optional<Reflected> kept;
            // Nothing is thrown away that another process may be using.
            try (Lock lock = directory.obtainLock(IndexWriter.WRITE_LOCK_NAME)) {
                kept = kept(directory, origin);
                if (kept.isEmpty()) {
                    lock.ensureValid();
                    clear(directory);
                }
            }
            SearchIndex index = new SearchIndex(directory, origin.name(), kept.orElse(Reflected.NOTHING));
            if (kept.isEmpty()) {
                // Whoever is killed from now on leaves a whole index behind, if an empty one.
                index.commit(Reflected.NOTHING);
            }
            return index;
        } catch (org.apache.lucene.store.LockObtainFailedException held) {
            directory.close();
            throw new Held(folder.orElse(Path.of("memory")), held);
        } catch (IOException | RuntimeException failed) {
            directory.close();
            throw failed;
        }
    }

    /** What the index there reflects, if it is whole and belongs to this log. */
    private static Optional<Reflected> kept(Directory directory, Origin origin) throws IOException {
        if (!DirectoryReader.indexExists(directory)) {
            if (directory.listAll().length > 1) {
                LOG.warn("The search index is not whole; it is built anew from the log");
            }
            return Optional.empty();
        }
        try {
            Map<String, String> told = SegmentInfos.readLatestCommit(directory).getUserData();
            try (DirectoryReader reader = DirectoryReader.open(directory)) {
                for (LeafReaderContext leaf : reader.leaves()) {
                    leaf.reader().checkIntegrity();
                }
            }
            Optional<Reflected> reflected = reflected(told, origin);
            if (reflected.isEmpty()) {
                LOG.info("The search index is of another version or another ledger; it is built anew from the log");
            }
            return reflected;
        } catch (IOException | IllegalArgumentException | IllegalStateException damaged) {
            LOG.warn("The search index is damaged ({}); it is built anew from the log", damaged.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<Reflected> reflected(Map<String, String> told, Origin origin) {
        if (!VERSION.equals(told.get("version")) || !origin.name().equals(told.get("origin"))) {
            return Optional.empty();
        }
        long position = Long.parseLong(told.getOrDefault("position", "-1"));
        if (position < 0) {
            return Optional.of(Reflected.NOTHING);
        }
        // A database put back to an older state may have gone on in another way since.
        return origin.eventAt(position).filter(eventId -> eventId.toString().equals(told.get("event")))
                .map(eventId -> new Reflected(
                        new Consumed(position,
                                CompactRange.of(HexFormat.of().parseHex(told.getOrDefault("consumed", "")))),
                        Optional.of(eventId)));
    }

    private static void clear(Directory directory) throws IOException {
        for (String file : directory.listAll()) {
            if (!file.equals(IndexWriter.WRITE_LOCK_NAME)) {
                directory.deleteFile(file);
            }
        }
    }

    // ---- writing: one thread ----

    /** The position up to which the log is written here; a {@link View} taken from now on reflects it. */
    long position() {
        return consumed().position();
    }

    /** What is written here. */
    synchronized Consumed consumed() {
        return written.consumed();
    }

    /** Adds what a batch of events tells of names, all of it or, when this fails, an index that must be opened anew. */
    synchronized void write(List<Fact> facts) throws IOException {
        Map<EntityId, EntityNames> before = new HashMap<>();
        Map<EntityId, EntityNames> after = new LinkedHashMap<>();
        for (Fact fact : facts) {
            if (fact.event() instanceof EntityEvent event) {
                Optional<Entry> entry = event.content().flatMap(content -> content.newEntry());
                if (entry.isPresent()) {
                    EntityNames known = after.get(event.entityId());
                    if (known == null) {
                        known = known(event.entityId(), fact.sequence() == 0);
                        before.put(event.entityId(), known);
                    }
                    after.put(event.entityId(), known.with(event.listId(), entry.get()));
                }
            }
        }
        for (EntityNames entity : after.values()) {
            // Most amendments change neither name nor country.
            if (!entity.equals(before.get(entity.entityId()))) {
                writer.updateDocuments(new Term(ENTITY, entity.entityId().value()), documents(entity));
            }
            recent.put(entity.entityId(), entity);
        }
        Fact last = facts.getLast();
        written = new Reflected(written.consumed().upTo(last.position(), facts.stream().map(Fact::leaf).toList()),
                Optional.of(last.eventId()));
    }

    /** Makes what is written outlast the process, with the position in the same commit. */
    void commit() throws IOException {
        Reflected now;
        synchronized (this) {
            now = written;
        }
        if (!now.equals(committed)) {
            commit(now);
        }
    }

    private void commit(Reflected now) throws IOException {
        Map<String, String> told = new HashMap<>(Map.of("version", VERSION, "origin", origin, "position",
                Long.toString(now.position()), "consumed", HexFormat.of().formatHex(now.consumed().events().bytes())));
        now.eventId().ifPresent(eventId -> told.put("event", eventId.toString()));
        writer.setLiveCommitData(told.entrySet());
        writer.commit();
        committed = now;
    }

    /** How many events are written but not committed. */
    long uncommitted() {
        return position() - committed.position();
    }

    private EntityNames known(EntityId entityId, boolean isNew) throws IOException {
        // Before the first event of its stream nothing was known of an entity: no need to look.
        if (isNew) {
            return EntityNames.none(entityId);
        }
        EntityNames remembered = recent.get(entityId);
        return remembered == null ? find(entityId) : remembered;
    }

    private EntityNames find(EntityId entityId) throws IOException {
        searchers.maybeRefreshBlocking();
        IndexSearcher searcher = searchers.acquire();
        try {
            List<Document> found = documentsOf(searcher, entityId.value());
            return found.isEmpty() ? EntityNames.none(entityId) : read(entityId, found);
        } finally {
            searchers.release(searcher);
        }
    }

    private static List<Document> documentsOf(IndexSearcher searcher, String entityId) throws IOException {
        List<Document> found = new ArrayList<>();
        for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
            PostingsEnum postings = leaf.reader().postings(new Term(ENTITY, entityId), PostingsEnum.NONE);
            Bits live = leaf.reader().getLiveDocs();
            while (postings != null && postings.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
                if (live == null || live.get(postings.docID())) {
                    found.add(leaf.reader().storedFields().document(postings.docID()));
                }
            }
        }
        return found;
    }

    // ---- documents ----

    private static List<Document> documents(EntityNames entity) {
        List<Document> documents = new ArrayList<>();
        entity.names().forEach((name, uses) -> documents.add(document(entity, name, uses)));
        return documents;
    }

    private static Document document(EntityNames entity, String name, Set<Use> uses) {
        NameWords words = NameWords.of(name);
        Document document = new Document();
        document.add(new StringField(ENTITY, entity.entityId().value(), Field.Store.YES));
        document.add(new BinaryDocValuesField(ENTITY, new BytesRef(entity.entityId().value())));
        document.add(new StoredField(NAME, name));
        document.add(new BinaryDocValuesField(FOLDED, new BytesRef(words.text())));
        words.words().forEach(word -> document.add(new Field(WORD, word, COUNTED)));
        words.sounds().forEach(sound -> document.add(new StringField(SOUND, sound, Field.Store.NO)));
        words.grams().forEach(gram -> document.add(new StringField(GRAM, gram, Field.Store.NO)));
        document.add(new StringField(IN_ONE_ORDER, words.inOneOrder(), Field.Store.NO));
        uses.forEach(use -> document.add(new StoredField(USE, use.kind() + " " + use.listId())));
        entity.types().forEach(type -> document.add(new StringField(TYPE, type.name(), Field.Store.YES)));
        entity.countries().forEach(country -> document.add(new StringField(COUNTRY, country, Field.Store.YES)));
        entity.lists().forEach(list -> document.add(new StringField(LIST, list.value(), Field.Store.YES)));
        document.add(new StoredField(LATEST_NAME, entity.name()));
        entity.type().ifPresent(type -> document.add(new StoredField(LATEST_TYPE, type.name())));
        entity.stated().forEach(country -> document.add(new StoredField(LATEST_COUNTRY, country)));
        return document;
    }

    private static EntityNames read(EntityId entityId, List<Document> documents) {
        Map<String, Set<Use>> names = new LinkedHashMap<>();
        documents.forEach(document -> names.put(text(document, NAME), uses(document)));
        Document any = documents.getFirst();
        Set<Entry.Type> types = new LinkedHashSet<>();
        List.of(any.getValues(TYPE)).forEach(type -> types.add(Entry.Type.valueOf(type)));
        Set<ListId> lists = new LinkedHashSet<>();
        List.of(any.getValues(LIST)).forEach(list -> lists.add(new ListId(list)));
        return new EntityNames(entityId, names, types, new LinkedHashSet<>(List.of(any.getValues(COUNTRY))), lists,
                text(any, LATEST_NAME), latestType(any), List.of(any.getValues(LATEST_COUNTRY)));
    }

    private static Set<Use> uses(Document document) {
        Set<Use> uses = new LinkedHashSet<>();
        for (String use : document.getValues(USE)) {
            String[] parts = use.split(" ", 2);
            uses.add(new Use(NameSearch.NameKind.valueOf(parts[0]), new ListId(parts[1])));
        }
        return uses;
    }

    private static Optional<Entry.Type> latestType(Document document) {
        return Optional.ofNullable(document.get(LATEST_TYPE)).map(Entry.Type::valueOf);
    }

    private static String text(Document document, String field) {
        return Objects.requireNonNull(document.get(field), field);
    }

    // ---- searching: any thread ----

    /** All that is written by now, as it stays while the view is open. */
    synchronized View view() throws IOException {
        if (!searchable.equals(written)) {
            searchers.maybeRefreshBlocking();
            searchable = written;
        }
        return new View(searchers, searchers.acquire(), searchable.position());
    }

    /** What the answers must have besides the name; all of it as any entry ever stated. */
    record Filter(Optional<ListId> listId, Optional<Entry.Type> type, Optional<String> foldedCountry) {}

    /** An entity with the best of its names, and where that one is stored. */
    record Ranked(EntityId entityId, int document, double score, int length) {

        private static final Comparator<Ranked> BEST_FIRST = Comparator.comparingDouble(Ranked::score).reversed()
                .thenComparingInt(Ranked::length).thenComparing(Ranked::entityId)
                .thenComparingInt(Ranked::document);
    }

    /** What a document tells of the name it is of, and of its entity. */
    record Told(String matched, NameSearch.NameKind kind, List<ListId> listIds, String name, Optional<Entry.Type> type,
            List<String> countries) {}

    /** The index as it stood at one position. Used by one thread; to be closed. */
    static final class View implements Closeable {

        private final SearcherManager searchers;
        private final IndexSearcher searcher;
        private final long position;

        private View(SearcherManager searchers, IndexSearcher searcher, long position) {
            this.searchers = searchers;
            this.searcher = searcher;
            this.position = position;
        }

        long position() {
            return position;
        }

        /**
         * The entities with a name that fits, best first: by score, then the shorter name, then the entity's id.
         *
         * @param candidates how many names each way of looking gives at most to be compared
         */
        List<Ranked> rank(NameWords query, Filter filter, int candidates) throws IOException {
            SortedSet<Integer> documents = new TreeSet<>();
            for (Query way : List.of(byWords(query), byGrams(query))) {
                for (ScoreDoc found : searcher.search(filtered(way, filter), candidates).scoreDocs) {
                    documents.add(found.doc);
                }
            }
            BinaryDocValues names = MultiDocValues.getBinaryValues(searcher.getIndexReader(), FOLDED);
            BinaryDocValues entities = MultiDocValues.getBinaryValues(searcher.getIndexReader(), ENTITY);
            if (documents.isEmpty() || names == null || entities == null) {
                return List.of();
            }
            NameMatch match = new NameMatch(query);
            Map<EntityId, Ranked> best = new HashMap<>();
            for (int document : documents) {
                String folded = text(names, document);
                double score = Math.round(match.score(NameWords.read(folded)) * 10_000) / 10_000.0;
                if (score > 0) {
                    EntityId entityId = new EntityId(text(entities, document));
                    best.merge(entityId, new Ranked(entityId, document, score, folded.length()),
                            (one, other) -> Ranked.BEST_FIRST.compare(one, other) <= 0 ? one : other);
                }
            }
            return best.values().stream().sorted(Ranked.BEST_FIRST).toList();
        }

        private static String text(BinaryDocValues values, int document) throws IOException {
            if (!values.advanceExact(document)) {
                throw new IOException("document " + document + " of the search index lacks its name");
            }
            return values.binaryValue().utf8ToString();
        }

        Told tell(Ranked ranked) throws IOException {
            Document document = searcher.storedFields().document(ranked.document());
            Set<Use> uses = uses(document);
            return new Told(SearchIndex.text(document, NAME),
                    uses.stream().map(Use::kind).min(Comparator.naturalOrder()).orElseThrow(),
                    uses.stream().map(Use::listId).distinct().sorted().toList(),
                    SearchIndex.text(document, LATEST_NAME), latestType(document),
                    List.of(document.getValues(LATEST_COUNTRY)));
        }

        private static Query byWords(NameWords query) {
            BooleanQuery.Builder any = new BooleanQuery.Builder();
            for (String word : query.strong().stream().distinct().toList()) {
                List<Query> ways = new ArrayList<>();
                ways.add(new TermQuery(new Term(WORD, word)));
                int edits = Math.min(MOST_EDITS, NameMatch.edits(word.length()));
                if (edits > 0 && word.length() <= LONGEST_MISSPELT) {
                    ways.add(new BoostQuery(
                            new FuzzyQuery(new Term(WORD, word), edits, FIRST_LETTERS_RIGHT, LIKE_WORDS, true), 0.5f));
                }
                String sound = NameWords.sound(word);
                if (!sound.isEmpty()) {
                    ways.add(new BoostQuery(new TermQuery(new Term(SOUND, sound)), 0.3f));
                }
                any.add(new DisjunctionMaxQuery(ways, 0), Occur.SHOULD);
            }
            any.add(new BoostQuery(new TermQuery(new Term(IN_ONE_ORDER, query.inOneOrder())), 10), Occur.SHOULD);
            return any.build();
        }

        /** Finds what words do not: a wrong first letter, a blank lost or put in. */
        private static Query byGrams(NameWords query) {
            Set<String> grams = query.grams();
            BooleanQuery.Builder some = new BooleanQuery.Builder();
            grams.forEach(gram -> some.add(new TermQuery(new Term(GRAM, gram)), Occur.SHOULD));
            return some.setMinimumNumberShouldMatch(Math.max(1, (int) (GRAMS_LEFT * grams.size()))).build();
        }

        private static Query filtered(Query query, Filter filter) {
            BooleanQuery.Builder all = new BooleanQuery.Builder().add(query, Occur.MUST);
            filter.listId().ifPresent(list -> all.add(new TermQuery(new Term(LIST, list.value())), Occur.FILTER));
            filter.type().ifPresent(type -> all.add(new TermQuery(new Term(TYPE, type.name())), Occur.FILTER));
            filter.foldedCountry()
                    .ifPresent(country -> all.add(new TermQuery(new Term(COUNTRY, country)), Occur.FILTER));
            return all.build();
        }

        /** How many names there are. */
        long size() {
            return searcher.getIndexReader().numDocs();
        }

        /** Of each entity the sum of the digests of what is stored of its names, in whatever order that lies. */
        SortedMap<String, BigInteger> digests(Rebuild.Interruption interruption)
                throws IOException, InterruptedException {
            SortedMap<String, BigInteger> digests = new TreeMap<>();
            for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
                Bits live = leaf.reader().getLiveDocs();
                StoredFields stored = leaf.reader().storedFields();
                for (int document = 0; document < leaf.reader().maxDoc(); document++) {
                    if (live == null || live.get(document)) {
                        interruption.check();
                        Document told = stored.document(document);
                        digests.merge(SearchIndex.text(told, ENTITY), digest(told), BigInteger::add);
                    }
                }
            }
            return digests;
        }

        /** What is stored of each of an entity's names, in the order of its text. */
        List<Map<String, String>> stored(String entityId) throws IOException {
            List<Map<String, String>> found = new ArrayList<>();
            for (Document document : documentsOf(searcher, entityId)) {
                found.add(fields(document));
            }
            found.sort(Comparator.comparing(Map::toString));
            return found;
        }

        private static Map<String, String> fields(Document document) {
            Map<String, SortedSet<String>> values = new TreeMap<>();
            document.getFields().forEach(field -> values.computeIfAbsent(field.name(), name -> new TreeSet<>())
                    .add(String.valueOf(field.stringValue())));
            Map<String, String> fields = new TreeMap<>();
            values.forEach((name, all) -> fields.put(name, String.join(", ", all)));
            return fields;
        }

        /** Each value goes with its length, so that no two documents read alike. */
        private static BigInteger digest(Document document) {
            String text = document.getFields().stream().map(field -> field.name() + " "
                    + String.valueOf(field.stringValue()).length() + " " + field.stringValue()).sorted()
                    .collect(Collectors.joining("\n"));
            return new BigInteger(1, Sha256.ofBytes(text.getBytes(StandardCharsets.UTF_8)).bytes());
        }

        @Override
        public void close() throws IOException {
            searchers.release(searcher);
        }
    }

    // ---- the end ----

    /** Lets go of the index without a commit: what was written since the last is read from the log again. */
    @Override
    public void close() throws IOException {
        try (directory; writer; searchers) {
            writer.rollback();
        }
    }
}
