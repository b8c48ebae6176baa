// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.SocketAbi;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.UnresolvedAddressException;

/** Internet addresses as the kernel's {@code sockaddr_in} and {@code sockaddr_in6}, and back. */
final class SocketAddresses {
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;
    /** Where the IPv4 address begins in a mapped one, ::ffff:a.b.c.d. */
    private static final int MAPPED_PREFIX = 12;

    private SocketAddresses() {}

    static void checkResolved(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
    }

    /**
     * Writes an address for a socket of a family. On an IPv6 socket an IPv4 address is written as a mapped one, and the
     * wildcard as IPv6's, so that a server bound to it serves both, as with the JDK's sockets.
     *
     * @return its length
     */
    static int write(ByteBuffer memory, InetSocketAddress address, boolean ipv6) {
        return ipv6 ? writeIpv6(memory, address) : writeIpv4(memory, address);
    }

    private static int writeIpv4(ByteBuffer memory, InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        boolean wildcard = ip.isAnyLocalAddress();
        if (!(ip instanceof Inet4Address) && !wildcard) {
            throw new IllegalArgumentException(
                    "address: " + address + " (expected: IPv4, which is this socket's family)");
        }
        clear(memory, SocketAbi.SOCKADDR_IN_SIZE);
        memory.putShort(0, (short) SocketAbi.AF_INET);
        putPort(memory, SocketAbi.SOCKADDR_IN_PORT, address.getPort());
        if (!wildcard) {
            put(memory, SocketAbi.SOCKADDR_IN_ADDR, ip.getAddress());
        }
        return SocketAbi.SOCKADDR_IN_SIZE;
    }

    private static int writeIpv6(ByteBuffer memory, InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        clear(memory, SocketAbi.SOCKADDR_IN6_SIZE);
        memory.putShort(0, (short) SocketAbi.AF_INET6);
        putPort(memory, SocketAbi.SOCKADDR_IN6_PORT, address.getPort());
        if (ip instanceof Inet6Address) {
            put(memory, SocketAbi.SOCKADDR_IN6_ADDR, ip.getAddress());
            memory.putInt(SocketAbi.SOCKADDR_IN6_SCOPE_ID, ((Inet6Address) ip).getScopeId());
        } else if (!ip.isAnyLocalAddress()) {
            memory.putShort(SocketAbi.SOCKADDR_IN6_ADDR + MAPPED_PREFIX - Short.BYTES, (short) -1);
            put(memory, SocketAbi.SOCKADDR_IN6_ADDR + MAPPED_PREFIX, ip.getAddress());
        }
        return SocketAbi.SOCKADDR_IN6_SIZE;
    }

    /** How long an address of a family is; 0 for another than the two. */
    static int sizeOf(short family) {
        switch (family) {
            case SocketAbi.AF_INET:
                return SocketAbi.SOCKADDR_IN_SIZE;
            case SocketAbi.AF_INET6:
                return SocketAbi.SOCKADDR_IN6_SIZE;
            default:
                return 0;
        }
    }

    /**
     * Reads what the kernel wrote; a mapped IPv4 address comes out as IPv4.
     *
     * @param length of what it wrote, as it says
     * @return {@code null} for another family, or less than an address
     */
    static InetSocketAddress read(ByteBuffer memory, int length) {
        short family = length < Short.BYTES ? SocketAbi.AF_UNSPEC : memory.getShort(0);
        if (length < sizeOf(family)) {
            return null;
        }
        switch (family) {
            case SocketAbi.AF_INET:
                return new InetSocketAddress(
                        address(get(memory, SocketAbi.SOCKADDR_IN_ADDR, IPV4_BYTES), 0),
                        port(memory, SocketAbi.SOCKADDR_IN_PORT));
            case SocketAbi.AF_INET6:
                return new InetSocketAddress(
                        // getByAddress makes an IPv4 address of a mapped one
                        address(
                                get(memory, SocketAbi.SOCKADDR_IN6_ADDR, IPV6_BYTES),
                                memory.getInt(SocketAbi.SOCKADDR_IN6_SCOPE_ID)),
                        port(memory, SocketAbi.SOCKADDR_IN6_PORT));
            default:
                return null;
        }
    }

    private static InetAddress address(byte[] bytes, int scopeId) {
        try {
            return scopeId == 0 ? InetAddress.getByAddress(bytes) : Inet6Address.getByAddress(null, bytes, scopeId);
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // the length is right
        }
    }

    /** Whether they are equal; also in their scopes, which the JDK leaves out. */
    static boolean areSame(SocketAddress one, SocketAddress other) {
        return one == other || (one != null && one.equals(other) && scopeId(one) == scopeId(other));
    }

    private static int scopeId(SocketAddress address) {
        if (address instanceof InetSocketAddress) {
            InetAddress ip = ((InetSocketAddress) address).getAddress();
            return ip instanceof Inet6Address ? ((Inet6Address) ip).getScopeId() : 0;
        }
        return 0;
    }

    /** The peer's address as the kernel knows it, under the name by which the user asked for it. */
    static InetSocketAddress named(InetSocketAddress requested, InetSocketAddress actual) {
        if (actual == null) {
            return requested;
        }
        InetAddress ip = actual.getAddress();
        if (ip instanceof Inet6Address && ((Inet6Address) ip).getScopeId() != 0) {
            return actual;
        }
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(requested.getHostString(), ip.getAddress()), actual.getPort());
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // the length is right
        }
    }

    private static void clear(ByteBuffer memory, int length) {
        for (int i = 0; i < length; i++) {
            memory.put(i, (byte) 0);
        }
    }

    private static void put(ByteBuffer memory, int offset, byte[] bytes) {
        memory.put(offset, bytes, 0, bytes.length);
    }

    private static byte[] get(ByteBuffer memory, int offset, int length) {
        byte[] bytes = new byte[length];
        memory.get(offset, bytes, 0, length);
        return bytes;
    }

    private static void putPort(ByteBuffer memory, int offset, int port) {
        memory.putShort(offset, networkOrder((short) port));
    }

    private static int port(ByteBuffer memory, int offset) {
        return networkOrder(memory.getShort(offset)) & 0xffff;
    }

    private static short networkOrder(short value) {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? value : Short.reverseBytes(value);
    }
}
