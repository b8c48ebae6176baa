// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.ChannelException;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import java.net.InetSocketAddress;

/**
 * A listening TCP socket on io_uring, in place of Netty's {@code NioServerSocketChannel}. One multishot ACCEPT brings all
 * connections, as {@link UringSocketChannel}s. Needs Linux 6.1.
 */
public final class UringServerSocketChannel extends UringServerChannel implements ServerSocketChannel {
    private final UringServerSocketChannelConfig config;

    /** A channel yet to be bound, for IPv6 and IPv4. */
    public UringServerSocketChannel() {
        this((SocketProtocolFamily) null);
    }

    /** A channel yet to be bound, of one family. */
    public UringServerSocketChannel(SocketProtocolFamily family) {
        this(SocketFd.newStream(family));
    }

    /**
     * Takes over a listening socket, which the channel closes from then on.
     *
     * @param fd a TCP socket's file descriptor, bound and listening
     * @throws ChannelException if it is not a socket
     */
    public UringServerSocketChannel(int fd) {
        this(SocketFd.of(fd));
        updateLocalAddress();
        setActive();
    }

    private UringServerSocketChannel(SocketFd socket) {
        super(socket);
        try {
            config = new UringServerSocketChannelConfig(this);
        } catch (ChannelException e) {
            socket.discard();
            throw e;
        }
    }

    @Override
    public UringServerSocketChannelConfig config() {
        return config;
    }

    @Override
    public InetSocketAddress localAddress() {
        return (InetSocketAddress) super.localAddress();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return null;
    }

    @Override
    UringStreamChannel newChild(SocketFd connection) {
        return UringSocketChannel.accepted(this, connection);
    }

    @Override
    int backlog() {
        return config.getBacklog();
    }
}
