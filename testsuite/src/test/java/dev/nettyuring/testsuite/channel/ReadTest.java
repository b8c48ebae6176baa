// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TransportInvariants.class)
class ReadTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration A_WHILE = Duration.ofMillis(200);

    @Test
    void everyByteArrivesOnceAndInOrderWhileAutoReadIsToggledAtEveryMessage() throws Exception {
        byte[] sent = random(8 << 20);
        Collector collector = new Collector() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
                super.channelRead(context, message);
                context.channel().config().setAutoRead(false);
                context.executor().execute(() -> context.channel().config().setAutoRead(true));
            }
        };
        try (Tcp tcp = Tcp.serve(() -> collector);
                Socket client = tcp.connect()) {
            Background.run(() -> client.getOutputStream().write(sent));
            await().atMost(LIMIT).until(() -> collector.count() == sent.length);
            assertThat(collector.bytes()).isEqualTo(sent);
        }
    }

    @Test
    void whatArrivesWhileAutoReadIsOffIsKeptForTheNextRead() throws Exception {
        Collector collector = new Collector();
        try (Tcp tcp = Tcp.serve(() -> collector);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            client.getOutputStream().write(1);
            await().atMost(LIMIT).until(() -> collector.count() == 1);
            AutoRead.off(channel);
            client.getOutputStream().write(2);
            await().during(A_WHILE).atMost(LIMIT).until(() -> collector.count() == 1);
            channel.config().setAutoRead(true);
            await().atMost(LIMIT).until(() -> collector.count() == 2);
        }
    }

    @Test
    void keptDataThatIsReadLaterIsFollowedByReadCompleteWithoutFurtherTraffic() throws Exception {
        AtomicInteger completes = new AtomicInteger();
        Collector collector = new Collector() {
            @Override
            public void channelReadComplete(ChannelHandlerContext context) {
                completes.incrementAndGet();
            }
        };
        try (Tcp tcp = Tcp.serve(() -> collector);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            // an idle loop of Netty's wakes up every second, unless something is scheduled
            Future<?> distant = channel.eventLoop().schedule(() -> {}, 1, TimeUnit.HOURS);
            client.getOutputStream().write(1);
            await().atMost(LIMIT).until(() -> completes.get() == 1);
            AutoRead.off(channel);
            client.getOutputStream().write(2);
            // the armed RECV takes it in
            await().during(A_WHILE).atMost(LIMIT).until(() -> collector.count() == 1);
            channel.config().setAutoRead(true);
            await().atMost(LIMIT).until(() -> completes.get() == 2);
            assertThat(collector.count()).isEqualTo(2);
            distant.cancel(false);
        }
    }

    @Test
    void readOnDemandGivesOneMessageAndOneReadComplete() throws Exception {
        AtomicInteger completes = new AtomicInteger();
        Queue<Integer> sizes = new ConcurrentLinkedQueue<>();
        Collector collector = new Collector() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
                sizes.add(((ByteBuf) message).readableBytes());
                super.channelRead(context, message);
            }

            @Override
            public void channelReadComplete(ChannelHandlerContext context) {
                completes.incrementAndGet();
            }
        };
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(Tcp.loops())
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(10));
        try (Tcp tcp = Tcp.serve(bootstrap, () -> collector);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            client.getOutputStream().write(random(35));
            for (int reads = 1; collector.count() < 35; reads++) {
                channel.read();
                int expected = reads;
                await().atMost(LIMIT).until(() -> completes.get() == expected);
                assertThat(sizes).hasSize(reads).allMatch(size -> size <= 10); // less where a buffer of the ring ends
            }
            assertThat(collector.bytes()).isEqualTo(random(35));
        }
    }

    @Test
    void aPeersCloseIsNoticedWhileReadingIsOffAndNothingIsLost() throws Exception {
        Collector collector = new Collector();
        ServerBootstrap bootstrap =
                new ServerBootstrap().group(Tcp.loops()).childOption(ChannelOption.AUTO_READ, false);
        try (Tcp tcp = Tcp.serve(bootstrap, () -> collector)) {
            try (Socket client = tcp.connect()) {
                client.getOutputStream().write(random(1000));
            }
            await().atMost(LIMIT).until(collector::isInactive);
            assertThat(collector.bytes()).isEqualTo(random(1000));
            assertThat(collector.events()).isEmpty();
        }
    }

    @Test
    void aResetIsReportedAsAnExceptionAndCloses() throws Exception {
        Collector collector = new Collector();
        try (Tcp tcp = Tcp.serve(() -> collector)) {
            Socket client = tcp.connect();
            client.setSoLinger(true, 0);
            tcp.accepted();
            client.close();
            await().atMost(LIMIT).until(collector::isInactive);
            assertThat(collector.events()).hasSize(1);
            assertThat((Throwable) collector.events().get(0)).hasMessageContaining("ECONNRESET");
        }
    }

    @Test
    void withHalfClosureTheOutputStaysOpenAfterTheEndOfTheInput() throws Exception {
        Collector collector = new Collector();
        ServerBootstrap bootstrap =
                new ServerBootstrap().group(Tcp.loops()).childOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        try (Tcp tcp = Tcp.serve(bootstrap, () -> collector);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            client.getOutputStream().write(random(10));
            client.shutdownOutput();
            await().atMost(LIMIT).until(() -> collector.events().size() == 2);
            assertThat(collector.events())
                    .containsExactly(ChannelInputShutdownEvent.INSTANCE, ChannelInputShutdownReadComplete.INSTANCE);
            channel.writeAndFlush(channel.alloc().buffer().writeByte(7)).sync();
            assertThat(client.getInputStream().read()).isEqualTo(7);
            assertThat(channel.isOpen()).isTrue();
            channel.close().sync();
        }
    }

    @Test
    void aReceivedBufferHoldsWhatArrivedAndGrowsWhenWrittenTo() throws Exception {
        Queue<ByteBuf> received = new ConcurrentLinkedQueue<>();
        try (Tcp tcp = Tcp.serve(() -> new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        received.add((ByteBuf) message);
                    }
                });
                Socket client = tcp.connect()) {
            client.getOutputStream().write(random(100));
            await().atMost(LIMIT).until(() -> !received.isEmpty());
            ByteBuf buf = received.poll();
            assertThat(buf.readableBytes()).isEqualTo(100);
            assertThat(buf.capacity()).isGreaterThanOrEqualTo(100);
            assertThat(buf.isDirect() && buf.hasMemoryAddress()).isTrue();
            buf.writeBytes(new byte[] {1, 2, 3});
            byte[] grown = new byte[103];
            buf.readBytes(grown);
            assertThat(grown).startsWith(random(100)).endsWith(1, 2, 3);
            assertThat(buf.release()).isTrue();
        }
    }

    @Test
    void atTheMemoryLimitReadingPausesAndGoesOnWhenHandlersRelease() throws Exception {
        assumeTrue(Uring.features().contains(Feature.PBUF_RING), "there is no limit without the kernel's buffer rings");
        EventLoopGroup tiny = new MultiThreadIoEventLoopGroup(
                1,
                UringIoHandler.newFactory(UringConfig.builder()
                        .receiveBufferSize(4096)
                        .receiveBuffers(2)
                        .receiveMemoryLimit(4 * 4096)
                        .exhaustion(UringConfig.Exhaustion.PAUSE)
                        .build()));
        UringMetrics metrics = UringMetrics.of(tiny.next());
        byte[] sent = random(1 << 20);
        List<ByteBuf> kept = new CopyOnWriteArrayList<>();
        Collector collector = new Collector() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
                kept.add(((ByteBuf) message).retain());
                super.channelRead(context, message);
            }
        };
        try (Tcp tcp = Tcp.serve(new ServerBootstrap().group(tiny), () -> collector);
                Socket client = tcp.connect()) {
            Background writer = Background.run(() -> {
                try (OutputStream out = client.getOutputStream()) {
                    out.write(sent);
                }
            });
            await().atMost(LIMIT).until(() -> metrics.bufferExhaustions() > 0);
            int most = collector.count();
            await().during(A_WHILE).atMost(LIMIT).until(() -> collector.count() <= 4 * 4096);
            assertThat(most).isLessThanOrEqualTo(4 * 4096);
            assertThat(metrics.receiveMemory()).isLessThanOrEqualTo(4 * 4096);
            long turns = metrics.turns();
            TimeUnit.MILLISECONDS.sleep(A_WHILE.toMillis());
            assertThat(metrics.turns() - turns)
                    .as("turns of the loop while nothing can be read")
                    .isLessThan(20);
            long stop = System.nanoTime() + LIMIT.toNanos();
            while (collector.count() < sent.length && System.nanoTime() < stop) {
                if (kept.isEmpty()) {
                    Thread.onSpinWait();
                } else {
                    kept.remove(0).release(); // on a thread that is not the loop's
                }
            }
            kept.forEach(ByteBuf::release);
            writer.join();
            assertThat(collector.bytes()).isEqualTo(sent);
        } finally {
            tiny.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
        assertThat(metrics.operationsInFlight()).isZero();
    }

    @Test
    void starvedChannelsAllGetTheirTurnWhenMemoryComesBack() throws Exception {
        EventLoopGroup tiny = new MultiThreadIoEventLoopGroup(
                1,
                UringIoHandler.newFactory(UringConfig.builder()
                        .receiveBufferSize(1024)
                        .receiveBuffers(1)
                        .receiveMemoryLimit(2 * 1024)
                        .exhaustion(UringConfig.Exhaustion.PAUSE)
                        .build()));
        List<Collector> collectors = new CopyOnWriteArrayList<>();
        int connections = 50;
        try (Tcp tcp = Tcp.serve(new ServerBootstrap().group(tiny), () -> {
            Collector collector = new Collector();
            collectors.add(collector);
            return collector;
        })) {
            Socket[] clients = new Socket[connections];
            for (int i = 0; i < connections; i++) {
                clients[i] = tcp.connect();
            }
            for (int round = 0; round < 20; round++) {
                for (Socket client : clients) {
                    client.getOutputStream().write(random(1500));
                }
            }
            await().atMost(LIMIT)
                    .until(() -> collectors.stream().mapToInt(Collector::count).sum() == 20 * 1500 * connections);
            assertThat(collectors).allMatch(collector -> collector.count() == 20 * 1500);
            for (Socket client : clients) {
                client.close();
            }
        } finally {
            tiny.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }
}
