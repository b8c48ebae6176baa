// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;

/** {@link Transfers} in a process of its own, under conditions that a command in front of it makes. */
final class TransfersProcess {
    private TransfersProcess() {}

    /** Runs it, and checks that every byte came back. Returns what it printed. */
    static String run(Path folder, List<String> wrapper, String... jvmArguments) throws Exception {
        String printed = output(folder, wrapper, jvmArguments);
        assertThat(printed).as("output").contains(Transfers.DONE).doesNotContain("LEAK", "Exception");
        return printed;
    }

    /** Runs it, however it ends. Returns what it printed. */
    static String output(Path folder, List<String> wrapper, String... jvmArguments) throws Exception {
        return JavaProcess.output(folder, wrapper, List.of(jvmArguments), Transfers.class);
    }
}
