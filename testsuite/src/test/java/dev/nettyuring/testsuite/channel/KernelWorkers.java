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

    static int count() throws IOException {
        List<Path> threads;
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            threads = tasks.collect(Collectors.toList());
        }
        return (int) threads.stream().filter(KernelWorkers::isWorker).count();
    }

    private static boolean isWorker(Path thread) {
        try {
            return Files.readString(thread.resolve("comm")).startsWith("iou-wrk");
        } catch (IOException endedMeanwhile) {
            return false;
        }
    }
}
