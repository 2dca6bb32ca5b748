package org.policyledger.api.action;

import java.time.Instant;
import java.util.Optional;
import org.policyledger.core.ActionId;
import org.policyledger.core.CommitmentId;
import org.policyledger.core.EntityId;
import org.policyledger.core.EntityPair;
import org.policyledger.core.ListId;
import org.policyledger.core.NoticeId;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.core.event.ListEvent;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;
import org.policyledger.store.StoredEvent;

/** What the ledger answers to a demand it has recorded: where the event stands. */
public record Receipt(ActionId actionId, Optional<EntityId> entityId, Optional<EntityPair> entityIds,
        Optional<ListId> listId, Optional<CommitmentId> commitmentId, Optional<NoticeId> noticeId, long sequence,
        long position,
        Instant recordedAt) {

    static Receipt of(StoredEvent stored, LedgerEvent event) {
        return switch (event) {
            case EntityEvent entity ->
                of(stored, Optional.of(entity.entityId()), Optional.of(entity.listId()), Optional.empty());
            case ListEvent list -> of(stored, Optional.empty(), Optional.of(list.listId()), Optional.empty());
            case CommitmentEvent commitment ->
                of(stored, Optional.empty(), Optional.empty(), Optional.of(commitment.commitmentId()));
            case LinkEvent link -> new Receipt(new ActionId(stored.eventId()), Optional.empty(),
                    Optional.of(link.entityIds()), Optional.empty(), Optional.empty(), Optional.empty(),
                    stored.sequence(), stored.position(), stored.recordedAt());
            case NoticeRecorded notice -> new Receipt(new ActionId(stored.eventId()), Optional.empty(),
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(notice.noticeId()),
                    stored.sequence(), stored.position(), stored.recordedAt());
            case StatementRecorded said -> of(stored, said.entityId(), Optional.empty(), said.commitmentId());
        };
    }

    static Receipt of(StoredEvent stored, Optional<EntityId> entityId, Optional<ListId> listId,
            Optional<CommitmentId> commitmentId) {
        return new Receipt(new ActionId(stored.eventId()), entityId, Optional.empty(), listId, commitmentId,
                Optional.empty(),
                stored.sequence(),
                stored.position(), stored.recordedAt());
    }
}
