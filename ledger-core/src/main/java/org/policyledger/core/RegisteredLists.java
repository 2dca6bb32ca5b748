package org.policyledger.core;

/** Tells which lists the ledger knows. Once registered, a list stays known. */
@FunctionalInterface
public interface RegisteredLists {

    boolean contains(ListId listId);
}
