package org.policyledger.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * The processor time that this process and a database server have used. Unlike throughput it hardly depends on what else runs
 * on the machine. The server's is known on Linux only.
 */
final class ProcessorTime {

    /** Linux counts these times in hundredths of a second, whatever its own clock does. */
    private static final long MICROS_PER_TICK = 10_000;
    /** In {@code /proc/<pid>/stat}, counted from behind the command's name. */
    private static final int USER = 11;
    private static final int SYSTEM = 12;
    private static final int CHILDREN_USER = 13;
    private static final int CHILDREN_SYSTEM = 14;

    private final OptionalLong server;

    /** Counts this process and, if there is one, the server with all its own processes. */
    ProcessorTime(OptionalLong server) {
        this.server = server;
    }

    /** Microseconds of processor time: of this process, with an embedded database in it, and of the server. */
    record Used(double own, double server) {

        double all() {
            return own + server;
        }

        Used since(Used before) {
            return new Used(own - before.own, server - before.server);
        }

        Used each(double count) {
            return new Used(own / count, server / count);
        }
    }

    /** What was used so far. */
    Used used() {
        OperatingSystemMXBean self = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Used(self.getProcessCpuTime() / 1e3, server.isPresent() ? ofServer(server.getAsLong()) : 0);
    }

    private static long ofServer(long pid) {
        // What ended is in its parent's sum, what lives is not.
        long ticks = ticks(pid, USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM);
        for (ProcessHandle child : ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children).toList()) {
            ticks += ticks(child.pid(), USER, SYSTEM);
        }
        return ticks * MICROS_PER_TICK;
    }

    private static long ticks(long pid, int... places) {
        try {
            String line = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            List<String> fields = List.of(line.substring(line.lastIndexOf(')') + 2).strip().split(" "));
            long sum = 0;
            for (int place : places) {
                sum += Long.parseLong(fields.get(place));
            }
            return sum;
        } catch (IOException gone) {
            return 0; // a connection's process that has just ended: its time is in the parent's sum from now on
        }
    }
}
