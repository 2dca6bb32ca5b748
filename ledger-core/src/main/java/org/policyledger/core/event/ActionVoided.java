package org.policyledger.core.event;

import org.policyledger.core.ActionId;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.ListId;

/**
 * An earlier action was struck out, from this event's own recording on.
 *
 * @param actionId the action that was struck out
 * @param circumstances those of the voiding itself
 */
public record ActionVoided(EntityId entityId, ListId listId, ActionId actionId, Circumstances circumstances)
        implements
            EntityEvent {}
