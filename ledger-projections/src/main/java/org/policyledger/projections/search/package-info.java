/** Entities by name: an index beside the database, fed from the log, and how names are compared. */
@NullMarked
package org.policyledger.projections.search;

import org.jspecify.annotations.NullMarked;
