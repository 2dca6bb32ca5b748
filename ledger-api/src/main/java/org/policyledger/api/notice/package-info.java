/** Notices: recording them with their actions, and answering about them. */
@NullMarked
package org.policyledger.api.notice;

import org.jspecify.annotations.NullMarked;
