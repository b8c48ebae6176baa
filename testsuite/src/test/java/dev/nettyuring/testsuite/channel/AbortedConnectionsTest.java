// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.ChildJvm;
import dev.nettyuring.testsuite.EndedProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that connect and abort, over and over, leave nothing in the server's process: no operation, buffer, reference, file
 * descriptor or locked page, and no memory. {@code -Ddev.nettyuring.test.aborts=100000} for more of them.
 */
@Timeout(AbortedConnectionsTest.LIMIT_SECONDS)
class AbortedConnectionsTest {
    static final int LIMIT_SECONDS = 300;
    private static final int CYCLES = Integer.getInteger("dev.nettyuring.test.aborts", 100_000);
    private static final long MAX_GROWTH_KIB = 24 << 10;
    /** The heap is all there from the beginning, so that what grows is not. */
    private static final List<String> FIXED_HEAP = List.of("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-Xss256k");

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"-Ddev.nettyuring.poison=false", "-Ddev.nettyuring.poison=true"})
    void abortsLeaveNothing(String argument) throws Exception {
        List<String> jvmArguments = new ArrayList<>(FIXED_HEAP);
        jvmArguments.add(argument);
        List<String> command = ChildJvm.command(jvmArguments.toArray(new String[0]));
        command.addAll(List.of(AbortedConnections.class.getName(), String.valueOf(CYCLES)));
        String printed = EndedProcess.of(
                        "who aborts", new ProcessBuilder(command), temporary.resolve("output"), LIMIT_SECONDS - 20)
                .printed();
        assertThat(printed).as("output").doesNotContain("Exception", "LEAK", "ERROR", "WARN");
        Map<String, Long> before = figures(printed, "before");
        Map<String, Long> after = figures(printed, "after");
        assertThat(after)
                .containsEntry("connections", 0L)
                .containsEntry("operations", 1L) // the ACCEPT
                .containsEntry("references", 1L)
                .containsEntry("buffers.PIPELINE", 0L)
                .containsEntry("buffers.RETURNING", 0L)
                .containsEntry("writesAfterReturn", 0L)
                .containsEntry("VmLck.KiB", before.get("VmLck.KiB"))
                .containsEntry("VmPin.KiB", before.get("VmPin.KiB"));
        assertThat(after.get("fds")).as("file descriptors").isLessThanOrEqualTo(before.get("fds"));
        assertThat(after.get("VmRSS.KiB") - before.get("VmRSS.KiB"))
                .as("growth in KiB")
                .isLessThan(MAX_GROWTH_KIB);
        assertThat(figures(printed, "end")).containsEntry("operations", 0L);
    }

    private static Map<String, Long> figures(String printed, String when) {
        Map<String, Long> figures = new TreeMap<>();
        printed.lines().filter(line -> line.startsWith(when + ' ')).forEach(line -> {
            String[] words = line.split(" ");
            figures.put(words[1], Long.parseLong(words[2]));
        });
        return figures;
    }
}
