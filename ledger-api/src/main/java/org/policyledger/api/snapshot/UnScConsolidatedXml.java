package org.policyledger.api.snapshot;

import static org.policyledger.api.snapshot.SnapshotRefused.quoted;

import java.io.StringReader;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.policyledger.api.snapshot.SnapshotRefused.Code;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.Entry.Address;
import org.policyledger.core.Entry.Alias;
import org.policyledger.core.Entry.Identifier;
import org.policyledger.core.Entry.Subject;
import org.policyledger.core.Entry.Terms;

/**
 * The United Nations Security Council Consolidated List as XML, as its schema {@code sc-sanctions.xsd} and its issues have it:
 * {@code CONSOLIDATED_LIST} with {@code INDIVIDUALS} and {@code ENTITIES}. An element or attribute that neither the schema nor an
 * issue seen has is refused, since nobody knows what it would say.
 *
 * <table>
 * <caption>Elements and where they are kept</caption>
 * <tr><td>REFERENCE_NUMBER</td><td>the identifier of type {@value #IDENTIFIER}, and the entity's identity
 *     {@code un-sc-<REFERENCE_NUMBER>}: it is permanent, also when a party is taken off the list and put on again</td></tr>
 * <tr><td>INDIVIDUAL, ENTITY</td><td>subject type: person, organisation</td></tr>
 * <tr><td>FIRST_NAME to FOURTH_NAME</td><td>subject name, joined by blanks; several parts besides in the remarks</td></tr>
 * <tr><td>NAME_ORIGINAL_SCRIPT</td><td>an alias, and the remarks</td></tr>
 * <tr><td>TITLE</td><td>subject title, several joined by {@code "; "}</td></tr>
 * <tr><td>…_ALIAS</td><td>aliases with their QUALITY; whatever else an alias has is in the remarks with it</td></tr>
 * <tr><td>…_ADDRESS</td><td>addresses: STREET, CITY, STATE_PROVINCE and ZIP_CODE joined by commas, the NOTE in brackets, and the
 *     COUNTRY apart; where there is nothing else, the country is the text too</td></tr>
 * <tr><td>NATIONALITY, NATIONALITY2</td><td>subject countries</td></tr>
 * <tr><td>INDIVIDUAL_DOCUMENT</td><td>an identifier where it has a NUMBER; the whole of it in the remarks</td></tr>
 * <tr><td>UN_LIST_TYPE</td><td>the one programme</td></tr>
 * <tr><td>COMMENTS1</td><td>the beginning of the remarks, verbatim</td></tr>
 * <tr><td>DESIGNATION, GENDER, dates and places of birth, SUBMITTED_BY, SUBMITTED_ON, LISTED_ON, LAST_DAY_UPDATED, a LIST_TYPE
 *     other than {@code UN List}</td><td>remarks, a line each after a label</td></tr>
 * <tr><td>DATAID, VERSIONNUM, SORT_KEY, SORT_KEY_LAST_MOD</td><td>nowhere: they tell of the publisher's database, and the first
 *     changes without any change of the entry</td></tr>
 * <tr><td>DELISTED_ON</td><td>must be absent, as in every issue seen: whether such a party is still listed is not known</td></tr>
 * </table>
 *
 * Blanks around a value are dropped. LISTED_ON is the day of the first designation and survives a relisting, so it is no
 * effective date. The stated date is the day of {@code dateGenerated} in New York, where the Council sits.
 *
 * <p>Document types and entities are refused, nothing is fetched, and what one start tag, one text and one record may hold is
 * bounded.
 */
final class UnScConsolidatedXml implements SnapshotFormat {

    static final UnScConsolidatedXml FORMAT = new UnScConsolidatedXml();
    static final String IDENTIFIER = "UN reference number";

    private static final String ROOT = "CONSOLIDATED_LIST";
    private static final String SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation";
    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
    private static final Pattern REFERENCE = Pattern.compile("[A-Z]{2,3}[ie]\\.[0-9]{3,5}");
    private static final String ORDINARY_LIST_TYPE = "UN List";
    /** In characters; the longest seen has 1,723. */
    private static final int MAX_TEXT = 30_000;
    /** The most seen are below 300. */
    private static final int MAX_ELEMENTS = 5_000;

    private static final Set<String> VALUES = Set.of("VALUE");
    private static final Set<String> ADDRESS = Set.of("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY",
            "NOTE");
    private static final Set<String> ALIAS = Set.of("QUALITY", "ALIAS_NAME", "DATE_OF_BIRTH", "CITY_OF_BIRTH",
            "COUNTRY_OF_BIRTH", "NOTE");
    private static final Set<String> COMMON = Set.of("DATAID", "VERSIONNUM", "FIRST_NAME", "UN_LIST_TYPE",
            "REFERENCE_NUMBER", "LISTED_ON", "SUBMITTED_ON", "SUBMITTED_BY", "NAME_ORIGINAL_SCRIPT", "COMMENTS1",
            "LIST_TYPE", "LAST_DAY_UPDATED", "SORT_KEY", "SORT_KEY_LAST_MOD", "DELISTED_ON");
    private static final Set<String> REPEATED = Set.of("VALUE", "INDIVIDUAL_ALIAS", "INDIVIDUAL_ADDRESS",
            "INDIVIDUAL_DATE_OF_BIRTH", "INDIVIDUAL_PLACE_OF_BIRTH", "INDIVIDUAL_DOCUMENT", "ENTITY_ALIAS",
            "ENTITY_ADDRESS");
    /** What an element may hold; one that is not named here holds text. */
    private static final Map<String, Set<String>> CHILDREN = Map.ofEntries(
            Map.entry("INDIVIDUAL", union(COMMON, Set.of("SECOND_NAME", "THIRD_NAME", "FOURTH_NAME", "GENDER",
                    "NATIONALITY2", "TITLE", "DESIGNATION", "NATIONALITY", "INDIVIDUAL_ALIAS", "INDIVIDUAL_ADDRESS",
                    "INDIVIDUAL_DATE_OF_BIRTH", "INDIVIDUAL_PLACE_OF_BIRTH", "INDIVIDUAL_DOCUMENT"))),
            Map.entry("ENTITY", union(COMMON, Set.of("ENTITY_ALIAS", "ENTITY_ADDRESS"))),
            Map.entry("TITLE", VALUES), Map.entry("DESIGNATION", VALUES), Map.entry("NATIONALITY", VALUES),
            Map.entry("LIST_TYPE", VALUES), Map.entry("LAST_DAY_UPDATED", VALUES),
            Map.entry("INDIVIDUAL_ALIAS", ALIAS), Map.entry("ENTITY_ALIAS", ALIAS),
            Map.entry("INDIVIDUAL_ADDRESS", ADDRESS), Map.entry("ENTITY_ADDRESS", ADDRESS),
            Map.entry("INDIVIDUAL_DATE_OF_BIRTH",
                    Set.of("TYPE_OF_DATE", "NOTE", "DATE", "YEAR", "FROM_YEAR", "TO_YEAR")),
            Map.entry("INDIVIDUAL_PLACE_OF_BIRTH", Set.of("STREET", "CITY", "STATE_PROVINCE", "COUNTRY", "NOTE")),
            Map.entry("INDIVIDUAL_DOCUMENT", Set.of("TYPE_OF_DOCUMENT", "TYPE_OF_DOCUMENT2", "NUMBER",
                    "ISSUING_COUNTRY", "DATE_OF_ISSUE", "CITY_OF_ISSUE", "COUNTRY_OF_ISSUE", "NOTE")));

    private UnScConsolidatedXml() {}

    @Override
    public String name() {
        return "un-sc-consolidated-xml";
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public SourceList parse(byte[] file) {
        String text = SourceText.of(file);
        String body = text.strip();
        if (body.isEmpty() || body.equals("\u001A")) {
            throw new SnapshotRefused(Code.EMPTY,
                    "The file holds no record, which would delist everyone: retrieve it again");
        }
        try {
            return new Reader(factory().createXMLStreamReader(new StringReader(text))).list();
        } catch (XMLStreamException notXml) {
            boolean cutOff = body.startsWith("<") && !body.endsWith("</" + ROOT + ">");
            throw cutOff
                    ? new SnapshotRefused(Code.TRUNCATED, "The file ends with "
                            + quoted(body.substring(Math.max(0, body.length() - 20))) + " and not with </" + ROOT
                            + ">: it was cut off; retrieve it again")
                    : wrong("The file is not well-formed XML, or has names, attributes or nesting beyond what is read"
                            + at(notXml));
        }
    }

    private static String at(XMLStreamException failure) {
        return failure.getLocation() == null
                ? ""
                : " (line " + failure.getLocation().getLineNumber() + ", column "
                        + failure.getLocation().getColumnNumber() + ")";
    }

    /** The platform's own parser, whatever others are on the class path; one per file, as it is not thread-safe. */
    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, true);
        factory.setProperty("jdk.xml.elementAttributeLimit", 8);
        factory.setProperty("jdk.xml.maxElementDepth", 8);
        factory.setProperty("jdk.xml.maxXMLNameLimit", 200);
        factory.setXMLResolver((publicId, systemId, base, namespace) -> {
            throw new XMLStreamException("nothing is fetched");
        });
        return factory;
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> both = new HashSet<>(one);
        both.addAll(other);
        return Set.copyOf(both);
    }

    private static SnapshotRefused wrong(String what) {
        return new SnapshotRefused(Code.WRONG_FORMAT, what
                + ": give the UN Security Council's Consolidated List in XML as published, or retrieve it again");
    }

    /** An element of one record: its text, or the elements it holds. */
    private record Element(String name, String text, List<Element> children) {

        List<Element> all(String child) {
            return children.stream().filter(element -> element.name().equals(child)).toList();
        }

        /** The text of the one child of that name; blank where there is none. */
        String text(String child) {
            return all(child).stream().findFirst().map(Element::text).orElse("");
        }

        /** The texts in the child's VALUEs that are not blank. */
        List<String> values(String child) {
            return all(child).stream().flatMap(element -> element.all("VALUE").stream()).map(Element::text)
                    .filter(value -> !value.isEmpty()).toList();
        }

        /** Everything the element's children say, each after its name in plain words. */
        String told() {
            return String.join("; ", children.stream().filter(child -> !child.text().isEmpty())
                    .map(child -> child.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " " + child.text())
                    .toList());
        }
    }

    /** Takes the file event by event and holds one record at a time, so that nothing of a wrong structure is ever built. */
    private static final class Reader {

        private final XMLStreamReader xml;
        private final TreeMap<EntityId, Entry> entries = new TreeMap<>();
        private final Map<EntityId, String> places = new HashMap<>();
        private int elements;

        Reader(XMLStreamReader xml) {
            this.xml = xml;
        }

        SourceList list() throws XMLStreamException {
            String encoding = Optional.ofNullable(xml.getCharacterEncodingScheme()).orElse("UTF-8");
            if (!encoding.equalsIgnoreCase("UTF-8")) {
                throw wrong("The file says that it is encoded in " + quoted(encoding) + ", not in UTF-8");
            }
            while (next() != XMLStreamConstants.START_ELEMENT) {
                // nothing before the root says anything
            }
            if (!name().equals(ROOT)) {
                throw wrong("The file's root element is " + quoted(name()) + ", not '" + ROOT + "'");
            }
            LocalDate generated = generated();
            Set<String> sections = new HashSet<>();
            while (nextTag()) {
                String section = name();
                String record = switch (section) {
                    case "INDIVIDUALS" -> "INDIVIDUAL";
                    case "ENTITIES" -> "ENTITY";
                    default -> throw unknown(ROOT, section, Set.of("INDIVIDUALS", "ENTITIES"));
                };
                noAttributes(section);
                if (!sections.add(section)) {
                    throw wrong("The file has " + section + " twice");
                }
                section(section, record);
            }
            while (xml.hasNext()) {
                next();
            }
            if (entries.isEmpty()) {
                throw new SnapshotRefused(Code.EMPTY,
                        "The file holds no record, which would delist everyone: retrieve it again");
            }
            if (sections.size() < 2) {
                throw wrong("The file has " + String.join("", sections) + " only, where both INDIVIDUALS and ENTITIES"
                        + " must be");
            }
            return new SourceList(entries, Optional.of(generated));
        }

        private LocalDate generated() {
            Optional<LocalDate> generated = Optional.empty();
            for (int i = 0; i < xml.getAttributeCount(); i++) {
                String attribute = String.valueOf(xml.getAttributeName(i));
                String value = xml.getAttributeValue(i);
                if (attribute.equals("dateGenerated")) {
                    generated = Optional.of(date(value));
                } else if (!attribute.equals(SCHEMA_LOCATION)) {
                    throw wrong(ROOT + " has the unknown attribute " + quoted(attribute));
                }
            }
            return generated.orElseThrow(() -> wrong(ROOT + " lacks its attribute dateGenerated"));
        }

        private static LocalDate date(String value) {
            try {
                return OffsetDateTime.parse(value).atZoneSameInstant(NEW_YORK).toLocalDate();
            } catch (DateTimeException notATime) {
                throw wrong("The file's dateGenerated is " + quoted(value)
                        + ", not a time such as 2018-08-24T19:40:35.913-04:00");
            }
        }

        private void section(String section, String record) throws XMLStreamException {
            int number = 0;
            while (nextTag()) {
                number++;
                if (!name().equals(record)) {
                    throw unknown(section, name(), Set.of(record));
                }
                String where = record + " " + number + " (line " + xml.getLocation().getLineNumber() + ")";
                elements = 0;
                keep(where, element(where));
            }
        }

        private void keep(String where, Element record) {
            String reference = record.text("REFERENCE_NUMBER");
            if (reference.isEmpty()) {
                throw wrong(where + " lacks its REFERENCE_NUMBER");
            }
            if (!REFERENCE.matcher(reference).matches()) {
                throw wrong(where + ": the REFERENCE_NUMBER " + quoted(reference) + " is not of the form QDi.001");
            }
            if (!record.text("DELISTED_ON").isEmpty()) {
                throw wrong(where + ": " + reference + " has DELISTED_ON " + quoted(record.text("DELISTED_ON"))
                        + "; version 1 of this format does not know whether it is still listed");
            }
            if (record.text("UN_LIST_TYPE").isEmpty()) {
                throw wrong(where + ": " + reference + " lacks its UN_LIST_TYPE");
            }
            EntityId entityId = new EntityId("un-sc-" + reference);
            String before = places.putIfAbsent(entityId, where);
            if (before != null) {
                throw new SnapshotRefused(Code.DUPLICATE, before + " and " + where + " both have the REFERENCE_NUMBER "
                        + reference + ", which is unique in an issue: retrieve the file again");
            }
            try {
                entries.put(entityId, entry(record, reference));
            } catch (IllegalArgumentException outOfLimits) {
                throw new SnapshotRefused(Code.BAD_VALUE,
                        where + ": " + reference + ": " + outOfLimits.getMessage());
            }
        }

        // ---- events and elements ----

        /** The next event that counts; a document type and an entity never do. */
        private int next() throws XMLStreamException {
            while (true) {
                int event = xml.next();
                switch (event) {
                    case XMLStreamConstants.DTD -> throw wrong("The file declares a document type (DTD), which the"
                            + " list never does and which is not followed");
                    case XMLStreamConstants.ENTITY_REFERENCE -> throw wrong("The file refers to the entity "
                            + quoted(String.valueOf(xml.getLocalName())) + " at line "
                            + xml.getLocation().getLineNumber() + ", which is not followed");
                    case XMLStreamConstants.COMMENT, XMLStreamConstants.PROCESSING_INSTRUCTION -> {
                        // says nothing about the list
                    }
                    default -> {
                        return event;
                    }
                }
            }
        }

        /** Whether another element begins in the present one, which otherwise ends; there must be no text between. */
        private boolean nextTag() throws XMLStreamException {
            while (true) {
                int event = next();
                if (event == XMLStreamConstants.START_ELEMENT || event == XMLStreamConstants.END_ELEMENT) {
                    return event == XMLStreamConstants.START_ELEMENT;
                }
                if (!xml.getText().isBlank()) {
                    throw wrong("Line " + xml.getLocation().getLineNumber() + " has the text "
                            + quoted(xml.getText().strip())
                            + " where only elements may be");
                }
            }
        }

        private String name() {
            return String.valueOf(xml.getName());
        }

        private Element element(String where) throws XMLStreamException {
            String name = name();
            noAttributes(where + ": " + name);
            if (++elements > MAX_ELEMENTS) {
                throw new SnapshotRefused(Code.BAD_VALUE,
                        where + " has more than " + MAX_ELEMENTS + " elements: retrieve the file again");
            }
            Set<String> known = CHILDREN.getOrDefault(name, Set.of());
            if (known.isEmpty()) {
                return new Element(name, text(where + ": " + name), List.of());
            }
            List<Element> children = new ArrayList<>();
            Set<String> seen = new HashSet<>();
            while (nextTag()) {
                if (!known.contains(name())) {
                    throw unknown(where + ": " + name, name(), known);
                }
                if (!seen.add(name()) && !REPEATED.contains(name())) {
                    throw wrong(where + ": " + name + " has " + name() + " twice");
                }
                children.add(element(where));
            }
            return new Element(name, "", children);
        }

        private String text(String where) throws XMLStreamException {
            StringBuilder text = new StringBuilder();
            for (int event = next(); event != XMLStreamConstants.END_ELEMENT; event = next()) {
                if (event == XMLStreamConstants.START_ELEMENT) {
                    throw wrong(where + " holds the element " + quoted(name()) + " where only text may be");
                }
                if (text.length() + xml.getTextLength() > MAX_TEXT) {
                    throw new SnapshotRefused(Code.BAD_VALUE, where + " has more than " + MAX_TEXT
                            + " characters, which is more than is kept: retrieve the file again");
                }
                text.append(xml.getTextCharacters(), xml.getTextStart(), xml.getTextLength());
            }
            return text.toString().strip();
        }

        private void noAttributes(String where) {
            if (xml.getAttributeCount() > 0) {
                throw wrong(where + " has the unknown attribute " + quoted(String.valueOf(xml.getAttributeName(0))));
            }
        }

        private static SnapshotRefused unknown(String where, String element, Set<String> known) {
            return wrong(where + " has the unknown element " + quoted(element) + "; known are "
                    + String.join(", ", known.stream().sorted().toList()));
        }

        // ---- what a record says ----

        private static Entry entry(Element record, String reference) {
            String kind = record.name();
            List<Element> documents = record.all("INDIVIDUAL_DOCUMENT");
            List<Identifier> identifiers = new ArrayList<>();
            identifiers.add(new Identifier(IDENTIFIER, reference));
            documents.stream().filter(document -> !document.text("NUMBER").isEmpty())
                    .forEach(document -> identifiers.add(new Identifier(kindOf(document), document.text("NUMBER"))));
            List<String> names = Stream.of("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME").map(record::text)
                    .filter(part -> !part.isEmpty()).toList();
            List<String> countries = new ArrayList<>(record.values("NATIONALITY"));
            Optional.of(record.text("NATIONALITY2")).filter(country -> !country.isEmpty()).ifPresent(countries::add);
            Subject subject = new Subject(String.join(" ", names),
                    Optional.of(kind.equals("ENTITY") ? Entry.Type.ORGANISATION : Entry.Type.PERSON),
                    Optional.of(String.join("; ", record.values("TITLE"))).filter(title -> !title.isEmpty()),
                    aliases(record), addresses(record.all(kind + "_ADDRESS")), countries, identifiers, Optional.empty(),
                    Optional.empty());
            Terms terms = new Terms(Optional.empty(), Optional.empty(), List.of(record.text("UN_LIST_TYPE")),
                    Optional.empty());
            return new Entry(subject, terms, remarks(record, names));
        }

        private static String kindOf(Element document) {
            return Stream.of("TYPE_OF_DOCUMENT", "TYPE_OF_DOCUMENT2").map(document::text)
                    .filter(type -> !type.isEmpty()).findFirst().orElse("Document");
        }

        private static List<Alias> aliases(Element record) {
            List<Alias> aliases = new ArrayList<>();
            for (Element alias : record.all(record.name() + "_ALIAS")) {
                if (!alias.text("ALIAS_NAME").isEmpty()) {
                    aliases.add(new Alias(alias.text("ALIAS_NAME"),
                            Optional.of(alias.text("QUALITY")).filter(quality -> !quality.isEmpty())));
                }
            }
            Optional.of(record.text("NAME_ORIGINAL_SCRIPT")).filter(name -> !name.isEmpty()).map(Alias::of)
                    .ifPresent(aliases::add);
            return aliases;
        }

        private static List<Address> addresses(List<Element> given) {
            List<Address> addresses = new ArrayList<>();
            for (Element address : given) {
                String country = address.text("COUNTRY");
                String place = String.join(", ", Stream.of("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE")
                        .map(address::text).filter(part -> !part.isEmpty()).toList());
                String note = address.text("NOTE").isEmpty() ? "" : "(" + address.text("NOTE") + ")";
                String text = (place + " " + note).strip();
                if (!text.isEmpty() || !country.isEmpty()) {
                    addresses.add(new Address(text.isEmpty() ? country : text,
                            Optional.of(country).filter(told -> !told.isEmpty())));
                }
            }
            return addresses;
        }

        private static Optional<String> remarks(Element record, List<String> names) {
            Remarks remarks = new Remarks().own(record.text("COMMENTS1"))
                    .line("Name parts", names.size() > 1 ? String.join(" | ", names) : "")
                    .line("Name in original script", record.text("NAME_ORIGINAL_SCRIPT"));
            record.values("DESIGNATION").forEach(designation -> remarks.line("Designation", designation));
            remarks.line("Gender", record.text("GENDER"));
            record.all(record.name() + "_ALIAS").stream().filter(Reader::tellsMore)
                    .forEach(alias -> remarks.line("Alias", alias.told()));
            record.all("INDIVIDUAL_DATE_OF_BIRTH").forEach(birth -> remarks.line("Date of birth", birth.told()));
            record.all("INDIVIDUAL_PLACE_OF_BIRTH").forEach(birth -> remarks.line("Place of birth", birth.told()));
            record.all("INDIVIDUAL_DOCUMENT").forEach(document -> remarks.line("Document", document.told()));
            remarks.line("Submitted by", record.text("SUBMITTED_BY"))
                    .line("Submitted on", record.text("SUBMITTED_ON")).line("Listed on", record.text("LISTED_ON"))
                    .line("Updated on", String.join(", ", record.values("LAST_DAY_UPDATED")));
            record.values("LIST_TYPE").stream().filter(type -> !type.equals(ORDINARY_LIST_TYPE))
                    .forEach(type -> remarks.line("List type", type));
            return remarks.text();
        }

        /** Whether an alias says more than a name and its quality, or the quality of no name. */
        private static boolean tellsMore(Element alias) {
            boolean named = !alias.text("ALIAS_NAME").isEmpty();
            return alias.children().stream().anyMatch(child -> !child.text().isEmpty() && !(named
                    && (child.name().equals("ALIAS_NAME") || child.name().equals("QUALITY"))));
        }
    }
}
