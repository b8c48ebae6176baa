// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every third io_uring_enter(2) fails, in another process under strace(1): nothing is lost, and all ends as it should. */
class EnterFaultTest {
    @TempDir
    private Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"EINTR", "EAGAIN", "EBUSY", "ETIME"})
    void nothingIsLost(String errno) throws Exception {
        Path trace = temporary.resolve("trace");
        List<String> strace = List.of(
                "strace",
                "-f",
                "--seccomp-bpf",
                "-o",
                trace.toString(),
                "-e",
                "trace=io_uring_enter",
                "-e",
                "inject=io_uring_enter:error=" + errno + ":when=2+3");
        TransfersProcess.run(temporary, strace);
        assertThat(Files.readAllLines(trace).stream().filter(line -> line.contains("INJECTED")))
                .as("faults")
                .hasSizeGreaterThan(20);
    }
}
