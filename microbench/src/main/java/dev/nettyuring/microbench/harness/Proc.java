// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench.harness;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What /proc tells of CPU time, in seconds, and of memory. */
final class Proc {
    /** USER_HZ, which is 100 for all that Linux tells programs. */
    private static final double TICKS_A_SECOND = 100;

    private static final double NANOS_A_SECOND = 1e9;
    private static final Path PROC = Path.of("/proc");
    private static final int UTIME = 11;
    private static final int CHILDREN_STIME = 14;
    private static final int STAT_USER = 1;
    private static final int STAT_NICE = 2;
    private static final int STAT_SYSTEM = 3;
    private static final int STAT_STEAL = 8;
    private static final long BYTES_A_KIB = 1024;

    private Proc() {}

    /** User and system time of a process that lives. */
    static double cpuSeconds(long pid) throws IOException {
        return ticks(stat(pid), UTIME, UTIME + 1) / TICKS_A_SECOND;
    }

    /** The same of this one's children that have ended. */
    static double endedChildrenCpuSeconds() throws IOException {
        return ticks(stat(ProcessHandle.current().pid()), UTIME + 2, CHILDREN_STIME) / TICKS_A_SECOND;
    }

    /** All that a process and its ended children used; so little is lost when processes end. */
    private static double familyCpuSeconds(String[] stat) {
        return ticks(stat, UTIME, CHILDREN_STIME) / TICKS_A_SECOND;
    }

    /** The fields after the name, which may hold anything. */
    private static String[] stat(long pid) throws IOException {
        return afterName(Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat")));
    }

    private static String[] afterName(String stat) {
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    }

    private static long ticks(String[] stat, int first, int last) {
        long ticks = 0;
        for (int i = first; i <= last; i++) {
            ticks += Long.parseLong(stat[i]);
        }
        return ticks;
    }

    /** The threads of that name, or all, if none has it: other threads of a JVM, such as compilers', do as they like. */
    static List<String> threads(long pid, String name) throws IOException {
        List<String> all = new ArrayList<>();
        List<String> named = new ArrayList<>();
        try (DirectoryStream<Path> tasks =
                Files.newDirectoryStream(PROC.resolve(Long.toString(pid)).resolve("task"))) {
            for (Path task : tasks) {
                all.add(task.getFileName().toString());
                if (Files.readString(task.resolve("comm")).strip().equals(name)) {
                    named.add(task.getFileName().toString());
                }
            }
        }
        return named.isEmpty() ? all : named;
    }

    static long residentBytes(long pid) throws IOException {
        return Files.readAllLines(PROC.resolve(Long.toString(pid)).resolve("status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * BYTES_A_KIB)
                .findFirst()
                .orElseThrow();
    }

    /**
     * A point in time, to be compared with another.
     *
     * @param nanos when
     * @param processes what processes other than those that were named used, their children included
     * @param all what all used in user and kernel, except for interrupts
     * @param named what the named ones used
     * @param stolen what the hypervisor gave to others
     */
    record Snapshot(long nanos, double processes, double all, double named, double stolen) {
        /** {@code named} are the server and its load; this process, whose children are load, is one of them. */
        static Snapshot take(Set<Long> named) throws IOException {
            double processes = 0;
            double ours = 0;
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
                for (Path entry : entries) {
                    try {
                        String stat = Files.readString(entry.resolve("stat"));
                        double family = familyCpuSeconds(afterName(stat));
                        if (named.contains(Long.valueOf(entry.getFileName().toString()))) {
                            ours += family;
                        } else if (!stat.contains("(ksoftirqd/")) { // which does what the load's packets need
                            processes += family;
                        }
                    } catch (IOException ended) {
                        // while the others were looked at
                    }
                }
            }
            String[] cpu = Files.readAllLines(PROC.resolve("stat")).get(0).split("\\s+");
            double all = (number(cpu, STAT_USER) + number(cpu, STAT_NICE) + number(cpu, STAT_SYSTEM)) / TICKS_A_SECOND;
            return new Snapshot(System.nanoTime(), processes, all, ours, number(cpu, STAT_STEAL) / TICKS_A_SECOND);
        }

        private static double number(String[] cpu, int field) {
            return Double.parseDouble(cpu[field]);
        }

        /**
         * How many CPUs others used since. Processes tell their own; those of other containers show only in the sum of all,
         * which ticks count, roughly: the larger of the two.
         */
        double othersSince(Snapshot before) {
            double visible = processes - before.processes;
            double unnamed = all - before.all - (named - before.named);
            double seconds = (nanos - before.nanos) / NANOS_A_SECOND;
            return (Math.max(0, Math.max(visible, unnamed)) + stolen - before.stolen) / seconds;
        }
    }
}
