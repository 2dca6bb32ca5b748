package org.policyledger.api;

/** Commands as a user writes them: JSON in one line. */
public final class Demand {

    private Demand() {}

    public static String register(String listId) {
        return """
                {"action": "RegisterList", "listId": "%s", "details": {"name": "List %s", "authority": "An Office", "timeZone": "America/New_York"}}"""
                .formatted(listId, listId);
    }

    /** Entries differ in their remarks. */
    public static String list(String entityId, String listId, String date, String remarks) {
        return """
                {"action": "ListEntity", "entityId": "%s", "listId": "%s", "effectiveDate": "%s", "entry": %s}"""
                .formatted(entityId, listId, date, entry(remarks));
    }

    public static String list(String entityId, String listId, String date) {
        return list(entityId, listId, date, "first wording");
    }

    public static String amend(String entityId, String listId, String date, String remarks) {
        return """
                {"action": "AmendListing", "entityId": "%s", "listId": "%s", "effectiveDate": "%s", "entry": %s}"""
                .formatted(entityId, listId, date, entry(remarks));
    }

    public static String suspend(String entityId, String listId, String date) {
        return plain("SuspendListing", entityId, listId, date);
    }

    public static String reinstate(String entityId, String listId, String date) {
        return plain("ReinstateListing", entityId, listId, date);
    }

    public static String delist(String entityId, String listId, String date) {
        return plain("DelistEntity", entityId, listId, date);
    }

    public static String correct(String entityId, String actionId, String replacement) {
        return """
                {"action": "CorrectAction", "entityId": "%s", "actionId": "%s", "replacement": %s}"""
                .formatted(entityId, actionId, replacement);
    }

    public static String strike(String entityId, String actionId) {
        return """
                {"action": "VoidAction", "entityId": "%s", "actionId": "%s"}""".formatted(entityId, actionId);
    }

    public static String link(String entityId, String otherEntityId, String reason) {
        return """
                {"action": "LinkEntities", "entityIds": ["%s", "%s"], "reason": "%s"}"""
                .formatted(entityId, otherEntityId, reason);
    }

    public static String unlink(String entityId, String otherEntityId, String reason) {
        return link(entityId, otherEntityId, reason).replace("LinkEntities", "UnlinkEntities");
    }

    /** The command with an exclusive end of its fixed term. */
    public static String until(String command, String date) {
        return with(command, "\"until\": \"" + date + "\"");
    }

    /** The command with one more field, or several. */
    public static String with(String command, String fields) {
        return command.substring(0, command.length() - 1) + ", " + fields + "}";
    }

    private static String plain(String action, String entityId, String listId, String date) {
        return """
                {"action": "%s", "entityId": "%s", "listId": "%s", "effectiveDate": "%s"}"""
                .formatted(action, entityId, listId, date);
    }

    private static String entry(String remarks) {
        return """
                {"subject": {"name": "X Institute"}, "remarks": "%s"}""".formatted(remarks);
    }
}
