// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.SocketAbi;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.DefaultChannelPipeline;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketChannel;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.PeerCredentials;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;

/**
 * A connection by a Unix domain socket (a stream) on io_uring, in place of Netty's {@code EpollDomainSocketChannel}. Addresses
 * are {@link DomainSocketAddress}es, or the JDK's; a path that starts with NUL is an abstract name.
 *
 * <p>Writing a {@link FileDescriptor}, or a {@link UnixChannel} for its {@code fd()}, passes it to the peer: a duplicate, made
 * by {@code write()}, so that the original may be closed at once. In {@link DomainSocketReadMode#FILE_DESCRIPTORS} the channel
 * reads the descriptors that the peer passes, as {@code FileDescriptor}s that are close-on-exec; a handler that gets one closes
 * it. Those that no handler gets, because the channel is closed or the pipeline's end is reached, are closed. Bytes are not
 * read in this mode but thrown away, one for each descriptor at least, which every peer must send along; descriptors that come
 * while bytes are read the kernel closes. So peers agree on what comes next before they switch. Needs Linux 6.1.
 */
public final class UringDomainSocketChannel extends UringStreamChannel implements DomainSocketChannel {
    private final UringDomainSocketChannelConfig config;

    /** A channel yet to be connected. */
    public UringDomainSocketChannel() {
        this(null, SocketFd.newDomain(SocketAbi.SOCK_STREAM));
    }

    /**
     * Takes over a socket, which the channel closes from then on.
     *
     * @param fd a Unix domain stream socket's file descriptor, connected or not
     * @throws ChannelException if it is not a Unix domain socket
     */
    public UringDomainSocketChannel(int fd) {
        this(null, SocketFd.ofDomain(fd));
        DomainSocketAddress remote = socket().remoteDomainAddress();
        if (remote != null) {
            begin(remote, boundAddress());
        } else {
            updateLocalAddress();
        }
    }

    private UringDomainSocketChannel(Channel parent, SocketFd socket) {
        super(parent, socket);
        config = new UringDomainSocketChannelConfig(this);
    }

    /** An accepted connection. */
    static UringDomainSocketChannel accepted(UringServerDomainSocketChannel parent, SocketFd socket) {
        UringDomainSocketChannel channel = new UringDomainSocketChannel(parent, socket);
        channel.begin(socket.remoteDomainAddress(), parent.shared(channel.boundAddress()));
        return channel;
    }

    @Override
    public UringDomainSocketChannelConfig config() {
        return config;
    }

    @Override
    public DomainSocketAddress localAddress() {
        return (DomainSocketAddress) super.localAddress();
    }

    @Override
    public DomainSocketAddress remoteAddress() {
        return (DomainSocketAddress) super.remoteAddress();
    }

    /**
     * Who the peer was when it connected, or began to listen: its process, user and group (SO_PEERCRED). Any thread.
     *
     * @throws IOException if the channel is closed, or was never connected
     */
    public PeerCredentials peerCredentials() throws IOException {
        if (!isOpen() || remoteAddress() == null) {
            throw new SocketException("there is no peer: the channel is " + (isOpen() ? "not connected" : "closed"));
        }
        return PeerIdentity.of(socket());
    }

    @Override
    void bindSocket(SocketAddress local) throws IOException {
        socket().bind(DomainAddresses.check(local));
    }

    @Override
    SocketAddress boundAddress() {
        return socket().localDomainAddress();
    }

    @Override
    SocketAddress checkTarget(SocketAddress remote) throws IOException {
        return DomainAddresses.check(remote);
    }

    @Override
    int writeAddress(ByteBuffer memory, SocketAddress target) {
        return DomainAddresses.write(memory, (DomainSocketAddress) target);
    }

    @Override
    SocketAddress connectedTo(SocketAddress target) {
        return target;
    }

    @Override
    IOException connectFailure(SocketAddress target, int result) {
        return DomainAddresses.unreachable(
                "connect(" + DomainAddresses.name((DomainSocketAddress) target) + ')', result);
    }

    @Override
    DescriptorReceive newDescriptorReceive(StreamReceiver reader) {
        return new DescriptorReceive(this, reader);
    }

    @Override
    boolean readsDescriptors() {
        return config.getReadMode() == DomainSocketReadMode.FILE_DESCRIPTORS;
    }

    @Override
    protected Object filterOutboundMessage(Object message) throws Exception {
        if (message instanceof FileDescriptor) {
            return PassedDescriptor.of((FileDescriptor) message);
        }
        if (message instanceof UnixChannel) {
            return PassedDescriptor.of(((UnixChannel) message).fd());
        }
        return super.filterOutboundMessage(message);
    }

    @Override
    protected DefaultChannelPipeline newChannelPipeline() {
        return new Pipeline(this);
    }

    /** At its end descriptors are closed, as buffers are released. */
    private static final class Pipeline extends DefaultChannelPipeline {
        Pipeline(Channel channel) {
            super(channel);
        }

        @Override
        protected void onUnhandledInboundMessage(Object message) {
            super.onUnhandledInboundMessage(message);
            if (message instanceof ReceivedDescriptor) {
                ((ReceivedDescriptor) message).discard();
            }
        }
    }
}
