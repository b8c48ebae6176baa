// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.channel.JavaProcess;
import dev.nettyuring.testsuite.channel.MemoryLimit;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RLIMIT_MEMLOCK of a user to whom it applies, for all that an event loop does: splices, zero copy, files, datagrams. */
class LockedMemoryLimitTest {
    private static final int KIB = 1024;
    private static final String[] ALL = {
        "echo", "splice", "zero-copy", "file-region", "file", "gather", "datagrams", "domain", "shutdown"
    };

    @TempDir
    private Path folder;

    private String run(int lockedBytes, List<String> jvmArguments, String... scenarios) throws Exception {
        return JavaProcess.output(folder, MemoryLimit.of(lockedBytes), jvmArguments, Subject.class, scenarios);
    }

    private static void assertAllWorked(String printed) {
        for (String scenario : ALL) {
            assertThat(printed).contains("= " + scenario + ": ok ");
        }
        assertThat(printed).doesNotContain("failed", "LEAK");
        assertThat(printed.lines().filter(line -> line.startsWith("= ")))
                .allMatch(line -> line.endsWith("left nothing"));
    }

    /** Unless the kernel charges nobody for rings (before 6.14). */
    @Test
    void withNoneEpollIsChosenOrAllWorks() throws Exception {
        assertThat(run(0, List.of(), "best"))
                .contains("best: ok")
                .satisfiesAnyOf(printed -> assertThat(printed).contains("ok io_uring"), printed -> assertThat(printed)
                        .contains("ok epoll", "io_uring_setup", "ENOMEM", "RLIMIT_MEMLOCK", "have 0 KiB", "ulimit -l"));
    }

    @Test
    void with64KibibytesSmallRingsDoEverything() throws Exception {
        List<String> smallRings =
                List.of("-Ddev.nettyuring.submissionEntries=8", "-Ddev.nettyuring.completionEntries=16");
        assertAllWorked(run(64 * KIB, smallRings, ALL));
    }

    @Test
    void with8MebibytesDefaultRingsDoEverything() throws Exception {
        List<String> defaults =
                List.of("-Ddev.nettyuring.submissionEntries=512", "-Ddev.nettyuring.completionEntries=4096");
        assertAllWorked(run(8 * KIB * KIB, defaults, ALL));
    }
}
