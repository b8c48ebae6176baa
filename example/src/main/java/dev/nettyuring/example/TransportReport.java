// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.ring.Feature;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/** Says what of io_uring a server has here. */
final class TransportReport {
    private TransportReport() {}

    static void print(PrintStream out) {
        out.println("transport: io_uring");
        out.println("kernel: " + kernelRelease());
        Set<Feature> used = Uring.features();
        out.println("features in use:");
        used.forEach(feature -> out.println("  " + feature + ": " + feature.use()));
        EnumSet<Feature> unused = EnumSet.allOf(Feature.class);
        unused.removeAll(used);
        if (!unused.isEmpty()) {
            out.println("features not in use:");
            unused.forEach(feature -> out.println("  " + feature + ": " + feature.use() + " (Linux "
                    + feature.sinceKernel() + " has it, unless -D" + Feature.DISABLE_PROPERTY + " names it)"));
        }
    }

    private static String kernelRelease() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/osrelease")).trim();
        } catch (IOException e) {
            return System.getProperty("os.version");
        }
    }
}
