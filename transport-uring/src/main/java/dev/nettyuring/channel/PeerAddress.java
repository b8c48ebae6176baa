// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.SocketAbi;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** An address that the kernel told, and how: an answer to it need not be written anew. */
final class PeerAddress extends InetSocketAddress {
    /** So many bytes it takes to read one or to write it, a {@code sockaddr_in6} or a {@code sockaddr_in} and zeros. */
    static final int ROOM = (SocketAbi.SOCKADDR_IN6_SIZE + Long.BYTES - 1) & -Long.BYTES;

    private static final long serialVersionUID = 1;
    private static final long HASH = 0x9e3779b97f4a7c15L;

    private final boolean ipv6;
    private final long first;
    private final long second;
    private final long third;
    private final long fourth;

    /** @param socketAddress the same as the kernel wrote it; absolute accesses only */
    PeerAddress(InetSocketAddress address, ByteBuffer socketAddress) {
        super(address.getAddress(), address.getPort());
        ipv6 = socketAddress.getShort(0) == SocketAbi.AF_INET6;
        first = socketAddress.getLong(0);
        second = socketAddress.getLong(Long.BYTES);
        third = socketAddress.getLong(2 * Long.BYTES);
        fourth = socketAddress.getLong(3 * Long.BYTES);
    }

    /** Whether it is that of an IPv6 socket, if only as a mapped one. */
    boolean isIpv6() {
        return ipv6;
    }

    boolean is(long first, long second, long third, long fourth) {
        return this.first == first && this.second == second && this.third == third && this.fourth == fourth;
    }

    static int hash(long first, long second, long third, long fourth) {
        return (int) (((((first * HASH + second) * HASH + third) * HASH + fourth) * HASH) >>> Integer.SIZE);
    }

    /** Of how it is written, which is not that of the address. */
    int hash() {
        return hash(first, second, third, fourth);
    }

    /** Elsewhere it is an address like any other. */
    private Object writeReplace() {
        return new InetSocketAddress(getAddress(), getPort());
    }

    /**
     * Writes it to memory that has {@link #ROOM} for it.
     *
     * @return its length
     */
    int write(ByteBuffer memory) {
        memory.putLong(0, first);
        memory.putLong(Long.BYTES, second);
        memory.putLong(2 * Long.BYTES, third);
        memory.putLong(3 * Long.BYTES, fourth);
        return ipv6 ? SocketAbi.SOCKADDR_IN6_SIZE : SocketAbi.SOCKADDR_IN_SIZE;
    }
}
