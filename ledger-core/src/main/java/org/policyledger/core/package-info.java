/** The law of the ledger: what may be demanded, what is recorded, and what follows from the record. */
@NullMarked
package org.policyledger.core;

import org.jspecify.annotations.NullMarked;
