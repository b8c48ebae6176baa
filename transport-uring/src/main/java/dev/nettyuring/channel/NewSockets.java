// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.ChannelException;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.util.NetUtil;
import java.net.SocketException;

/** How sockets are made: of which address family, and why one cannot be. Any thread. */
final class NewSockets {
    /** {@code null} until it is known. */
    private static volatile Boolean ipv6Works;

    private NewSockets() {}

    /**
     * The fd of a new socket.
     *
     * @param family one of the kernel's: AF_INET, AF_INET6 or AF_UNIX
     * @param type SOCK_STREAM or SOCK_DGRAM
     * @throws ChannelException if there is none to be had
     */
    static int open(int family, int type) {
        int fd = Native.socket(family, type | SocketAbi.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw new ChannelException(unavailable(fd));
        }
        return fd;
    }

    private static SocketException unavailable(int result) {
        switch (-result) {
            case Errno.EAFNOSUPPORT:
                return new SocketException(Errno.message("socket", result)
                        + ": the address family is switched off here (-Djava.net.preferIPv4Stack=true does without IPv6;"
                        + " systemd has RestrictAddressFamilies=)");
            case Errno.EACCES:
            case Errno.EPERM:
                return new SocketException(
                        Errno.message("socket", result) + ": a seccomp filter or a security module forbids it");
            default:
                return Errno.newSocketException("socket", result);
        }
    }

    /** Whether a socket is to speak IPv6; {@code null} is for one that does where there is IPv6. */
    static boolean isIpv6(SocketProtocolFamily family) {
        if (family == null) {
            return ipv6Works();
        }
        switch (family) {
            case INET:
                return false;
            case INET6:
                return true;
            default:
                throw new IllegalArgumentException("family: " + family + " (expected: INET or INET6)");
        }
    }

    private static boolean ipv6Works() {
        Boolean known = ipv6Works;
        if (known != null) {
            return known;
        }
        if (NetUtil.isIpV4StackPreferred()) {
            ipv6Works = false;
            return false;
        }
        int fd = Native.socket(SocketAbi.AF_INET6, SocketAbi.SOCK_STREAM | SocketAbi.SOCK_CLOEXEC, 0);
        if (fd < 0 && Errno.isShortage(-fd)) {
            return true; // the next attempt tells
        }
        ipv6Works = fd >= 0 && Native.close(fd) == 0;
        return ipv6Works;
    }
}
