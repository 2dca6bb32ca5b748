package org.policyledger.core;

/**
 * A demand the law refuses; nothing was recorded. Codes are part of the public interface, listed in the order in which they
 * are checked.
 */
public final class Rejection extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Why a demand is refused, in order of precedence. */
    public enum Code {
        MALFORMED("malformed"),
        IDEMPOTENCY_KEY_REUSED("idempotency-key-reused"),
        STALE_SEQUENCE("stale-sequence"),
        LIST_ALREADY_REGISTERED("list-already-registered"),
        COMMITMENT_ALREADY_RECORDED("commitment-already-recorded"),
        NOTICE_ALREADY_RECORDED("notice-already-recorded"),
        UNKNOWN_LIST("unknown-list"),
        UNKNOWN_ENTITY("unknown-entity"),
        UNKNOWN_COMMITMENT("unknown-commitment"),
        UNKNOWN_ACTION("unknown-action"),
        ACTION_VOIDED("action-voided"),
        CORRECTION_MISMATCH("correction-mismatch"),
        ALREADY_LISTED("already-listed"),
        NOT_LISTED("not-listed"),
        ALREADY_SUSPENDED("already-suspended"),
        NOT_SUSPENDED("not-suspended"),
        ALREADY_LINKED("already-linked"),
        NOT_LINKED("not-linked"),
        COMMITMENT_NOT_MADE("commitment-not-made"),
        COMMITMENT_CLOSED("commitment-closed"),
        TIMELINE_CONFLICT("timeline-conflict"),
        NOTHING_TO_AMEND("nothing-to-amend");

        private final String text;

        Code(String text) {
            this.text = text;
        }

        /** The code as callers see it. */
        public String text() {
            return text;
        }
    }

    private final Code code;

    public Rejection(Code code, String detail) {
        super(detail, null, false, false);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** The refusal in plain words: the thing, the value, the rule and the way out. */
    public String detail() {
        return String.valueOf(getMessage());
    }
}
