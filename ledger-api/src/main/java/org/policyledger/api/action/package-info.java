/** Recording actions. */
@NullMarked
package org.policyledger.api.action;

import org.jspecify.annotations.NullMarked;
