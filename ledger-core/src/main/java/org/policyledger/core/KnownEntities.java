package org.policyledger.core;

/** Tells of which entities the ledger holds anything. Once something is recorded about an entity, it stays known. */
@FunctionalInterface
public interface KnownEntities {

    boolean contains(EntityId entityId);
}
