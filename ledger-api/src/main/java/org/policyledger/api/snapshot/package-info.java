/** The official files of whole lists: one reader per format, and the real files that are shipped as samples. */
@NullMarked
package org.policyledger.api.snapshot;

import org.jspecify.annotations.NullMarked;
