/** Registering and reading lists. */
@NullMarked
package org.policyledger.api.list;

import org.jspecify.annotations.NullMarked;
