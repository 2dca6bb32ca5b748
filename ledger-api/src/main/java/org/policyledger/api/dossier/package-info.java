/** Answers about commitments and affairs. */
@NullMarked
package org.policyledger.api.dossier;

import org.jspecify.annotations.NullMarked;
