// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What it costs to switch auto-read off and on again at every message: a client streams to a server on each transport that
 * does, and that does not, in turn. Prints MB/s, medians of the rounds, and their ratio. {@code AutoReadToggle [ROUNDS]}
 */
public final class AutoReadToggle {
    private static final int DEFAULT_ROUNDS = 5;
    private static final int WARM_UP_ROUNDS = 2;
    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int WRITE_BYTES = 64 << 10;
    private static final double BYTES_A_MEGABYTE = 1e6;

    private AutoReadToggle() {}

    /** Runs all rounds. */
    public static void main(String[] args) throws Exception {
        int rounds = args.length == 0 ? DEFAULT_ROUNDS : Integer.parseInt(args[0]);
        Transport[] transports = Transport.values();
        double[][] plain = new double[transports.length][rounds];
        double[][] toggled = new double[transports.length][rounds];
        for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
            for (int t = 0; t < transports.length; t++) {
                double withoutToggle = megabytesASecond(transports[t], false);
                double withToggle = megabytesASecond(transports[t], true);
                if (round >= 0) {
                    plain[t][round] = withoutToggle;
                    toggled[t][round] = withToggle;
                }
            }
        }
        for (int t = 0; t < transports.length; t++) {
            double without = median(plain[t]);
            double with = median(toggled[t]);
            System.out.printf(
                    "%-22s %6.0f MB/s plain, %6.0f MB/s toggled: %.2f%n",
                    transports[t].label(), without, with, with / without);
        }
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static double megabytesASecond(Transport transport, boolean toggle) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport.handlers());
        AtomicLong received = new AtomicLong();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(transport.serverChannel())
                .childHandler(new Sink(received, toggle));
        transport.configureConnections(bootstrap, false);
        Channel server =
                bootstrap.bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        long start = System.nanoTime();
        try (Socket client =
                new Socket(InetAddress.getLoopbackAddress(), ((InetSocketAddress) server.localAddress()).getPort())) {
            stream(client, start + ROUND_NANOS);
        }
        double seconds = (double) (System.nanoTime() - start) / TimeUnit.SECONDS.toNanos(1);
        Future<?> ended = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        double megabytes = received.get() / BYTES_A_MEGABYTE;
        ended.sync();
        return megabytes / seconds;
    }

    private static void stream(Socket client, long untilNanos) throws IOException {
        OutputStream out = client.getOutputStream();
        byte[] bytes = new byte[WRITE_BYTES];
        while (System.nanoTime() - untilNanos < 0) {
            out.write(bytes);
        }
    }

    @ChannelHandler.Sharable
    private static final class Sink extends ChannelInboundHandlerAdapter {
        private final AtomicLong received;
        private final boolean toggle;

        Sink(AtomicLong received, boolean toggle) {
            this.received = received;
            this.toggle = toggle;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf buf = (ByteBuf) message;
            received.lazySet(received.get() + buf.readableBytes());
            buf.release();
            if (toggle) {
                context.channel().config().setAutoRead(false);
                context.executor().execute(() -> context.channel().config().setAutoRead(true));
            }
        }
    }
}
