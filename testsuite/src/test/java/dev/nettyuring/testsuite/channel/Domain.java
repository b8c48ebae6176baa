// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.testsuite.SocketFiles;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.UnixChannelOption;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A server by a Unix domain socket on io_uring, and the connections it accepted. */
final class Domain implements AutoCloseable {
    private final BlockingQueue<UringDomainSocketChannel> accepted = new LinkedBlockingQueue<>();
    private final UringServerDomainSocketChannel server;

    private Domain(DomainSocketReadMode mode, Supplier<ChannelHandler> handlers) throws InterruptedException {
        server = (UringServerDomainSocketChannel) new ServerBootstrap()
                .group(Tcp.loops())
                .channel(UringServerDomainSocketChannel.class)
                .childOption(UnixChannelOption.DOMAIN_SOCKET_READ_MODE, mode)
                .childHandler(new ChannelInitializer<UringDomainSocketChannel>() {
                    @Override
                    protected void initChannel(UringDomainSocketChannel channel) {
                        channel.pipeline().addLast(handlers.get());
                        accepted.add(channel);
                    }
                })
                .bind(SocketFiles.newAddress())
                .sync()
                .channel();
    }

    static Domain serve(Supplier<ChannelHandler> handlers) throws InterruptedException {
        return serve(DomainSocketReadMode.BYTES, handlers);
    }

    static Domain serve(DomainSocketReadMode mode, Supplier<ChannelHandler> handlers) throws InterruptedException {
        return new Domain(mode, handlers);
    }

    UringServerDomainSocketChannel server() {
        return server;
    }

    DomainSocketAddress address() {
        return server.localAddress();
    }

    /** A blocking client. */
    SocketChannel connect() throws Exception {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        client.connect(UnixDomainSocketAddress.of(address().path()));
        return client;
    }

    /** A client on io_uring. */
    UringDomainSocketChannel connect(ChannelHandler handler) throws InterruptedException {
        return (UringDomainSocketChannel) new Bootstrap()
                .group(Tcp.loops())
                .channel(UringDomainSocketChannel.class)
                .handler(handler)
                .connect(address())
                .sync()
                .channel();
    }

    /** The next connection that was accepted and not asked for yet. */
    UringDomainSocketChannel accepted() throws InterruptedException {
        UringDomainSocketChannel channel = accepted.poll(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS);
        if (channel == null) {
            throw new AssertionError("no connection was accepted within " + Tcp.LIMIT_SECONDS + " s");
        }
        return channel;
    }

    @Override
    public void close() throws InterruptedException {
        server.close().sync();
        for (UringDomainSocketChannel channel = accepted.poll(); channel != null; channel = accepted.poll()) {
            channel.close().sync();
        }
    }
}
