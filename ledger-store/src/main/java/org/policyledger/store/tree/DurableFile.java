package org.policyledger.store.tree;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Files that are there whole or not at all, whenever the process dies or the power fails; only their owner can read them. */
final class DurableFile {

    private static final boolean POSIX = Path.of("").getFileSystem().supportedFileAttributeViews().contains("posix");
    private static final FileAttribute<?>[] OWNER_ALONE = POSIX
            ? new FileAttribute<?>[]{
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
            : new FileAttribute<?>[0];

    /** Gives the written file its name. */
    private interface Naming {
        void name(Path whole, Path file) throws IOException;
    }

    private DurableFile() {}

    /** Puts the text in the place of what the file held. When this returns, it is on the disk. */
    static void replace(Path file, String text) throws IOException {
        // Dying before the move leaves the old file, and the new one under a name that nobody reads.
        write(file, text, (whole, named) -> Files.move(whole, named, StandardCopyOption.ATOMIC_MOVE));
    }

    /** Makes the file with the text; one that another process has just made stays. When this returns, it is on the disk. */
    static void create(Path file, String text) throws IOException {
        write(file, text, (whole, named) -> {
            try {
                // A hard link, unlike a move, does not replace what is there.
                Files.createLink(named, whole);
            } catch (FileAlreadyExistsException madeMeanwhile) {
                // It is the other's.
            } catch (UnsupportedOperationException noLinks) {
                Files.copy(whole, named, StandardCopyOption.COPY_ATTRIBUTES);
            }
        });
    }

    private static void write(Path file, String text, Naming naming) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Path whole = Files.createTempFile(folder, ".new", "", OWNER_ALONE);
        try {
            try (FileChannel channel = FileChannel.open(whole, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            naming.name(whole, file);
        } finally {
            Files.deleteIfExists(whole);
        }
        if (POSIX) {
            try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
                names.force(true);
            }
        }
    }
}
