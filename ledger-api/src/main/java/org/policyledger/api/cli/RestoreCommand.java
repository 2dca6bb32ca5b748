package org.policyledger.api.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.policyledger.api.LedgerProperties;
import org.policyledger.store.AppendRefused;
import org.policyledger.store.tree.Restoration;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ledger restore FILE}: makes a ledger of an export, while no service runs. */
@Command(name = "restore", mixinStandardHelpOptions = true, description = {
        "Makes a ledger of an export of one, in an empty data folder or database: the same events at the same positions, under the same root.",
        "The export is verified as 'ledger verify' does it, and is recorded as a whole or not at all. The settings are those that 'ledger serve' is started with afterwards; no service may run on them meanwhile.",
        "Exit code 0: it is restored. 1: the export does not verify, or is refused. 2: it cannot be read. 3: the database cannot be used."})
final class RestoreCommand implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "The export (FILE.ndjson or FILE.ndjson.gz); several in a row make one.")
    private List<Path> files = List.of();

    @Mixin
    private TrustOption trust = new TrustOption();

    @Mixin
    private ServeCommand.Storage settings = new ServeCommand.Storage();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Path first = files.getFirst();
        try {
            String checkpoint = trust.checkpoint(first);
            var verifier = trust.verifier(first, err);
            try (ConfigurableApplicationContext database = ServeCommand.startDatabase(settings)) {
                int code = TrustOption.tell(
                        database.getBean(Restoration.class).restore(verifier, files, checkpoint), "restored", out, err);
                Path key = database.getBean(LedgerProperties.class).data().resolve("ledger.key");
                if (code == 0 && !Files.exists(key)) {
                    out.println("note: there is no " + key + ": put the key file of the old service there before the"
                            + " first start, or a new key is made, which nobody knows yet");
                }
                return code;
            }
        } catch (NoSuchFileException missing) {
            throw new ParameterException(spec.commandLine(), missing.getMessage() + " is not there", missing);
        } catch (AppendRefused refused) {
            err.println("ledger: " + first + " is not restored: " + refused.getMessage());
            return LedgerCommand.REFUSED;
        } catch (IOException | IllegalArgumentException unreadable) {
            err.println("ledger: " + first + " cannot be restored: " + unreadable.getMessage());
            return 2;
        }
    }
}
