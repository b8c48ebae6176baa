// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import dev.nettyuring.channel.UringSocketChannel;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * How long a loop does nothing else while all its connections are closed at once, with an operation of each in flight, on each
 * transport in turn: a task is handed to the loop every millisecond, whether the one before has run or not, and how late each
 * runs is recorded. {@code CancelStall [CONNECTIONS [ROUNDS [TRANSPORT...]]]}
 */
public final class CancelStall {
    private static final int DEFAULT_CONNECTIONS = 10_000;
    private static final int DEFAULT_ROUNDS = 5;
    private static final int WARM_UP_ROUNDS = 1;
    private static final int PROBES_BEFORE = 200;
    private static final int PROBES = 1_200;
    private static final long PROBE_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int SEND_BUFFER = 4096;
    private static final int BACKLOG = 4096;
    private static final double NANOS_A_MILLI = 1e6;
    private static final double P99 = 99;
    private static final double P999 = 99.9;
    private static final int ACCEPT_LIMIT_SECONDS = 120;

    /** What each connection waits for. */
    private enum Pending {
        /** Bytes, which it would read. */
        RECEIVES,
        /** Room to send more. */
        SENDS,
        /** Bytes, for a buffer of the user's. */
        READS_INTO
    }

    private final Transport transport;
    private final Pending pending;
    private final Histogram delays = new Histogram(3);
    private final List<Long> batchNanos = new ArrayList<>();
    private final List<Long> cpuNanos = new ArrayList<>();

    private CancelStall(Transport transport, Pending pending) {
        this.transport = transport;
        this.pending = pending;
    }

    /** Runs all rounds. */
    public static void main(String[] args) throws Exception {
        int connections = args.length > 0 ? Integer.parseInt(args[0]) : DEFAULT_CONNECTIONS;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : DEFAULT_ROUNDS;
        List<String> chosen = List.of(args).subList(Math.min(2, args.length), args.length);
        List<CancelStall> all = new ArrayList<>();
        for (Pending pending : Pending.values()) {
            for (Transport transport : Transport.values()) {
                boolean has = pending != Pending.READS_INTO || transport == Transport.URING;
                if (has && (chosen.isEmpty() || chosen.contains(transport.label()))) {
                    all.add(new CancelStall(transport, pending));
                }
            }
        }
        try (IdlePeers peers = new IdlePeers()) {
            for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
                for (CancelStall one : all) {
                    one.run(peers, connections);
                    if (round < 0) {
                        one.forget();
                    }
                }
            }
        }
        all.forEach(CancelStall::print);
    }

    private void forget() {
        delays.reset();
        batchNanos.clear();
        cpuNanos.clear();
    }

    private void print() {
        System.out.printf(
                Locale.ROOT,
                "%-10s %-22s stall p99 %7.1f ms, p99.9 %7.1f ms, most %7.1f ms; closing %7.1f ms [%.1f, %.1f];"
                        + " loop's CPU %7.1f ms [%.1f, %.1f]%n",
                pending,
                transport.label(),
                delays.getValueAtPercentile(P99) / NANOS_A_MILLI,
                delays.getValueAtPercentile(P999) / NANOS_A_MILLI,
                delays.getMaxValue() / NANOS_A_MILLI,
                median(batchNanos),
                Collections.min(batchNanos) / NANOS_A_MILLI,
                Collections.max(batchNanos) / NANOS_A_MILLI,
                median(cpuNanos),
                Collections.min(cpuNanos) / NANOS_A_MILLI,
                Collections.max(cpuNanos) / NANOS_A_MILLI);
    }

    private static double median(List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        return sorted[sorted.length / 2] / NANOS_A_MILLI;
    }

    private void run(IdlePeers peers, int connections) throws Exception {
        EventLoopGroup acceptors = new MultiThreadIoEventLoopGroup(1, transport.handlers());
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport.handlers());
        Channel[] channels = new Channel[connections];
        CountDownLatch active = new CountDownLatch(connections);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(acceptors, group)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER)
                .childOption(ChannelOption.AUTO_READ, pending != Pending.READS_INTO)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Waiting(channels, active));
                    }
                });
        transport.configureConnections(bootstrap, false);
        Channel server =
                bootstrap.bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        peers.connect((InetSocketAddress) server.localAddress(), connections);
        if (!active.await(ACCEPT_LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(active.getCount() + " connections were not accepted");
        }
        measure(group.next(), channels);
        peers.disconnect();
        acceptors.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    private void measure(EventLoop loop, Channel[] channels) throws Exception {
        long thread = loop.submit(() -> Thread.currentThread().getId()).get();
        long due = System.nanoTime();
        long cpuBefore = 0;
        for (int probe = 0; probe < PROBES; probe++) {
            if (probe == PROBES_BEFORE) {
                cpuBefore = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
                loop.execute(() -> closeAll(channels));
            }
            long submitted = due;
            loop.execute(() -> delays.recordValue(Math.max(0, System.nanoTime() - submitted)));
            due += PROBE_INTERVAL_NANOS;
            LockSupport.parkNanos(due - System.nanoTime());
        }
        for (Channel channel : channels) {
            channel.closeFuture().sync();
        }
        loop.submit(() -> {}).sync();
        cpuNanos.add(ManagementFactory.getThreadMXBean().getThreadCpuTime(thread) - cpuBefore);
    }

    private void closeAll(Channel[] channels) {
        long start = System.nanoTime();
        Arrays.stream(channels).forEach(Channel::close);
        batchNanos.add(System.nanoTime() - start);
    }

    /** Makes the channel wait for something. */
    private final class Waiting extends ChannelInboundHandlerAdapter {
        private static final int MUCH = 1 << 20;
        private static final int BUFFER = 64;
        private static final ByteBuf BYTES =
                Unpooled.unreleasableBuffer(Unpooled.directBuffer(MUCH).writeZero(MUCH));

        private final Channel[] channels;
        private final CountDownLatch active;

        Waiting(Channel[] channels, CountDownLatch active) {
            this.channels = channels;
            this.active = active;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (pending == Pending.SENDS) {
                context.writeAndFlush(BYTES.duplicate());
            } else if (pending == Pending.READS_INTO) {
                ByteBuf buffer = context.alloc().directBuffer(BUFFER);
                ((UringSocketChannel) context.channel()).readInto(buffer);
                buffer.release();
            }
            channels[(int) active.getCount() - 1] = context.channel();
            active.countDown();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
