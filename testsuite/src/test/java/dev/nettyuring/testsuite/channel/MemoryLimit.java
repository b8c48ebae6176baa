// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * RLIMIT_MEMLOCK for another process, to which it applies even if this one's user is root: as a user of its own, since the limit
 * is on what all processes of a user lock, those of tests that run at the same time as well.
 */
final class MemoryLimit {
    private static final int CAP_DAC_READ_SEARCH = 2;
    private static final int CAP_IPC_LOCK = 14;
    private static final long FIRST_USER = 57_200;
    private static final long USERS = 4_000;

    private MemoryLimit() {}

    /** The command to put in front of the process's. */
    static List<String> of(int lockedBytes) throws IOException {
        List<String> command = new ArrayList<>(List.of("prlimit", "--memlock=" + lockedBytes));
        if (has("CapEff", CAP_IPC_LOCK)) {
            command.addAll(asAnotherUser(FIRST_USER + ProcessHandle.current().pid() % USERS));
        } else {
            String hardLimit = line("/proc/self/limits", "Max locked memory").split("\\s+")[4];
            assumeTrue(
                    hardLimit.equals("unlimited") || Long.parseLong(hardLimit) >= lockedBytes,
                    "this user may lock no more than " + hardLimit + " bytes");
        }
        return command;
    }

    /** Who may read root's files, where the class path lies, but nothing else. */
    private static List<String> asAnotherUser(long user) throws IOException {
        // which a Docker container does not have, but the one that comprises it
        String capability = has("CapBnd", CAP_DAC_READ_SEARCH) ? "dac_read_search" : "dac_override";
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"));
        for (String set : List.of("inh-caps", "ambient-caps", "bounding-set")) {
            command.add("--" + set + "=-all,+" + capability);
        }
        return command;
    }

    private static boolean has(String set, int capability) throws IOException {
        return (Long.parseLong(statusOf(set), 16) & 1L << capability) != 0;
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
