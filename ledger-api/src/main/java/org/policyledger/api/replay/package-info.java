/** Holding the readings against the events they follow from. */
@NullMarked
package org.policyledger.api.replay;

import org.jspecify.annotations.NullMarked;
