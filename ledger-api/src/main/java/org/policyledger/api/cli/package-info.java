/** The command line. */
@NullMarked
package org.policyledger.api.cli;

import org.jspecify.annotations.NullMarked;
