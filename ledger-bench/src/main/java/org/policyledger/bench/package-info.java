/** Load benchmarks: the product, a peer and a limit in turn on the same machine. */
@NullMarked
package org.policyledger.bench;

import org.jspecify.annotations.NullMarked;
