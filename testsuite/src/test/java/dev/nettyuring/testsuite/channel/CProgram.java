// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A program in C for the tests, for what Java cannot do. */
public final class CProgram {
    private CProgram() {}

    /** Compiles {@code name.c} of the tests' resources into {@code folder}. */
    public static Path compile(Path folder, String name) throws Exception {
        String file = name + ".c";
        try (InputStream source = CProgram.class.getResourceAsStream('/' + file)) {
            Files.copy(source, folder.resolve(file));
        }
        succeed(new ProcessBuilder("gcc", "-Wall", "-Werror", "-o", name, file)
                .directory(folder.toFile())
                .inheritIO()
                .start());
        return folder.resolve(name);
    }

    /** Waits for a process to end well. */
    static void succeed(Process process) throws InterruptedException {
        assertThat(process.waitFor(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
