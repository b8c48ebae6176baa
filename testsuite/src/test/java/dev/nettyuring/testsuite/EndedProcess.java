// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A process that has ended.
 *
 * @param status what it exited with
 * @param printed to both outputs
 */
public record EndedProcess(int status, String printed) {
    private static final int LIMIT_SECONDS = 110;

    /** Runs a program, however it ends, in less time than a test may take; {@code folder} is for a file with what it prints. */
    public static EndedProcess of(Path folder, ProcessBuilder program) throws Exception {
        return of("the program", program, folder.resolve("output"), LIMIT_SECONDS);
    }

    /**
     * Runs a program, however it ends. One that does not end in time is killed, with all that it started.
     *
     * @param name for messages
     * @param output a file for what it prints
     */
    public static EndedProcess of(String name, ProcessBuilder program, Path output, long limitSeconds)
            throws Exception {
        Process process = program.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        boolean ended;
        try {
            ended = process.waitFor(limitSeconds, TimeUnit.SECONDS);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String printed = Files.readString(output);
        assertThat(ended).as("%s ends in time; it printed: %s", name, printed).isTrue();
        return new EndedProcess(process.exitValue(), printed);
    }
}
