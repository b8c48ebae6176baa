// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.buffer.Slab;
import dev.nettyuring.channel.OlderKernel;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringPoll;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** That each counter counts what it says, and as often. */
@ExtendWith(TransportInvariants.class)
class MetricsTest {
    private static final Duration LIMIT = Duration.ofSeconds(Tcp.LIMIT_SECONDS);
    private static final int ROUNDS = 20;
    private static final int BUFFER_SIZE = 4096;

    private final List<EventLoopGroup> groups = new ArrayList<>();
    private EventLoopGroup group;
    private UringMetrics metrics;

    private void begin(IoHandlerFactory factory) {
        group = new MultiThreadIoEventLoopGroup(1, factory);
        groups.add(group);
        metrics = UringMetrics.of(group.next());
    }

    private ServerBootstrap server(UringConfig.Builder config) {
        begin(UringIoHandler.newFactory(config.build()));
        return new ServerBootstrap().group(group);
    }

    @AfterEach
    void end() throws InterruptedException {
        for (EventLoopGroup group : groups) {
            group.shutdownGracefully(0, Tcp.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    private static void assumeBufferRings() {
        assumeTrue(Uring.features().contains(Feature.PBUF_RING), "the kernel's buffer rings are switched off");
    }

    private static UringConfig.Builder buffers(int count, int limit) {
        return UringConfig.builder()
                .receiveBufferSize(BUFFER_SIZE)
                .receiveBuffers(count)
                .receiveMemoryLimit(limit * BUFFER_SIZE)
                .exhaustion(UringConfig.Exhaustion.PAUSE);
    }

    /** Answers a byte for each piece, and counts those. */
    private static class Answering extends ChannelInboundHandlerAdapter {
        private final AtomicInteger pieces = new AtomicInteger();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            pieces.incrementAndGet();
            handle((ByteBuf) message);
            context.writeAndFlush(Unpooled.directBuffer(1).writeByte(1));
        }

        void handle(ByteBuf piece) {
            piece.release();
        }
    }

    private long[] work() {
        return new long[] {metrics.turns(), metrics.enters(), metrics.completions(), metrics.submissions()};
    }

    /**
     * Between two readings of an eventfd by its loop, which itself makes the fd readable again: as many turns, each of one
     * call that brings one completion.
     */
    private long[] workOfRounds(UringPoll.Trigger trigger) throws Exception {
        begin(UringIoHandler.newFactory());
        int fd = Native.eventfd(1, SocketAbi.EFD_CLOEXEC | SocketAbi.EFD_NONBLOCK);
        List<long[]> readings = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        try (MappedMemory memory = MappedMemory.anonymous(Long.BYTES, true)) {
            UringPoll poll = UringPoll.register(group.next(), fd, UringPoll.POLLIN, trigger, (self, events) -> {
                Native.read(fd, memory.address(), Long.BYTES);
                readings.add(work());
                if (readings.size() <= ROUNDS + 1) {
                    Native.eventfdWrite(fd, 1);
                } else {
                    done.countDown();
                }
            });
            assertThat(done.await(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            poll.cancel().sync();
        } finally {
            Native.close(fd);
        }
        long[] difference = readings.get(ROUNDS + 1);
        for (int i = 0; i < difference.length; i++) {
            difference[i] -= readings.get(1)[i];
        }
        return difference;
    }

    @Test
    void aTurnIsOneCallWithWhatItBrings() throws Exception {
        assertThat(workOfRounds(UringPoll.Trigger.EDGE))
                .as("turns, enters, completions, submissions")
                .containsExactly(ROUNDS, ROUNDS, ROUNDS, 0);
    }

    @Test
    void anOperationThatIsArmedEachTimeIsASubmission() throws Exception {
        assertThat(workOfRounds(UringPoll.Trigger.LEVEL))
                .as("turns, enters, completions, submissions")
                .containsExactly(ROUNDS, ROUNDS, ROUNDS, ROUNDS);
    }

    @Test
    void operationsAreInFlightUntilTheyAreOver() throws Exception {
        begin(UringIoHandler.newFactory());
        List<UringPoll> polls = new ArrayList<>();
        List<Integer> fds = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            int fd = Native.eventfd(0, SocketAbi.EFD_CLOEXEC | SocketAbi.EFD_NONBLOCK);
            fds.add(fd);
            polls.add(UringPoll.register(
                    group.next(), fd, UringPoll.POLLIN, UringPoll.Trigger.EDGE, (self, events) -> {}));
        }
        group.submit(() -> {}).sync();
        assertThat(metrics.operationsInFlight()).isEqualTo(ROUNDS);
        for (UringPoll poll : polls) {
            poll.cancel().sync();
        }
        assertThat(metrics.operationsInFlight()).isZero();
        fds.forEach(Native::close);
    }

    @Test
    void aSleepingLoopIsWokenByOneCall() throws Exception {
        begin(UringIoHandler.newFactory());
        EventLoop loop = group.next();
        Path call = loop.submit(() -> Path.of("/proc/thread-self").toRealPath().resolve("syscall"))
                .get();
        assumeTrue(Files.isReadable(call), "the kernel tells of no thread's system calls");
        long enter = 426; // io_uring_enter, by the number that it has on all machines of ours
        for (int round = 0; round < ROUNDS; round++) {
            await().atMost(LIMIT).pollInterval(Duration.ofMillis(1)).until(() -> Files.readString(call)
                    .startsWith(enter + " "));
            long before = metrics.wakeups();
            CountDownLatch ran = new CountDownLatch(1);
            loop.execute(ran::countDown);
            assertThat(ran.await(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(metrics.wakeups() - before).isEqualTo(1);
        }
    }

    @Test
    void everyBufferThatWasLentIsReturnedInTheEnd() throws Exception {
        assumeBufferRings();
        Answering handler = new Answering();
        int buffers = 10;
        try (Tcp tcp = Tcp.serve(server(buffers(2, 8)), () -> handler);
                Socket client = tcp.connect()) {
            for (int i = 0; i < buffers; i++) {
                client.getOutputStream().write(random(BUFFER_SIZE));
                await().atMost(LIMIT).until(() -> client.getInputStream().read() == 1);
            }
            // where messages share buffers each is filled to its end; else each piece, however small, has one
            int used = Uring.features().contains(Feature.PBUF_INC) ? buffers : handler.pieces.get();
            await().atMost(LIMIT).until(() -> metrics.returnedReceiveBuffers() == used);
            await().atMost(LIMIT)
                    .until(() -> metrics.lentReceiveBuffers() - used == metrics.receiveBuffers(BufferState.KERNEL));
        }
        end();
        assertThat(metrics.lentReceiveBuffers()).isGreaterThan(buffers).isEqualTo(metrics.returnedReceiveBuffers());
    }

    @Test
    void whatIsReleasedAfterTheLoopsEndIsReturnedAsWell() throws Exception {
        assumeBufferRings();
        Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        try (Tcp tcp = Tcp.serve(server(buffers(2, 8)), () -> new Answering() {
                    @Override
                    void handle(ByteBuf piece) {
                        kept.add(piece);
                    }
                });
                Socket client = tcp.connect()) {
            client.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isEqualTo(1);
        }
        end();
        assertThat(metrics.lentReceiveBuffers() - metrics.returnedReceiveBuffers())
                .isEqualTo(1);
        kept.forEach(ByteBuf::release);
        assertThat(metrics.lentReceiveBuffers()).isEqualTo(metrics.returnedReceiveBuffers());
    }

    @Test
    void atTheLimitTheRingIsFoundEmptyOnceAndReadingPausesOnce() throws Exception {
        assumeBufferRings();
        Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        AtomicBoolean keeps = new AtomicBoolean(true);
        Collector collector = new Collector() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
                if (keeps.get()) {
                    kept.add(((ByteBuf) message).retainedDuplicate());
                }
                super.channelRead(context, message);
            }
        };
        try (Tcp tcp = Tcp.serve(server(buffers(2, 2)), () -> collector);
                Socket client = tcp.connect()) {
            client.getOutputStream().write(random(3 * BUFFER_SIZE));
            await().atMost(LIMIT).until(() -> metrics.bufferExhaustions() == 1);
            assertThat(metrics.emptyBufferRings()).isEqualTo(1);
            assertThat(metrics.receiveBuffers(BufferState.PIPELINE)).isEqualTo(2);
            assertThat(metrics.lentReceiveBuffers()).isEqualTo(2);
            assertThat(metrics.returnedReceiveBuffers()).isZero();
            keeps.set(false);
            for (ByteBuf buf = kept.poll(); buf != null; buf = kept.poll()) {
                buf.release();
            }
            await().atMost(LIMIT).until(() -> collector.count() == 3 * BUFFER_SIZE);
        }
    }

    @Test
    void withoutBufferRingsEveryPieceIsAnAllocatedReceive() throws Exception {
        begin(OlderKernel.withoutBufferRings(UringConfig.DEFAULT));
        Answering handler = new Answering();
        try (Tcp tcp = Tcp.serve(new ServerBootstrap().group(group), () -> handler);
                Socket client = tcp.connect()) {
            for (int i = 1; i <= ROUNDS; i++) {
                client.getOutputStream().write(1);
                assertThat(client.getInputStream().read()).isEqualTo(1);
                assertThat(handler.pieces).hasValue(i);
                assertThat(metrics.allocatedReceives()).isEqualTo(i);
            }
        }
        assertThat(metrics.lentReceiveBuffers()).isZero();
    }

    @Test
    void everyPieceThatLiesOutsideTheReceiveBuffersWasCopied() throws Exception {
        assumeBufferRings();
        int small = 20;
        Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        AtomicInteger outside = new AtomicInteger();
        ServerBootstrap bootstrap =
                server(buffers(2, 200)).childOption(ChannelOption.ALLOCATOR, new UnpooledByteBufAllocator(true));
        try (Tcp tcp = Tcp.serve(bootstrap, () -> new Answering() {
                    @Override
                    void handle(ByteBuf piece) {
                        if (Slab.at(piece.memoryAddress()) == null) {
                            outside.incrementAndGet();
                        }
                        if (piece.readableBytes() == small) {
                            kept.add(piece);
                        } else {
                            piece.release();
                        }
                    }
                });
                Socket client = tcp.connect()) {
            for (int round = 0; round < 4 * ROUNDS; round++) {
                for (int bytes : new int[] {small, BUFFER_SIZE - small}) {
                    client.getOutputStream().write(random(bytes));
                    assertThat(client.getInputStream().read()).isEqualTo(1);
                }
            }
            assertThat(metrics.copiedPieces()).isPositive().isEqualTo(outside.get());
            kept.forEach(ByteBuf::release);
        }
    }

    @Test
    void everyZeroCopySendIsCountedAndSoIsWhatWasCopied() throws Exception {
        assumeTrue(Uring.features().contains(Feature.SEND_ZC), "zero-copy sends are switched off");
        begin(UringIoHandler.newFactory());
        ServerBootstrap bootstrap =
                new ServerBootstrap().group(group).childOption(UringChannelOption.ZERO_COPY, ZeroCopy.ALWAYS);
        try (Tcp tcp = Tcp.serve(bootstrap, ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            for (int i = 1; i <= ROUNDS; i++) {
                int sends = i;
                channel.writeAndFlush(Unpooled.directBuffer(100).writeBytes(random(100)))
                        .sync();
                client.getInputStream().readNBytes(100);
                await().atMost(LIMIT).until(() -> metrics.zeroCopySends() == sends);
            }
            // within the machine the kernel copies
            assertThat(metrics.copiedZeroCopySends()).isEqualTo(ROUNDS);
            channel.config().setOption(UringChannelOption.ZERO_COPY, ZeroCopy.NEVER);
            channel.writeAndFlush(Unpooled.directBuffer(100).writeBytes(random(100)))
                    .sync();
            client.getInputStream().readNBytes(100);
        }
        end();
        assertThat(metrics.zeroCopySends()).isEqualTo(ROUNDS);
    }

    @Test
    void everyRefusalOfThePoolIsAFailure() throws Exception {
        assumeBufferRings();
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger refusals = new AtomicInteger(3);
        UringConfig.Builder config = buffers(2, 8).receivePool(bytes -> {
            if (refusals.getAndDecrement() > 0) {
                refused.incrementAndGet();
                return null;
            }
            return Unpooled.directBuffer(bytes);
        });
        try (Tcp tcp = Tcp.serve(server(config), Answering::new);
                Socket client = tcp.connect()) {
            client.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isEqualTo(1);
            assertThat(metrics.receiveMemoryFailures()).isEqualTo(refused.get()).isEqualTo(3);
        }
    }
}
