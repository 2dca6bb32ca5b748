package org.policyledger.core.event;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import java.time.LocalDate;
import java.util.Optional;
import org.policyledger.core.Entry;

/** An action on one listing that has legal force from its effective date on: what a timeline is made of. */
@JsonSubTypes({@JsonSubTypes.Type(value = EntityListed.class, name = "EntityListed"),
        @JsonSubTypes.Type(value = ListingAmended.class, name = "ListingAmended"),
        @JsonSubTypes.Type(value = ListingSuspended.class, name = "ListingSuspended"),
        @JsonSubTypes.Type(value = ListingReinstated.class, name = "ListingReinstated"),
        @JsonSubTypes.Type(value = EntityDelisted.class, name = "EntityDelisted")})
public sealed interface ListingAction extends EntityEvent
        permits EntityListed, ListingAmended, ListingSuspended, ListingReinstated, EntityDelisted {

    /** The day from which the action has legal force, in the authority's zone. */
    LocalDate effectiveDate();

    /** The entry the action puts in force, where it puts one in force. */
    @JsonIgnore
    default Optional<Entry> newEntry() {
        return switch (this) {
            case EntityListed listed -> Optional.of(listed.entry());
            case ListingAmended amended -> Optional.of(amended.entry());
            case ListingSuspended suspended -> Optional.empty();
            case ListingReinstated reinstated -> Optional.empty();
            case EntityDelisted delisted -> Optional.empty();
        };
    }

    /** The exclusive end of the fixed term the action sets, where it sets one. */
    @JsonIgnore
    default Optional<LocalDate> term() {
        return switch (this) {
            case EntityListed listed -> listed.until();
            case ListingAmended amended -> amended.until();
            case ListingSuspended suspended -> suspended.until();
            case ListingReinstated reinstated -> Optional.empty();
            case EntityDelisted delisted -> Optional.empty();
        };
    }
}
