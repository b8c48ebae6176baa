// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * What a greedy connection does to the others of its event loop: a thousand send a byte each at once, again and again, and wait
 * for it to come back, first alone, and then beside one that sends as fast as it can. Each transport in turn. Prints the
 * microseconds from the first request of a round to each answer, and how many MB/s the greedy one got.
 * {@code Fairness [SECONDS]}
 */
public final class Fairness {
    private static final int QUIET = 1000;
    private static final int DEFAULT_SECONDS = 5;
    private static final int WARM_UP_SECONDS = 3;
    private static final int GREEDY_WRITE = 1 << 20;
    private static final double BYTES_A_MEGABYTE = 1e6;
    private static final double[] PERCENTILES = {50, 90, 99, 99.9};

    private Fairness() {}

    /** Runs all transports. */
    public static void main(String[] args) throws Exception {
        int seconds = args.length == 0 ? DEFAULT_SECONDS : Integer.parseInt(args[0]);
        for (Transport transport : Transport.values()) {
            measure(transport, false, seconds);
            measure(transport, true, seconds);
        }
    }

    private static void measure(Transport transport, boolean isGreedy, int seconds) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport.handlers());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, QUIET)
                .childHandler(new Chooser());
        transport.configureConnections(bootstrap, false);
        Channel server =
                bootstrap.bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        AtomicLong sent = new AtomicLong();
        List<SocketChannel> peers = connect(server.localAddress());
        SocketChannel greedy = isGreedy ? flood(server.localAddress(), sent) : null;
        rounds(peers, new Histogram(3), WARM_UP_SECONDS);
        Histogram micros = new Histogram(3);
        long before = sent.get();
        rounds(peers, micros, seconds);
        print(transport, isGreedy, micros, (sent.get() - before) / BYTES_A_MEGABYTE / seconds);
        for (SocketChannel peer : peers) {
            peer.close();
        }
        if (greedy != null) {
            greedy.close();
        }
        server.close().sync();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    private static List<SocketChannel> connect(SocketAddress address) throws IOException {
        List<SocketChannel> peers = new ArrayList<>();
        for (int i = 0; i < QUIET; i++) {
            peers.add(SocketChannel.open(address));
        }
        return peers;
    }

    private static SocketChannel flood(SocketAddress address, AtomicLong sent) throws IOException {
        SocketChannel greedy = SocketChannel.open(address);
        ByteBuffer bytes = ByteBuffer.allocateDirect(GREEDY_WRITE);
        Thread thread = new Thread(
                () -> {
                    try {
                        while (true) {
                            sent.addAndGet(greedy.write(bytes.clear()));
                        }
                    } catch (IOException closed) {
                        // as it is in the end
                    }
                },
                "greedy");
        thread.setDaemon(true);
        thread.start();
        return greedy;
    }

    private static void rounds(List<SocketChannel> peers, Histogram micros, int seconds) throws IOException {
        ByteBuffer octet = ByteBuffer.allocateDirect(1);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < end) {
            long start = System.nanoTime();
            for (SocketChannel peer : peers) {
                peer.write(octet.put(0, (byte) 'q').clear());
            }
            for (SocketChannel peer : peers) {
                peer.read(octet.clear());
                micros.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start));
            }
        }
    }

    private static void print(Transport transport, boolean isGreedy, Histogram micros, double megabytes) {
        StringBuilder line = new StringBuilder();
        for (double percentile : PERCENTILES) {
            line.append(String.format("  p%s %,d", percentile, micros.getValueAtPercentile(percentile)));
        }
        System.out.printf(
                "%-22s %-6s %s us%s%n",
                transport.label(),
                isGreedy ? "greedy" : "alone",
                line,
                isGreedy ? String.format(", greedy %,.0f MB/s", megabytes) : "");
    }

    /** Those that begin with {@code q} get every byte back, the others nothing. */
    @ChannelHandler.Sharable
    private static final class Chooser extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            if (bytes.getByte(bytes.readerIndex()) == 'q') {
                context.writeAndFlush(bytes);
            } else {
                bytes.release();
            }
        }
    }
}
