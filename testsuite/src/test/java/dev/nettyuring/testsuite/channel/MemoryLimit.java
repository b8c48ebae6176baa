// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.testsuite.ProcessStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** RLIMIT_MEMLOCK for another process, to which it applies even if this one's user is root. */
public final class MemoryLimit {
    private static final int CAP_IPC_LOCK = 14;
    /** Of the project, beside the module that tests run in. */
    private static final Path COMMAND = Path.of("..", "scripts", "unprivileged", "with-memlock");

    private MemoryLimit() {}

    /** The command to put in front of the process's. */
    public static List<String> of(int lockedBytes) throws IOException {
        if ((Long.parseLong(ProcessStatus.of("CapEff"), 16) & 1L << CAP_IPC_LOCK) == 0) {
            String hardLimit = line("/proc/self/limits", "Max locked memory").split("\\s+")[4];
            assumeTrue(
                    hardLimit.equals("unlimited") || Long.parseLong(hardLimit) >= lockedBytes,
                    "this user may lock no more than " + hardLimit + " bytes");
        }
        return List.of(COMMAND.toAbsolutePath().toString(), Integer.toString(lockedBytes));
    }

    private static String line(String file, String start) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .orElseThrow();
    }
}
