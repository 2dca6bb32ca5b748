package org.policyledger.api.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ledger evidence}: an answer with all that proves it, in one file. */
@Command(name = "evidence", mixinStandardHelpOptions = true, description = {
        "Fetches an evidence bundle: what the ledger answers about an entity, a dossier or a notice, with the events it rests on and their proofs, in one ZIP.",
        "'ledger verify FILE' checks it, without a service."})
final class EvidenceCommand implements Callable<Integer> {

    /** What a bundle can be about, by the names of this command. */
    private static final Map<String, String> PATHS = Map.of("entity", "/v1/entities/", "dossier", "/v1/dossiers/",
            "notice", "/v1/notices/");

    @Parameters(index = "0", paramLabel = "KIND", description = "What it is about: entity, dossier or notice.")
    private String kind = "";

    @Parameters(index = "1", paramLabel = "ID", description = "Which one.")
    private String id = "";

    @Parameters(index = "2", paramLabel = "FILE", description = "The file to be made, such as evidence.zip.")
    private Path file = Path.of("");

    @Mixin
    private AtOption at = new AtOption();

    @Mixin
    private ServiceOption service = new ServiceOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, Client.RefusedByService {
        String path = PATHS.get(kind);
        if (path == null) {
            throw new ParameterException(spec.commandLine(),
                    "there is no evidence of a '" + kind + "': use entity, dossier or notice");
        }
        if (Files.exists(file)) {
            throw new ParameterException(spec.commandLine(),
                    file + " is there already: name another file, or move it away");
        }
        Client client = service.client();
        Path coming = Files.createTempFile(file.toAbsolutePath().getParent(), file.getFileName().toString(), ".part");
        try (InputStream bundle = client.stream(
                Client.path(path + Client.encode(id) + "/evidence",
                        Map.of("asOf", at.asOf, "asKnownAt", at.asKnownAt)))) {
            Files.copy(bundle, coming, StandardCopyOption.REPLACE_EXISTING);
            try (ZipFile whole = new ZipFile(coming.toFile())) {
                if (whole.getEntry("checkpoint") == null) {
                    throw client.notOurs();
                }
            } catch (ZipException none) {
                throw client.notOurs();
            }
            Files.move(coming, file);
        } finally {
            Files.deleteIfExists(coming);
        }
        spec.commandLine().getOut().println(file + ": " + Files.size(file) + " bytes");
        return 0;
    }
}
