package org.policyledger.api.snapshot;

import static org.policyledger.api.snapshot.SnapshotRefused.quoted;

import java.io.IOException;
import java.io.StringReader;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.policyledger.api.snapshot.SnapshotRefused.Code;
import org.policyledger.api.snapshot.WordIdentity.Part;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.Entry.Address;
import org.policyledger.core.Entry.Alias;
import org.policyledger.core.Entry.Subject;
import org.policyledger.core.Entry.Terms;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * The BIS Entity List (15 CFR part 744, supplement no. 4) as JSON: {@code list_id}, {@code source_file}, {@code extracted},
 * {@code count}, and an {@code entities} array of objects whose every field has its place in the entry, verbatim:
 *
 * <table>
 * <caption>Fields and where they are kept</caption>
 * <tr><td>name</td><td>subject name</td></tr>
 * <tr><td>aliases</td><td>subject aliases, in order</td></tr>
 * <tr><td>country</td><td>the one of the subject's countries: the destination under which the party stands</td></tr>
 * <tr><td>address</td><td>the one address, all places in one text as BIS writes them; null is none</td></tr>
 * <tr><td>federal_register</td><td>remarks, after {@value #CITATIONS}: the chain of citations, the addition first</td></tr>
 * <tr><td>notes</td><td>licence requirement</td></tr>
 * <tr><td>status, effective_date</td><td>must be null, as they are in every file seen: what else they could say, and whether the
 *     party would still be listed, is not known, so such a file is refused</td></tr>
 * </table>
 *
 * The day {@code extracted} is the list's stated date. The file tells no kind of subject.
 *
 * <p>The source gives its records no number. Their key is (country, name, first citation, address): a party may stand twice
 * under one country and name, and three do. The identity is {@code bis-<country>-<name>} in ASCII letters and digits, with a
 * short hash of (country, name) when letters were lost. Where several records come to the same, the one first cited keeps it
 * (of two first cited together, the one with an address, then by address and name) and each other gets a short hash of its
 * whole key; so an identity never depends on the order of the file, and a newcomer takes no one's. When the one first cited
 * goes, the next takes its identity over; and one of the others whose address changes is another entity from then on. The source
 * gives nothing better to tell them by.
 */
final class BisEntityListJson implements SnapshotFormat {

    static final BisEntityListJson FORMAT = new BisEntityListJson();
    static final String CITATIONS = "Federal Register citations: ";

    private static final String LIST_ID = "bis-entity-list";
    private static final int MAX_NESTING = 4;
    private static final int MAX_COUNTRY_SLUG = 40;
    private static final int MAX_NAME_SLUG = 120;
    private static final Pattern CITATION = Pattern.compile("([0-9]{1,4}) FR ([0-9]{1,9})\\b");
    private static final Set<String> FIELDS = Set.of("list_id", "source_file", "extracted", "count", "entities");
    private static final Set<String> RECORD_FIELDS = Set.of("name", "aliases", "country", "address", "status",
            "effective_date", "federal_register", "notes");
    private static final JsonFactory JSON = JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).maxStringLength(100_000)
                    .maxNameLength(100).maxNumberLength(20).maxDocumentLength(MAX_BYTES).build())
            .build();

    private BisEntityListJson() {}

    @Override
    public String name() {
        return "bis-entity-list-json";
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public SourceList parse(byte[] file) {
        String text = SourceText.of(file);
        if (text.isBlank() || text.strip().equals("\u001A")) {
            throw new SnapshotRefused(Code.EMPTY,
                    "The file holds no record, which would delist everyone: retrieve it again");
        }
        Source source = new Source(text);
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), source)) {
            return new Reader(json).file();
        } catch (JacksonException notJson) {
            throw source.exhausted
                    ? new SnapshotRefused(Code.TRUNCATED,
                            "The JSON ends before it is complete: the file was cut off; retrieve it again")
                    : new SnapshotRefused(Code.WRONG_FORMAT, "The file is not JSON, or not of the form promised"
                            + at(notJson) + ": " + notJson.getOriginalMessage()
                            + "; give the Entity List file as published, or retrieve it again");
        }
    }

    private static String at(JacksonException failure) {
        TokenStreamLocation location = failure.getLocation();
        return location == null ? "" : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    }

    /** The text, which knows whether more of it was wanted than there is. */
    private static final class Source extends StringReader {

        private boolean exhausted;

        Source(String text) {
            super(text);
        }

        @Override
        public int read(char[] into, int from, int length) throws IOException {
            int taken = super.read(into, from, length);
            exhausted |= taken < 0;
            return taken;
        }
    }

    /** What identifies a record within the file. */
    private record Key(String country, String name, String firstCitation, Optional<String> address) {

        /** The one first cited comes first; a citation that cannot be read counts as the latest. */
        static final Comparator<Key> ORDER = Comparator.comparingLong(Key::citedAt)
                .thenComparing(key -> key.address().isEmpty()).thenComparing(key -> key.address().orElse(""))
                .thenComparing(Key::name).thenComparing(Key::country).thenComparing(Key::firstCitation);

        static Key of(String country, String name, String citations, Optional<String> address) {
            Matcher first = CITATION.matcher(citations);
            // No more of it than volume and page: its date and full stop change when another citation is added.
            String firstCitation = first.lookingAt() ? first.group() : citations.lines().findFirst().orElse("");
            return new Key(country, name, firstCitation, address);
        }

        private long citedAt() {
            Matcher citation = CITATION.matcher(firstCitation);
            return citation.matches()
                    ? Long.parseLong(citation.group(1)) * 1_000_000_000L + Long.parseLong(citation.group(2))
                    : Long.MAX_VALUE;
        }

        /** The identity the record has unless another has it before. */
        String identity() {
            return WordIdentity.of("bis", new Part(country, MAX_COUNTRY_SLUG), new Part(name, MAX_NAME_SLUG));
        }

        String identityBesideAnother() {
            return WordIdentity.beside(identity(), country, name, firstCitation, address.orElse(""));
        }
    }

    /** Takes the file token by token, so that nothing of a wrong structure is ever built. */
    private static final class Reader {

        private final JsonParser json;
        private final Map<Key, Entry> records = new HashMap<>();
        private int read;

        Reader(JsonParser json) {
            this.json = json;
        }

        SourceList file() {
            expect(json.nextToken(), JsonToken.START_OBJECT, "The file", "an object");
            Set<String> seen = new HashSet<>();
            Optional<LocalDate> extracted = Optional.empty();
            int count = 0;
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                seen.add(field);
                json.nextToken();
                switch (field) {
                    case "list_id" -> listId(text("The file's list_id"));
                    case "source_file" -> text("The file's source_file");
                    case "extracted" -> extracted = Optional.of(date(text("The file's extracted")));
                    case "count" -> {
                        expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, "The file's count", "a whole number");
                        count = json.getIntValue();
                    }
                    case "entities" -> entities();
                    default -> throw unknown("The file", field, FIELDS);
                }
            }
            complete("The file", seen, FIELDS);
            if (json.nextToken() != null) {
                throw wrong("The file goes on after its end with " + quoted(json.getString()));
            }
            if (read != count) {
                throw new SnapshotRefused(Code.TRUNCATED, "The file says that it has " + count + " entities but holds "
                        + read + ": it is not whole; retrieve it again");
            }
            if (read == 0) {
                throw new SnapshotRefused(Code.EMPTY,
                        "The file holds no entity, which would delist everyone: retrieve it again");
            }
            return new SourceList(identified(), extracted);
        }

        private SortedMap<EntityId, Entry> identified() {
            SortedMap<EntityId, Entry> entries = new TreeMap<>();
            for (Key key : records.keySet().stream().sorted(Key.ORDER).toList()) {
                EntityId plain = new EntityId(key.identity());
                EntityId entityId = entries.containsKey(plain) ? new EntityId(key.identityBesideAnother()) : plain;
                if (entries.put(entityId, records.get(key)) != null) {
                    throw new SnapshotRefused(Code.DUPLICATE, "Two records come to the identity " + entityId
                            + ", one of them " + quoted(key.name()) + " under " + quoted(key.country())
                            + ": the file cannot be imported with this version of its format");
                }
            }
            return entries;
        }

        private static void listId(String value) {
            if (!value.equals(LIST_ID)) {
                throw wrong("The file's list_id is " + quoted(value) + ", not '" + LIST_ID + "'");
            }
        }

        private static LocalDate date(String value) {
            try {
                return LocalDate.parse(value);
            } catch (DateTimeException notADate) {
                throw wrong("The file's extracted is " + quoted(value) + ", not a date such as 2026-07-09");
            }
        }

        private void entities() {
            expect(json.currentToken(), JsonToken.START_ARRAY, "The file's entities", "an array");
            while (json.nextToken() != JsonToken.END_ARRAY) {
                read++;
                String where = "Entity " + read + " (line " + json.currentTokenLocation().getLineNr() + ")";
                expect(json.currentToken(), JsonToken.START_OBJECT, where, "an object");
                entity(where);
            }
        }

        private void entity(String where) {
            Map<String, String> texts = new HashMap<>();
            List<String> aliases = new ArrayList<>();
            Set<String> seen = new HashSet<>();
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                seen.add(field);
                json.nextToken();
                switch (field) {
                    case "name", "country", "federal_register", "notes" ->
                        texts.put(field, text(where + ": " + field));
                    case "address" -> {
                        if (json.currentToken() != JsonToken.VALUE_NULL) {
                            texts.put(field, text(where + ": address"));
                        }
                    }
                    case "aliases" -> texts(where + ": aliases", aliases);
                    case "status", "effective_date" -> {
                        if (json.currentToken() != JsonToken.VALUE_NULL) {
                            throw wrong(where + ": " + field + " is " + quoted(json.getString())
                                    + "; version 1 of this format knows no other value than null");
                        }
                    }
                    default -> throw unknown(where, field, RECORD_FIELDS);
                }
            }
            complete(where, seen, RECORD_FIELDS);
            keep(where, texts, aliases);
        }

        private void keep(String where, Map<String, String> texts, List<String> aliases) {
            String country = texts.getOrDefault("country", "");
            String name = texts.getOrDefault("name", "");
            String citations = texts.getOrDefault("federal_register", "");
            Optional<String> address = Optional.ofNullable(texts.get("address"));
            Entry entry;
            try {
                Subject subject = new Subject(name, Optional.empty(), Optional.empty(),
                        aliases.stream().map(Alias::of).toList(), address.map(Address::of).stream().toList(),
                        List.of(country), List.of(), Optional.empty(), Optional.empty());
                Terms terms = new Terms(Optional.of(texts.getOrDefault("notes", "")), Optional.empty(), List.of(),
                        Optional.empty());
                entry = new Entry(subject, terms, Optional.of(CITATIONS + citations));
            } catch (IllegalArgumentException outOfLimits) {
                throw new SnapshotRefused(Code.BAD_VALUE, where + ": " + outOfLimits.getMessage());
            }
            if (citations.isBlank()) {
                throw new SnapshotRefused(Code.BAD_VALUE,
                        where + ": federal_register is blank, where every entry has a citation: retrieve the file again");
            }
            Key key = Key.of(country, name, citations, address);
            if (records.put(key, entry) != null) {
                throw new SnapshotRefused(Code.DUPLICATE, where + ": " + quoted(name) + " under " + quoted(country)
                        + " stands in the file already, with the same address and first citation "
                        + quoted(key.firstCitation()) + ": retrieve the file again");
            }
        }

        private void texts(String what, List<String> into) {
            expect(json.currentToken(), JsonToken.START_ARRAY, what, "an array of texts");
            while (json.nextToken() != JsonToken.END_ARRAY) {
                into.add(text(what));
            }
        }

        private String text(String what) {
            expect(json.currentToken(), JsonToken.VALUE_STRING, what, "a text");
            return json.getString();
        }

        private void expect(JsonToken token, JsonToken expected, String what, String rule) {
            if (token != expected) {
                throw wrong(what + " is " + (token == null ? "not there" : quoted(json.getString())) + ", not " + rule
                        + ", at line " + json.currentTokenLocation().getLineNr());
            }
        }

        private static void complete(String where, Set<String> seen, Set<String> wanted) {
            if (!seen.equals(wanted)) {
                Set<String> missing = new HashSet<>(wanted);
                missing.removeAll(seen);
                throw wrong(where + " lacks " + String.join(", ", missing.stream().sorted().toList()));
            }
        }

        private static SnapshotRefused unknown(String where, String field, Set<String> known) {
            return wrong(where + " has the unknown field " + quoted(field) + "; known are "
                    + String.join(", ", known.stream().sorted().toList()));
        }

        private static SnapshotRefused wrong(String what) {
            return new SnapshotRefused(Code.WRONG_FORMAT,
                    what + ": give the Entity List file as published, or retrieve it again");
        }
    }
}
