// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A JVM of its own; what it wrote to its two outputs. */
record Program(int status, String output, String errors) {
    private static final int LIMIT_SECONDS = 100;
    private static final Path JDKS = Path.of("/usr/lib/jvm");

    /** The JVM that the tests run in. */
    static Path thisJava() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /** JDK 25's {@code java}; where there is none the test is skipped, but for CI, which must have one. */
    static Path java25() throws IOException {
        try (DirectoryStream<Path> jdks = Files.newDirectoryStream(JDKS)) {
            for (Path jdk : jdks) {
                if (isVersion25(jdk)) {
                    return jdk.resolve("bin").resolve("java");
                }
            }
        }
        if (System.getenv("CI") != null) {
            throw new AssertionError("CI must have a JDK 25 in " + JDKS);
        }
        assumeThat(false).as("there is a JDK 25 in " + JDKS).isTrue();
        throw new AssertionError();
    }

    private static boolean isVersion25(Path jdk) throws IOException {
        Path release = jdk.resolve("release");
        if (!Files.isRegularFile(release)) {
            return false;
        }
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(release)) {
            properties.load(reader);
        }
        return properties.getProperty("JAVA_VERSION", "").matches("\"25\\b.*");
    }

    static String path(List<Path> jars) {
        return jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    static Program run(Path folder, Path java, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(java.toString(), "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .redirectInput(new File("/dev/null"));
        // a JVM that is given arguments by one of these says so
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("ends in time")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Program(process.exitValue(), Files.readString(output), Files.readString(errors));
    }

    /** It served and was served over io_uring by classes whose names begin so, and had nothing to complain of. */
    void succeeded(String prefix) {
        assertThat(errors).isEmpty();
        assertThat(status).as(output).isZero();
        assertThat(output)
                .contains(prefix + "dev.nettyuring.channel.UringSocketChannel: hello over io_uring")
                .contains(prefix + "dev.nettyuring.channel.UringDomainSocketChannel: hello over io_uring");
    }
}
