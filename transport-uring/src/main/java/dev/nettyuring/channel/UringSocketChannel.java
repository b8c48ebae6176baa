// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * A TCP connection on io_uring, in place of Netty's {@code NioSocketChannel}. What it reads is the memory that the kernel
 * wrote; what it writes goes to the kernel from where it is, heap buffers excepted.
 *
 * <p>A {@link io.netty.channel.RecvByteBufAllocator} that a user sets does not allocate: its guess bounds the size of the
 * pieces that are read, and it says how many make up one read loop. Needs Linux 6.1.
 */
public final class UringSocketChannel extends UringStreamChannel implements SocketChannel {
    private final UringSocketChannelConfig config;

    /** A channel yet to be connected, over IPv6 or IPv4. */
    public UringSocketChannel() {
        this((SocketProtocolFamily) null);
    }

    /** A channel yet to be connected, of one family. */
    public UringSocketChannel(SocketProtocolFamily family) {
        this(null, SocketFd.newStream(family));
    }

    /**
     * Takes over a socket, which the channel closes from then on.
     *
     * @param fd a TCP socket's file descriptor, connected or not
     * @throws ChannelException if it is not a socket
     */
    public UringSocketChannel(int fd) {
        this(null, SocketFd.of(fd));
        InetSocketAddress remote = socket().remoteAddress();
        if (remote != null) {
            begin(remote, boundAddress());
        } else {
            updateLocalAddress();
        }
    }

    private UringSocketChannel(Channel parent, SocketFd socket) {
        super(parent, socket);
        config = new UringSocketChannelConfig(this);
    }

    /** An accepted connection. */
    static UringSocketChannel accepted(UringServerSocketChannel parent, SocketFd socket) {
        UringSocketChannel channel = new UringSocketChannel(parent, socket);
        channel.config.inheritMd5Peers(parent.config().md5Peers());
        channel.begin(socket.remoteAddress(), parent.shared(channel.boundAddress()));
        return channel;
    }

    @Override
    public ServerSocketChannel parent() {
        return (ServerSocketChannel) super.parent();
    }

    @Override
    public UringSocketChannelConfig config() {
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

    /**
     * What the kernel knows of the connection.
     *
     * @throws ChannelException if the channel is closed
     */
    public UringTcpInfo tcpInfo() {
        return config.getOption(UringChannelOption.TCP_INFO);
    }

    @Override
    SocketAddress checkTarget(SocketAddress remote) {
        InetSocketAddress target = (InetSocketAddress) remote;
        SocketAddresses.checkResolved(target);
        return target;
    }

    @Override
    int writeAddress(ByteBuffer memory, SocketAddress target) {
        return SocketAddresses.write(memory, reachable((InetSocketAddress) target), socket().isIpv6());
    }

    /** To connect to the wildcard address is to connect to this machine; by IPv4, if that is how it was written. */
    private static InetSocketAddress reachable(InetSocketAddress target) {
        InetAddress ip = target.getAddress();
        return ip instanceof Inet4Address && ip.isAnyLocalAddress()
                ? new InetSocketAddress(NetUtil.LOCALHOST4, target.getPort())
                : target;
    }

    @Override
    SocketAddress connectedTo(SocketAddress target) {
        return SocketAddresses.named((InetSocketAddress) target, socket().remoteAddress());
    }

    /** With TCP_FASTOPEN_CONNECT, the kernel puts the SYN off until something is sent: that is for who has written something. */
    @Override
    void beforeConnecting(ChannelOutboundBuffer out) {
        if (Boolean.TRUE.equals(config.getOption(ChannelOption.TCP_FASTOPEN_CONNECT))) {
            out.addFlush();
            Object first = out.current();
            if (!(first instanceof ByteBuf) || !((ByteBuf) first).isReadable()) {
                config.setOption(ChannelOption.TCP_FASTOPEN_CONNECT, false);
            }
        }
    }

    @Override
    int lingerSeconds() {
        return config.getSoLinger();
    }
}
