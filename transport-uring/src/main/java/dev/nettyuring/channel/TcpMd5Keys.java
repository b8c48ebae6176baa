// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.SocketAbi;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;

/** The peers whose segments a socket signs with TCP_MD5SIG (RFC 2385). The kernel keeps the keys, we the addresses. */
final class TcpMd5Keys {
    private TcpMd5Keys() {}

    /**
     * Replaces all of a socket's keys.
     *
     * @param peers for whom it has some
     * @return for whom it has some now
     * @throws IllegalArgumentException if a key is empty or longer than the 80 bytes that the kernel takes; no key is
     *     changed then
     */
    static Set<InetAddress> replace(SocketFd socket, Set<InetAddress> peers, Map<InetAddress, byte[]> keys) {
        keys.forEach(TcpMd5Keys::check);
        for (InetAddress peer : peers) {
            if (!keys.containsKey(peer)) {
                set(socket, peer, new byte[0]);
            }
        }
        keys.forEach((peer, key) -> set(socket, peer, key));
        return Set.copyOf(keys.keySet());
    }

    private static void check(InetAddress peer, byte[] key) {
        if (key == null || key.length == 0 || key.length > SocketAbi.TCP_MD5SIG_MAXKEYLEN) {
            throw new IllegalArgumentException("TCP_MD5SIG: " + (key == null ? null : key.length + " bytes") + " for "
                    + peer + " (expected: a key of 1 to " + SocketAbi.TCP_MD5SIG_MAXKEYLEN + " bytes)");
        }
    }

    /** An empty key takes the peer's away. */
    private static void set(SocketFd socket, InetAddress peer, byte[] key) {
        socket.setOption(SocketAbi.IPPROTO_TCP, SocketAbi.TCP_MD5SIG, UringChannelOption.TCP_MD5SIG.name(), memory -> {
            for (int i = 0; i < SocketAbi.TCP_MD5SIG_SIZE; i++) {
                memory.put(i, (byte) 0);
            }
            SocketAddresses.write(memory, new InetSocketAddress(peer, 0), socket.isIpv6());
            memory.putShort(SocketAbi.TCP_MD5SIG_KEYLEN, (short) key.length);
            memory.put(SocketAbi.TCP_MD5SIG_KEY, key, 0, key.length);
            return SocketAbi.TCP_MD5SIG_SIZE;
        });
    }
}
