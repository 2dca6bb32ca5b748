/** The readings: what follows from the log, kept in SQL so that it can be asked quickly. */
@NullMarked
package org.policyledger.projections;

import org.jspecify.annotations.NullMarked;
