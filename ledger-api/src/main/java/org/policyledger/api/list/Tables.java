package org.policyledger.api.list;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.policyledger.api.Rows.Column;
import org.policyledger.core.Entry;
import org.policyledger.core.Entry.Subject;
import org.policyledger.core.Entry.Terms;
import org.policyledger.core.Entry.Vessel;
import org.policyledger.core.Notice;
import org.policyledger.projections.listing.ListingReader.ListChange;
import org.policyledger.projections.listing.ListingReader.ListEntry;
import org.policyledger.projections.listing.ListingReader.ListRevision;
import org.policyledger.projections.listing.ListingReader.Origin;

/** The columns of the tables about a list. Their names and order are a promise: new ones are added at the end only. */
final class Tables {

    static final List<Column<ListEntry>> ENTRIES = List.of(Column.of("entityId", ListEntry::entityId),
            Column.of("state", ListEntry::state), Column.of("since", ListEntry::since),
            new Column<>("until", ListEntry::until), subject("name", subject -> Optional.of(subject.name())),
            subject("type", Subject::type), subject("title", Subject::title),
            Column.list("aliases", entry -> entry.entry().subject().aliases()),
            Column.list("addresses", entry -> entry.entry().subject().addresses()),
            Column.list("countries", entry -> entry.entry().subject().countries()),
            Column.list("identifiers", entry -> entry.entry().subject().identifiers()),
            subject("parent", Subject::parent), vessel("vesselCallSign", Vessel::callSign),
            vessel("vesselType", Vessel::type), vessel("vesselTonnage", Vessel::tonnage),
            vessel("vesselGrossRegisteredTonnage", Vessel::grossRegisteredTonnage), vessel("vesselFlag", Vessel::flag),
            vessel("vesselOwner", Vessel::owner), terms("licenseRequirement", Terms::licenseRequirement),
            terms("licenseReviewPolicy", Terms::licenseReviewPolicy),
            Column.list("programs", entry -> entry.entry().terms().programs()), terms("grounds", Terms::grounds),
            new Column<>("remarks", entry -> entry.entry().remarks()), Column.of("actionId", ListEntry::actionId));

    static final List<Column<ListChange>> CHANGES = List.of(Column.of("entityId", ListChange::entityId),
            Column.of("change", ListChange::change),
            new Column<>("name", change -> name(change.before(), change.after())),
            Column.list("fields", ListChange::fields), new Column<>("before", ListChange::before),
            new Column<>("after", ListChange::after), Column.of("actionId", change -> change.decidedBy().actionId()),
            Column.of("actionType", change -> change.decidedBy().type()),
            Column.of("effectiveDate", change -> change.decidedBy().effectiveDate()),
            Column.of("recordedAt", change -> change.decidedBy().recordedAt()),
            Column.of("position", change -> change.decidedBy().position()),
            new Column<>("noticePublisher", change -> notice(change).map(Notice::publisher)),
            new Column<>("noticeReference", change -> notice(change).map(Notice::reference)),
            new Column<>("cause", change -> change.decidedBy().circumstances().cause()));

    static final List<Column<ListRevision>> REVISIONS = List.of(Column.of("entityId", ListRevision::entityId),
            Column.of("change", ListRevision::change),
            new Column<>("name", revision -> name(revision.before(), revision.after())),
            Column.list("fields", ListRevision::fields), new Column<>("before", ListRevision::before),
            new Column<>("after", ListRevision::after),
            Column.list("kinds", revision -> revision.origins().stream().map(Origin::kind).distinct().toList()),
            Column.list("origins", ListRevision::origins));

    private Tables() {}

    private static Column<ListEntry> subject(String name, Function<Subject, Optional<?>> value) {
        return new Column<>(name, entry -> value.apply(entry.entry().subject()));
    }

    private static Column<ListEntry> vessel(String name, Function<Vessel, Optional<String>> value) {
        return new Column<>(name, entry -> entry.entry().subject().vessel().flatMap(value));
    }

    private static Column<ListEntry> terms(String name, Function<Terms, Optional<String>> value) {
        return new Column<>(name, entry -> value.apply(entry.entry().terms()));
    }

    private static Optional<String> name(Optional<Entry> before, Optional<Entry> after) {
        return after.or(() -> before).map(entry -> entry.subject().name());
    }

    private static Optional<Notice> notice(ListChange change) {
        return change.decidedBy().circumstances().notice();
    }
}
