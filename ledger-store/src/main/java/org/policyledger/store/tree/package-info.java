/** The Merkle tree over the log's leaf hashes, and the signed checkpoints of it. */
@NullMarked
package org.policyledger.store.tree;

import org.jspecify.annotations.NullMarked;
