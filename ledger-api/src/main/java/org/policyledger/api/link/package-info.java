/** Answers about parties: entities that are linked. */
@NullMarked
package org.policyledger.api.link;

import org.jspecify.annotations.NullMarked;
