/** How the readings stand, and making them anew. */
@NullMarked
package org.policyledger.api.projection;

import org.jspecify.annotations.NullMarked;
