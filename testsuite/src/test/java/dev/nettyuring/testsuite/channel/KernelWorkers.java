// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The threads in which the kernel waits for files, in this process's stead. */
final class KernelWorkers {
    private KernelWorkers() {}

    /** Of all loops. */
    static int count() throws IOException {
        return count("");
    }

    /** Of one loop, whose thread's id {@link #threadId} tells. */
    static int count(String threadId) throws IOException {
        List<Path> threads;
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            threads = tasks.collect(Collectors.toList());
        }
        return (int) threads.stream()
                .filter(thread -> isNamed(thread, "iou-wrk-" + threadId))
                .count();
    }

    /** The kernel's id of the calling thread. */
    static String threadId() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/thread-self"))
                .getFileName()
                .toString();
    }

    private static boolean isNamed(Path thread, String name) {
        try {
            return Files.readString(thread.resolve("comm")).startsWith(name);
        } catch (IOException endedMeanwhile) {
            return false;
        }
    }
}
