// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.ChildJvm;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program of the tests in a process of its own, in the tests' configuration. */
final class JavaProcess {
    private static final int LIMIT_SECONDS = 110;

    private JavaProcess() {}

    /**
     * Runs it, however it ends. Returns what it printed.
     *
     * @param folder for a file with that
     * @param wrapper a command to put in front of {@code java}
     */
    static String output(
            Path folder, List<String> wrapper, List<String> jvmArguments, Class<?> program, String... arguments)
            throws Exception {
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(ChildJvm.command(jvmArguments.toArray(new String[0])));
        command.add(program.getName());
        command.addAll(List.of(arguments));
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
        return Files.readString(output);
    }
}
