// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import dev.nettyuring.testsuite.ChildJvm;
import dev.nettyuring.testsuite.EndedProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a program of the tests in a process of its own, in the tests' configuration. */
public final class JavaProcess {
    private JavaProcess() {}

    /**
     * Runs it, however it ends. Returns what it printed, but for what Java says of options in the environment.
     *
     * @param folder for a file with that
     * @param wrapper a command to put in front of {@code java}
     */
    public static String output(
            Path folder, List<String> wrapper, List<String> jvmArguments, Class<?> program, String... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(ChildJvm.command(jvmArguments.toArray(new String[0])));
        command.add(program.getName());
        command.addAll(List.of(arguments));
        String printed = EndedProcess.of(folder, new ProcessBuilder(command)).printed();
        return printed.replaceAll("(?m)^(NOTE: )?Picked up J\\w+: .*\\R", "");
    }
}
