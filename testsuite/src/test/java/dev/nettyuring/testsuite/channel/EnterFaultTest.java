// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.ring.Feature;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every third io_uring_enter(2) fails, in another process under strace(1): nothing is lost, and all ends as it should. */
class EnterFaultTest {
    private static final int LIMIT_SECONDS = 90;

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"EINTR", "EAGAIN", "EBUSY", "ETIME"})
    void nothingIsLost(String errno) throws Exception {
        Path trace = temporary.resolve("trace");
        Path output = temporary.resolve("output");
        List<String> command = new ArrayList<>(List.of(
                "strace",
                "-f",
                "--seccomp-bpf",
                "-o",
                trace.toString(),
                "-e",
                "trace=io_uring_enter",
                "-e",
                "inject=io_uring_enter:error=" + errno + ":when=2+3"));
        command.addAll(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-ea",
                "-Dio.netty.leakDetection.level=paranoid",
                "-D" + Feature.DISABLE_PROPERTY + '=' + System.getProperty(Feature.DISABLE_PROPERTY, ""),
                "-cp",
                System.getProperty("java.class.path"),
                Transfers.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("ends in time")
                    .isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        assertThat(Files.readString(output))
                .as("output")
                .contains(Transfers.DONE)
                .doesNotContain("LEAK", "Exception");
        assertThat(process.exitValue()).isZero();
        assertThat(Files.readAllLines(trace).stream().filter(line -> line.contains("INJECTED")))
                .as("faults")
                .hasSizeGreaterThan(20);
    }
}
