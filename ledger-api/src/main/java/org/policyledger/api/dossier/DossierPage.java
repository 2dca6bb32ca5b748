package org.policyledger.api.dossier;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.policyledger.api.Html;
import org.policyledger.api.dossier.DossierController.DossierAnswer;
import org.policyledger.core.Assessment;
import org.policyledger.core.Circumstances;
import org.policyledger.core.Closure;
import org.policyledger.core.Commitment;
import org.policyledger.core.Notice;
import org.policyledger.core.Statement;
import org.policyledger.core.event.CommitmentAssessed;
import org.policyledger.core.event.CommitmentClosed;
import org.policyledger.core.event.CommitmentRecorded;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.LinkEvent;
import org.policyledger.core.event.ListEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;
import org.policyledger.projections.dossier.CommitmentReader.CommitmentView;
import org.policyledger.projections.dossier.DossierReader.ChronologyItem;
import org.policyledger.projections.dossier.DossierReader.EntityStanding;
import org.policyledger.projections.listing.ListingReader.Status;

/** An affair as a page of HTML, to be read and printed. */
final class DossierPage {

    /** The page's one style sheet. */
    static final String STYLE = "body{font:1rem/1.5 Georgia,serif;max-width:48rem;margin:2rem auto;padding:0 1rem}"
            + "h1,h2{line-height:1.2}time{font-weight:bold}"
            + "li{margin:0 0 1rem;break-inside:avoid}ol{list-style:none;padding:0}"
            + "blockquote{margin:.25rem 1rem}small{color:#555}@media print{body{margin:0;max-width:none}}";

    private final StringBuilder page = new StringBuilder();

    private DossierPage() {}

    static String of(DossierAnswer answer) {
        return new DossierPage().write(answer);
    }

    private String write(DossierAnswer answer) {
        String title = "Dossier " + Html.text(answer.dossier());
        page.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>").append(title)
                .append("</title><style>").append(STYLE).append("</style></head>\n<body><h1>").append(title)
                .append("</h1>\n<p>As of ").append(answer.asOf()).append(", as known at position ")
                .append(answer.position()).append(".</p>\n");
        if (!answer.entities().isEmpty()) {
            page.append("<h2>Entities</h2>\n<ul>\n");
            answer.entities().forEach(this::entity);
            page.append("</ul>\n");
        }
        if (!answer.commitments().isEmpty()) {
            page.append("<h2>Commitments</h2>\n<ul>\n");
            answer.commitments().forEach(this::commitment);
            page.append("</ul>\n");
        }
        page.append("<h2>Chronology</h2>\n<ol>\n");
        answer.chronology().forEach(this::item);
        page.append("</ol>\n");
        answer.cursor().ifPresent(cursor -> page.append("<p><a href=\"?cursor=").append(Html.text(cursor))
                .append("\">Continued</a></p>\n"));
        return page.append("</body></html>\n").toString();
    }

    private void entity(EntityStanding entity) {
        page.append("<li>").append(Html.text(entity.name())).append(" (").append(Html.text(entity.entityId().value()))
                .append("): ");
        page.append(entity.lists().stream().map(DossierPage::status).collect(Collectors.joining("; ")))
                .append("</li>\n");
    }

    private static String status(Status status) {
        return Html.text(status.listId().value()) + " " + words(status.state().name())
                + status.since().map(since -> " since " + since).orElse("")
                + status.cause().map(cause -> ", cause " + Html.text(cause)).orElse("");
    }

    private void commitment(CommitmentView view) {
        page.append("<li>").append(Html.text(view.commitmentId().value())).append(", ")
                .append(Html.text(view.commitment().by()))
                .append(" to ").append(Html.text(view.commitment().to())).append(": ")
                .append(words(view.state().name()));
        view.closure().ifPresent(end -> page.append(", ").append(words(end.closure().outcome().name())));
        if (view.overdue()) {
            page.append(", overdue");
        }
        view.latestAssessment().ifPresent(latest -> page.append("; last found ")
                .append(words(latest.assessment().finding().name())).append(" on ")
                .append(latest.assessment().assessedOn()));
        view.reviewOn().ifPresent(day -> page.append("; next review on ").append(day));
        page.append("</li>\n");
    }

    private void item(ChronologyItem item) {
        page.append("<li><time>").append(item.date()).append("</time> ");
        content(item.event());
        page.append("<br><small>").append(Html.text(item.type())).append(", position ").append(item.position())
                .append(", recorded ").append(item.recordedAt());
        item.correctedBy().ifPresent(id -> page.append(", as corrected by ").append(id));
        page.append("</small></li>\n");
    }

    private void content(LedgerEvent event) {
        switch (event) {
            case ListingAction action -> action(action);
            case StatementRecorded said -> statement(said.statement());
            case CommitmentRecorded made -> undertaking(made.commitment());
            case CommitmentAssessed assessed -> assessment(assessed.assessment());
            case CommitmentClosed closed -> closure(closed.closure());
            case EntityEvent elsewhere -> throw new IllegalStateException(elsewhere + " is told with its action");
            case NoticeRecorded made -> notice(made);
            case ListEvent elsewhere -> throw new IllegalStateException(elsewhere + " belongs to no affair");
            case LinkEvent elsewhere -> throw new IllegalStateException(elsewhere + " belongs to no affair");
        }
    }

    private void notice(NoticeRecorded made) {
        page.append("Notice ").append(Html.text(made.notice().reference())).append(" of ")
                .append(Html.text(made.notice().publisher()));
        made.notice().title().or(() -> made.content().summary())
                .ifPresent(text -> page.append(": ").append(Html.text(text)));
    }

    private void action(ListingAction action) {
        Circumstances around = action.circumstances();
        page.append("Action on ").append(Html.text(action.entityId().value())).append(" on list ")
                .append(Html.text(action.listId().value()));
        around.cause().ifPresent(cause -> page.append(", cause ").append(Html.text(cause)));
        around.rationale().ifPresent(stated -> quote(stated.text(), Optional.empty()));
        source(around.notice());
    }

    private void statement(Statement said) {
        page.append(Stream.of(said.speaker(), said.organisation()).flatMap(Optional::stream).map(Html::text)
                .collect(Collectors.joining(", "))).append(" ").append(Html.text(said.stance())).append(":");
        quote(said.text(), said.language());
        source(said.source());
    }

    private void undertaking(Commitment commitment) {
        page.append(Html.text(commitment.by())).append(" undertakes to ").append(Html.text(commitment.to()))
                .append(":");
        quote(commitment.text(), commitment.language());
        commitment.dueOn().ifPresent(day -> page.append("Due on ").append(day).append(". "));
        source(commitment.source());
    }

    private void assessment(Assessment found) {
        page.append(Html.text(found.assessedBy())).append(" finds the commitment ")
                .append(words(found.finding().name()));
        found.text().ifPresent(finding -> quote(finding, Optional.empty()));
        source(found.source());
    }

    private void closure(Closure end) {
        page.append("The commitment is ").append(words(end.outcome().name()));
        end.text().ifPresent(words -> quote(words, Optional.empty()));
        source(end.source());
    }

    private void quote(String words, Optional<String> language) {
        page.append("<blockquote").append(language.map(tag -> " lang=\"" + Html.text(tag) + "\"").orElse(""))
                .append(">")
                .append(Html.text(words)).append("</blockquote>");
    }

    private void source(Optional<Notice> source) {
        source.ifPresent(cited -> {
            String reference = Html.text(cited.publisher()) + ", " + Html.text(cited.reference());
            page.append(" Source: ").append(cited.url()
                    .map(url -> "<a href=\"" + Html.text(url) + "\" rel=\"noopener noreferrer\">" + reference + "</a>")
                    .orElse(reference)).append(".");
        });
    }

    private static String words(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
