package org.policyledger.api.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/**
 * The {@code ledger} command. Exit codes: 0 done; 1 the service refused, or what was compared differs; 2 the command line is wrong; 3 the service cannot be
 * reached or cannot start.
 */
@Command(name = "ledger", mixinStandardHelpOptions = true, version = "Policy Action Ledger 0.1.0", description = "Records policy actions and answers what was in force, and what was known, at any time.", subcommands = {
        DemoCommand.class, ServeCommand.class, ImportCommand.class, StatusCommand.class,
        TimelineCommand.class, HistoryCommand.class, EventsCommand.class, ListsCommand.class, EntriesCommand.class,
        ChangesCommand.class, RevisionsCommand.class,
        SearchCommand.class, CommitmentCommand.class, CommitmentsCommand.class,
        DossierCommand.class, PartyCommand.class, LinksCommand.class, NoticeCommand.class, NoticesCommand.class,
        BackfillCitationsCommand.class,
        ReplayCommand.class, ProjectionsCommand.class,
        RebuildCommand.class, ExportCommand.class, EvidenceCommand.class,
        VerifyCommand.class, RestoreCommand.class, WitnessCommand.class,
        RotateKeyCommand.class}, synopsisSubcommandLabel = "COMMAND", exitCodeListHeading = "%nExit codes:%n", exitCodeList = {
                "0:done", "1:the service refused, and says why; or what was compared differs",
                "2:the command line is wrong",
                "3:the service cannot be reached, or cannot start"})
public final class LedgerCommand {

    static final int REFUSED = 1;
    static final int UNREACHABLE = 3;

    private LedgerCommand() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        CommandLine commandLine = new CommandLine(new LedgerCommand());
        commandLine.setExecutionExceptionHandler((failure, at, parsed) -> {
            at.getErr().println("ledger: " + failure.getMessage());
            return switch (failure) {
                case Client.RefusedByService refused -> REFUSED;
                case ParameterException wrong -> 2;
                default -> UNREACHABLE;
            };
        });
        if (arguments.length == 0) {
            commandLine.usage(commandLine.getErr());
            return 2;
        }
        return commandLine.execute(arguments);
    }
}
