package org.policyledger.projections.search;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.Entry.Subject;
import org.policyledger.core.ListId;

/**
 * What an entity was ever called, and by what else it is found: everything its entries ever stated, on any list, corrected or not.
 * Immutable.
 *
 * @param names every name, with each use of it
 * @param types what its entries ever said it is
 * @param countries the countries its entries ever named, folded as names are
 * @param lists the lists that ever had an entry of it
 * @param name the name in the entry most recently recorded; {@code type} and {@code stated} countries are of that entry too
 */
record EntityNames(EntityId entityId, Map<String, Set<Use>> names, Set<Entry.Type> types, Set<String> countries,
        Set<ListId> lists, String name, Optional<Entry.Type> type, List<String> stated) {

    /** A name as the name proper, or an alias, in the entry of a list. */
    record Use(NameSearch.NameKind kind, ListId listId) {}

    static EntityNames none(EntityId entityId) {
        return new EntityNames(entityId, Map.of(), Set.of(), Set.of(), Set.of(), "", Optional.empty(), List.of());
    }

    EntityNames with(ListId listId, Entry entry) {
        Subject subject = entry.subject();
        Map<String, Set<Use>> allNames = new LinkedHashMap<>();
        names.forEach((known, uses) -> allNames.put(known, new LinkedHashSet<>(uses)));
        use(allNames, subject.name(), new Use(NameSearch.NameKind.NAME, listId));
        subject.aliases().forEach(alias -> use(allNames, alias.name(), new Use(NameSearch.NameKind.ALIAS, listId)));
        List<String> now = Stream.concat(subject.countries().stream(),
                subject.addresses().stream().flatMap(address -> address.country().stream())).distinct().toList();
        return new EntityNames(entityId, allNames, both(types, subject.type().stream()),
                both(countries, now.stream().map(EntityNames::folded)), both(lists, Stream.of(listId)),
                subject.name(), subject.type(), now);
    }

    private static void use(Map<String, Set<Use>> names, String name, Use use) {
        Objects.requireNonNull(names.computeIfAbsent(name, first -> new LinkedHashSet<>())).add(use);
    }

    private static <T> Set<T> both(Set<T> known, Stream<T> more) {
        Set<T> all = new LinkedHashSet<>(known);
        more.forEach(all::add);
        return all;
    }

    /** A country in the form in which it is compared. */
    static String folded(String country) {
        return NameWords.of(country).text();
    }
}
