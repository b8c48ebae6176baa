// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs {@code curl}, which must be installed, and know HTTP/2. */
final class Curl {
    private static final int LIMIT_SECONDS = 40;
    private static final int KILL_AFTER_SECONDS = LIMIT_SECONDS + 10;

    private Curl() {}

    /** What curl wrote to its standard output, having succeeded. */
    static byte[] fetch(InteropServer server, String pathAndQuery, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.add(server.uri(pathAndQuery).toString());
        return run(arguments);
    }

    /** The same as text. */
    static String fetchText(InteropServer server, String pathAndQuery, String... options) throws Exception {
        return new String(fetch(server, pathAndQuery, options), StandardCharsets.UTF_8);
    }

    /** Runs curl with options and addresses, and checks that it succeeds. */
    static byte[] run(List<String> arguments) throws Exception {
        Path output = Files.createTempFile("curl", ".out");
        Path errors = Files.createTempFile("curl", ".err");
        try {
            Process curl = start(arguments, output, errors);
            try {
                assertThat(curl.waitFor(KILL_AFTER_SECONDS, TimeUnit.SECONDS))
                        .as("curl ends")
                        .isTrue();
            } finally {
                curl.destroyForcibly();
            }
            assertThat(curl.exitValue())
                    .as(() -> "exit code of curl " + arguments + ": " + read(errors))
                    .isZero();
            return Files.readAllBytes(output);
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }

    /** Starts curl and leaves it running. */
    static Process start(List<String> arguments, Path output, Path errors) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "--disable",
                "--silent",
                "--show-error",
                "--noproxy",
                "*",
                "--max-time",
                String.valueOf(LIMIT_SECONDS),
                "--cacert",
                Security.certificateFile().toString()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
