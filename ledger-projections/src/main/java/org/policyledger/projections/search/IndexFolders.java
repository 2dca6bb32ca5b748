package org.policyledger.projections.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the search index lies: in a folder, or in one beside it whose name ends with a number. A file beside them names the one that
 * is live; it is replaced in one step. Used by one thread at a time.
 */
final class IndexFolders {

    private final Path first;
    private final Path pointer;

    IndexFolders(Path first) {
        this.first = first.toAbsolutePath();
        this.pointer = this.first.resolveSibling(this.first.getFileName() + ".live");
    }

    /** The folder that is live; the first one where the file is missing or names none that is there. */
    Path live() throws IOException {
        if (!Files.exists(pointer)) {
            return first;
        }
        String name = Files.readString(pointer).strip();
        return all().stream().filter(folder -> folder.getFileName().toString().equals(name)).findFirst().orElse(first);
    }

    /** An empty folder for another index. */
    Path next() throws IOException {
        for (int n = 1; true; n++) {
            Path folder = first.resolveSibling(first.getFileName() + "-" + n);
            if (!folder.equals(live())) {
                delete(folder);
                return folder;
            }
        }
    }

    /** Makes the folder the live one. */
    void move(Path folder) throws IOException {
        Path written = Files.writeString(pointer.resolveSibling(pointer.getFileName() + ".new"),
                folder.getFileName().toString());
        Files.move(written, pointer, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Deletes every folder that is not live. */
    void tidy() throws IOException {
        Path live = live();
        for (Path folder : all()) {
            if (!folder.equals(live)) {
                delete(folder);
            }
        }
    }

    private List<Path> all() throws IOException {
        Path parent = first.resolveSibling("");
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        String name = first.getFileName().toString();
        try (Stream<Path> siblings = Files.list(parent)) {
            return siblings.filter(Files::isDirectory).filter(folder -> {
                String other = folder.getFileName().toString();
                return other.equals(name)
                        || (other.startsWith(name + "-") && other.substring(name.length() + 1).matches("[0-9]{1,9}"));
            }).map(Path::toAbsolutePath).toList();
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
