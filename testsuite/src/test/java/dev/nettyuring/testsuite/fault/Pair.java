// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.UringStreamChannel;
import dev.nettyuring.channel.ZeroCopy;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Both ends of a connection that is there before faults are. Neither reads by itself. */
final class Pair {
    private static final int LIMIT_SECONDS = 60;
    private static final AttributeKey<Throwable> FAILURE = AttributeKey.valueOf(Pair.class, "failure");

    final UringStreamChannel client;
    final UringStreamChannel accepted;

    /** Keeps what was caught, and closes. */
    private static final class Failing extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.channel().attr(FAILURE).set(cause);
            context.close();
        }
    }

    private Pair(UringStreamChannel client, UringStreamChannel accepted) {
        this.client = client;
        this.accepted = accepted;
    }

    static List<Pair> open(Site site, int count, boolean domain, Random random) throws Exception {
        Path socketFile = site.folder.resolve("pairs");
        SocketAddress address = domain
                ? new DomainSocketAddress(socketFile.toString())
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
        Channel server = new ServerBootstrap()
                .group(site.loops)
                .channel(domain ? UringServerDomainSocketChannel.class : UringServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Failing());
                        accepted.add(channel);
                    }
                })
                .bind(address)
                .sync()
                .channel();
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Channel client = new Bootstrap()
                    .group(site.loops)
                    .channel(domain ? UringDomainSocketChannel.class : UringSocketChannel.class)
                    .option(ChannelOption.AUTO_READ, false)
                    .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .handler(new Failing())
                    .connect(server.localAddress())
                    .sync()
                    .channel();
            Channel other = accepted.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            pairs.add(new Pair(configured(client, random), configured(other, random)));
        }
        server.close().sync();
        Files.deleteIfExists(socketFile);
        return pairs;
    }

    private static UringStreamChannel configured(Channel channel, Random random) {
        boolean zeroCopy = random.nextInt(3) == 0;
        channel.config().setOption(UringChannelOption.ZERO_COPY, zeroCopy ? ZeroCopy.ALWAYS : ZeroCopy.AUTO);
        if (random.nextInt(3) == 0) { // smaller ones make zero copy wait for the peer's delayed acknowledgements
            channel.config().setOption(ChannelOption.SO_SNDBUF, 65_536);
        }
        return (UringStreamChannel) channel;
    }

    /** What one of the channels caught, or {@code null}. */
    Throwable failure() {
        return firstFailure(client.attr(FAILURE).get(), accepted.attr(FAILURE).get());
    }

    static Throwable firstFailure(Throwable... failures) {
        return Stream.of(failures).filter(Objects::nonNull).findFirst().orElse(null);
    }

    void close() {
        client.close();
        accepted.close();
    }

    boolean isClosed() {
        return !client.isOpen() && !accepted.isOpen();
    }
}
