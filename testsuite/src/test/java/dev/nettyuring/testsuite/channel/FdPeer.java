// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program in C that passes and receives file descriptors; see {@code fd_peer.c}. */
final class FdPeer {
    private final Path program;

    private FdPeer(Path program) {
        this.program = program;
    }

    static FdPeer compile(Path folder) throws Exception {
        return new FdPeer(CProgram.compile(folder, "fd_peer"));
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
}
