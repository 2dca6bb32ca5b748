package org.policyledger.store.tree;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.policyledger.store.LedgerDamaged;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder outside the database where signed checkpoints are kept, so that who has the database cannot put an older or another one in its
 * place unseen: {@code <size>.checkpoint}, and {@code latest} with the text of the largest. A file gains signatures of
 * witnesses and changes in nothing else. Several processes may keep the checkpoints of one log in one folder.
 */
public final class CheckpointTarget implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointTarget.class);
    private static final Pattern NAME = Pattern.compile("(0|[1-9][0-9]{0,17})\\.checkpoint");

    private final Path folder;
    private final Duty duty;
    private final ScheduledExecutorService keeper = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("ledger-checkpoints").factory());
    private volatile long kept;
    private Optional<LedgerTree> followed = Optional.empty();
    private List<LedgerTree.Signed> last = List.of();

    /** @param folder must be there: one that is made when it is missing would say nothing about a disk that is not mounted */
    public CheckpointTarget(Path folder) {
        if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new IllegalArgumentException("checkpoints cannot be kept in " + folder
                    + ": make the folder, or mount it, and let this process write there");
        }
        this.folder = folder;
        this.duty = new Duty("Checkpoints in " + folder);
    }

    /** Keeps the tree's checkpoints from now on, the last one in each interval, once more when it has the signatures of witnesses. */
    public void follow(LedgerTree tree, Duration interval) {
        followed = Optional.of(tree);
        var unused = keeper.scheduleWithFixedDelay(() -> duty.attempt(() -> keep(tree)), 0, interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** How large the log was at the last checkpoint that this process has put here. */
    public long kept() {
        return kept;
    }

    /** What keeps checkpoints from being kept. */
    public Optional<String> trouble() {
        return duty.trouble();
    }

    /** Whether what is kept here contradicts what the log is now. Then nothing more is put here in the time of this process. */
    public boolean isAlarmed() {
        return duty.isAlarmed();
    }

    /** @throws LedgerDamaged if the tree is not consistent with the largest checkpoint kept here */
    void check(LedgerTree tree) {
        try {
            if (newest().isEmpty()) {
                LOG.warn("No checkpoint is kept in {} yet: there is nothing to compare the log with", folder);
            }
            compare(tree);
        } catch (IOException e) {
            throw new UncheckedIOException("the checkpoints in " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void compare(LedgerTree tree) throws IOException {
        Optional<Path> newest = newest();
        if (newest.isPresent()) {
            tree.check(read(newest.get()), "in " + newest.get());
        }
    }

    private void keep(LedgerTree tree) throws IOException {
        List<LedgerTree.Signed> now = Stream.of(tree.cosigned(), tree.latest()).flatMap(Optional::stream).distinct()
                .toList();
        if (now.equals(last)) {
            return;
        }
        // Before anything is written: what stands here may be larger than what the database now holds.
        compare(tree);
        for (LedgerTree.Signed signed : now) {
            put(signed.checkpoint().size(), SignedNote.parse(signed.note()));
            kept = signed.checkpoint().size();
        }
        last = now;
    }

    /** Dying in between leaves a checkpoint that is kept and not yet called the latest: the next one says so again. */
    void put(long size, SignedNote note) throws IOException {
        try (FileChannel lock = FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
            var unused = lock.lock(); // until it is closed
            Path file = folder.resolve(size + ".checkpoint");
            SignedNote whole = note;
            if (Files.exists(file)) {
                SignedNote before = read(file);
                if (!before.text().equals(note.text())) {
                    throw new LedgerDamaged("The checkpoint in " + file + " is "
                            + before.text().strip().replace('\n', ' ')
                            + ", but that of the same size in the database is " + note.text().strip().replace('\n', ' ')
                            + ": the log was forked.");
                }
                whole = before.with(note.signatures());
            }
            write(file, whole);
            Path latest = folder.resolve("latest");
            if (!Files.exists(latest) || Checkpoint.parse(read(latest).text()).size() <= size) {
                write(latest, whole);
            }
        }
    }

    private static void write(Path file, SignedNote note) throws IOException {
        if (!Files.exists(file) || !read(file).equals(note)) {
            DurableFile.replace(file, note.toString());
        }
    }

    private static SignedNote read(Path file) throws IOException {
        try {
            return SignedNote.parse(Files.readString(file));
        } catch (IllegalArgumentException unreadable) {
            throw new LedgerDamaged(
                    "The file " + file + " should hold a checkpoint, but " + unreadable.getMessage() + ".");
        }
    }

    /** The file with the largest checkpoint; {@code latest} counts too, should the others have been taken away. */
    private Optional<Path> newest() throws IOException {
        OptionalLong largest;
        try (Stream<Path> files = Files.list(folder)) {
            largest = files.map(file -> NAME.matcher(file.getFileName().toString())).filter(Matcher::matches)
                    .mapToLong(name -> Long.parseLong(name.group(1))).max();
        }
        Path latest = folder.resolve("latest");
        try {
            if (Checkpoint.parse(read(latest).text()).size() > largest.orElse(-1)) {
                return Optional.of(latest);
            }
        } catch (NoSuchFileException none) {
            // Then the others say it.
        }
        return largest.isPresent()
                ? Optional.of(folder.resolve(largest.getAsLong() + ".checkpoint"))
                : Optional.empty();
    }

    /** Keeps the last checkpoint, unless the database is away, and ends the thread. To be closed when the tree is, while its database is there. */
    @Override
    public void close() {
        keeper.shutdown();
        try {
            if (keeper.awaitTermination(10, TimeUnit.SECONDS)) {
                followed.ifPresent(tree -> duty.attempt(() -> keep(tree)));
            } else {
                LOG.warn("Checkpoints are still being written to {}", folder);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
