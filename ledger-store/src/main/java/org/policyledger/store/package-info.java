/**
 * The log: an append-only, gapless, totally ordered store of events over JDBC, served to Axon as its event storage.
 *
 * <p>Start at {@link org.policyledger.store.LedgerLog}. Writing goes through one thread, {@code LogWriter}; what a
 * stored event is, to the byte, is {@code CanonicalEvent}; what is asked of the database is {@code Database}.
 */
@NullMarked
package org.policyledger.store;

import org.jspecify.annotations.NullMarked;
