package org.policyledger.store;

/** The stored log contradicts itself. The message says where; nothing is served from a damaged log. */
public final class LedgerDamaged extends RuntimeException {

    public LedgerDamaged(String where) {
        super(where + " The log must not be used until this is explained: compare it with a backup or an export.");
    }
}
