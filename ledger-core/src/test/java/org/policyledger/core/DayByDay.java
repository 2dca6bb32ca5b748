package org.policyledger.core;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.policyledger.core.Histories.Recorded;
import org.policyledger.core.event.ActionCorrected;
import org.policyledger.core.event.ActionVoided;
import org.policyledger.core.event.EntityDelisted;
import org.policyledger.core.event.EntityListed;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.ListingAmended;
import org.policyledger.core.event.ListingReinstated;
import org.policyledger.core.event.ListingSuspended;

/**
 * A listing lived through one day after the other, as the text of the rules says it and not as the product computes it: no code
 * is shared with {@link Timeline}, {@link EntityState} or {@link Decide}.
 */
final class DayByDay {

    /** What an action is known to be. */
    record Known(ActionId actionId, long sequence, ListingAction content) {}

    /** How a day ends. {@code by} is the action that brought the stretch about, {@code expired} whether by its term. */
    record Evening(String state, LocalDate since, @Nullable LocalDate until, @Nullable ActionId inForce,
            ActionId by, boolean expired) {}

    /** An action that met a state in which the rules do not allow it. */
    record Broken(ActionId actionId, LocalDate date, String met) {}

    private final TreeMap<LocalDate, Evening> evenings = new TreeMap<>();
    private @Nullable Broken broken;

    private DayByDay() {}

    /** The first broken rule, if any. */
    Optional<Broken> broken() {
        return Optional.ofNullable(broken);
    }

    /** How the day ended; absent before the first action. The last day simulated stands for all that follow. */
    Optional<Evening> evening(LocalDate day) {
        return Optional.ofNullable(evenings.floorEntry(day)).map(Map.Entry::getValue);
    }

    /** The actions of one listing by what was recorded up to a position. */
    static List<Known> known(List<Recorded> history, EntityId entityId, ListId listId, long position) {
        Map<ActionId, Known> known = new LinkedHashMap<>();
        for (Recorded each : history) {
            if (each.position() > position || !each.stream().equals("entity/" + entityId.value())) {
                continue;
            }
            if (each.event() instanceof ListingAction action && action.listId().equals(listId)) {
                known.put(each.actionId(), new Known(each.actionId(), each.sequence(), action));
            } else if (each.event() instanceof ActionVoided voided) {
                known.remove(voided.actionId());
            } else if (each.event() instanceof ActionCorrected corrected && known.containsKey(corrected.actionId())) {
                long place = known.get(corrected.actionId()).sequence();
                known.put(corrected.actionId(), new Known(corrected.actionId(), place, corrected.replacement()));
            }
        }
        return new ArrayList<>(known.values());
    }

    /** Lives through the actions, from the first day on which one takes effect until nothing more can happen. */
    static DayByDay live(List<Known> actions) {
        DayByDay life = new DayByDay();
        LocalDate first = actions.stream().map(known -> known.content().effectiveDate()).min(Comparator.naturalOrder())
                .orElse(null);
        if (first == null) {
            return life;
        }
        LocalDate last = first;
        Map<LocalDate, List<Known>> byDay = new LinkedHashMap<>();
        for (Known known : actions) {
            last = later(later(last, known.content().effectiveDate()), end(known));
            byDay.computeIfAbsent(known.content().effectiveDate(), day -> new ArrayList<>()).add(known);
        }
        byDay.values().forEach(sameDay -> sameDay.sort(Comparator.comparingLong(Known::sequence)));
        life.live(byDay, first, last);
        return life;
    }

    private void live(Map<LocalDate, List<Known>> byDay, LocalDate first, LocalDate last) {
        String state = "NOT_LISTED";
        Known entry = null;
        Known pause = null;
        Known by = null;
        boolean expired = false;
        Evening yesterday = null;
        for (LocalDate day = first; !day.isAfter(last); day = day.plusDays(1)) {
            if (entry != null && day.equals(end(entry))) {
                state = "NOT_LISTED";
                by = entry;
                expired = true;
                entry = null;
                pause = null;
            }
            if (pause != null && day.equals(end(pause))) {
                state = "LISTED";
                by = pause;
                expired = true;
                pause = null;
            }
            for (Known known : byDay.getOrDefault(day, List.of())) {
                if (!mayMeet(known.content(), state)) {
                    broken = new Broken(known.actionId(), day, state);
                    return;
                }
                if (known.content() instanceof EntityListed || known.content() instanceof ListingAmended) {
                    entry = known;
                }
                if (known.content() instanceof ListingSuspended) {
                    pause = known;
                }
                if (known.content() instanceof ListingReinstated || known.content() instanceof EntityDelisted) {
                    pause = null;
                }
                if (known.content() instanceof EntityDelisted) {
                    entry = null;
                }
                state = entry == null ? "NOT_LISTED" : pause == null ? "LISTED" : "SUSPENDED";
                by = known;
                expired = false;
            }
            if (by == null) {
                throw new IllegalStateException("the first day has an action");
            }
            LocalDate since = yesterday != null && yesterday.state().equals(state) ? yesterday.since() : day;
            LocalDate entryEnd = entry == null ? null : end(entry);
            LocalDate pauseEnd = pause == null ? null : end(pause);
            LocalDate until = entryEnd == null || (pauseEnd != null && pauseEnd.isBefore(entryEnd))
                    ? pauseEnd
                    : entryEnd;
            yesterday = new Evening(state, since, until, entry == null ? null : entry.actionId(), by.actionId(),
                    expired);
            evenings.put(day, yesterday);
        }
    }

    /** The table of the rules, row by row. */
    static boolean mayMeet(ListingAction action, String state) {
        return switch (state) {
            case "NOT_LISTED" -> action instanceof EntityListed;
            case "LISTED" -> action instanceof ListingAmended || action instanceof ListingSuspended
                    || action instanceof EntityDelisted;
            case "SUSPENDED" -> action instanceof ListingAmended || action instanceof ListingReinstated
                    || action instanceof EntityDelisted;
            default -> throw new IllegalStateException(state);
        };
    }

    private static @Nullable LocalDate end(Known known) {
        if (known.content() instanceof EntityListed listed) {
            return listed.until().orElse(null);
        }
        if (known.content() instanceof ListingAmended amended) {
            return amended.until().orElse(null);
        }
        if (known.content() instanceof ListingSuspended suspended) {
            return suspended.until().orElse(null);
        }
        return null;
    }

    private static LocalDate later(LocalDate one, @Nullable LocalDate other) {
        return other != null && other.isAfter(one) ? other : one;
    }
}
