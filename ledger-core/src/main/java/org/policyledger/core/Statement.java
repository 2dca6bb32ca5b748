package org.policyledger.core;

import java.time.LocalDate;
import java.util.Optional;

/**
 * The content of a statement: a position that somebody took, attributed to who took it. The ledger keeps it and prefers none.
 *
 * @param speaker the person who spoke
 * @param organisation the body that spoke, or for which the speaker did; speaker and organisation are never both absent
 * @param saidOn the day on which it was said
 * @param stance the position towards what it is about, from an open set: {@code supports}, {@code opposes}, {@code explains},
 *     {@code denies} …
 * @param text what was said
 * @param language the language of the text, a tag of BCP 47; English where it is absent
 * @param source the document that carries it
 */
public record Statement(Optional<String> speaker, Optional<String> organisation, LocalDate saidOn, String stance,
        String text, Optional<String> language, Optional<Notice> source) {

    public Statement {
        Check.optionalText("statement.speaker", speaker, 300);
        Check.optionalText("statement.organisation", organisation, 300);
        if (speaker.isEmpty() && organisation.isEmpty()) {
            throw new IllegalArgumentException(
                    "speaker and organisation are both missing: a statement is attributed to one of them at least");
        }
        Check.date("statement.saidOn", saidOn);
        Check.text("statement.stance", stance, 100);
        Check.text("statement.text", text, 10_000);
        Check.language("statement.language", language);
    }
}
