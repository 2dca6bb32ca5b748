package org.policyledger.api.entity;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.policyledger.api.Html;
import org.policyledger.core.ActionId;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.FieldChange;
import org.policyledger.core.LedgerJson;
import org.policyledger.core.ListId;
import org.policyledger.core.Notice;
import org.policyledger.core.Statement;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingReinstated;
import org.policyledger.core.event.ListingSuspended;
import org.policyledger.core.event.StatementRecorded;
import org.policyledger.projections.listing.ListingReader.HistoryItem;
import tools.jackson.databind.JsonNode;

/**
 * An entity's history as a page to read and to print: HTML that needs nothing but itself. Whatever was recorded stands in it as
 * text; its only style is its own, named in the policy by its digest.
 */
final class HistoryPage {

    /** The page's one style sheet. */
    static final String STYLE = """
            body { font: 1rem/1.5 sans-serif; color: #111; background: #fff; max-width: 60rem; margin: 0 auto; padding: 1rem; }
            h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-bottom: .25rem; }
            ol { list-style: none; padding: 0; } li.event { border-top: 1px solid #666; padding: .5rem 0; }
            dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; }
            dt { font-weight: bold; } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
            table { border-collapse: collapse; width: 100%; } caption { text-align: left; font-weight: bold; }
            th, td { border: 1px solid #666; padding: .25rem .5rem; text-align: left; vertical-align: top; }
            td { overflow-wrap: anywhere; white-space: pre-wrap; } a { color: #003d99; }
            .void h2 { text-decoration: line-through; }
            @media print { body { max-width: none; padding: 0; } li.event { break-inside: avoid; } a { color: inherit; } }
            """;

    private final StringBuilder html = new StringBuilder(8_192);

    private HistoryPage() {}

    /** The page; what it tells is known at the position. */
    static String of(EntityId entityId, long position, List<HistoryItem> history) {
        HistoryPage page = new HistoryPage();
        page.head(entityId, position, history);
        history.forEach(page::event);
        return page.html.append("</ol>\n</main>\n</body>\n</html>\n").toString();
    }

    private void head(EntityId entityId, long position, List<HistoryItem> history) {
        Optional<String> name = history.stream().flatMap(item -> item.onListing().stream())
                .flatMap(event -> event.content().stream())
                .flatMap(action -> action.newEntry().stream()).map(entry -> entry.subject().name())
                .reduce((first, last) -> last);
        String title = "History of " + name.map(known -> known + " (" + entityId + ")").orElse(entityId.value());
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"UTF-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
                .append(Html.text(title)).append("</title>\n<style>").append(STYLE)
                .append("</style>\n</head>\n<body>\n<header>\n<h1>").append(Html.text(title)).append("</h1>\n<p>")
                .append(Html.text(switch (history.size()) {
                    case 0 -> "Nothing was recorded";
                    case 1 -> "One event was recorded";
                    default -> history.size() + " events were recorded";
                })).append(" up to position ").append(position)
                .append(". They stand in the order in which they were recorded; instants are in UTC,")
                .append(" effective dates in the time zone of the list&#39;s authority.</p>\n</header>\n<main>\n<ol>\n");
    }

    private void event(HistoryItem item) {
        html.append("<li class=\"event").append(item.voidedBy().isPresent() ? " void" : "").append("\" id=\"")
                .append(anchor(item.actionId())).append("\">\n<h2>").append(Html.text(heading(item)))
                .append("</h2>\n<p>").append("Recorded on <time datetime=\"").append(item.recordedAt()).append("\">")
                .append(Html.text(item.recordedAt().toString().replace("T", " at ").replace("Z", " UTC")))
                .append("</time> by ").append(Html.text(item.actor())).append(".</p>\n<dl>\n");
        item.voidedBy().ifPresent(by -> link("Struck out by", by));
        item.correctedBy().forEach(by -> link("Corrected by", by));
        item.corrects().ifPresent(action -> link("Corrects", action));
        item.voids().ifPresent(action -> link("Strikes out", action));
        item.onListing().ifPresent(this::circumstances);
        item.statement().ifPresent(this::statement);
        fact("Event", item.type() + " " + item.actionId());
        fact("Place", "position " + item.position() + ", sequence " + item.sequence());
        html.append("</dl>\n");
        if (item.event() instanceof EntityListed listed) {
            entry(LedgerJson.MAPPER.valueToTree(listed.entry()));
        }
        changes(item.changes());
        html.append("</li>\n");
    }

    private void circumstances(EntityEvent event) {
        Circumstances about = event.circumstances();
        event.content().flatMap(ListingAction::term).ifPresent(until -> fact("Until", until + " (exclusive)"));
        about.notice().ifPresent(this::notice);
        about.announcedOn().ifPresent(day -> fact("Announced", day));
        about.applicableAsOf().ifPresent(day -> fact("Applicable as of", day));
        about.cause().ifPresent(cause -> fact("Cause", cause));
        about.rationale().ifPresent(reason -> fact("Rationale",
                reason.text() + reason.source().map(source -> " (" + source + ")").orElse("")));
        about.dossier().ifPresent(dossier -> fact("Dossier", dossier));
        fact("Date known by", about.basis() == Circumstances.Basis.STATED
                ? "statement of the authority"
                : "observation in a snapshot of the list");
    }

    private void statement(StatementRecorded recorded) {
        Statement said = recorded.statement();
        recorded.actionId().ifPresent(action -> link("About", action));
        said.speaker().ifPresent(speaker -> fact("Speaker", speaker));
        said.organisation().ifPresent(organisation -> fact("Organisation", organisation));
        fact("Said on", said.saidOn());
        fact("Stance", said.stance());
        html.append("<dt>Text</dt><dd")
                .append(said.language().map(tag -> " lang=\"" + Html.text(tag) + "\"").orElse(""))
                .append(">").append(Html.text(said.text())).append("</dd>\n");
        said.source().ifPresent(this::notice);
        recorded.dossier().ifPresent(dossier -> fact("Dossier", dossier));
    }

    private static String heading(HistoryItem item) {
        String list = item.listId().map(ListId::value).orElse("");
        String what = switch (item.event()) {
            case EntityListed listed -> effective(listed) + "put on " + list;
            case ListingAmended amended -> effective(amended) + "entry on " + list + " amended";
            case ListingSuspended suspended -> effective(suspended) + "listing on " + list + " suspended";
            case ListingReinstated reinstated -> effective(reinstated) + "listing on " + list + " reinstated";
            case EntityDelisted delisted -> effective(delisted) + "taken off " + list;
            case ActionCorrected corrected -> "In the record: an action on " + list + " corrected";
            case ActionVoided voided -> "In the record: an action on " + list + " struck out";
            case StatementRecorded said -> "Said on " + said.statement().saidOn();
            case LedgerEvent elsewhere -> throw new IllegalStateException(elsewhere + " is in no entity's record");
        };
        return what + (item.voidedBy().isPresent() ? " (struck out later)" : "");
    }

    private static String effective(ListingAction action) {
        return "Effective " + action.effectiveDate() + ": ";
    }

    private void notice(Notice notice) {
        String citation = notice.publisher() + ", " + notice.reference()
                + notice.title().map(title -> ", " + title).orElse("");
        html.append("<dt>Notice</dt><dd>");
        notice.url().ifPresentOrElse(
                url -> html.append("<a rel=\"external noopener noreferrer\" href=\"")
                        .append(Html.text(url)).append("\">").append(Html.text(citation)).append("</a>"),
                () -> html.append(Html.text(citation)));
        html.append("</dd>\n");
        notice.publishedOn().ifPresent(day -> fact("Published", day));
        notice.sha256().ifPresent(digest -> fact("SHA-256 of the notice", digest));
    }

    private void link(String label, ActionId action) {
        html.append("<dt>").append(Html.text(label)).append("</dt><dd><a href=\"#").append(anchor(action)).append("\">")
                .append(Html.text(action.toString())).append("</a></dd>\n");
    }

    private void fact(String label, Object value) {
        html.append("<dt>").append(Html.text(label)).append("</dt><dd>").append(Html.text(value.toString()))
                .append("</dd>\n");
    }

    private void entry(JsonNode entry) {
        table("Entry as listed", List.of("Field", "Value"));
        leaves("", entry);
        html.append("</tbody>\n</table>\n");
    }

    private void leaves(String pointer, JsonNode node) {
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                leaves(pointer + "/" + field.getKey(), field.getValue());
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                leaves(pointer + "/" + i, node.get(i));
            }
        } else {
            row(pointer, List.of(node.asString()));
        }
    }

    private void changes(List<FieldChange> changes) {
        if (changes.isEmpty()) {
            return;
        }
        table("What it changed", List.of("Field", "Before", "After"));
        changes.forEach(change -> row(change.field(), List.of(value(change.before()), value(change.after()))));
        html.append("</tbody>\n</table>\n");
    }

    private void table(String caption, List<String> columns) {
        html.append("<table>\n<caption>").append(caption).append("</caption>\n<thead><tr>");
        columns.forEach(column -> html.append("<th scope=\"col\">").append(column).append("</th>"));
        html.append("</tr></thead>\n<tbody>\n");
    }

    private void row(String field, List<String> values) {
        html.append("<tr><th scope=\"row\">").append(Html.text(field)).append("</th>");
        values.forEach(value -> html.append("<td>").append(Html.text(value)).append("</td>"));
        html.append("</tr>\n");
    }

    private static String value(Optional<JsonNode> value) {
        return value.map(node -> node.isString() ? node.asString() : node.toString()).orElse("(absent)");
    }

    private static String anchor(ActionId action) {
        return "action-" + action;
    }

}
