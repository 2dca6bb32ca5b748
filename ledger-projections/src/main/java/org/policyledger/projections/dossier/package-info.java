/** Commitments, what is found and said about them, and the affairs that labels tie together. */
@NullMarked
package org.policyledger.projections.dossier;

import org.jspecify.annotations.NullMarked;
