/** Notices and the actions that cite them. */
@NullMarked
package org.policyledger.projections.notice;

import org.jspecify.annotations.NullMarked;
