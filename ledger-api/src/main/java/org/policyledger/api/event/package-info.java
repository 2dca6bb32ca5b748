/** Reading the log itself. */
@NullMarked
package org.policyledger.api.event;

import org.jspecify.annotations.NullMarked;
