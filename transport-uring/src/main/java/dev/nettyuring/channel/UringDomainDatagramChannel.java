// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.SocketAbi;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.DomainDatagramChannel;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.PeerCredentials;
import io.netty.util.internal.StringUtil;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;

/**
 * Datagrams by a Unix domain socket on io_uring, in place of Netty's {@code EpollDomainDatagramChannel}. What is read is a
 * {@link DomainDatagramPacket} over the memory that the kernel wrote; its sender has the empty path if it is bound to none.
 * What has more than 65,536 bytes may be reported as {@link UringDatagramTruncated} instead.
 *
 * <p>What is written is a {@link DomainDatagramPacket}, an {@link AddressedEnvelope} of a {@link ByteBuf} and a
 * {@link DomainSocketAddress}, or, if the channel is connected, a {@link ByteBuf}. Datagrams keep their order, and none is
 * lost: one that the receiver has no room for waits, and those behind it. A file that the channel was bound to goes with it, as
 * a {@link UringServerDomainSocketChannel}'s does. Needs Linux 6.1.
 */
public final class UringDomainDatagramChannel extends AbstractUringDatagramChannel implements DomainDatagramChannel {
    private final UringDomainDatagramChannelConfig config;
    private final DatagramFormat format = new DomainDatagrams(this);
    private SocketFile file;

    /** A channel yet to be bound or connected. */
    public UringDomainDatagramChannel() {
        this(SocketFd.newDomain(SocketAbi.SOCK_DGRAM));
    }

    /**
     * Takes over a socket, which the channel closes from then on; its file stays.
     *
     * @param fd a Unix domain datagram socket's file descriptor
     * @throws ChannelException if it is not a Unix domain socket
     */
    public UringDomainDatagramChannel(int fd) {
        this(SocketFd.ofDomain(fd));
        DomainSocketAddress remote = socket().remoteDomainAddress();
        if (remote != null) {
            takeOver(remote);
        }
        updateLocalAddress();
        setActive();
    }

    private UringDomainDatagramChannel(SocketFd socket) {
        super(socket);
        config = new UringDomainDatagramChannelConfig(this);
    }

    @Override
    public UringDomainDatagramChannelConfig config() {
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

    /** Whether it is bound or connected; or registered, if it {@linkplain UringDomainDatagramChannelConfig counts as active} then. */
    @Override
    public boolean isActive() {
        return super.isActive() || (isOpen() && config.isActiveOnRegistration() && isRegistered());
    }

    /**
     * Who made the socket at the other end (SO_PEERCRED), which the kernel tells of pairs only, taken over by their fd: of others
     * it says process 0. Any thread.
     *
     * @throws IOException if the channel is closed
     */
    public PeerCredentials peerCredentials() throws IOException {
        if (!isOpen()) {
            throw new SocketException("there is no peer: the channel is closed");
        }
        return PeerIdentity.of(socket());
    }

    @Override
    DatagramFormat format() {
        return format;
    }

    @Override
    int payloadRoom() {
        return ANY_SIZE;
    }

    /** One that has to wait must not be overtaken. */
    @Override
    int sendsAtOnce() {
        return 1;
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
    void doConnect(SocketAddress remote) throws IOException {
        DomainSocketAddress target = DomainAddresses.check(remote);
        socket().connect(target);
        setRemoteAddress(target);
    }

    @Override
    void doUnconnect() throws IOException {
        socket().disconnect();
    }

    @Override
    protected Object filterOutboundMessage(Object message) throws Exception {
        if (message instanceof DomainDatagramPacket) {
            DomainDatagramPacket packet = (DomainDatagramPacket) message;
            DomainAddresses.check(packet.recipient());
            return isDirect(packet.content()) ? packet : packet.replace(copyToDirect(packet.content(), packet));
        }
        if (message instanceof ByteBuf) {
            return toDirect((ByteBuf) message);
        }
        if (message instanceof AddressedEnvelope) {
            AddressedEnvelope<?, ?> envelope = (AddressedEnvelope<?, ?>) message;
            if (envelope.content() instanceof ByteBuf && envelope.recipient() instanceof DomainSocketAddress) {
                DomainAddresses.check(envelope.recipient());
                @SuppressWarnings("unchecked") // its content and recipient were looked at
                AddressedEnvelope<ByteBuf, DomainSocketAddress> checked =
                        (AddressedEnvelope<ByteBuf, DomainSocketAddress>) envelope;
                return toDirect(checked);
            }
        }
        throw new UnsupportedOperationException("unsupported message type: " + StringUtil.simpleClassName(message)
                + " (expected: DomainDatagramPacket, AddressedEnvelope<ByteBuf, DomainSocketAddress>, ByteBuf)");
    }

    @Override
    protected void doClose() throws Exception {
        if (file != null) {
            file.delete();
            file = null;
        }
        super.doClose();
    }
}
