// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.ChildJvm;
import dev.nettyuring.testsuite.EndedProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * All at once on one loop: connections that echo, and are open together. As many as {@code -Dsoak.connections} says,
 * 20,000 with {@code ./verify --soak} and {@code --matrix}; they need as many file descriptors.
 */
class ManyConnectionsTest {
    private static final int FEW = 2000;
    private static final int LIMIT_SECONDS = 400;
    /** What a process needs beside its connections, class files among them. */
    private static final int OTHER_DESCRIPTORS = 150;

    @TempDir
    private Path temporary;

    @Test
    @Timeout(LIMIT_SECONDS + 60)
    void allEchoAndNothingIsLeft() throws Exception {
        int wanted = Integer.getInteger("soak.connections", FEW);
        int possible = Math.min(wanted, descriptorLimit() - OTHER_DESCRIPTORS);
        if (possible < wanted) {
            String shortfall = "not " + wanted + " connections but " + possible
                    + ": RLIMIT_NOFILE's hard limit, ulimit -Hn, is " + descriptorLimit();
            assertThat(System.getenv("CI")).as(shortfall).isNull();
            System.out.println(shortfall);
        }
        List<String> command = ChildJvm.command(
                "-Xmx256m",
                "-XX:MaxDirectMemorySize=64m",
                "-Dio.netty.leakDetection.level=simple",
                "-Dio.netty.leakDetection.targetRecords=1");
        command.addAll(List.of(ManyConnections.class.getName(), Integer.toString(possible)));
        String printed = EndedProcess.of(
                        possible + " connections",
                        new ProcessBuilder(command),
                        temporary.resolve("output"),
                        LIMIT_SECONDS)
                .printed();
        System.out.println(printed);
        assertThat(printed).contains(ManyConnections.DONE);
    }

    /** Java raises its own limit to the hard one. */
    private static int descriptorLimit() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith("Max open files")) {
                String hard = line.split("\\s+")[4];
                return hard.equals("unlimited") ? Integer.MAX_VALUE : Integer.parseInt(hard);
            }
        }
        throw new IllegalStateException("/proc/self/limits has no open files");
    }
}
