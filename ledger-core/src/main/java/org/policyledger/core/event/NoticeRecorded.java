package org.policyledger.core.event;

import java.time.LocalDate;
import java.util.Optional;
import org.policyledger.core.Notice;
import org.policyledger.core.NoticeContent;
import org.policyledger.core.NoticeId;

/**
 * A notice was made known. The actions it carries are events of their own, which cite it.
 *
 * @param noticeId follows from the citation
 * @param dossier the label of the affair it belongs to
 */
public record NoticeRecorded(NoticeId noticeId, Notice notice, NoticeContent content,
        Optional<String> dossier) implements LedgerEvent {

    public NoticeRecorded {
        content = content == null ? NoticeContent.NONE : content;
    }

    /** The actions it carries have legal force, each from its own day on; the notice itself has none. */
    @Override
    public Optional<LocalDate> effectiveOn() {
        return Optional.empty();
    }

    @Override
    public String stream() {
        return noticeId.stream();
    }
}
