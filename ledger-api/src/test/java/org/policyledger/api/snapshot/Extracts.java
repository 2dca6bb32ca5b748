package org.policyledger.api.snapshot;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** Extracts of real list files: where they come from is said in {@code lists/PROVENANCE.md} beside them. */
final class Extracts {

    private Extracts() {}

    /** The issue of the UN Security Council Consolidated List that was generated on the day, some records of it. */
    static byte[] unSc(String day) {
        return packed("un-sc-extracts.tar.xz", "un-sc-" + day + ".xml");
    }

    /** A file that is not packed. */
    static byte[] file(String name) {
        try (InputStream in = open(name)) {
            return in.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(name, unreadable);
        }
    }

    private static byte[] packed(String archive, String name) {
        try (TarArchiveInputStream files = new TarArchiveInputStream(
                new XZInputStream(new BufferedInputStream(open(archive))))) {
            for (TarArchiveEntry file = files.getNextEntry(); file != null; file = files.getNextEntry()) {
                if (file.getName().equals(name)) {
                    return files.readAllBytes();
                }
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(archive, unreadable);
        }
        throw new IllegalStateException(archive + " has no " + name);
    }

    private static InputStream open(String name) {
        return Objects.requireNonNull(Extracts.class.getResourceAsStream("/lists/" + name), name);
    }
}
