package org.policyledger.api;

/** A request the edge refuses. Has no stack trace: it is an answer, not a fault. */
public final class Refused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public Refused(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    public Refused(Problem.Kind kind, String detail) {
        this(Problem.of(kind, detail));
    }

    /** A value of the query or a header that breaks a rule of form. */
    public static Refused malformed(String detail) {
        return new Refused(Problem.Kind.MALFORMED, detail);
    }

    public Problem problem() {
        return problem;
    }
}
