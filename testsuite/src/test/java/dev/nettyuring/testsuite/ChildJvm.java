// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM beside that of the tests, in the same configuration. */
public final class ChildJvm {
    private static final String OURS = "dev.nettyuring.";

    /** The first Java that does so, on the output that tests look at. */
    private static final int WARNS_OF_NATIVE_ACCESS = 24;

    private ChildJvm() {}

    /** The same in the default configuration, whatever that of the tests. */
    public static List<String> defaultCommand(String... arguments) {
        List<String> command = command();
        command.removeIf(argument -> argument.startsWith("-D" + OURS));
        command.addAll(List.of(arguments));
        return command;
    }

    /** The command up to the main class's name; of arguments that contradict each other the last counts. {@code -cp} replaces our class path. */
    public static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-ea", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")); // it does not run for long
        if (Runtime.version().feature() >= WARNS_OF_NATIVE_ACCESS) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.add("-Dio.netty.leakDetection.level=paranoid");
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.startsWith(OURS)) {
                command.add("-D" + name + '=' + System.getProperty(name));
            }
        }
        command.addAll(List.of(arguments));
        if (!command.contains("-cp")) {
            command.add("-cp");
            command.add(System.getProperty("java.class.path"));
        }
        return command;
    }
}
