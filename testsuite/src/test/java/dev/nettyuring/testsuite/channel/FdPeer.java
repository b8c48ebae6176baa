// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program in C that passes and receives file descriptors; see {@code fd_peer.c}. */
final class FdPeer {
    private final Path program;

    private FdPeer(Path program) {
        this.program = program;
    }

    static FdPeer compile(Path folder) throws Exception {
        try (InputStream source = FdPeer.class.getResourceAsStream("/fd_peer.c")) {
            Files.copy(source, folder.resolve("fd_peer.c"));
        }
        Process gcc = new ProcessBuilder("gcc", "-Wall", "-Werror", "-o", "fd_peer", "fd_peer.c")
                .directory(folder.toFile())
                .inheritIO()
                .start();
        succeed(gcc);
        return new FdPeer(folder.resolve("fd_peer"));
    }

    /** Connects it to a server. */
    Process start(String what, Domain server, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(program.toString(), what, server.address().path()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectInput(new File("/dev/null"))
                .start();
    }

    static void succeed(Process process) throws InterruptedException {
        assertThat(process.waitFor(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
