// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.SplicedPair.await;
import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.SpliceFuture;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.testsuite.StandingLoop;
import dev.nettyuring.testsuite.TransportInvariants;
import dev.nettyuring.testsuite.channel.SplicedPair.Placing;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.ChannelProgressivePromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes that go from one connection to another below the pipelines: all of them, in order, and no others. */
@ExtendWith(TransportInvariants.class)
class SpliceTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int LARGE = 10 << 20;
    private static final byte[] TAIL = {1, 2, 3, 4, 5};

    static Stream<Arguments> everySizeAndPlacing() {
        return Stream.of(0, 1, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, LARGE)
                .flatMap(size -> Arrays.stream(Placing.values()).map(placing -> Arguments.of(size, placing)));
    }

    private static byte[] concat(byte[]... parts) {
        ByteBuf all = Unpooled.wrappedBuffer(parts);
        byte[] bytes = new byte[all.readableBytes()];
        all.readBytes(bytes);
        return bytes;
    }

    private static void awaitBytes(Collector collector, byte[] expected) {
        await().atMost(LIMIT).until(() -> collector.count() >= expected.length);
        assertThat(collector.bytes()).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("everySizeAndPlacing")
    void soManyBytesAreSplicedAndThePipelineGetsTheRest(int size, Placing placing) throws Exception {
        byte[] bytes = random(size);
        try (SplicedPair pair = new SplicedPair(placing)) {
            SpliceFuture spliced = pair.splice(size);
            Background sending = pair.send(concat(bytes, TAIL));
            assertThat(pair.receive(size)).isEqualTo(bytes);
            assertThat(await(spliced).isSuccess()).isTrue();
            assertThat(spliced.transferred()).isEqualTo(size);
            awaitBytes(pair.atSource, TAIL);
            sending.join();
            await(pair.target.close());
            assertThat(pair.receiveAll()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatWasReceivedBeforeGoesFirst(Placing placing) throws Exception {
        byte[] bytes = random(2_000_000);
        try (SplicedPair pair = new SplicedPair(placing)) {
            AutoRead.off(pair.source);
            pair.send(new byte[] {9}).join();
            pair.source.read();
            await().atMost(LIMIT).until(() -> pair.atSource.count() == 1);
            Background sending = pair.send(bytes); // a receive is armed, and takes as much as it may
            TimeUnit.MILLISECONDS.sleep(30);
            SpliceFuture spliced = pair.splice(bytes.length);
            assertThat(pair.receive(bytes.length)).isEqualTo(bytes);
            await(spliced).sync();
            sending.join();
        }
    }

    /** Nothing comes after it that would wake a splice that lets others have their turn. */
    @Test
    void moreThanATurnsShareThatWasReceivedBeforeGoesAsWell() throws Exception {
        byte[] bytes = random(2 << 20);
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                1,
                UringIoHandler.newFactory(UringConfig.builder()
                        .receiveBufferSize(1 << 20)
                        .receiveBuffers(4)
                        .receiveMemoryLimit(8 << 20)
                        .build()));
        EventLoop loop = loops.next();
        try (SplicedPair pair = new SplicedPair(loop, loop)) {
            byte[] widening = random(32 << 20); // the socket's window, so that it holds what follows
            Background sending = pair.send(widening);
            await().atMost(LIMIT).until(() -> pair.atSource.count() == widening.length);
            sending.join();
            loop.execute(() -> pair.source.config().setAutoRead(false)); // the receive that is armed stays
            try (StandingLoop standing = new StandingLoop(loop)) {
                pair.send(bytes).join();
            }
            pair.begun(); // the receive takes it
            SpliceFuture spliced = pair.splice(bytes.length);
            assertThat(pair.receive(bytes.length)).isEqualTo(bytes);
            await(spliced).sync();
        } finally {
            loops.shutdownGracefully(0, LIMIT.toSeconds(), TimeUnit.SECONDS).sync();
        }
    }

    /** As a proxy does: the first bytes say how many there are. */
    @ParameterizedTest
    @EnumSource
    void aHandlerSplicesTheRestInTheMiddleOfAReadLoop(Placing placing) throws Exception {
        byte[] bytes = random(500_000);
        try (SplicedPair pair = new SplicedPair(placing)) {
            pair.source.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(10));
            List<SpliceFuture> spliced = new CopyOnWriteArrayList<>();
            pair.source.pipeline().addFirst(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                    if (!spliced.isEmpty()) {
                        context.fireChannelRead(message);
                        return;
                    }
                    int rest = bytes.length - ((ByteBuf) message).readableBytes();
                    pair.target.write(message);
                    spliced.add(pair.source.spliceTo(pair.target, rest));
                }
            });
            pair.begun(); // handlers are passed over before that
            Background sending = pair.send(concat(bytes, TAIL));
            assertThat(pair.receive(bytes.length)).isEqualTo(bytes);
            await(spliced.get(0)).sync();
            awaitBytes(pair.atSource, TAIL);
            sending.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesKeepTheirPlace(Placing placing) throws Exception {
        byte[] before = random(1, 300_000);
        byte[] bytes = random(2, 300_000);
        byte[] after = random(3, 1000);
        try (SplicedPair pair = new SplicedPair(placing)) {
            pair.target.write(Unpooled.wrappedBuffer(before));
            SpliceFuture spliced = pair.splice(bytes.length);
            pair.target.writeAndFlush(Unpooled.wrappedBuffer(after));
            assertThat(pair.receive(before.length)).isEqualTo(before);
            pair.send(bytes).join();
            assertThat(pair.receive(bytes.length)).isEqualTo(bytes);
            assertThat(pair.receive(after.length)).isEqualTo(after);
            await(spliced).sync();
        }
    }

    @ParameterizedTest
    @EnumSource
    void splicesOfOneSourceFollowEachOther(Placing placing) throws Exception {
        byte[] bytes = random(900_000);
        try (SplicedPair pair = new SplicedPair(placing);
                SplicedPair other = new SplicedPair(placing)) {
            SpliceFuture first = pair.splice(300_000);
            SpliceFuture second = pair.source.spliceTo(other.target, 300_000);
            SpliceFuture third = pair.splice(300_000);
            Background sending = pair.send(bytes);
            byte[] atOther = other.receive(300_000);
            byte[] received = pair.receive(600_000);
            assertThat(concat(
                            Arrays.copyOf(received, 300_000), atOther, Arrays.copyOfRange(received, 300_000, 600_000)))
                    .isEqualTo(bytes);
            for (SpliceFuture spliced : List.of(first, second, third)) {
                await(spliced).sync();
            }
            sending.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void splicesToOneTargetTakeTurns(Placing placing) throws Exception {
        byte[] first = random(1, 500_000);
        byte[] second = random(2, 500_000);
        try (SplicedPair pair = new SplicedPair(placing);
                SplicedPair other = new SplicedPair(placing)) {
            SpliceFuture begun = pair.splice(first.length);
            SpliceFuture waiting = other.source.spliceTo(pair.target, second.length);
            other.begun();
            Background early = other.send(second);
            TimeUnit.MILLISECONDS.sleep(20);
            Background late = pair.send(first);
            assertThat(pair.receive(first.length)).isEqualTo(first);
            assertThat(pair.receive(second.length)).isEqualTo(second);
            await(begun).sync();
            await(waiting).sync();
            early.join();
            late.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void bothWaysAtOnce(Placing placing) throws Exception {
        byte[] there = random(1, 3_000_000);
        byte[] back = random(2, 3_000_000);
        try (SplicedPair pair = new SplicedPair(placing)) {
            SpliceFuture one = pair.splice(there.length);
            SpliceFuture other = pair.target.spliceTo(pair.source, back.length);
            pair.begun();
            Background sending = pair.send(there);
            Background answering =
                    Background.run(() -> pair.receiver.getOutputStream().write(back));
            Background received =
                    Background.run(() -> assertThat(pair.receive(there.length)).isEqualTo(there));
            assertThat(pair.sender.getInputStream().readNBytes(back.length)).isEqualTo(back);
            received.join();
            sending.join();
            answering.join();
            await(one).sync();
            await(other).sync();
        }
    }

    @Test
    void aChannelIsSplicedToItself() throws Exception {
        byte[] bytes = random(2_000_000);
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP)) {
            SpliceFuture echoed = pair.source.spliceTo(pair.source, bytes.length);
            pair.begun();
            Background sending = pair.send(bytes);
            assertThat(pair.sender.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
            await(echoed).sync();
            sending.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHundredAtOnce(Placing placing) throws Exception {
        List<SplicedPair> pairs = new ArrayList<>();
        List<Background> work = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                SplicedPair pair = new SplicedPair(placing);
                pairs.add(pair);
                byte[] bytes = random(i, 300_000 + i);
                SpliceFuture spliced = pair.splice(bytes.length);
                work.add(pair.send(bytes));
                work.add(Background.run(() -> {
                    assertThat(pair.receive(bytes.length)).isEqualTo(bytes);
                    await(spliced).sync();
                }));
            }
            for (Background part : work) {
                part.join();
            }
        } finally {
            for (SplicedPair pair : pairs) {
                pair.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReaderThatIsSlowGetsEverything(Placing placing) throws Exception {
        byte[] bytes = random(LARGE);
        try (SplicedPair pair = new SplicedPair(placing)) {
            SpliceFuture spliced = pair.splice(bytes.length);
            Background sending = pair.send(bytes);
            for (int at = 0; at < bytes.length; at += 512 << 10) {
                TimeUnit.MILLISECONDS.sleep(5);
                assertThat(pair.receive(512 << 10)).isEqualTo(Arrays.copyOfRange(bytes, at, at + (512 << 10)));
            }
            await(spliced).sync();
            sending.join();
        }
    }

    @Test
    void channelsMoveToOtherLoopsMeanwhile() throws Exception {
        byte[] bytes = random(LARGE);
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP)) {
            SpliceFuture spliced = pair.splice(bytes.length);
            Background sending = pair.send(bytes);
            Background receiving =
                    Background.run(() -> assertThat(pair.receive(bytes.length)).isEqualTo(bytes));
            for (int i = 0; i < 60 && !spliced.isDone(); i++) {
                UringSocketChannel moving = i % 2 == 0 ? pair.source : pair.target;
                EventLoop next = Tcp.loops().next();
                await(moving.deregister()).sync();
                await(next.register(moving)).sync();
            }
            receiving.join();
            sending.join();
            await(spliced).sync();
        }
    }

    @Test
    void listenersHearOfProgressAndAPromiseToo() throws Exception {
        byte[] bytes = random(3_000_000);
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP)) {
            ChannelProgressivePromise promise = pair.source.newProgressivePromise();
            List<Long> progress = new CopyOnWriteArrayList<>();
            promise.addListener(new ChannelProgressiveFutureListener() {
                @Override
                public void operationProgressed(ChannelProgressiveFuture future, long transferred, long total) {
                    assertThat(total).isEqualTo(bytes.length);
                    progress.add(transferred);
                }

                @Override
                public void operationComplete(ChannelProgressiveFuture future) {}
            });
            SpliceFuture spliced = pair.source.spliceTo(pair.target, bytes.length, promise);
            pair.begun();
            Background sending = pair.send(bytes);
            assertThat(pair.receive(bytes.length)).isEqualTo(bytes);
            await(spliced).sync();
            await(promise).sync();
            assertThat(progress).isSorted().endsWith((long) bytes.length);
            sending.join();
        }
    }

    @Test
    void theUserMayStillReadIntoABufferAfterwards() throws Exception {
        try (SplicedPair pair = new SplicedPair(Placing.ONE_LOOP)) {
            pair.source.config().setAutoRead(false);
            SpliceFuture spliced = pair.splice(3);
            ByteBuf buffer = Unpooled.directBuffer(10, 10);
            assertThat(await(pair.source.readInto(buffer)).cause())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("spliceTo()");
            pair.send(new byte[] {1, 2, 3}).join();
            await(spliced).sync();
            var read = pair.source.readInto(buffer);
            assertThat(await(pair.splice(1)).cause())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("readInto()");
            pair.send(new byte[] {4}).join();
            await(read).sync();
            assertThat(buffer.readByte()).isEqualTo((byte) 4);
            await().atMost(LIMIT).until(() -> buffer.refCnt() == 1);
            buffer.release();
            assertThatThrownBy(() -> pair.source.spliceTo(pair.target, -1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("length: -1");
        }
    }
}
