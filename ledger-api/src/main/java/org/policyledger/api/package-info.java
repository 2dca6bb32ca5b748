/** The edge of the ledger: HTTP, command line and configuration. */
@NullMarked
package org.policyledger.api;

import org.jspecify.annotations.NullMarked;
