// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.ring.Feature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** io_uring_register(2) fails, in another process under strace(1). */
class RegisterFaultTest {
    private static final int FAILURES = 2;

    @TempDir
    private Path temporary;

    /** As it does until the memory of closed rings, which the limit on locked memory counts, comes back. */
    @Test
    void aRingOfBuffersWaitsForMemory() throws Exception {
        assumeTrue(Uring.features().contains(Feature.PBUF_RING), "no rings of buffers");
        // the thread that makes the loops looks for the kernel's features first, and then registers rings of buffers
        // only
        int ringsOfBuffers = Uring.features().contains(Feature.PBUF_INC) ? 1 : 2;
        int loopsCalls = LoopsInARow.LOOPS * ringsOfBuffers;
        int before = linesOfFirstThread("trace=io_uring_register", "io_uring_register(") - loopsCalls;
        String fault = "inject=io_uring_register:error=ENOMEM:when=" + (before + 1) + ".." + (before + FAILURES);
        assertThat(linesOfFirstThread(fault, "INJECTED")).isEqualTo(FAILURES);
    }

    /** In what strace tells of that thread's calls. */
    private int linesOfFirstThread(String expression, String text) throws Exception {
        Path trace = temporary.resolve("trace");
        List<String> strace = new ArrayList<>(List.of("strace", "-f", "--seccomp-bpf", "-o", trace.toString()));
        strace.addAll(List.of("-e", "trace=io_uring_register", "-e", expression));
        assertThat(JavaProcess.output(temporary, strace, List.of(), LoopsInARow.class))
                .contains(LoopsInARow.DONE);
        List<String> lines = Files.readAllLines(trace).stream()
                .filter(line -> line.contains("io_uring_register"))
                .toList();
        String thread = lines.get(0).split(" ")[0];
        return (int) lines.stream()
                .filter(line -> line.startsWith(thread) && line.contains(text))
                .count();
    }
}
