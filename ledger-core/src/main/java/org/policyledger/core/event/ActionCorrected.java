package org.policyledger.core.event;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.policyledger.core.ActionId;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.ListId;

/**
 * The content of an earlier action was replaced, from this event's own recording on. The corrected action keeps its place
 * among actions of the same effective date.
 *
 * @param actionId the action that was corrected
 * @param replacement its complete right content
 * @param circumstances those of the correction itself
 */
public record ActionCorrected(EntityId entityId, ListId listId, ActionId actionId,
        @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type") ListingAction replacement,
        Circumstances circumstances) implements EntityEvent {}
