package org.policyledger.core.event;

import org.policyledger.core.Assessment;
import org.policyledger.core.CommitmentId;

/** Somebody found whether a commitment is being kept. */
public record CommitmentAssessed(CommitmentId commitmentId, Assessment assessment) implements CommitmentEvent {}
