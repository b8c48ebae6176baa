// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.ServerDomainSocketChannel;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * A listening Unix domain socket (of streams) on io_uring, in place of Netty's {@code EpollServerDomainSocketChannel}. One
 * multishot ACCEPT brings all connections, as {@link UringDomainSocketChannel}s.
 *
 * <p>Binding to a path makes a file there, which closing the channel deletes; one that a killed process has left there fails
 * the bind, with a message that says so. A path that starts with NUL is an abstract name, which needs no file; the empty one
 * makes the kernel choose such a name. Needs Linux 6.1.
 */
public final class UringServerDomainSocketChannel extends UringServerChannel implements ServerDomainSocketChannel {
    private final UringServerDomainSocketChannelConfig config;
    private SocketFile file;

    /** A channel yet to be bound. */
    public UringServerDomainSocketChannel() {
        this(SocketFd.newDomain(SocketAbi.SOCK_STREAM));
    }

    /**
     * Takes over a listening socket, which the channel closes from then on; its file stays.
     *
     * @param fd a Unix domain stream socket's file descriptor, bound and listening
     * @throws ChannelException if it is not a Unix domain socket
     */
    public UringServerDomainSocketChannel(int fd) {
        this(SocketFd.ofDomain(fd));
        updateLocalAddress();
        setActive();
    }

    private UringServerDomainSocketChannel(SocketFd socket) {
        super(socket);
        config = new UringServerDomainSocketChannelConfig(this);
    }

    @Override
    public UringServerDomainSocketChannelConfig config() {
        return config;
    }

    @Override
    public DomainSocketAddress localAddress() {
        return (DomainSocketAddress) super.localAddress();
    }

    @Override
    public DomainSocketAddress remoteAddress() {
        return null;
    }

    @Override
    void bindSocket(SocketAddress local) throws IOException {
        DomainSocketAddress address = DomainAddresses.check(local);
        socket().bind(address);
        file = SocketFile.of(address);
    }

    @Override
    SocketAddress boundAddress() {
        return socket().localDomainAddress();
    }

    @Override
    UringStreamChannel newChild(SocketFd connection) {
        return UringDomainSocketChannel.accepted(this, connection);
    }

    @Override
    int backlog() {
        return config.getBacklog();
    }

    @Override
    protected void doClose() throws Exception {
        if (file != null) {
            file.delete(); // before closing: nobody finds a file where nobody listens
            file = null;
        }
        super.doClose();
    }
}
