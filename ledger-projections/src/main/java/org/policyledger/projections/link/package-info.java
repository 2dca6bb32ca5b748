/** Which entities are linked as one party, and how such a party stands. */
@NullMarked
package org.policyledger.projections.link;

import org.jspecify.annotations.NullMarked;
