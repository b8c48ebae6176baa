// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.buffer.ReceivePool;
import dev.nettyuring.buffer.Slab;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringBufferExhausted;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.SocketFiles;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.internal.PlatformDependent;
import java.io.DataInputStream;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where received bytes lie, and what happens when there is no more memory for them. */
@ExtendWith(TransportInvariants.class)
class ReceiveMemoryTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration A_WHILE = Duration.ofMillis(200);
    private static final int BUFFER_SIZE = 16 << 10;
    private static final int WASTE = 16;
    private static final int CHANNELS = 8;

    private EventLoopGroup group;
    private UringMetrics metrics;

    private ServerBootstrap server(UringConfig.Builder config) {
        group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory(config.build()));
        metrics = UringMetrics.of(group.next());
        return new ServerBootstrap().group(group);
    }

    @AfterEach
    void endTheLoop() throws InterruptedException {
        if (group == null) {
            return; // the kernel lacks what the test is about
        }
        assertThat(group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(metrics.operationsInFlight()).isZero();
        assertThat(metrics.receiveBuffers(BufferState.KERNEL)).isZero();
        assertThat(metrics.receiveBuffers(BufferState.PIPELINE)).isZero();
        assertThat(metrics.writesAfterReturn()).isZero();
    }

    private static UringConfig.Builder pausing() {
        return UringConfig.builder().exhaustion(UringConfig.Exhaustion.PAUSE);
    }

    private static void assumeBufferRings() {
        assumeTrue(Uring.features().contains(Feature.PBUF_RING), "the kernel's buffer rings are switched off");
    }

    /** Keeps what it reads, or what of that is small, until it is told not to. */
    private static class Keeper extends Collector {
        private final Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        private volatile boolean keeping = true;
        private volatile int most = Integer.MAX_VALUE;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (keeping && ((ByteBuf) message).readableBytes() <= most) {
                kept.add(((ByteBuf) message).retainedDuplicate());
            }
            super.channelRead(context, message);
        }

        void keepOnly(int mostBytes) {
            most = mostBytes;
        }

        void keepAll() {
            keeping = true;
        }

        long timesToldExhausted() {
            return events().stream()
                    .filter(event -> event instanceof UringBufferExhausted)
                    .count();
        }

        void letGo() {
            keeping = false;
            for (ByteBuf buf = kept.poll(); buf != null; buf = kept.poll()) {
                buf.release();
            }
        }
    }

    @Test
    void whatIsReadLiesInASlabAndWasNotCopied() throws Exception {
        assumeBufferRings();
        AtomicInteger outside = new AtomicInteger();
        byte[] sent = random(3_000_000);
        try (Tcp tcp = Tcp.serve(server(pausing()), () -> new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        if (Slab.at(((ByteBuf) message).memoryAddress()) == null) {
                            outside.incrementAndGet();
                        }
                        context.writeAndFlush(message);
                    }
                });
                Socket client = tcp.connect()) {
            Background writer = Background.run(() -> client.getOutputStream().write(sent));
            byte[] received = new byte[sent.length];
            new DataInputStream(client.getInputStream()).readFully(received);
            writer.join();
            assertThat(received).isEqualTo(sent);
        }
        assertThat(outside).hasValue(0);
        assertThat(metrics.copiedPieces()).isZero();
        assertThat(metrics.allocatedReceives()).isZero();
    }

    @Test
    void atTheLimitTheHandlerIsToldOnceAPause() throws Exception {
        assumeBufferRings();
        Keeper keeper = new Keeper();
        UringConfig.Builder config =
                pausing().receiveBufferSize(4096).receiveBuffers(2).receiveMemoryLimit(4 * 4096);
        try (Tcp tcp = Tcp.serve(server(config), () -> keeper);
                Socket client = tcp.connect()) {
            client.getOutputStream().write(random(100_000));
            await().atMost(LIMIT).until(() -> keeper.timesToldExhausted() == 1);
            await().during(A_WHILE).atMost(LIMIT).until(() -> keeper.timesToldExhausted() == 1);
            assertThat(metrics.bufferExhaustions()).isEqualTo(1);
            assertThat(metrics.receiveMemory()).isEqualTo(4 * 4096);
            assertThat(keeper.events().get(0)).hasToString("UringBufferExhausted(16384 bytes in use)");
            keeper.letGo();
            await().atMost(LIMIT).until(() -> keeper.count() == 100_000);
            assertThat(keeper.bytes()).isEqualTo(random(100_000));
        }
    }

    /** One of them keeps all memory, and closes all of those that are told that there is none. */
    @ParameterizedTest
    @EnumSource(UringConfig.Exhaustion.class)
    void whoIsToldMayCloseAllThatWait(UringConfig.Exhaustion exhaustion) throws Exception {
        assumeBufferRings();
        Queue<Channel> waiting = new ConcurrentLinkedQueue<>();
        Queue<Throwable> caught = new ConcurrentLinkedQueue<>();
        UringConfig.Builder config = UringConfig.builder()
                .exhaustion(exhaustion)
                .receiveBufferSize(4096)
                .receiveBuffers(1)
                .receiveMemoryLimit(4096);
        Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        ServerBootstrap bootstrap = server(config);
        try (Tcp tcp = Tcp.serve(bootstrap, () -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext context) {
                waiting.add(context.channel());
            }

            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                kept.add((ByteBuf) message);
            }

            @Override
            public void userEventTriggered(ChannelHandlerContext context, Object event) {
                waiting.forEach(Channel::close);
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                caught.add(cause);
            }
        })) {
            List<Socket> clients = new ArrayList<>();
            try {
                for (int i = 0; i < CHANNELS; i++) {
                    clients.add(tcp.connect());
                }
                await().atMost(LIMIT).until(() -> waiting.size() == CHANNELS);
                // all of them are found without a buffer in one turn
                group.next()
                        .submit(() -> {
                            for (Socket client : clients) {
                                client.getOutputStream().write(random(4096));
                            }
                            return null;
                        })
                        .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                await().atMost(LIMIT).until(() -> waiting.stream().noneMatch(Channel::isOpen));
                assertThat(metrics.bufferExhaustions()).isEqualTo(1);
            } finally {
                for (Socket client : clients) {
                    client.close();
                }
                kept.forEach(ByteBuf::release);
            }
        }
        assertThat(caught).isEmpty();
    }

    /** Descriptors need no buffers. */
    @Test
    void whoIsToldMayTakeAllOthersOutOfTheLine() throws Exception {
        assumeBufferRings();
        UringConfig.Builder config =
                pausing().receiveBufferSize(4096).receiveBuffers(1).receiveMemoryLimit(4096);
        Keeper keeper = new Keeper() {
            @Override
            public boolean isSharable() {
                return true;
            }
        };
        ChannelGroup accepted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        Channel server = server(config)
                .channel(UringServerDomainSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.add(channel);
                        channel.pipeline()
                                .addLast(
                                        new ChannelInboundHandlerAdapter() {
                                            @Override
                                            public void userEventTriggered(
                                                    ChannelHandlerContext context, Object event) {
                                                accepted.forEach(each -> each.config()
                                                        .setOption(
                                                                UnixChannelOption.DOMAIN_SOCKET_READ_MODE,
                                                                DomainSocketReadMode.FILE_DESCRIPTORS));
                                            }
                                        },
                                        keeper);
                    }
                })
                .bind(SocketFiles.newAddress())
                .sync()
                .channel();
        List<SocketChannel> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CHANNELS; i++) {
                SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
                clients.add(client);
                client.connect(UnixDomainSocketAddress.of(((DomainSocketAddress) server.localAddress()).path()));
            }
            await().atMost(LIMIT).until(() -> accepted.size() == CHANNELS);
            group.next()
                    .submit(() -> {
                        for (SocketChannel client : clients) {
                            client.write(ByteBuffer.wrap(random(4096)));
                        }
                        return null;
                    })
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            await().atMost(LIMIT).until(() -> metrics.bufferExhaustions() > 0);
            assertThat(group.next().submit(metrics::bufferExhaustions).get(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo(1);
        } finally {
            keeper.letGo();
            for (SocketChannel client : clients) {
                client.close();
            }
            server.close().sync();
            accepted.close().sync();
        }
    }

    @Test
    void withAllocatedMemoryTheHandlerIsToldAgainAfterThereWasABuffer() throws Exception {
        assumeBufferRings();
        Keeper keeper = new Keeper();
        UringConfig.Builder config = UringConfig.builder()
                .receiveBufferSize(4096)
                .receiveBuffers(1)
                .receiveMemoryLimit(4096)
                .exhaustion(UringConfig.Exhaustion.ALLOCATE);
        try (Tcp tcp = Tcp.serve(server(config), () -> keeper);
                Socket client = tcp.connect()) {
            for (int times = 1; times <= 3; times++) {
                keeper.keepAll();
                int before = keeper.count();
                client.getOutputStream().write(random(20_000));
                await().atMost(LIMIT).until(() -> keeper.count() == before + 20_000);
                assertThat(keeper.timesToldExhausted()).isEqualTo(times);
                keeper.letGo();
                for (int i = 0; i < 10; i++) {
                    int count = keeper.count();
                    client.getOutputStream().write(random(100));
                    await().atMost(LIMIT).until(() -> keeper.count() == count + 100);
                }
            }
        }
    }

    @Test
    void readingMayGoOnWithAllocatedMemoryAtTheLimit() throws Exception {
        assumeBufferRings();
        Keeper keeper = new Keeper();
        UringConfig.Builder config = UringConfig.builder()
                .receiveBufferSize(4096)
                .receiveBuffers(1)
                .receiveMemoryLimit(2 * 4096)
                .exhaustion(UringConfig.Exhaustion.ALLOCATE);
        byte[] sent = random(2_000_000);
        try (Tcp tcp = Tcp.serve(server(config), () -> keeper);
                Socket client = tcp.connect()) {
            client.getOutputStream().write(sent);
            await().atMost(LIMIT).until(() -> keeper.count() == sent.length);
            assertThat(keeper.bytes()).isEqualTo(sent);
            assertThat(metrics.allocatedReceives()).isPositive();
            assertThat(metrics.receiveMemory()).isEqualTo(2 * 4096);
            keeper.letGo();
        }
    }

    /** Has direct memory unless {@code check} throws. */
    private static ByteBufAllocator failing(Runnable check) {
        return new AbstractByteBufAllocator(true) {
            @Override
            protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
                return UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity);
            }

            @Override
            protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
                check.run();
                return UnpooledByteBufAllocator.DEFAULT.directBuffer(initialCapacity, maxCapacity);
            }

            @Override
            public boolean isDirectBufferPooled() {
                return true;
            }
        };
    }

    @Test
    void allocatingGoesOnWhenTheAllocatorHasMemoryAgain() throws Exception {
        assertThat(eventsAfterRefusals(new OutOfMemoryError("the test's")))
                .hasOnlyElementsOfType(UringBufferExhausted.class);
    }

    @Test
    void anAllocatorsBugIsReportedAndAllocatingGoesOn() throws Exception {
        RuntimeException bug = new IllegalStateException("the test's");
        assertThat(eventsAfterRefusals(bug))
                .filteredOn(Throwable.class::isInstance)
                .containsExactly(bug, bug, bug);
    }

    /** Nothing is lost though the allocator, which has to be asked, refuses three times. */
    private List<Object> eventsAfterRefusals(Throwable refusal) throws Exception {
        assumeBufferRings();
        AtomicInteger refusals = new AtomicInteger(3);
        Keeper keeper = new Keeper();
        UringConfig.Builder config = UringConfig.builder()
                .receiveBufferSize(4096)
                .receiveBuffers(1)
                .receiveMemoryLimit(4096)
                .exhaustion(UringConfig.Exhaustion.ALLOCATE);
        ByteBufAllocator hesitant = failing(() -> {
            if (refusals.getAndDecrement() > 0) {
                PlatformDependent.throwException(refusal);
            }
        });
        ServerBootstrap bootstrap = server(config).childOption(ChannelOption.ALLOCATOR, hesitant);
        try (Tcp tcp = Tcp.serve(bootstrap, () -> keeper);
                Socket client = tcp.connect()) {
            client.getOutputStream().write(random(10_000));
            await().atMost(LIMIT).until(() -> keeper.count() == 10_000);
            assertThat(keeper.bytes()).isEqualTo(random(10_000));
            assertThat(refusals).hasNonPositiveValue();
            keeper.letGo();
        }
        return keeper.events();
    }

    @Test
    void withoutMemoryReadingWaitsUntilThereIsSome() throws Exception {
        assumeBufferRings();
        AtomicBoolean empty = new AtomicBoolean(true);
        Keeper keeper = new Keeper();
        keeper.letGo();
        UringConfig.Builder config = pausing().receivePool(bytes -> empty.get() ? null : Unpooled.directBuffer(bytes));
        try (Tcp tcp = Tcp.serve(server(config), () -> keeper);
                Socket client = tcp.connect()) {
            client.getOutputStream().write(random(10_000));
            await().atMost(LIMIT).until(() -> keeper.timesToldExhausted() == 1);
            assertThat(metrics.receiveMemoryFailures()).isPositive();
            long turns = metrics.turns();
            TimeUnit.MILLISECONDS.sleep(A_WHILE.toMillis());
            assertThat(metrics.turns() - turns).as("turns in a while").isLessThan(50);
            empty.set(false);
            await().atMost(LIMIT).until(() -> keeper.count() == 10_000);
            assertThat(keeper.bytes()).isEqualTo(random(10_000));
        }
    }

    @Test
    void aPoolThatGivesTheWrongMemoryIsAsGoodAsNone() throws Exception {
        assumeBufferRings();
        AtomicInteger asked = new AtomicInteger();
        Keeper keeper = new Keeper();
        keeper.letGo();
        ReceivePool pool = bytes -> {
            switch (asked.getAndIncrement()) {
                case 0:
                    return Unpooled.buffer(bytes);
                case 1:
                    return Unpooled.directBuffer(bytes / 2);
                case 2:
                    throw new IllegalStateException("thrown on purpose");
                case 3:
                    throw new AssertionError("thrown on purpose");
                default:
                    return Unpooled.directBuffer(bytes);
            }
        };
        try (Tcp tcp = Tcp.serve(server(pausing().receivePool(pool)), () -> keeper);
                Socket client = tcp.connect()) {
            client.getOutputStream().write(random(10_000));
            await().atMost(LIMIT).until(() -> keeper.count() == 10_000);
            assertThat(keeper.bytes()).isEqualTo(random(10_000));
        }
    }

    @Test
    void memoryOfAPoolOfOnesOwnIsReceivedIntoAndGivenBack() throws Exception {
        assumeBufferRings();
        Queue<ByteBuf> slabs = new ConcurrentLinkedQueue<>();
        AtomicInteger outside = new AtomicInteger();
        ReceivePool pool = bytes -> {
            ByteBuf slab = Unpooled.directBuffer(bytes + 100);
            slabs.add(slab);
            return slab;
        };
        try (Tcp tcp = Tcp.serve(server(pausing().receivePool(pool)), () -> new Collector() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
                        long address = ((ByteBuf) message).memoryAddress();
                        if (slabs.stream()
                                .noneMatch(slab -> address >= slab.memoryAddress()
                                        && address < slab.memoryAddress() + slab.capacity())) {
                            outside.incrementAndGet();
                        }
                        context.writeAndFlush(message);
                    }
                });
                Socket client = tcp.connect()) {
            client.getOutputStream().write(random(100_000));
            byte[] received = new byte[100_000];
            new DataInputStream(client.getInputStream()).readFully(received);
            assertThat(received).isEqualTo(random(100_000));
        }
        assertThat(outside).hasValue(0);
        endTheLoop();
        assertThat(slabs).isNotEmpty().allMatch(slab -> slab.refCnt() == 0);
    }

    /** Small pieces that keep much would be copied to memory of its, were there any. */
    @Test
    void nothingIsLostWhenTheAllocatorFailsToCopy() throws Exception {
        assumeBufferRings();
        AtomicInteger refusals = new AtomicInteger();
        ByteBufAllocator broken = failing(() -> {
            refusals.getAndIncrement();
            throw new IllegalStateException("the test's");
        });
        Keeper keeper = new Keeper();
        UringConfig.Builder config = UringConfig.builder()
                .receiveBufferSize(BUFFER_SIZE)
                .receiveBuffers(2)
                .receiveMemoryLimit(64 * BUFFER_SIZE);
        byte[] sent = random(40 * BUFFER_SIZE);
        int small = 20;
        keeper.keepOnly(small);
        ServerBootstrap bootstrap = server(config).childOption(ChannelOption.ALLOCATOR, broken);
        try (Tcp tcp = Tcp.serve(bootstrap, () -> keeper);
                Socket client = tcp.connect()) {
            for (int at = 0; at < sent.length; ) {
                int bytes = at % BUFFER_SIZE == 0 ? small : BUFFER_SIZE - small;
                client.getOutputStream().write(sent, at, bytes);
                at += bytes;
                int expected = at;
                await().atMost(LIMIT).pollInterval(1, TimeUnit.MILLISECONDS).until(() -> keeper.count() == expected);
            }
            assertThat(refusals).hasPositiveValue();
            assertThat(metrics.copiedPieces()).isZero();
            assertThat(keeper.bytes()).isEqualTo(sent);
            keeper.letGo();
        }
    }

    /** Of every buffer's content a little is kept and the rest let go, which would pin a buffer each. */
    @Test
    void smallPiecesThatAreKeptDoNotKeepManyTimesTheirSize() throws Exception {
        assumeBufferRings();
        int small = 20;
        int rounds = 400;
        Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        UringConfig.Builder config = UringConfig.builder()
                .receiveBufferSize(BUFFER_SIZE)
                .receiveBuffers(2)
                .receiveMemoryLimit(rounds * BUFFER_SIZE);
        try (Tcp tcp = Tcp.serve(server(config), () -> new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        ByteBuf buf = (ByteBuf) message;
                        context.writeAndFlush(Unpooled.wrappedBuffer(new byte[buf.readableBytes()]));
                        if (buf.readableBytes() == small) {
                            kept.add(buf);
                        } else {
                            buf.release();
                        }
                    }
                });
                Socket client = tcp.connect()) {
            DataInputStream answers = new DataInputStream(client.getInputStream());
            for (int round = 0; round < rounds; round++) {
                for (int bytes : new int[] {small, BUFFER_SIZE - small}) {
                    byte[] sent = new byte[bytes];
                    Arrays.fill(sent, (byte) round);
                    client.getOutputStream().write(sent);
                    answers.readFully(sent);
                }
            }
            assertThat(metrics.copiedPieces()).isPositive();
            int mostInUse = rounds * small + BUFFER_SIZE;
            assertThat(metrics.receiveBuffers(BufferState.PIPELINE) * BUFFER_SIZE)
                    .as("bytes of the buffers that are kept")
                    .isLessThan((2 * BUFFER_SIZE + WASTE * mostInUse) * 9 / 8);
            int round = 0;
            for (ByteBuf buf = kept.poll(); buf != null; buf = kept.poll()) {
                assertThat(buf.getByte(0)).isEqualTo((byte) round);
                assertThat(buf.getByte(small - 1)).isEqualTo((byte) round);
                buf.release();
                round++;
            }
            assertThat(round).isEqualTo(rounds);
        }
    }
}
