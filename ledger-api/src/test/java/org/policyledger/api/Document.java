package org.policyledger.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A page of the documentation with its examples. */
record Document(Path file, List<String> lines) {

    private static final String NOT_RUN = "<!-- not run";

    /**
     * A command in a fenced block of {@code sh}, with the block of output that follows it.
     *
     * @param line where it begins, from 1
     * @param marked whether a comment before it says that, and why, it is not run
     */
    record Example(int line, String command, Optional<Output> output, boolean marked) {}

    /** What is shown of the output: {@code json}, {@code http} (head and JSON) or {@code text}. */
    record Output(String kind, String text) {}

    private record Block(int line, String kind, String text, int end) {}

    /** The project's folder. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs")) || !Files.exists(folder.resolve("README.md"))) {
            Path parent = folder.getParent();
            if (parent == null) {
                throw new IllegalStateException("no documentation above " + Path.of("").toAbsolutePath());
            }
            folder = parent;
        }
        return folder;
    }

    /** Every page: those at the top, then those under docs. */
    static List<Document> all() {
        Path root = root();
        try (Stream<Path> top = Files.list(root); Stream<Path> docs = Files.walk(root.resolve("docs"))) {
            return Stream.concat(top, docs).filter(file -> file.toString().endsWith(".md"))
                    .sorted(Comparator.comparingInt(Path::getNameCount).thenComparing(file -> file)).map(Document::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Document of(String path) {
        return read(root().resolve(path));
    }

    private static Document read(Path file) {
        try {
            return new Document(file, Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return root().relativize(file).toString();
    }

    /** The lines outside of fenced blocks. */
    List<String> prose() {
        List<String> prose = new ArrayList<>();
        boolean fenced = false;
        for (String line : lines) {
            if (line.startsWith("```")) {
                fenced = !fenced;
            } else if (!fenced) {
                prose.add(line);
            }
        }
        return prose;
    }

    List<Example> examples() {
        List<Example> examples = new ArrayList<>();
        List<Block> blocks = blocks();
        for (int i = 0; i < blocks.size(); i++) {
            Block command = blocks.get(i);
            if (command.kind().equals("sh")) {
                Optional<Output> output = i + 1 < blocks.size() && blocks.get(i + 1).line() == command.end() + 1
                        && !blocks.get(i + 1).kind().equals("sh")
                                ? Optional.of(new Output(blocks.get(i + 1).kind(), blocks.get(i + 1).text()))
                                : Optional.empty();
                boolean marked = command.line() > 1 && lines.get(command.line() - 2).startsWith(NOT_RUN);
                examples.add(new Example(command.line(), command.text(), output, marked));
            }
        }
        return examples;
    }

    private List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith("```")) {
                int start = i;
                StringBuilder text = new StringBuilder();
                for (i++; !lines.get(i).startsWith("```"); i++) {
                    text.append(lines.get(i)).append('\n');
                }
                blocks.add(new Block(start + 1, lines.get(start).substring(3).strip(), text.toString(), i + 1));
            }
        }
        return blocks;
    }
}
