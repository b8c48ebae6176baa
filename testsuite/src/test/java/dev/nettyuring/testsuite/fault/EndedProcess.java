// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.ChildJvm;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process that has ended.
 *
 * @param status what it exited with
 * @param printed to both outputs
 */
record EndedProcess(int status, String printed) {
    private static final int LIMIT_SECONDS = 110;

    /** The command of a JVM in the default configuration, whatever that of the tests, up to the main class. */
    static List<String> java(String... arguments) {
        List<String> command = ChildJvm.command();
        command.removeIf(argument -> argument.startsWith("-Ddev.nettyuring."));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Runs a command, however it ends; {@code folder} is for a file with what it prints. */
    static EndedProcess run(Path folder, Map<String, String> environment, List<String> command) throws Exception {
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(new File("/dev/null"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("ends in time: %s", Files.readString(output))
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new EndedProcess(process.exitValue(), Files.readString(output));
    }
}
