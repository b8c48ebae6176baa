// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The transports that are compared: ours and Netty's. */
enum Transport {
    URING("uring", UringIoHandler::newFactory, UringServerSocketChannel.class, UringSocketChannel.class),
    NIO("nio", NioIoHandler::newFactory, NioServerSocketChannel.class, NioSocketChannel.class),
    EPOLL("epoll", EpollIoHandler::newFactory, EpollServerSocketChannel.class, EpollSocketChannel.class),
    NETTY_IO_URING(
            "netty-io_uring",
            IoUringIoHandler::newFactory,
            IoUringServerSocketChannel.class,
            IoUringSocketChannel.class);

    private final String label;
    private final Supplier<IoHandlerFactory> handlers;
    private final Class<? extends ServerChannel> serverChannel;
    private final Class<? extends Channel> channel;

    Transport(
            String label,
            Supplier<IoHandlerFactory> handlers,
            Class<? extends ServerChannel> serverChannel,
            Class<? extends Channel> channel) {
        this.label = label;
        this.handlers = handlers;
        this.serverChannel = serverChannel;
        this.channel = channel;
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

    String label() {
        return label;
    }

    IoHandlerFactory handlers() {
        return handlers.get();
    }

    Class<? extends ServerChannel> serverChannel() {
        return serverChannel;
    }

    Class<? extends Channel> channel() {
        return channel;
    }
}
