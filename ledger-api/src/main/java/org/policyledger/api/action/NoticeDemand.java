package org.policyledger.api.action;

import java.util.List;
import java.util.Optional;
import org.policyledger.api.Problem;
import org.policyledger.api.Problem.Fault;
import org.policyledger.api.Refused;
import org.policyledger.core.Circumstances;
import org.policyledger.core.Command;
import org.policyledger.core.Command.AmendListing;
import org.policyledger.core.Command.AssessCommitment;
import org.policyledger.core.Command.CloseCommitment;
import org.policyledger.core.Command.CorrectAction;
import org.policyledger.core.Command.DelistEntity;
import org.policyledger.core.Command.LinkEntities;
import org.policyledger.core.Command.ListEntity;
import org.policyledger.core.Command.RecordCommitment;
import org.policyledger.core.Command.RecordNotice;
import org.policyledger.core.Command.RecordStatement;
import org.policyledger.core.Command.RegisterList;
import org.policyledger.core.Command.ReinstateListing;
import org.policyledger.core.Command.SuspendListing;
import org.policyledger.core.Command.UnlinkEntities;
import org.policyledger.core.Command.VoidAction;
import org.policyledger.core.Notice;
import org.policyledger.core.NoticeContent;

/**
 * A notice with all the actions it carries, as sent. An action that names no notice or dossier has those of this one; one that
 * names another notice is refused. The replacement within a correction keeps the notice of the action it corrects.
 */
public record NoticeDemand(Notice notice, NoticeContent content, Optional<String> dossier, List<Command> actions) {

    public NoticeDemand {
        actions = actions == null ? List.of() : List.copyOf(actions);
        // The rules for the notice itself are those of its demand.
        content = new RecordNotice(notice, content, dossier).content();
    }

    /** The demand to record the notice itself. */
    RecordNotice record() {
        return new RecordNotice(notice, content, dossier);
    }

    /** The action of that number, from 0, with the notice in its circumstances. */
    Command action(int number) {
        return switch (actions.get(number)) {
            case ListEntity c -> new ListEntity(c.entityId(), c.listId(), c.effectiveDate(), c.until(), c.entry(),
                    within(c.circumstances(), number));
            case AmendListing c -> new AmendListing(c.entityId(), c.listId(), c.effectiveDate(), c.until(), c.entry(),
                    within(c.circumstances(), number));
            case SuspendListing c -> new SuspendListing(c.entityId(), c.listId(), c.effectiveDate(), c.until(),
                    within(c.circumstances(), number));
            case ReinstateListing c -> new ReinstateListing(c.entityId(), c.listId(), c.effectiveDate(),
                    within(c.circumstances(), number));
            case DelistEntity c -> new DelistEntity(c.entityId(), c.listId(), c.effectiveDate(),
                    within(c.circumstances(), number));
            case CorrectAction c -> new CorrectAction(c.entityId(), c.actionId(), c.replacement(),
                    within(c.circumstances(), number));
            case VoidAction c ->
                new VoidAction(c.entityId(), c.actionId(), within(c.circumstances(), number));
            case RegisterList none -> throw notOfANotice(number, "RegisterList");
            case RecordNotice none -> throw notOfANotice(number, "RecordNotice");
            case RecordStatement none -> throw notOfANotice(number, "RecordStatement");
            case RecordCommitment none -> throw notOfANotice(number, "RecordCommitment");
            case AssessCommitment none -> throw notOfANotice(number, "AssessCommitment");
            case CloseCommitment none -> throw notOfANotice(number, "CloseCommitment");
            case LinkEntities none -> throw notOfANotice(number, "LinkEntities");
            case UnlinkEntities none -> throw notOfANotice(number, "UnlinkEntities");
        };
    }

    private Circumstances within(Circumstances given, int number) {
        given.notice().filter(other -> !other.equals(notice)).ifPresent(other -> {
            throw malformed(number, "/circumstances/notice", "cites " + other.publisher() + " " + other.reference()
                    + ", or tells it otherwise than this notice: leave its notice out, or give the same");
        });
        return new Circumstances(given.basis(), Optional.of(notice), given.announcedOn(), given.applicableAsOf(),
                given.cause(), given.rationale(), given.dossier().or(() -> dossier));
    }

    private static Refused notOfANotice(int number, String action) {
        return malformed(number, "", "is a " + action
                + ", which no notice carries: give actions on listings, and record others with POST /v1/actions");
    }

    private static Refused malformed(int number, String below, String what) {
        String detail = "Action " + (number + 1) + " " + what;
        return new Refused(Problem.of(Problem.Kind.MALFORMED, detail, new Fault("/actions/" + number + below, detail)));
    }
}
