// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Something that a program does, whose system calls are made to fail. */
interface Scenario extends AutoCloseable {
    int LIMIT_SECONDS = 20;

    /** The thread whose calls matter, as the kernel numbers it. */
    long thread() throws Exception;

    /** Does it once, and leaves nothing open. Returns what is worth telling, or throws what the user gets. */
    String attempt() throws Exception;

    @Override
    default void close() throws Exception {}

    /** The calling thread, as the kernel numbers it. */
    static long currentThread() throws IOException {
        return Long.parseLong(Files.readSymbolicLink(Path.of("/proc/thread-self"))
                .getFileName()
                .toString());
    }
}
