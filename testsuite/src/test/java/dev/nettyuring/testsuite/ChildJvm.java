// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM beside that of the tests, in the same configuration. */
public final class ChildJvm {
    private static final String OURS = "dev.nettyuring.";

    private ChildJvm() {}

    /** The command up to the main class's name; of arguments that contradict each other the last counts. */
    public static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-ea");
        command.add("-Dio.netty.leakDetection.level=paranoid");
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.startsWith(OURS)) {
                command.add("-D" + name + '=' + System.getProperty(name));
            }
        }
        command.addAll(List.of(arguments));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        return command;
    }
}
