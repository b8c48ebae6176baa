// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.ProcessStatus;
import dev.nettyuring.testsuite.StandingLoop;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(TransportInvariants.class)
class LoopTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static final int IDLE_LOOPS = 12;

    private static EventLoopGroup oneLoop() {
        return new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
    }

    private static void end(EventLoopGroup group) throws InterruptedException {
        assertThat(group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as("the loop ends in time")
                .isTrue();
    }

    private static void assertNothingLeft(UringMetrics metrics) {
        assertThat(metrics.operationsInFlight()).isZero();
        assertThat(metrics.receiveBuffers(BufferState.KERNEL)).isZero();
        assertThat(metrics.receiveBuffers(BufferState.PIPELINE)).isZero();
    }

    /** The kernel counts a thread that waits for completions as blocked by I/O unless it is told not to. */
    @Test
    void idleLoopsAreNotBlockedByIo() throws Exception {
        assumeTrue(Uring.features().contains(Feature.NO_IOWAIT), "iowait cannot be avoided");
        UringConfig config =
                UringConfig.builder().submissionEntries(8).completionEntries(16).build();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(IDLE_LOOPS, UringIoHandler.newFactory(config));
        try {
            for (EventExecutor loop : group) {
                loop.submit(() -> {}).sync();
            }
            await().atMost(LIMIT).untilAsserted(() -> assertThat(threadsBlockedByIo())
                    .as("on the whole machine")
                    .isLessThan(IDLE_LOOPS));
        } finally {
            end(group);
        }
    }

    private static int threadsBlockedByIo() throws IOException {
        return Files.readAllLines(Path.of("/proc/stat")).stream()
                .filter(line -> line.startsWith("procs_blocked "))
                .mapToInt(line -> Integer.parseInt(line.split(" ")[1]))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aThousandTasksForABusyLoopMakeAtMostOneWakeup() throws Exception {
        EventLoopGroup group = oneLoop();
        try {
            EventLoop loop = group.next();
            UringMetrics metrics = UringMetrics.of(loop);
            AtomicInteger ran = new AtomicInteger();
            try (StandingLoop standing = new StandingLoop(loop)) {
                long before = metrics.wakeups();
                for (int i = 0; i < 1000; i++) {
                    loop.execute(ran::incrementAndGet);
                }
                assertThat(metrics.wakeups() - before).isLessThanOrEqualTo(1);
            }
            await().atMost(LIMIT).untilAtomic(ran, org.hamcrest.Matchers.equalTo(1000));
        } finally {
            end(group);
        }
    }

    @Test
    void noTaskIsLostHoweverTheLoopFallsAsleep() throws Exception {
        EventLoopGroup group = oneLoop();
        try {
            EventLoop loop = group.next();
            for (int i = 0; i < 20_000; i++) {
                CountDownLatch ran = new CountDownLatch(1);
                loop.execute(ran::countDown);
                assertThat(ran.await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                        .as("task %d ran", i)
                        .isTrue();
            }
        } finally {
            end(group);
        }
    }

    /** The first that this process may run on. */
    private static String aProcessor() throws IOException {
        return ProcessStatus.of("Cpus_allowed_list").split("[-,]")[0];
    }

    /** On one processor the loop often runs as soon as it is woken, and whoever wakes it only when it sleeps again. */
    @Test
    void aLoopDoesNotSpinUntilWhoeverWokeItGoesOn(@TempDir Path folder) throws Exception {
        String turns = JavaProcess.output(folder, List.of("taskset", "-c", aProcessor()), List.of(), WokenLoop.class);
        assertThat(Integer.parseInt(turns.trim())).as("turns for each task").isLessThan(10);
    }

    @Test
    void aScheduledTaskRunsInTimeWithoutAnyIo() throws Exception {
        EventLoopGroup group = oneLoop();
        try {
            long start = System.nanoTime();
            group.next().schedule(() -> {}, 50, TimeUnit.MILLISECONDS).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
        } finally {
            end(group);
        }
    }

    @Test
    void anExceptionInAHandlerListenerOrTaskLeavesTheLoopServing() throws Exception {
        EventLoopGroup group = oneLoop();
        try (Tcp tcp = Tcp.serve(new ServerBootstrap().group(group), () -> new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        context.writeAndFlush(message).addListener(future -> {
                            throw new IllegalStateException("listener");
                        });
                        context.executor().execute(() -> {
                            throw new IllegalStateException("task");
                        });
                        throw new IllegalStateException("handler");
                    }

                    @Override
                    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                        throw new IllegalStateException("exceptionCaught");
                    }
                });
                Socket client = tcp.connect()) {
            for (int i = 0; i < 100; i++) {
                client.getOutputStream().write(i);
                assertThat(client.getInputStream().read()).isEqualTo(i);
            }
        } finally {
            end(group);
        }
    }

    @Test
    void shutdownUnderLoadEndsWithEverythingCompletedAndASecondCallIsHarmless() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, UringIoHandler.newFactory());
        List<UringMetrics> metrics = new ArrayList<>();
        group.forEach(loop -> metrics.add(UringMetrics.of(loop)));
        List<Channel> channels = new ArrayList<>();
        List<io.netty.channel.ChannelFuture> writes = new ArrayList<>();
        Tcp tcp = Tcp.serve(new ServerBootstrap().group(group), ChannelInboundHandlerAdapter::new);
        for (int i = 0; i < 30; i++) {
            Channel channel = new Bootstrap()
                    .group(group)
                    .channel(UringSocketChannel.class)
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelRead(ChannelHandlerContext context, Object message) {
                            context.writeAndFlush(message);
                        }
                    })
                    .connect(tcp.address())
                    .sync()
                    .channel();
            channels.add(channel);
            writes.add(channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1 << 20])));
        }
        group.shutdownGracefully(0, 10, TimeUnit.SECONDS);
        end(group);
        for (Channel channel : channels) {
            assertThat(channel.closeFuture().isDone()).isTrue();
        }
        assertThat(writes).allMatch(io.netty.util.concurrent.Future::isDone);
        metrics.forEach(LoopTest::assertNothingLeft);
    }

    @Test
    void aGroupThatWasNeverUsedEndsAtOnce() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(3, UringIoHandler.newFactory());
        List<UringMetrics> metrics = new ArrayList<>();
        group.forEach(loop -> metrics.add(UringMetrics.of(loop)));
        end(group);
        metrics.forEach(LoopTest::assertNothingLeft);
    }

    @Test
    void howeverShutdownMeetsABusyLoopEveryChannelsHandlersSeeItsEnd() throws Exception {
        for (int round = 0; round < 50; round++) {
            AtomicInteger active = new AtomicInteger();
            AtomicInteger inactive = new AtomicInteger();
            AtomicInteger removed = new AtomicInteger();
            EventLoopGroup group = oneLoop();
            EventLoop loop = group.next();
            Tcp tcp = Tcp.serve(new ServerBootstrap().group(group), () -> new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext context) {
                    active.incrementAndGet();
                }

                @Override
                public void channelInactive(ChannelHandlerContext context) {
                    inactive.incrementAndGet();
                }

                @Override
                public void handlerRemoved(ChannelHandlerContext context) {
                    removed.incrementAndGet();
                }
            });
            try (Socket first = tcp.connect();
                    Socket second = tcp.connect()) {
                await().atMost(LIMIT).until(() -> active.get() == 2);
                loop.execute(new Runnable() {
                    @Override
                    public void run() {
                        if (!loop.isShuttingDown()) {
                            loop.execute(this); // the loop never sleeps
                        }
                    }
                });
                end(group);
            }
            assertThat(inactive).hasValue(2);
            assertThat(removed).hasValue(2);
        }
    }

    @Test
    void tasksAfterTheEndAreRejected() throws Exception {
        EventLoopGroup group = oneLoop();
        EventLoop loop = group.next();
        loop.submit(() -> {}).sync();
        end(group);
        assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        Channel channel = new UringSocketChannel();
        assertThat(loop.register(channel).await().cause()).isInstanceOf(RejectedExecutionException.class);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void otherTransportsChannelsAreRefusedAndOursByOtherTransports() throws Exception {
        EventLoopGroup nio = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Channel nioChannel = new NioSocketChannel();
        Channel uringChannel = new UringServerSocketChannel();
        try {
            assertThat(Tcp.loops().register(nioChannel).await().cause()).isInstanceOf(IllegalStateException.class);
            assertThat(nio.register(uringChannel).await().cause()).isInstanceOf(IllegalStateException.class);
        } finally {
            nioChannel.unsafe().closeForcibly();
            uringChannel.unsafe().closeForcibly();
            end(nio);
        }
    }

    @Test
    void aChannelMovesToAnotherLoopWithoutLosingAByte() throws Exception {
        int total = 4 << 20;
        AtomicInteger echoed = new AtomicInteger();
        EventLoopGroup second = oneLoop();
        try (Tcp tcp = Tcp.serve(() -> new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        echoed.addAndGet(((io.netty.buffer.ByteBuf) message).readableBytes());
                        context.writeAndFlush(message);
                    }
                });
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            byte[] sent = random(total);
            Background writer = Background.run(() -> client.getOutputStream().write(sent));
            byte[] received = new byte[total];
            client.getInputStream().readNBytes(received, 0, total / 4);
            EventLoop[] loops = {second.next(), Tcp.loops().next(), second.next()};
            for (int i = 0; i < loops.length; i++) {
                assertThat(channel.deregister().await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                loops[i].register(channel).sync();
                client.getInputStream().readNBytes(received, total / 4 + i * 100_000, 100_000);
            }
            int so = total / 4 + loops.length * 100_000;
            client.getInputStream().readNBytes(received, so, total - so);
            writer.join();
            assertThat(received).isEqualTo(sent);
            channel.close().sync();
        } finally {
            end(second);
        }
    }

    @Test
    void manyChannelsOpenAndCloseOnOneLoopWithoutLeavingAnything() throws Exception {
        EventLoopGroup group = oneLoop();
        UringMetrics metrics = UringMetrics.of(group.next());
        try (Tcp tcp = Tcp.serve(new ServerBootstrap().group(group), ChannelInboundHandlerAdapter::new)) {
            for (int i = 0; i < 500; i++) {
                try (Socket client = new Socket(
                        InetAddress.getLoopbackAddress(), tcp.address().getPort())) {
                    client.getOutputStream().write(i);
                }
            }
            await().atMost(LIMIT).until(() -> metrics.operationsInFlight() == 1);
        } finally {
            end(group);
        }
        assertNothingLeft(metrics);
    }
}
