// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.BindException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Why a Unix domain socket could not be bound, and what would help. */
final class DomainBindFailure {
    private DomainBindFailure() {}

    /**
     * The exception to throw.
     *
     * @param memory where the address lies that was written for bind(2)
     */
    static SocketException of(DomainSocketAddress address, int result, long memory, int length) {
        String message = Errno.message("bind(" + DomainAddresses.name(address) + ')', result);
        switch (-result) {
            case Errno.EADDRINUSE:
                return new BindException(message + ": "
                        + (DomainAddresses.isFile(address)
                                ? whatIsThere(address, memory, length)
                                : "another socket has that abstract name: choose another, or end its owner"));
            case Errno.ENOENT:
                return new BindException(message + ": create the directory first");
            case Errno.EACCES:
                return new BindException(
                        message + ": the process must be allowed to write to the directory, and to search those above");
            default:
                return new SocketException(message);
        }
    }

    /**
     * Whether anybody is bound to the file is found by connecting a datagram socket: that disturbs nobody, since a stream
     * socket refuses it for its type.
     */
    private static String whatIsThere(DomainSocketAddress address, long memory, int length) {
        if (!isSocket(address)) {
            return "a file that is no socket is there: choose another path, or move the file";
        }
        int fd = Native.socket(SocketAbi.AF_UNIX, SocketAbi.SOCK_DGRAM | SocketAbi.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return "a socket's file is there";
        }
        int result = Native.connect(fd, memory, length);
        Native.close(fd);
        if (result == -Errno.ECONNREFUSED) {
            return "nobody listens there any more, only the file was left behind: delete it before binding";
        }
        return result == 0 || result == -Errno.EPROTOTYPE
                ? "somebody listens there: end that process, or choose another path"
                : "a socket's file is there, and whether anybody listens is not to be found out: "
                        + Errno.message("connect", result);
    }

    private static boolean isSocket(DomainSocketAddress address) {
        try {
            Path path = Path.of(address.path());
            return !Files.isRegularFile(path)
                    && !Files.isDirectory(path)
                    && !Files.isSymbolicLink(path)
                    && Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        } catch (InvalidPathException notInThisCharset) {
            return true;
        }
    }
}
