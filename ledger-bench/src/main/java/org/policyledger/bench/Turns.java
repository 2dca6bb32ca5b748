package org.policyledger.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Sides that take turns in short rounds, so that what disturbs the machine disturbs them alike, and what was measured of them. */
final class Turns {

    /** One side's part of a round, of about so many seconds. */
    interface Turn {
        Workers.Done take(double seconds) throws Exception;
    }

    /** One of those who take turns, with what was measured of it in the rounds that count. */
    static final class Side {
        private final String name;
        private final Turn turn;
        private final List<Double> perSecond = new ArrayList<>();
        private final List<Double> cpuMicros = new ArrayList<>();
        private final List<long[]> nanos = new ArrayList<>();

        private Side(String name, Turn turn) {
            this.name = name;
            this.turn = turn;
        }

        private void take(int round, double seconds) throws Exception {
            Workers.Done done = turn.take(seconds);
            if (round > 0) {
                perSecond.add(done.perSecond());
                cpuMicros.add(done.cpuEach().all());
                nanos.addAll(done.nanos());
            }
            Report.progress("  round " + round + ", " + name + ": " + Report.rate(done.perSecond()) + "/s, CPU µs "
                    + String.format(Locale.ROOT, "%.2f", done.cpuEach().all()));
        }

        String name() {
            return name;
        }

        double perSecond() {
            return Report.median(perSecond);
        }

        /** Processor time for one. */
        double cpuMicros() {
            return Report.median(cpuMicros);
        }

        /** How long each time took, in all rounds together. */
        Delays delays() {
            return new Delays(nanos);
        }

        /** How many times as fast as the peer. */
        double times(Side peer) {
            return Report.medianRatio(perSecond, peer.perSecond);
        }
    }

    private final int rounds;
    private final double warmup;
    private final double seconds;
    private final Quiet quiet;
    private final List<Side> sides = new ArrayList<>();

    /** Rounds that count, of {@code seconds} a side, and one of {@code warmup} before, which does not. */
    Turns(int rounds, double warmup, double seconds, Quiet quiet) {
        this.rounds = rounds;
        this.warmup = warmup;
        this.seconds = seconds;
        this.quiet = quiet;
    }

    Side side(String name, Turn turn) {
        Side side = new Side(name, turn);
        sides.add(side);
        return side;
    }

    /** Lets each side have its turn in every round, another one first each time. */
    void take() throws Exception {
        List<Side> order = new ArrayList<>(sides);
        for (int round = 0; round <= rounds; round++) {
            for (Side side : order) {
                quiet.await();
                side.take(round, round == 0 ? warmup : seconds);
            }
            Collections.rotate(order, 1);
        }
    }
}
