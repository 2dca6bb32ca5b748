package org.policyledger.core;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.policyledger.core.Command.AmendListing;
import org.policyledger.core.Command.CorrectAction;
import org.policyledger.core.Command.DelistEntity;
import org.policyledger.core.Command.ListEntity;
import org.policyledger.core.Command.ListingCommand;
import org.policyledger.core.Command.ReinstateListing;
import org.policyledger.core.Command.SuspendListing;
import org.policyledger.core.Command.VoidAction;

/** Short words for the values the tests are about: one entity on one list, with dates as text. */
final class Sample {

    static final EntityId ENTITY = new EntityId("x");
    static final EntityId OTHER_ENTITY = new EntityId("y");
    static final ListId LIST = new ListId("entity-list");
    static final ListId OTHER_LIST = new ListId("other-list");
    static final ListId UNREGISTERED_LIST = new ListId("unheard-of");
    static final RegisteredLists LISTS = List.of(LIST, OTHER_LIST)::contains;
    static final Entry ENTRY = entry("first wording");

    private Sample() {}

    static LocalDate day(String date) {
        return LocalDate.parse(date);
    }

    static Optional<LocalDate> until(String date) {
        return Optional.of(day(date));
    }

    /** An entry told from others by its remarks. */
    static Entry entry(String remarks) {
        return new Entry(Entry.Subject.named("X Institute"), Entry.Terms.NONE, Optional.of(remarks));
    }

    /** The identity of the n-th event of a record under test, counted from 1. */
    static ActionId action(int n) {
        return new ActionId(new UUID(0x4000, 0x8000_0000_0000_0000L + n));
    }

    static ListEntity list(String date) {
        return new ListEntity(ENTITY, LIST, day(date), Optional.empty(), ENTRY, Circumstances.stated());
    }

    static ListEntity list(String date, String until) {
        return new ListEntity(ENTITY, LIST, day(date), until(until), ENTRY, Circumstances.stated());
    }

    static AmendListing amend(String date, Entry entry) {
        return new AmendListing(ENTITY, LIST, day(date), Optional.empty(), entry, Circumstances.stated());
    }

    static AmendListing amend(String date, String until, Entry entry) {
        return new AmendListing(ENTITY, LIST, day(date), until(until), entry, Circumstances.stated());
    }

    static SuspendListing suspend(String date) {
        return new SuspendListing(ENTITY, LIST, day(date), Optional.empty(), Circumstances.stated());
    }

    static SuspendListing suspend(String date, String until) {
        return new SuspendListing(ENTITY, LIST, day(date), until(until), Circumstances.stated());
    }

    static ReinstateListing reinstate(String date) {
        return new ReinstateListing(ENTITY, LIST, day(date), Circumstances.stated());
    }

    static DelistEntity delist(String date) {
        return new DelistEntity(ENTITY, LIST, day(date), Circumstances.stated());
    }

    static CorrectAction correct(ActionId actionId, ListingCommand replacement) {
        return new CorrectAction(ENTITY, actionId, replacement, Circumstances.stated());
    }

    static VoidAction strike(ActionId actionId) {
        return new VoidAction(ENTITY, actionId, Circumstances.stated());
    }
}
