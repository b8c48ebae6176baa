// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A server on io_uring on the loopback interface, and the connections it accepted. */
final class Tcp implements AutoCloseable {
    static final int LIMIT_SECONDS = 20;

    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    private final Channel server;

    private Tcp(ServerBootstrap bootstrap, Supplier<ChannelHandler> handlers) throws InterruptedException {
        server = bootstrap
                .channel(UringServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handlers.get());
                        accepted.add(channel);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    static Tcp serve(Supplier<ChannelHandler> handlers) throws InterruptedException {
        return serve(new ServerBootstrap().group(loops()), handlers);
    }

    static Tcp serve(ServerBootstrap bootstrap, Supplier<ChannelHandler> handlers) throws InterruptedException {
        return new Tcp(bootstrap, handlers);
    }

    static EventLoopGroup loops() {
        return TransportInvariants.loops().uring();
    }

    Channel server() {
        return server;
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.localAddress();
    }

    /** A blocking client. */
    Socket connect() throws Exception {
        Socket socket = new Socket();
        socket.setSoTimeout(LIMIT_SECONDS * 1000);
        socket.connect(address(), LIMIT_SECONDS * 1000);
        return socket;
    }

    /** A client on io_uring. */
    Channel connect(ChannelHandler handler) throws InterruptedException {
        return new Bootstrap()
                .group(loops())
                .channel(UringSocketChannel.class)
                .handler(handler)
                .connect(address())
                .sync()
                .channel();
    }

    /** The next connection that was accepted and not asked for yet. */
    Channel accepted() throws InterruptedException {
        Channel channel = accepted.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (channel == null) {
            throw new AssertionError("no connection was accepted within " + LIMIT_SECONDS + " s");
        }
        return channel;
    }

    @Override
    public void close() throws InterruptedException {
        server.close().sync();
        for (Channel channel = accepted.poll(); channel != null; channel = accepted.poll()) {
            channel.close().sync();
        }
    }
}
