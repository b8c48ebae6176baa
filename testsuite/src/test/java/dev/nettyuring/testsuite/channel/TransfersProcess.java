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

/** {@link Transfers} in a process of its own, under conditions that a command in front of it makes. */
final class TransfersProcess {
    private static final int LIMIT_SECONDS = 90;

    private TransfersProcess() {}

    /** Runs it, and checks that every byte came back. Returns what it printed. */
    static String run(Path folder, List<String> wrapper, String... jvmArguments) throws Exception {
        String printed = output(folder, wrapper, jvmArguments);
        assertThat(printed).as("output").contains(Transfers.DONE).doesNotContain("LEAK", "Exception");
        return printed;
    }

    /** Runs it, however it ends. Returns what it printed. */
    static String output(Path folder, List<String> wrapper, String... jvmArguments) throws Exception {
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(ChildJvm.command(jvmArguments));
        command.add(Transfers.class.getName());
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
