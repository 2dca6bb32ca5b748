package org.policyledger.core;

import java.util.List;
import java.util.Optional;

/**
 * The content of a listing as published. Texts are kept as the authority writes them; what the source does not tell is
 * absent.
 */
public record Entry(Subject subject, Terms terms, Optional<String> remarks) {

    public Entry {
        Check.required("entry.subject", subject);
        terms = terms == null ? Terms.NONE : terms;
        Check.optionalText("entry.remarks", remarks, 30_000);
    }

    /** Whom the listing targets. */
    public record Subject(String name, Optional<Type> type, Optional<String> title, List<Alias> aliases,
            List<Address> addresses, List<String> countries, List<Identifier> identifiers, Optional<EntityId> parent,
            Optional<Vessel> vessel) {

        public Subject {
            Check.text("entry.subject.name", name, 1000);
            Check.optionalText("entry.subject.title", title, 2000);
            aliases = Check.list("entry.subject.aliases", aliases, 1000);
            addresses = Check.list("entry.subject.addresses", addresses, 1000);
            countries = Check.texts("entry.subject.countries", countries, 300, 200);
            identifiers = Check.list("entry.subject.identifiers", identifiers, 1000);
        }

        /** A subject of which only the name is known. */
        public static Subject named(String name) {
            return new Subject(name, Optional.empty(), Optional.empty(), List.of(), List.of(), List.of(), List.of(),
                    Optional.empty(), Optional.empty());
        }
    }

    /** What kind of subject it is; absent where the source does not tell. */
    public enum Type {
        PERSON,
        ORGANISATION,
        VESSEL,
        AIRCRAFT,
        ADDRESS
    }

    /** Another name, with the source's own grade of it ({@code good}, {@code low}, {@code weak} …) where it has one. */
    public record Alias(String name, Optional<String> quality) {
        public Alias {
            Check.text("alias.name", name, 1000);
            Check.optionalText("alias.quality", quality, 50);
        }

        public static Alias of(String name) {
            return new Alias(name, Optional.empty());
        }
    }

    /** An address as published, with its country where the source sets it apart. */
    public record Address(String text, Optional<String> country) {
        public Address {
            Check.text("address.text", text, 5000);
            Check.optionalText("address.country", country, 200);
        }

        public static Address of(String text) {
            return new Address(text, Optional.empty());
        }
    }

    /** An identifier given to the subject: by the list itself, or a passport, registration or other number. */
    public record Identifier(String type, String value) {
        public Identifier {
            Check.text("identifier.type", type, 100);
            Check.text("identifier.value", value, 500);
        }
    }

    /** Particulars of a vessel or aircraft, as text. */
    public record Vessel(Optional<String> callSign, Optional<String> type, Optional<String> tonnage,
            Optional<String> grossRegisteredTonnage, Optional<String> flag, Optional<String> owner) {
        public Vessel {
            Check.optionalText("vessel.callSign", callSign, 100);
            Check.optionalText("vessel.type", type, 200);
            Check.optionalText("vessel.tonnage", tonnage, 100);
            Check.optionalText("vessel.grossRegisteredTonnage", grossRegisteredTonnage, 100);
            Check.optionalText("vessel.flag", flag, 200);
            Check.optionalText("vessel.owner", owner, 1000);
        }
    }

    /** What the listing means for those who deal with the subject. */
    public record Terms(Optional<String> licenseRequirement, Optional<String> licenseReviewPolicy,
            List<String> programs,
            Optional<String> grounds) {

        /** No terms stated. */
        public static final Terms NONE = new Terms(Optional.empty(), Optional.empty(), List.of(), Optional.empty());

        public Terms {
            Check.optionalText("terms.licenseRequirement", licenseRequirement, 10_000);
            Check.optionalText("terms.licenseReviewPolicy", licenseReviewPolicy, 10_000);
            programs = Check.texts("terms.programs", programs, 200, 200);
            Check.optionalText("terms.grounds", grounds, 10_000);
        }
    }
}
