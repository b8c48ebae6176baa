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
    private static final int FIRST_KEPT = 16;
    private static final int MAX_KEPT = 1024;

    /** By hash; a power of two. Those with the same one displace each other, unless it can grow. */
    private PeerAddress[] kept = new PeerAddress[FIRST_KEPT];

    private final ByteBuffer address = ByteBuffer.allocate(PeerAddress.ROOM).order(ByteOrder.nativeOrder());

    /** Reads a socket address. {@code null} if there is none, or one of another family. */
    InetSocketAddress read(ByteBuffer memory, int at, int length) {
        int known = length < Short.BYTES ? 0 : SocketAddresses.sizeOf(memory.getShort(at));
        if (known == 0 || length < known) {
            return null;
        }
        clear();
        for (int i = 0; i < known; i += Integer.BYTES) {
            address.putInt(i, memory.getInt(at + i));
        }
        return find();
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
        int hash = PeerAddress.hash(first, second, third, fourth);
        PeerAddress known = kept[slot(hash)];
        if (known != null && known.is(first, second, third, fourth)) {
            return known;
        }
        if (known != null && kept.length < MAX_KEPT) {
            grow();
        }
        PeerAddress added = new PeerAddress(SocketAddresses.read(address, address.capacity()), address);
        kept[slot(hash)] = added;
        return added;
    }

    private int slot(int hash) {
        return hash >>> (Integer.SIZE - Integer.numberOfTrailingZeros(kept.length));
    }

    private void grow() {
        PeerAddress[] fewer = kept;
        kept = new PeerAddress[fewer.length * 2];
        for (PeerAddress peer : fewer) {
            if (peer != null) {
                kept[slot(peer.hash())] = peer;
            }
        }
    }
}
