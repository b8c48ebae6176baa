// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Unix domain addresses as the kernel's {@code sockaddr_un}, and back. A path that starts with NUL is an abstract name; an
 * empty one is the address of a socket that has none, and to bind to it makes the kernel choose an abstract name. Others are
 * paths of files, in UTF-8. See <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>.
 */
final class DomainAddresses {
    /** The kernel wants the NUL after it as well. */
    private static final int MAX_PATH_BYTES = SocketAbi.SOCKADDR_UN_SIZE - SocketAbi.SOCKADDR_UN_PATH - 1;

    private DomainAddresses() {}

    /**
     * The address as Netty's class; the JDK's is taken as well.
     *
     * @throws SocketException if the kernel has no room for it, or would see another
     */
    static DomainSocketAddress check(SocketAddress address) throws SocketException {
        DomainSocketAddress checked = address instanceof UnixDomainSocketAddress
                ? new DomainSocketAddress(
                        ((UnixDomainSocketAddress) address).getPath().toString())
                : (DomainSocketAddress) address;
        int length = bytes(checked).length;
        int most = isAbstract(checked) ? MAX_PATH_BYTES + 1 : MAX_PATH_BYTES;
        if (length > most) {
            throw new SocketException("the path of a Unix domain socket has " + length + " bytes: " + name(checked)
                    + " (expected: at most " + most
                    + "; use a directory with a shorter name, such as /run, a path relative"
                    + " to the working directory, or an abstract name, which starts with NUL)");
        }
        if (!isAbstract(checked) && checked.path().indexOf('\0') >= 0) {
            throw new SocketException("the path of a Unix domain socket has a NUL in it: "
                    + checked.path().replace('\0', '@')
                    + " (expected: none, or one at the start, for an abstract name)");
        }
        return checked;
    }

    static boolean isAbstract(DomainSocketAddress address) {
        return address.path().startsWith("\0");
    }

    /** Whether it names a file. */
    static boolean isFile(DomainSocketAddress address) {
        return !address.path().isEmpty() && !isAbstract(address);
    }

    /** For messages: an abstract name with @, as ss(8) shows it. */
    static String name(DomainSocketAddress address) {
        return isAbstract(address) ? '@' + address.path().substring(1) : address.path();
    }

    /**
     * The exception for a failure to reach an address: Netty's own for one where nothing is.
     *
     * @param call with the address, if that is known
     */
    static IOException unreachable(String call, int result) {
        return result == -Errno.ENOENT
                ? new FileNotFoundException(Errno.message(call, result))
                : Errno.newSocketException(call, result);
    }

    private static byte[] bytes(DomainSocketAddress address) {
        return address.path().getBytes(StandardCharsets.UTF_8);
    }

    /** Writes an address that was checked; returns its length. */
    static int write(ByteBuffer memory, DomainSocketAddress address) {
        byte[] path = bytes(address);
        memory.putShort(0, (short) SocketAbi.AF_UNIX);
        memory.put(SocketAbi.SOCKADDR_UN_PATH, path);
        int end = SocketAbi.SOCKADDR_UN_PATH + path.length;
        if (!isFile(address)) {
            return end;
        }
        memory.put(end, (byte) 0);
        return end + 1;
    }

    /** Reads what the kernel wrote; {@code null} for another family. */
    static DomainSocketAddress read(ByteBuffer memory, int at, int length) {
        if (length < SocketAbi.SOCKADDR_UN_PATH || memory.getShort(at) != SocketAbi.AF_UNIX) {
            return null;
        }
        byte[] path = new byte[length - SocketAbi.SOCKADDR_UN_PATH];
        memory.get(at + SocketAbi.SOCKADDR_UN_PATH, path);
        int end = path.length;
        if (end > 0 && path[0] != 0) {
            while (path[end - 1] == 0) {
                end--;
            }
        }
        return new DomainSocketAddress(new String(path, 0, end, StandardCharsets.UTF_8));
    }
}
