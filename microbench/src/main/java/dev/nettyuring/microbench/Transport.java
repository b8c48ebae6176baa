// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The transports that are compared: ours and Netty's. */
enum Transport {
    URING("uring", UringIoHandler::newFactory, UringServerSocketChannel.class),
    NIO("nio", NioIoHandler::newFactory, NioServerSocketChannel.class),
    EPOLL("epoll", EpollIoHandler::newFactory, EpollServerSocketChannel.class),
    NETTY_IO_URING("netty-io_uring", IoUringIoHandler::newFactory, IoUringServerSocketChannel.class);

    private final String label;
    private final Supplier<IoHandlerFactory> handlers;
    private final Class<? extends ServerChannel> serverChannel;

    Transport(String label, Supplier<IoHandlerFactory> handlers, Class<? extends ServerChannel> serverChannel) {
        this.label = label;
        this.handlers = handlers;
        this.serverChannel = serverChannel;
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
}
