// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Programs that are done at once, such as ip(8). */
public final class Commands {
    private static final int LIMIT_SECONDS = 30;

    private Commands() {}

    /** Runs one, which has to succeed; returns what it printed. */
    public static String run(String... command) throws Exception {
        String line = String.join(" ", command);
        Path output = Files.createTempFile("command", null);
        try {
            EndedProcess ended = EndedProcess.of(line, new ProcessBuilder(command), output, LIMIT_SECONDS);
            assertThat(ended.status()).as("%s: %s", line, ended.printed()).isZero();
            return ended.printed();
        } finally {
            Files.delete(output);
        }
    }

    /** Runs one, and returns whether it succeeded; not if there is no such program. */
    public static boolean succeeds(String... command) {
        try {
            run(command);
            return true;
        } catch (Exception | AssertionError e) {
            return false;
        }
    }

    /** Whether nothing may be skipped for want of something: on CI, by root. */
    public static boolean mustDoAll() {
        return System.getenv("CI") != null && System.getProperty("user.name").equals("root");
    }

    /** Skips a test if this user may not make network namespaces, or has no programs for it, unless {@link #mustDoAll()}. */
    public static void assumeNamespaces() {
        String probe = "netty-uring-probe-" + ProcessHandle.current().pid();
        assumeTrue(
                mustDoAll() || (succeeds("ip", "netns", "add", probe) && succeeds("ip", "netns", "del", probe)),
                "only root makes network namespaces");
    }
}
