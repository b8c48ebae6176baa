// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel tells of this process in {@code /proc/self/status}. */
public final class ProcessStatus {
    private static final Path FILE = Path.of("/proc/self/status");

    private ProcessStatus() {}

    /** The first word of a field's value, such as {@code 1234} of {@code VmRSS: 1234 kB}. */
    public static String of(String field) throws IOException {
        for (String line : Files.readAllLines(FILE)) {
            if (line.startsWith(field + ':')) {
                return line.split("\\s+")[1];
            }
        }
        throw new IOException("no " + field + " in " + FILE);
    }
}
