// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Operation;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * A listening TCP socket on io_uring, in place of Netty's {@code NioServerSocketChannel}. One multishot ACCEPT brings all
 * connections, as {@link UringSocketChannel}s. Needs Linux 6.1.
 */
public final class UringServerSocketChannel extends AbstractUringChannel implements ServerSocketChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    private final UringServerSocketChannelConfig config;
    private final Acceptor acceptor = new Acceptor(this);
    private final Operation[] operations = {acceptor.accept()};

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
        super(null, socket);
        Uring.ensureAvailability();
        config = new UringServerSocketChannelConfig(this);
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
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
    protected SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    Operation[] operations() {
        return operations;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new ServerUnsafe();
    }

    @Override
    protected void doBind(SocketAddress local) throws Exception {
        super.doBind(local);
        socket().listen(config.getBacklog());
        setActive();
    }

    @Override
    void leaveLoop() {
        acceptor.leaveLoop();
    }

    @Override
    protected void doBeginRead() {
        acceptor.read();
    }

    void autoReadCleared() {
        if (!isRegistered() || eventLoop().inEventLoop()) {
            acceptor.pause();
        } else {
            eventLoop().execute(acceptor::pause);
        }
    }

    @Override
    protected void doClose() throws Exception {
        acceptor.close();
        super.doClose();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        throw new UnsupportedOperationException();
    }

    private final class ServerUnsafe extends UringUnsafe {
        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            promise.setFailure(new UnsupportedOperationException());
        }
    }
}
