// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.packaging;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Serves itself a file by HTTP over io_uring, by TCP and by a Unix domain socket, and prints what it got and which classes did
 * that; the rest of the time it is silent.
 */
public final class RoundTrip {
    private static final int LIMIT_SECONDS = 60;
    private static final String BODY = "hello over io_uring";

    private RoundTrip() {}

    /** Ends with an exception if anything does not work. */
    public static void main(String[] args) throws Exception {
        Uring.ensureAvailability();
        Path folder = Files.createTempDirectory("round-trip");
        Path file = Files.writeString(folder.resolve("body"), BODY);
        Path socket = folder.resolve("socket");
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        try {
            InetSocketAddress any = new InetSocketAddress(NetUtil.LOCALHOST4, 0);
            exchange(group, UringServerSocketChannel.class, UringSocketChannel.class, any, file);
            SocketAddress path = new DomainSocketAddress(socket.toFile());
            exchange(group, UringServerDomainSocketChannel.class, UringDomainSocketChannel.class, path, file);
        } finally {
            group.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS).await(LIMIT_SECONDS, TimeUnit.SECONDS);
            Files.delete(file);
            Files.deleteIfExists(socket);
            Files.delete(folder);
        }
        System.out.println("features: " + Uring.features());
    }

    private static void exchange(
            EventLoopGroup group,
            Class<? extends ServerChannel> serverClass,
            Class<? extends Channel> clientClass,
            SocketAddress address,
            Path file)
            throws Exception {
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(serverClass)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        HttpSides.serve(channel.pipeline(), file);
                    }
                })
                .bind(address)
                .sync()
                .channel();
        CompletableFuture<String> answer = new CompletableFuture<>();
        Channel client = new Bootstrap()
                .group(group)
                .channel(clientClass)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        HttpSides.ask(channel.pipeline(), answer);
                    }
                })
                .connect(server.localAddress())
                .sync()
                .channel();
        String got = answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        client.close().sync();
        server.close().sync();
        if (!got.equals(BODY)) {
            throw new IllegalStateException("got " + got);
        }
        System.out.println(clientClass.getName() + ": " + got);
    }
}
