// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringDatagramChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.uring.IoUringDatagramChannel;

/** UDP on each transport, told what makes it take and send datagrams at the least cost. */
final class UdpSockets {
    /** No datagram of these workloads is larger. */
    private static final int DATAGRAM_BYTES = 2048;

    private static final int DATAGRAMS_A_CALL = 64;
    private static final int JOINED_BYTES = 65_535;
    private static final int SOCKET_BUFFER_BYTES = 4 << 20;

    private UdpSockets() {}

    /** Whether what is written as one segmented packet becomes many datagrams in the kernel. */
    static boolean sendsSegmented(Transport transport) {
        return switch (transport) {
            case URING -> UringDatagramChannel.isSegmentedDatagramPacketSupported();
            case NIO -> false;
            case EPOLL -> EpollDatagramChannel.isSegmentedDatagramPacketSupported();
            default -> IoUringDatagramChannel.isSegmentedDatagramPacketSupported();
        };
    }

    /**
     * For a socket of the setup's loop.
     *
     * @param joined whether the kernel is to hand over a sender's datagrams together (UDP_GRO), where the transport knows that
     */
    static Bootstrap bootstrap(Setup setup, boolean joined) {
        // the kernel bounds it by what it allows
        Bootstrap bootstrap = new Bootstrap().group(setup.group()).option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES);
        return switch (setup.transport()) {
            case URING -> uring(bootstrap, joined);
            case NIO -> bootstrap.channel(NioDatagramChannel.class);
            case EPOLL -> epoll(bootstrap, joined);
            default -> bootstrap.channel(IoUringDatagramChannel.class); // room for many costs it twice the CPU time
        };
    }

    private static Bootstrap uring(Bootstrap bootstrap, boolean joined) {
        bootstrap.channel(UringDatagramChannel.class);
        return joined
                ? bootstrap.option(UringChannelOption.UDP_GRO, true).option(UringChannelOption.UDP_GRO_SEGMENTED, true)
                : bootstrap.option(UringChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, DATAGRAM_BYTES);
    }

    private static Bootstrap epoll(Bootstrap bootstrap, boolean joined) {
        bootstrap.channel(EpollDatagramChannel.class);
        return joined
                ? bootstrap
                        .option(EpollChannelOption.UDP_GRO, true)
                        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(JOINED_BYTES))
                : bootstrap
                        .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, DATAGRAM_BYTES)
                        .option(ChannelOption.RECVBUF_ALLOCATOR, roomForMany());
    }

    private static FixedRecvByteBufAllocator roomForMany() {
        return new FixedRecvByteBufAllocator(DATAGRAMS_A_CALL * DATAGRAM_BYTES);
    }
}
