// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** RLIMIT_MEMLOCK for another process, to which it applies even if this one's user is root. */
final class MemoryLimit {
    private static final int CAP_IPC_LOCK = 14;

    private MemoryLimit() {}

    /** The command to put in front of the process's. */
    static List<String> of(int lockedBytes) throws IOException {
        List<String> command = new ArrayList<>(List.of("prlimit", "--memlock=" + lockedBytes));
        if ((Long.parseLong(statusOf("CapEff"), 16) & 1L << CAP_IPC_LOCK) != 0) {
            command.addAll(List.of("setpriv", "--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock"));
        } else {
            String hardLimit = line("/proc/self/limits", "Max locked memory").split("\\s+")[4];
            assumeTrue(
                    hardLimit.equals("unlimited") || Long.parseLong(hardLimit) >= lockedBytes,
                    "this user may lock no more than " + hardLimit + " bytes");
        }
        return command;
    }

    private static String statusOf(String field) throws IOException {
        return line("/proc/self/status", field + ':').split("\\s+")[1];
    }

    private static String line(String file, String start) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .orElseThrow();
    }
}
