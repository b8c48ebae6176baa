// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** The file that a server's socket is bound to, and that goes with the server: that one, not another of its name. */
final class SocketFile {
    private static final InternalLogger LOGGER = InternalLoggerFactory.getInstance(SocketFile.class);

    private final Path path;
    private final Object key;

    private SocketFile(Path path, Object key) {
        this.path = path;
        this.key = key;
    }

    /** The file of an address that was just bound; {@code null} if it has none, or none that Java can name. */
    static SocketFile of(DomainSocketAddress address) {
        if (!DomainAddresses.isFile(address)) {
            return null;
        }
        try {
            Path path = Path.of(address.path());
            return new SocketFile(path, keyOf(path));
        } catch (IOException | InvalidPathException e) {
            LOGGER.debug("The file of the server at {} will not be deleted", address, e);
            return null;
        }
    }

    private static Object keyOf(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Deletes it, unless another file is there now. */
    void delete() {
        try {
            if (key.equals(keyOf(path))) {
                Files.delete(path);
            }
        } catch (NoSuchFileException somebodyDeletedIt) {
            // as well
        } catch (IOException e) {
            LOGGER.debug("Could not delete {}", path, e);
        }
    }
}
