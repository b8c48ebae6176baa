// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Paths for Unix domain sockets. What is left there when the JVM ends is deleted. */
public final class SocketFiles {
    private SocketFiles() {}

    /** A path where no file is. */
    public static Path newPath() {
        try {
            Path path = Files.createTempFile("netty-uring", ".sock");
            Files.delete(path);
            path.toFile().deleteOnExit();
            return path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An address at such a path. */
    public static DomainSocketAddress newAddress() {
        return new DomainSocketAddress(newPath().toString());
    }
}
