// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.SocketAbi;
import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** Datagrams by Unix domain sockets. */
final class DomainDatagrams extends DatagramFormat {
    /** A {@code sockaddr_un}, rounded up. */
    private static final int NAME_ROOM = (SocketAbi.SOCKADDR_UN_SIZE + Long.BYTES - 1) & -Long.BYTES;

    private static final DomainSocketAddress UNNAMED = new DomainSocketAddress("");

    private final UringDomainDatagramChannel channel;
    private DomainSocketAddress sender;

    DomainDatagrams(UringDomainDatagramChannel channel) {
        this.channel = channel;
    }

    @Override
    int nameRoom() {
        return NAME_ROOM;
    }

    @Override
    int controlRoom() {
        return 0;
    }

    @Override
    void read(DatagramHeader header) {
        sender = DomainAddresses.read(header.memory(), header.nameAt(), header.nameLength());
        if (sender == null) {
            sender = UNNAMED; // one that is bound to no name
        }
    }

    @Override
    SocketAddress sender() {
        return sender;
    }

    @Override
    void deliver(ByteBuf payload, DatagramReceiver receiver) {
        receiver.made(new DomainDatagramPacket(payload, channel.localAddress(), sender));
    }

    @Override
    int writeName(ByteBuffer memory, SocketAddress recipient) {
        return DomainAddresses.write(memory, (DomainSocketAddress) recipient);
    }

    @Override
    int segmentSize(Object message, int length) {
        return length;
    }

    @Override
    int sentControlRoom(Object message, boolean segmented) {
        return 0;
    }

    @Override
    int writeControl(ByteBuffer memory, int at, Object message, int segmentSize) {
        return at;
    }

    /**
     * Without waiting for a receiver that has no room. io_uring's own second attempt would go on where the first had read to,
     * and send an empty datagram.
     */
    @Override
    int sendFlags() {
        return SocketAbi.MSG_NOSIGNAL | SocketAbi.MSG_DONTWAIT;
    }

    @Override
    Object path(SocketAddress recipient) {
        return this;
    }

    @Override
    IOException failure(String operation, int result) {
        return DomainAddresses.unreachable(operation, result);
    }
}
