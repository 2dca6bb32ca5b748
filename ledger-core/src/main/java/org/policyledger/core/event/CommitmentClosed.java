package org.policyledger.core.event;

import org.policyledger.core.Closure;
import org.policyledger.core.CommitmentId;

/** A commitment came to its end. */
public record CommitmentClosed(CommitmentId commitmentId, Closure closure) implements CommitmentEvent {}
