// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.InternetProtocolFamily;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.util.internal.ObjectUtil;
import io.netty.util.internal.StringUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;

/**
 * UDP on io_uring, in place of Netty's {@code NioDatagramChannel}. What is read is a {@link DatagramPacket} over the memory
 * that the kernel wrote; datagrams of any size are received, since each has a buffer of its own that the largest fits into.
 * {@link UringChannelOption#MAX_DATAGRAM_PAYLOAD_SIZE} makes the buffers smaller.
 *
 * <p>What is written is a {@link DatagramPacket}, an {@link AddressedEnvelope} of a {@link ByteBuf} and an
 * {@link InetSocketAddress}, or, if the channel is connected, a {@link ByteBuf}. Of a
 * {@link io.netty.channel.unix.SegmentedDatagramPacket} the kernel makes as many datagrams as it has segments (generic
 * segmentation offload); towards a peer for which it refuses that, the segments are sent one by one. Up to 64 messages go to
 * the kernel in one system call. Each promise tells of its own message only.
 *
 * <p>That nobody listens at the other end is reported, on a connected channel, as a {@link java.net.PortUnreachableException}
 * by {@code exceptionCaught} or by the promise of the next write. The channel stays open then, as it does after other errors.
 *
 * <p>A {@link io.netty.channel.RecvByteBufAllocator} that a user sets says how many datagrams make up one read loop, and
 * neither allocates nor bounds their size. Needs Linux 6.1.
 */
public final class UringDatagramChannel extends AbstractUringDatagramChannel implements DatagramChannel {
    /** Its length has 16 bits. */
    private static final int MAX_PAYLOAD_BYTES = 0xffff;

    private final UringDatagramChannelConfig config;
    private final DatagramFormat format = new InetDatagrams(this);
    private final Multicast multicast;

    /** A channel yet to be bound, for IPv6 and IPv4. */
    public UringDatagramChannel() {
        this((SocketProtocolFamily) null);
    }

    /**
     * A channel yet to be bound, of one family.
     *
     * @deprecated use {@link #UringDatagramChannel(SocketProtocolFamily)}, which Netty has in place of that
     */
    @Deprecated
    public UringDatagramChannel(InternetProtocolFamily family) {
        this(family == null ? null : family.toSocketProtocolFamily());
    }

    /**
     * A channel yet to be bound, of one family.
     *
     * @param family {@code null} for IPv6 and IPv4
     */
    public UringDatagramChannel(SocketProtocolFamily family) {
        this(SocketFd.newDatagram(family));
    }

    /**
     * Takes over a socket, which the channel closes from then on.
     *
     * @param fd a UDP socket's file descriptor
     * @throws ChannelException if it is not a socket
     */
    public UringDatagramChannel(int fd) {
        this(SocketFd.of(fd));
        InetSocketAddress remote = socket().remoteAddress();
        if (remote != null) {
            takeOver(remote);
        }
        config.readTold();
        updateLocalAddress();
        setActive();
    }

    private UringDatagramChannel(SocketFd socket) {
        super(socket);
        multicast = new Multicast(socket);
        try {
            config = new UringDatagramChannelConfig(this, multicast);
        } catch (ChannelException e) {
            socket.discard();
            throw e;
        }
    }

    /** Whether {@link io.netty.channel.unix.SegmentedDatagramPacket}s can be written: always. */
    public static boolean isSegmentedDatagramPacketSupported() {
        return true;
    }

    @Override
    public UringDatagramChannelConfig config() {
        return config;
    }

    @Override
    public InetSocketAddress localAddress() {
        return (InetSocketAddress) super.localAddress();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return (InetSocketAddress) super.remoteAddress();
    }

    /** Whether it is bound or connected; or registered, if it {@linkplain UringDatagramChannelConfig counts as active} then. */
    @Override
    public boolean isActive() {
        return super.isActive() || (isOpen() && config.isActiveOnRegistration() && isRegistered());
    }

    @Override
    DatagramFormat format() {
        return format;
    }

    @Override
    int payloadRoom() {
        int most = config.getMaxDatagramPayloadSize();
        return config.isUdpGro() || most > MAX_PAYLOAD_BYTES ? ANY_SIZE : most;
    }

    @Override
    void doConnect(SocketAddress remote) throws IOException {
        InetSocketAddress target = (InetSocketAddress) remote;
        SocketAddresses.checkResolved(target);
        socket().connect(InetDatagrams.reachable(target));
        setRemoteAddress(SocketAddresses.named(target, socket().remoteAddress()));
    }

    /** The port stays the channel's, also where the kernel would have it back, because it gave it only to connect. */
    @Override
    void doUnconnect() throws IOException {
        InetSocketAddress before = socket().localAddress();
        socket().disconnect();
        InetSocketAddress after = socket().localAddress();
        if (before != null && after != null && after.getPort() == 0) {
            socket().bind(new InetSocketAddress(after.getAddress(), before.getPort()));
        }
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (message instanceof DatagramPacket) {
            DatagramPacket packet = (DatagramPacket) message;
            checkResolved(packet);
            return isDirect(packet.content()) ? packet : packet.replace(copyToDirect(packet.content(), packet));
        }
        if (message instanceof ByteBuf) {
            return toDirect((ByteBuf) message);
        }
        if (message instanceof AddressedEnvelope) {
            AddressedEnvelope<?, ?> envelope = (AddressedEnvelope<?, ?>) message;
            checkResolved(envelope);
            if (envelope.content() instanceof ByteBuf
                    && (envelope.recipient() == null || envelope.recipient() instanceof InetSocketAddress)) {
                @SuppressWarnings("unchecked") // its content and recipient were looked at
                AddressedEnvelope<ByteBuf, InetSocketAddress> checked =
                        (AddressedEnvelope<ByteBuf, InetSocketAddress>) envelope;
                return toDirect(checked);
            }
        }
        throw new UnsupportedOperationException("unsupported message type: " + StringUtil.simpleClassName(message)
                + " (expected: DatagramPacket, AddressedEnvelope<ByteBuf, InetSocketAddress>, ByteBuf)");
    }

    private static void checkResolved(AddressedEnvelope<?, ?> envelope) {
        if (envelope.recipient() instanceof InetSocketAddress) {
            SocketAddresses.checkResolved((InetSocketAddress) envelope.recipient());
        }
    }

    @Override
    public ChannelFuture joinGroup(InetAddress group) {
        return joinGroup(group, newPromise());
    }

    @Override
    public ChannelFuture joinGroup(InetAddress group, ChannelPromise promise) {
        return change(() -> multicast.join(group, usualInterface(), null), promise);
    }

    @Override
    public ChannelFuture joinGroup(InetSocketAddress group, NetworkInterface by) {
        return joinGroup(group, by, newPromise());
    }

    @Override
    public ChannelFuture joinGroup(InetSocketAddress group, NetworkInterface by, ChannelPromise promise) {
        return joinGroup(group.getAddress(), by, null, promise);
    }

    @Override
    public ChannelFuture joinGroup(InetAddress group, NetworkInterface by, InetAddress source) {
        return joinGroup(group, by, source, newPromise());
    }

    @Override
    public ChannelFuture joinGroup(InetAddress group, NetworkInterface by, InetAddress source, ChannelPromise promise) {
        check(group, by);
        return change(() -> multicast.join(group, by, source), promise);
    }

    @Override
    public ChannelFuture leaveGroup(InetAddress group) {
        return leaveGroup(group, newPromise());
    }

    @Override
    public ChannelFuture leaveGroup(InetAddress group, ChannelPromise promise) {
        return change(() -> multicast.leave(group, usualInterface(), null), promise);
    }

    @Override
    public ChannelFuture leaveGroup(InetSocketAddress group, NetworkInterface by) {
        return leaveGroup(group, by, newPromise());
    }

    @Override
    public ChannelFuture leaveGroup(InetSocketAddress group, NetworkInterface by, ChannelPromise promise) {
        return leaveGroup(group.getAddress(), by, null, promise);
    }

    @Override
    public ChannelFuture leaveGroup(InetAddress group, NetworkInterface by, InetAddress source) {
        return leaveGroup(group, by, source, newPromise());
    }

    @Override
    public ChannelFuture leaveGroup(
            InetAddress group, NetworkInterface by, InetAddress source, ChannelPromise promise) {
        check(group, by);
        return change(() -> multicast.leave(group, by, source), promise);
    }

    @Override
    public ChannelFuture block(InetAddress group, NetworkInterface by, InetAddress source) {
        return block(group, by, source, newPromise());
    }

    @Override
    public ChannelFuture block(InetAddress group, NetworkInterface by, InetAddress source, ChannelPromise promise) {
        check(group, by);
        ObjectUtil.checkNotNull(source, "source");
        return change(() -> multicast.block(group, by, source), promise);
    }

    @Override
    public ChannelFuture block(InetAddress group, InetAddress source) {
        return block(group, source, newPromise());
    }

    @Override
    public ChannelFuture block(InetAddress group, InetAddress source, ChannelPromise promise) {
        ObjectUtil.checkNotNull(source, "source");
        return change(() -> multicast.block(group, usualInterface(), source), promise);
    }

    private static void check(InetAddress group, NetworkInterface by) {
        ObjectUtil.checkNotNull(group, "multicastAddress");
        ObjectUtil.checkNotNull(by, "networkInterface");
    }

    /** A change of the groups. */
    private interface Change {
        void make() throws IOException;
    }

    private ChannelFuture change(Change change, ChannelPromise promise) {
        onEventLoop(() -> {
            try {
                change.make();
                promise.setSuccess();
            } catch (ChannelException e) {
                promise.setFailure(e.getCause() == null ? e : e.getCause());
            } catch (IOException | RuntimeException e) {
                promise.setFailure(e);
            }
        });
        return promise;
    }

    /** The one that was set, or that the channel is bound to; {@code null} leaves it to the kernel. */
    private NetworkInterface usualInterface() throws SocketException {
        NetworkInterface set = multicast.networkInterface();
        InetSocketAddress local = localAddress();
        return set != null || local == null ? set : NetworkInterface.getByInetAddress(local.getAddress());
    }
}
