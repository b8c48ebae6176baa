// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.ident;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.example.Arguments;
import dev.nettyuring.example.RunningServer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Tells other machines whose a connection from here is, as RFC 1413 has it: {@code IdentServer [PORT [ADDRESS]]}, then
 * {@code echo "LOCAL_PORT, REMOTE_PORT" | nc -N 127.0.0.1 1113}. The port of the protocol is 113.
 */
public final class IdentServer {
    private static final String DEFAULT_ADDRESS = "127.0.0.1";
    private static final int DEFAULT_PORT = 1113;
    private static final int IDLE_SECONDS = 120; // 60 to 180 are recommended
    private static final int MAX_LINE_BYTES = 1000;
    private static final int LOOKUP_THREADS = 4;

    private IdentServer() {}

    /**
     * Listens.
     *
     * @param port 0 for any free one
     * @param idleMillis after which without a query the server closes a connection
     */
    public static RunningServer start(String address, int port, ConnectionLookup lookup, long idleMillis)
            throws IOException, InterruptedException {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(UringIoHandler.newFactory());
        ExecutorService lookups = Executors.newFixedThreadPool(LOOKUP_THREADS);
        group.terminationFuture().addListener(ended -> lookups.shutdown());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true) // who asks and says no more still gets his answers
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new IdleStateHandler(idleMillis, 0, 0, TimeUnit.MILLISECONDS))
                                .addLast(new LineBasedFrameDecoder(MAX_LINE_BYTES, true, true))
                                .addLast(new IdentHandler(lookup, lookups));
                    }
                });
        return RunningServer.of(group, bootstrap.bind(address, port));
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        int port = Arguments.port(args, 0, DEFAULT_PORT);
        String address = args.length > 1 ? args[1] : DEFAULT_ADDRESS;
        ConnectionLookup lookup = new ProcLookup(Path.of("/proc/net"), Path.of("/etc/passwd"));
        RunningServer server = start(address, port, lookup, TimeUnit.SECONDS.toMillis(IDLE_SECONDS));
        server.endWithProcess("ident on " + address + ":" + server.port());
    }
}
