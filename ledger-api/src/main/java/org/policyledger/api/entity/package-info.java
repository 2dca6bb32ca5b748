/** Reading entities: status, timeline, history. */
@NullMarked
package org.policyledger.api.entity;

import org.jspecify.annotations.NullMarked;
