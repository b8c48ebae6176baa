// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.SocketAbi;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads internet addresses, and keeps the last of them as objects: most datagrams come from a peer that sent one before.
 * One thread.
 */
final class PeerAddresses {
    private static final int KEPT = 64;
    private static final long HASH = 0x9e3779b97f4a7c15L;

    private final Entry[] kept = new Entry[KEPT];
    /** A {@code sockaddr_in6}, or a {@code sockaddr_in} and zeros. */
    private final ByteBuffer address = ByteBuffer.allocate(4 * Long.BYTES).order(ByteOrder.nativeOrder());

    private static final class Entry {
        final long first;
        final long second;
        final long third;
        final long fourth;
        final InetSocketAddress address;

        Entry(long first, long second, long third, long fourth, InetSocketAddress address) {
            this.first = first;
            this.second = second;
            this.third = third;
            this.fourth = fourth;
            this.address = address;
        }
    }

    /** Reads a socket address. {@code null} if there is none, or one of another family. */
    InetSocketAddress read(ByteBuffer memory, int at, int length) {
        int known = length < Short.BYTES ? 0 : sizeOf(memory.getShort(at));
        if (known == 0 || length < known) {
            return null;
        }
        clear();
        for (int i = 0; i < known; i += Integer.BYTES) {
            address.putInt(i, memory.getInt(at + i));
        }
        return find();
    }

    private static int sizeOf(short family) {
        switch (family) {
            case SocketAbi.AF_INET:
                return SocketAbi.SOCKADDR_IN_SIZE;
            case SocketAbi.AF_INET6:
                return SocketAbi.SOCKADDR_IN6_SIZE;
            default:
                return 0;
        }
    }

    /** Reads an {@code in_addr}. */
    InetSocketAddress readIpv4(ByteBuffer memory, int at, int port) {
        clear();
        address.putShort(0, (short) SocketAbi.AF_INET);
        putPort(SocketAbi.SOCKADDR_IN_PORT, port);
        address.putInt(SocketAbi.SOCKADDR_IN_ADDR, memory.getInt(at));
        return find();
    }

    /**
     * Reads an {@code in6_addr}.
     *
     * @param scopeId the interface, for an address that means something only there; or 0
     */
    InetSocketAddress readIpv6(ByteBuffer memory, int at, int port, int scopeId) {
        clear();
        address.putShort(0, (short) SocketAbi.AF_INET6);
        putPort(SocketAbi.SOCKADDR_IN6_PORT, port);
        address.putLong(SocketAbi.SOCKADDR_IN6_ADDR, memory.getLong(at));
        address.putLong(SocketAbi.SOCKADDR_IN6_ADDR + Long.BYTES, memory.getLong(at + Long.BYTES));
        address.putInt(SocketAbi.SOCKADDR_IN6_SCOPE_ID, scopeId);
        return find();
    }

    private void clear() {
        for (int i = 0; i < address.capacity(); i += Long.BYTES) {
            address.putLong(i, 0);
        }
    }

    private void putPort(int at, int port) {
        address.put(at, (byte) (port >>> Byte.SIZE));
        address.put(at + 1, (byte) port);
    }

    private InetSocketAddress find() {
        long first = address.getLong(0);
        long second = address.getLong(Long.BYTES);
        long third = address.getLong(2 * Long.BYTES);
        long fourth = address.getLong(3 * Long.BYTES);
        long mixed = (((first * HASH + second) * HASH + third) * HASH + fourth) * HASH;
        int slot = (int) (mixed >>> (Long.SIZE - Integer.numberOfTrailingZeros(KEPT)));
        Entry entry = kept[slot];
        if (entry == null
                || entry.first != first
                || entry.second != second
                || entry.third != third
                || entry.fourth != fourth) {
            entry = new Entry(first, second, third, fourth, SocketAddresses.read(address));
            kept[slot] = entry;
        }
        return entry.address;
    }
}
