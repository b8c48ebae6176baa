// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.ChannelException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Enumeration;

/** A UDP socket's multicast groups, and the interface it sends to them by. Any thread. */
final class Multicast {
    private static final int ANY_INTERFACE = 0;

    private final SocketFd socket;

    Multicast(SocketFd socket) {
        this.socket = socket;
    }

    /**
     * Begins to receive what is sent to a group.
     *
     * @param by {@code null} for the interface that the kernel's routes name
     * @param source the only sender to receive from, or {@code null} for all
     * @throws ChannelException if the kernel refuses
     */
    void join(InetAddress group, NetworkInterface by, InetAddress source) {
        if (source == null) {
            change(SocketAbi.MCAST_JOIN_GROUP, "MCAST_JOIN_GROUP", group, by, null);
        } else {
            change(SocketAbi.MCAST_JOIN_SOURCE_GROUP, "MCAST_JOIN_SOURCE_GROUP", group, by, source);
        }
    }

    /** The opposite, with the same arguments. */
    void leave(InetAddress group, NetworkInterface by, InetAddress source) {
        if (source == null) {
            change(SocketAbi.MCAST_LEAVE_GROUP, "MCAST_LEAVE_GROUP", group, by, null);
        } else {
            change(SocketAbi.MCAST_LEAVE_SOURCE_GROUP, "MCAST_LEAVE_SOURCE_GROUP", group, by, source);
        }
    }

    /** Receives no longer what that sender sends to a group that was joined. */
    void block(InetAddress group, NetworkInterface by, InetAddress source) {
        change(SocketAbi.MCAST_BLOCK_SOURCE, "MCAST_BLOCK_SOURCE", group, by, source);
    }

    /** By {@code struct group_req} and, with a source, {@code struct group_source_req}, which begins with it. */
    private void change(int name, String what, InetAddress group, NetworkInterface by, InetAddress source) {
        if (!group.isMulticastAddress()) {
            throw new IllegalArgumentException("group: " + group + " (expected: a multicast address)");
        }
        int level = group instanceof Inet4Address ? SocketAbi.IPPROTO_IP : SocketAbi.IPPROTO_IPV6;
        int length = source == null ? SocketAbi.GROUP_REQ_SIZE : SocketAbi.GROUP_SOURCE_REQ_SIZE;
        socket.setOption(level, name, what, memory -> {
            for (int i = 0; i < length; i += Long.BYTES) {
                memory.putLong(i, 0);
            }
            memory.putInt(SocketAbi.GROUP_REQ_INTERFACE, by == null ? ANY_INTERFACE : by.getIndex());
            write(memory, SocketAbi.GROUP_REQ_GROUP, group);
            if (source != null) {
                write(memory, SocketAbi.GROUP_SOURCE_REQ_SOURCE, source);
            }
            return length;
        });
    }

    private static void write(ByteBuffer memory, int at, InetAddress address) {
        ByteBuffer part = memory.slice(at, SocketAbi.SOCKADDR_STORAGE_SIZE).order(ByteOrder.nativeOrder());
        SocketAddresses.write(part, new InetSocketAddress(address, 0), !(address instanceof Inet4Address));
    }

    /** Sends by an interface; {@code null} if it was not set, or is gone. */
    NetworkInterface networkInterface() {
        try {
            if (socket.isIpv6()) {
                int index = socket.getOption(
                        SocketAbi.IPPROTO_IPV6,
                        SocketAbi.IPV6_MULTICAST_IF,
                        "IP_MULTICAST_IF",
                        (memory, length) -> memory.getInt(0));
                return index == ANY_INTERFACE ? null : NetworkInterface.getByIndex(index);
            }
            byte[] address = socket.getOption(
                    SocketAbi.IPPROTO_IP, SocketAbi.IP_MULTICAST_IF, "IP_MULTICAST_IF", (memory, length) -> {
                        byte[] bytes = new byte[Integer.BYTES];
                        memory.get(0, bytes);
                        return bytes;
                    });
            InetAddress ip = InetAddress.getByAddress(address);
            return ip.isAnyLocalAddress() ? null : NetworkInterface.getByInetAddress(ip);
        } catch (SocketException | UnknownHostException e) {
            throw new ChannelException(e);
        }
    }

    /** Sends to groups by that interface: an IPv6 socket to IPv4 groups as well. */
    void setNetworkInterface(NetworkInterface by) {
        InetAddress ipv4 = ipv4AddressOf(by);
        if (socket.isIpv6()) {
            socket.setOption(SocketAbi.IPPROTO_IPV6, SocketAbi.IPV6_MULTICAST_IF, "IP_MULTICAST_IF", memory -> {
                memory.putInt(0, by.getIndex());
                return Integer.BYTES;
            });
        } else if (ipv4 == null) {
            throw new ChannelException("IP_MULTICAST_IF: " + by + " (expected: one with an IPv4 address)");
        }
        if (ipv4 == null) {
            return;
        }
        socket.setOption(SocketAbi.IPPROTO_IP, SocketAbi.IP_MULTICAST_IF, "IP_MULTICAST_IF", memory -> {
            memory.putInt(0, 0);
            memory.put(SocketAbi.IP_MREQN_ADDRESS, ipv4.getAddress());
            memory.putInt(SocketAbi.IP_MREQN_IFINDEX, by.getIndex());
            return SocketAbi.IP_MREQN_SIZE;
        });
    }

    private static InetAddress ipv4AddressOf(NetworkInterface by) {
        for (Enumeration<InetAddress> all = by.getInetAddresses(); all.hasMoreElements(); ) {
            InetAddress address = all.nextElement();
            if (address instanceof Inet4Address) {
                return address;
            }
        }
        return null;
    }
}
