/** What the ledger records. The shapes in this package are stored for ever: it never moves, and its records only grow. */
@NullMarked
package org.policyledger.core.event;

import org.jspecify.annotations.NullMarked;
