/** The log as a transparency log: what outsiders need to check that nothing in it was altered, removed or moved. */
@NullMarked
package org.policyledger.api.log;

import org.jspecify.annotations.NullMarked;
