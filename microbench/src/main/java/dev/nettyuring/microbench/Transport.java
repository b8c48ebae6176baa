// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.grpc.netty.NettyServerBuilder;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The transports that are compared: ours and Netty's, the latter's io_uring also as it does best. */
public enum Transport {
    /** Ours. */
    URING("uring", Transport::uring, UringServerSocketChannel.class, UringSocketChannel.class),
    /** Netty's NIO. */
    NIO("nio", zeroed -> NioIoHandler.newFactory(), NioServerSocketChannel.class, NioSocketChannel.class),
    /** Netty's epoll. */
    EPOLL("epoll", zeroed -> EpollIoHandler.newFactory(), EpollServerSocketChannel.class, EpollSocketChannel.class),
    /** Netty's io_uring as it comes, without a ring of provided buffers. */
    NETTY_IO_URING("netty-io_uring", NettyRings::none),
    /** With a ring of provided buffers: 16 of 128 KiB. */
    NETTY_IO_URING_16X128K("netty-io_uring-16x128k", NettyRings::fixed),
    /** With a ring of provided buffers: 128, of up to 64 KiB, as much as reads bring. */
    NETTY_IO_URING_128X64K("netty-io_uring-128x64k", NettyRings::adaptive);

    private final String label;
    private final Function<Boolean, IoHandlerFactory> handlers;
    private final Class<? extends ServerChannel> serverChannel;
    private final Class<? extends Channel> channel;

    Transport(
            String label,
            Function<Boolean, IoHandlerFactory> handlers,
            Class<? extends ServerChannel> serverChannel,
            Class<? extends Channel> channel) {
        this.label = label;
        this.handlers = handlers;
        this.serverChannel = serverChannel;
        this.channel = channel;
    }

    Transport(String label, Function<Boolean, IoHandlerFactory> handlers) {
        this(label, handlers, IoUringServerSocketChannel.class, IoUringSocketChannel.class);
    }

    private static IoHandlerFactory uring(boolean zeroed) {
        return UringIoHandler.newFactory(
                UringConfig.builder().scrubOnRelease(zeroed).build());
    }

    static Transport named(String label) {
        return Arrays.stream(values())
                .filter(transport -> transport.label.equals(label))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("transport: " + label + " (expected: one of " + names() + ")"));
    }

    static String names() {
        return Arrays.stream(values()).map(Transport::label).collect(Collectors.joining("|"));
    }

    /** What it is called on command lines and in reports. */
    public String label() {
        return label;
    }

    IoHandlerFactory handlers() {
        return handlers(false);
    }

    /** Such that memory is zeroed, every time, before the kernel receives into it; or as it comes. */
    IoHandlerFactory handlers(boolean zeroed) {
        return handlers.apply(zeroed);
    }

    Class<? extends ServerChannel> serverChannel() {
        return serverChannel;
    }

    Class<? extends Channel> channel() {
        return channel;
    }

    /** Tells a client's connections what they have to know. */
    void configure(Bootstrap bootstrap, boolean zeroed) {
        if (hasBufferRing()) {
            bootstrap.option(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, NettyRings.GROUP);
        }
        if (zeroed && this != URING) {
            bootstrap.option(ChannelOption.RECVBUF_ALLOCATOR, new ZeroingReceiveAllocator());
        }
    }

    /** Tells a server's connections. */
    void configureConnections(ServerBootstrap bootstrap, boolean zeroed) {
        if (hasBufferRing()) {
            bootstrap.childOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, NettyRings.GROUP);
        }
        if (zeroed && this != URING) {
            bootstrap.childOption(ChannelOption.RECVBUF_ALLOCATOR, new ZeroingReceiveAllocator());
        }
    }

    /** Tells a gRPC server's connections. */
    void configureConnections(NettyServerBuilder builder) {
        if (hasBufferRing()) {
            builder.withChildOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, NettyRings.GROUP);
        }
    }

    private boolean hasBufferRing() {
        return this == NETTY_IO_URING_16X128K || this == NETTY_IO_URING_128X64K;
    }
}
