/** Listings on both time axes: status, timeline, history and whole lists. */
@NullMarked
package org.policyledger.projections.listing;

import org.jspecify.annotations.NullMarked;
