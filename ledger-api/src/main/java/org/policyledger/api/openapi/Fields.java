package org.policyledger.api.openapi;

import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.policyledger.core.Circumstances;
import org.policyledger.core.Entry;
import org.policyledger.core.NoticeContent;

/** What our records tell of their fields that the generator does not see: which must be there, and what they mean. */
final class Fields implements ModelConverter {

    /** Left out, they stand for a default. */
    private static final Set<Class<?>> WITH_DEFAULT = Set.of(Circumstances.class, Circumstances.Basis.class,
            Entry.Terms.class, NoticeContent.class);

    private static final Map<String, String> MEANINGS = Map.ofEntries(
            Map.entry("position", "Place in the whole ledger: from 0, without gaps, in the order of commits"),
            Map.entry("sequence", "Place among the events about the same entity or list: from 0, without gaps"),
            Map.entry("recordedAt", "The instant at which the ledger wrote the event"),
            Map.entry("effectiveDate",
                    "The day from which the action has legal force, in the time zone of the list's authority"),
            Map.entry("until", "The exclusive end of a fixed term"),
            Map.entry("since", "The day from which the state has held without a break"),
            Map.entry("asOf", "The day asked about"),
            Map.entry("actionId", "The identifier of the event that records the action"),
            Map.entry("actor", "Who is answerable for the event"),
            Map.entry("cause", "Why; 'expiry' when a fixed term ran out"),
            Map.entry("commitmentId", "The commitment"),
            Map.entry("madeOn", "The day on which it was undertaken"),
            Map.entry("dueOn", "The last day on which it can be fulfilled in time"),
            Map.entry("reviewOn", "The day of the next review that is set"),
            Map.entry("nextReviewOn", "The day on which the commitment is to be looked at again"),
            Map.entry("assessedOn", "The day of the finding"),
            Map.entry("closedOn", "The day from which it no longer binds"),
            Map.entry("saidOn", "The day on which it was said"),
            Map.entry("stance", "The position, from an open set: supports, opposes, explains, denies …"),
            Map.entry("language", "A tag of BCP 47; English where it is absent"),
            Map.entry("dossier", "The label of the affair"),
            Map.entry("noticeId", "The notice: publisher and reference, as a path can hold them"),
            Map.entry("notTold", "Fields of the notice that its source does not tell"),
            Map.entry("kinds", "The kinds of action it carries, from an open set"),
            Map.entry("otherDates", "Further dates, in the source's own words"),
            Map.entry("voidedBy", "The event that struck the action out"),
            Map.entry("overdue", "Whether its day has gone by and it is open still"),
            Map.entry("cursor", "Send it again to get the next page; absent on the last"),
            Map.entry("changed", "The fields that differ from the entry and term in force before, as JSON pointers"),
            Map.entry("correctedBy", "The events that corrected the action"),
            Map.entry("knownFrom", "The position that the earlier view reflects; -1 before anything was recorded"),
            Map.entry("knownTo", "The position that the later view reflects"),
            Map.entry("origins", "The recorded events that led from one view to the other, in order"),
            Map.entry("corrects", "The action whose content the event replaced"),
            Map.entry("voids", "The action the event struck out"),
            Map.entry("entityIds", "The two entities that a link is between, in the order of their identifiers"),
            Map.entry("reason", "Why the two were found to be one party, or not to be"),
            Map.entry("evidence", "The documents on which the finding rests"),
            Map.entry("unlinkedBy", "The event that took the link back"),
            Map.entry("equal", "Whether what was compared is alike throughout"),
            Map.entry("entryPosition", "The event whose entry is in force"),
            Map.entry("decidedPosition", "The event with the content of the deciding action"),
            Map.entry("treeSize", "How many events the reading consumed"),
            Map.entry("rootHash", "Root of the Merkle tree over them (RFC 6962), in base64 as in a checkpoint"),
            Map.entry("consumed", "What the reading was given up to its position"),
            Map.entry("agrees", "Whether the roots are equal: it skipped nothing, and nothing was altered on the way"),
            Map.entry("consumedRootHash",
                    "Root of the Merkle tree over the events that the reading consumed (RFC 6962), in base64"),
            Map.entry("logRootHash", "Root of the log's own tree of as many events, in base64"),
            Map.entry("expired", "Whether a fixed term running out, not an action, began the period"));

    @Override
    public @Nullable Schema<?> resolve(AnnotatedType type, ModelConverterContext context,
            Iterator<ModelConverter> chain) {
        if (!chain.hasNext()) {
            return null;
        }
        Schema<?> schema = chain.next().resolve(type, context, chain);
        Class<?> raw = type.getType() == null
                ? Object.class
                : Json.mapper().constructType(type.getType()).getRawClass();
        if (raw.isRecord()) {
            Schema<?> defined = context.getDefinedModels().get(raw.getSimpleName());
            if (defined != null && defined.getProperties() != null) {
                describe(raw, defined);
            }
        }
        return schema;
    }

    /** Adds what the record tells to the schema of its own fields. */
    static void describe(Class<?> record, Schema<?> schema) {
        List<String> required = Arrays.stream(record.getRecordComponents()).filter(Fields::isRequired)
                .map(RecordComponent::getName).filter(schema.getProperties()::containsKey).toList();
        schema.setRequired(required);
        schema.getProperties().forEach((name, property) -> {
            String meaning = MEANINGS.get(name);
            if (meaning != null && property.getDescription() == null) {
                property.setDescription(meaning);
            }
        });
    }

    private static boolean isRequired(RecordComponent field) {
        return !Optional.class.isAssignableFrom(field.getType()) && !Collection.class.isAssignableFrom(field.getType())
                && !WITH_DEFAULT.contains(field.getType());
    }
}
