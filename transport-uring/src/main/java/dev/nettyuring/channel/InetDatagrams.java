// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static dev.nettyuring.jni.SocketAbi.IPPROTO_IP;
import static dev.nettyuring.jni.SocketAbi.IPPROTO_IPV6;
import static dev.nettyuring.jni.SocketAbi.IPPROTO_UDP;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.SocketAbi;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;

/** UDP over IPv4 and IPv6. */
final class InetDatagrams extends DatagramFormat {
    /** An IPv6 socket hears of IPv4 datagrams in both ways. */
    private static final int CONTROL_ROOM = 2 * DatagramHeader.controlSpace(Integer.BYTES) // IP_TOS, IPV6_TCLASS
            + DatagramHeader.controlSpace(SocketAbi.IN_PKTINFO_SIZE)
            + DatagramHeader.controlSpace(SocketAbi.IN6_PKTINFO_SIZE)
            + DatagramHeader.controlSpace(SocketAbi.SOCKADDR_IN_SIZE)
            + DatagramHeader.controlSpace(SocketAbi.SOCKADDR_IN6_SIZE)
            + DatagramHeader.controlSpace(Integer.BYTES); // UDP_GRO

    private static final int NONE = -1;

    private final UringDatagramChannel channel;
    private final PeerAddresses addresses = new PeerAddresses();
    private InetSocketAddress sender;
    /** To which address the datagram was sent, if the kernel told; else {@code null}. */
    private InetSocketAddress recipient;

    private boolean originalRecipient;
    private int trafficClass;
    private int joinedSize;

    InetDatagrams(UringDatagramChannel channel) {
        this.channel = channel;
    }

    @Override
    int nameRoom() {
        return PeerAddress.ROOM;
    }

    @Override
    int controlRoom() {
        return channel.config().wantsControlMessages() ? CONTROL_ROOM : 0;
    }

    @Override
    void read(DatagramHeader header) {
        sender = addresses.read(header.memory(), header.nameAt(), header.nameLength());
        recipient = null;
        originalRecipient = false;
        trafficClass = NONE;
        joinedSize = NONE;
        while (header.nextControl()) {
            readControl(header, header.memory(), header.controlAt());
        }
    }

    private void readControl(DatagramHeader header, ByteBuffer memory, int at) {
        if (header.isControl(IPPROTO_IP, SocketAbi.IP_TOS, 1)) {
            trafficClass = memory.get(at) & 0xff;
        } else if (header.isControl(IPPROTO_IPV6, SocketAbi.IPV6_TCLASS, Integer.BYTES)) {
            trafficClass = memory.getInt(at) & 0xff;
        } else if (header.isControl(IPPROTO_UDP, SocketAbi.UDP_GRO, Integer.BYTES)) {
            joinedSize = memory.getInt(at);
        } else if (header.isControl(IPPROTO_IP, SocketAbi.IP_ORIGDSTADDR, SocketAbi.SOCKADDR_IN_SIZE)) {
            readOriginal(memory, at, SocketAbi.SOCKADDR_IN_SIZE);
        } else if (header.isControl(IPPROTO_IPV6, SocketAbi.IPV6_ORIGDSTADDR, SocketAbi.SOCKADDR_IN6_SIZE)) {
            readOriginal(memory, at, SocketAbi.SOCKADDR_IN6_SIZE);
        } else if (!originalRecipient) {
            readPacketInfo(header, memory, at);
        }
    }

    private void readOriginal(ByteBuffer memory, int at, int length) {
        InetSocketAddress original = addresses.read(memory, at, length);
        if (original != null) {
            recipient = original;
            originalRecipient = true;
        }
    }

    private void readPacketInfo(DatagramHeader header, ByteBuffer memory, int at) {
        if (header.isControl(IPPROTO_IP, SocketAbi.IP_PKTINFO, SocketAbi.IN_PKTINFO_SIZE)) {
            recipient = addresses.readIpv4(memory, at + SocketAbi.IN_PKTINFO_ADDR, localPort());
        } else if (header.isControl(IPPROTO_IPV6, SocketAbi.IPV6_PKTINFO, SocketAbi.IN6_PKTINFO_SIZE)) {
            int address = at + SocketAbi.IN6_PKTINFO_ADDR;
            int scopeId = isLinkLocal(memory, address) ? memory.getInt(at + SocketAbi.IN6_PKTINFO_IFINDEX) : 0;
            recipient = addresses.readIpv6(memory, address, localPort(), scopeId);
        }
    }

    /** fe80::/10, and ff02::/16 of multicast. */
    private static boolean isLinkLocal(ByteBuffer memory, int at) {
        int first = memory.get(at) & 0xff;
        int second = memory.get(at + 1) & 0xff;
        return first == 0xfe ? (second & 0xc0) == 0x80 : first == 0xff && (second & 0xf) == 2;
    }

    private int localPort() {
        InetSocketAddress local = channel.localAddress();
        return local == null ? 0 : local.getPort();
    }

    @Override
    SocketAddress sender() {
        return sender;
    }

    @Override
    void deliver(ByteBuf payload, DatagramReceiver receiver) {
        InetSocketAddress from = sender != null ? sender : channel.remoteAddress();
        InetSocketAddress to = recipient != null ? recipient : channel.localAddress();
        int marked = trafficClass;
        int size = joinedSize;
        int length = payload.readableBytes();
        if (size <= 0 || size >= length) {
            receiver.made(packet(payload, marked, Math.max(1, length), to, from));
        } else if (channel.config().isUdpGroSegmented()) {
            receiver.made(
                    marked == NONE
                            ? new SegmentedDatagramPacket(payload, size, to, from)
                            : new UringDatagramPacket(payload, marked, size, to, from));
        } else {
            try {
                while (payload.isReadable()) {
                    int segment = Math.min(size, payload.readableBytes());
                    receiver.made(packet(payload.readRetainedSlice(segment), marked, segment, to, from));
                }
            } finally {
                payload.release();
            }
        }
    }

    private static DatagramPacket packet(
            ByteBuf payload, int trafficClass, int size, InetSocketAddress to, InetSocketAddress from) {
        return trafficClass == NONE
                ? new DatagramPacket(payload, to, from)
                : new UringDatagramPacket(payload, trafficClass, size, to, from);
    }

    @Override
    int writeName(ByteBuffer memory, SocketAddress recipient) {
        boolean ipv6 = channel.socket().isIpv6();
        return recipient instanceof PeerAddress && ((PeerAddress) recipient).isIpv6() == ipv6
                ? ((PeerAddress) recipient).write(memory)
                : SocketAddresses.write(memory, reachable((InetSocketAddress) recipient), ipv6);
    }

    /** To send to the wildcard address is to send to this machine; by IPv4, if that is how it was written. */
    static InetSocketAddress reachable(InetSocketAddress target) {
        InetAddress ip = target.getAddress();
        return ip instanceof Inet4Address && ip.isAnyLocalAddress()
                ? new InetSocketAddress(NetUtil.LOCALHOST4, target.getPort())
                : target;
    }

    @Override
    int segmentSize(Object message, int length) {
        return message instanceof SegmentedDatagramPacket ? ((SegmentedDatagramPacket) message).segmentSize() : length;
    }

    @Override
    int sentControlRoom(Object message, boolean segmented) {
        return (segmented ? DatagramHeader.controlSpace(Short.BYTES) : 0)
                + (message instanceof UringDatagramPacket ? DatagramHeader.controlSpace(Integer.BYTES) : 0);
    }

    @Override
    int writeControl(ByteBuffer memory, int at, Object message, int segmentSize) {
        int next = at;
        if (segmentSize > 0) {
            memory.putShort(next + SocketAbi.CMSGHDR_SIZE, (short) segmentSize);
            next = DatagramHeader.writeControl(memory, next, IPPROTO_UDP, SocketAbi.UDP_SEGMENT, Short.BYTES);
        }
        if (message instanceof UringDatagramPacket) {
            UringDatagramPacket packet = (UringDatagramPacket) message;
            boolean ipv4 = isIpv4(packet.recipient());
            memory.putInt(next + SocketAbi.CMSGHDR_SIZE, packet.trafficClass());
            next = DatagramHeader.writeControl(
                    memory,
                    next,
                    ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
                    ipv4 ? SocketAbi.IP_TOS : SocketAbi.IPV6_TCLASS,
                    Integer.BYTES);
        }
        return next;
    }

    private boolean isIpv4(InetSocketAddress recipient) {
        InetSocketAddress peer = recipient != null ? recipient : channel.remoteAddress();
        return peer == null ? !channel.socket().isIpv6() : peer.getAddress() instanceof Inet4Address;
    }

    @Override
    Object path(SocketAddress recipient) {
        return recipient == null ? this : ((InetSocketAddress) recipient).getAddress();
    }

    @Override
    IOException failure(String operation, int result) {
        switch (-result) {
            case Errno.ECONNREFUSED:
                return new PortUnreachableException(Errno.message(operation, result));
            case Errno.EACCES: // to broadcast, without SO_BROADCAST
                return new SocketException(Errno.message(operation, result));
            default:
                return Errno.newSocketException(operation, result);
        }
    }
}
