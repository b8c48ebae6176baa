// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.network;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * The program at the other end of a {@link Wire}: it does what lines of its input tell it, and answers each with one line that
 * begins with {@link #ANSWER}. At the end of its input it ends its loops, and tells what is left.
 */
final class NetworkPeer {
    static final String ANSWER = "answer ";
    /** {@code serve SENT RECEIVED}: listens; connections are {@link CheckedEnd}s of so many bytes. Answers with the port. */
    static final String SERVE = "serve";
    /** Resets all connections. */
    static final String RESET = "reset";
    /** {@code connect HOST PORT}: connects until that fails; answers how often it went well, and what the failure was. */
    static final String CONNECT = "connect";
    /** Closes half of the connections that were made. */
    static final String CLOSE_HALF = "close-half";
    /** How the connections ended since it was asked for the last time. */
    static final String ENDED = "ended";

    private static final int LIMIT_SECONDS = 20;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
    private final UringMetrics metrics = UringMetrics.of(group.iterator().next());
    private final Queue<Channel> accepted = new ConcurrentLinkedQueue<>();
    private final Queue<String> ended = new ConcurrentLinkedQueue<>();
    private final List<Channel> made = new ArrayList<>();

    private NetworkPeer() {}

    public static void main(String[] arguments) throws Exception {
        NetworkPeer peer = new NetworkPeer();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        System.out.println(ANSWER + "ready");
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            System.out.println(ANSWER + peer.answer(line.split(" ")));
        }
        System.out.println(ANSWER + peer.end());
    }

    private String answer(String[] command) throws Exception {
        switch (command[0]) {
            case SERVE:
                return serve(Long.parseLong(command[1]), Long.parseLong(command[2]));
            case RESET:
                for (Channel channel = accepted.poll(); channel != null; channel = accepted.poll()) {
                    reset(channel);
                }
                return "reset";
            case CONNECT:
                return connect(new InetSocketAddress(command[1], Integer.parseInt(command[2])));
            case CLOSE_HALF:
                for (int half = made.size() / 2; half > 0; half--) {
                    reset(made.remove(0)); // so that the port is free at once
                }
                return "closed";
            default:
                List<String> endings = new ArrayList<>();
                for (String ending = ended.poll(); ending != null; ending = ended.poll()) {
                    endings.add(ending);
                }
                return endings.toString();
        }
    }

    private static void reset(Channel channel) throws InterruptedException {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException closedMeanwhile) {
            // which is as good
        }
        channel.close().await(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private String serve(long sent, long received) throws Exception {
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(UringServerSocketChannel.class)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        CheckedEnd end = new CheckedEnd(false, sent, received);
                        end.ended().thenAccept(ended::add);
                        channel.pipeline().addLast(end);
                        accepted.add(channel);
                    }
                })
                .bind(0)
                .sync()
                .channel();
        return String.valueOf(((InetSocketAddress) server.localAddress()).getPort());
    }

    private String connect(InetSocketAddress to) throws Exception {
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channel(UringSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {}
                });
        for (int went = 0; ; went++) {
            ChannelFuture future = bootstrap.connect(to).await();
            if (!future.isSuccess()) {
                return went + " " + future.cause();
            }
            made.add(future.channel());
        }
    }

    private String end() throws Exception {
        boolean ended =
                group.shutdownGracefully(0, LIMIT_SECONDS, TimeUnit.SECONDS).await(LIMIT_SECONDS, TimeUnit.SECONDS);
        System.gc();
        return (ended ? "ended" : "goes on") + ", " + metrics.operationsInFlight() + " operations, "
                + metrics.receiveBuffers(BufferState.PIPELINE) + " buffers";
    }
}
