package org.policyledger.core;

/** Tells which listing actions the ledger holds. Once recorded, an action stays so, also when it is voided. */
@FunctionalInterface
public interface RecordedActions {

    boolean contains(ActionId actionId);
}
