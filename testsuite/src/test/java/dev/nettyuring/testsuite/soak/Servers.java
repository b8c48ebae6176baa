// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** One server of each kind, between two checkpoints. */
final class Servers {
    private static final int BACKLOG = 1024;

    private final Load load;
    private final List<Channel> channels = new ArrayList<>();
    final SocketAddress echo;
    final SocketAddress tls;
    final SocketAddress unix;
    final SocketAddress relay;
    final SocketAddress files;
    final SocketAddress datagrams;

    Servers(Load load, Path socketFile, SslContext context) throws Exception {
        this.load = load;
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        echo = bind(UringServerSocketChannel.class, any, random -> new EchoHandler(load, random, true));
        relay = bind(UringServerSocketChannel.class, any, random -> new RelayHandler(load, echo));
        files = bind(UringServerSocketChannel.class, any, random -> new FileHandler(load, random));
        unix = bind(
                UringServerDomainSocketChannel.class,
                new DomainSocketAddress(socketFile.toString()),
                random -> new EchoHandler(load, random, true));
        tls = bind(UringServerSocketChannel.class, any, random -> new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline()
                        .addLast(context.newHandler(channel.alloc()))
                        .addLast(new EchoHandler(load, random, false));
            }
        });
        Channel udp = new Bootstrap()
                .group(load.loops)
                .channel(UringDatagramChannel.class)
                .handler(new DatagramEcho())
                .bind(any)
                .sync()
                .channel();
        channels.add(udp);
        datagrams = udp.localAddress();
    }

    private SocketAddress bind(
            Class<? extends ServerChannel> type, SocketAddress address, Function<Random, ChannelHandler> handler)
            throws InterruptedException {
        Channel server = new ServerBootstrap()
                .group(load.loops)
                .channel(type)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        Random random = load.random();
                        Load.configure(channel, random);
                        load.track(channel);
                        ChannelHandler own = handler.apply(random);
                        if (own instanceof RelayHandler) {
                            channel.config().setAutoRead(false);
                        }
                        channel.pipeline().addLast(own);
                    }
                })
                .bind(address)
                .sync()
                .channel();
        channels.add(server);
        return server.localAddress();
    }

    /** Closes them; what they accepted stays. */
    void close() throws InterruptedException {
        for (Channel channel : channels) {
            channel.close().sync();
        }
    }

    private final class DatagramEcho extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
            load.bytes.add(packet.content().readableBytes());
            context.write(new DatagramPacket(packet.content().retain(), packet.sender()));
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // a client's socket that is closed by now
        }
    }
}
