package org.policyledger.api.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.policyledger.store.tree.NoteSigner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ledger rotate-key FILE}: gives a log another key. */
@Command(name = "rotate-key", mixinStandardHelpOptions = true, description = {
        "Puts a new signing key before those in a key file. From the service's next start on checkpoints are signed by both.",
        "When everybody who verifies knows the new key, --retire takes the private halves of the others out of the file. What they signed stays verifiable."})
final class RotateKeyCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE", description = "The key file, such as data/ledger.key.")
    private Path file = Path.of("");

    @Option(names = "--retire", description = "Ends the rotation: the new key signs alone.")
    private boolean retire;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        if (!Files.exists(file)) {
            throw new IOException(file + " is not there: the first key is made by the service when it starts");
        }
        NoteSigner signer = retire ? NoteSigner.retire(file) : NoteSigner.rotate(file);
        signer.keys().forEach(spec.commandLine().getOut()::println);
        return 0;
    }
}
