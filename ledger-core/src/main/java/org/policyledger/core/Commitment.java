package org.policyledger.core;

import java.time.LocalDate;
import java.util.Optional;

/**
 * The content of a commitment: an undertaking by one party to another. Days are those of the parties' own calendars.
 *
 * @param by the party that undertakes
 * @param to the party to which it does
 * @param text what is undertaken
 * @param language the language of the text, a tag of BCP 47; English where it is absent
 * @param madeOn the day on which it was undertaken, from which it counts
 * @param dueOn the last day on which it can be fulfilled in time
 * @param reviewOn the day on which it is to be looked at for the first time
 * @param source the document that carries it
 */
public record Commitment(String by, String to, String text, Optional<String> language, LocalDate madeOn,
        Optional<LocalDate> dueOn, Optional<LocalDate> reviewOn, Optional<Notice> source) {

    public Commitment {
        Check.text("commitment.by", by, 300);
        Check.text("commitment.to", to, 300);
        Check.text("commitment.text", text, 10_000);
        Check.language("commitment.language", language);
        Check.date("commitment.madeOn", madeOn);
        Check.notBefore("commitment.dueOn", dueOn, "madeOn", madeOn);
        Check.notBefore("commitment.reviewOn", reviewOn, "madeOn", madeOn);
    }
}
