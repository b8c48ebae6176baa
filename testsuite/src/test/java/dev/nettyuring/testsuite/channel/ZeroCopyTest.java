// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.buffer.UringByteBufAllocator;
import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sends that the kernel reads from the buffer itself, and says later when it no longer does. */
@ExtendWith(TransportInvariants.class)
class ZeroCopyTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** That which a peer offers that does not read, but less than a socket takes. */
    private static final int MORE_THAN_A_WINDOW = 512 << 10;
    /** So many parts go out in no request but one of their own. */
    private static final int PARTS = 1020;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, UringIoHandler.newFactory());
    private final List<UringMetrics> metrics = new ArrayList<>();

    @BeforeEach
    void readMetrics() {
        assumeTrue(Uring.features().contains(Feature.SEND_ZC), "zero-copy sends are switched off");
        group.forEach(loop -> metrics.add(UringMetrics.of(loop)));
    }

    @AfterEach
    void endTheLoops() throws InterruptedException {
        assertThat(group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(metrics).allMatch(loop -> loop.operationsInFlight() == 0);
    }

    private ServerBootstrap server(ZeroCopy mode) {
        return new ServerBootstrap().group(group).childOption(UringChannelOption.ZERO_COPY, mode);
    }

    private long zeroCopySends() {
        return metrics.stream().mapToLong(UringMetrics::zeroCopySends).sum();
    }

    @Test
    void everyByteIsSentOnceAndEveryBufferReleasedOnce() throws Exception {
        byte[] bytes = random(5_000_000);
        List<ByteBuf> buffers = new ArrayList<>();
        try (Tcp tcp = Tcp.serve(server(ZeroCopy.ALWAYS), ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            List<ChannelFuture> futures = new ArrayList<>();
            Random random = new Random(1);
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(1 + random.nextInt(random.nextBoolean() ? 100 : 300_000), bytes.length - at);
                ByteBuf buf = random.nextBoolean()
                        ? Unpooled.directBuffer(length)
                        : UringByteBufAllocator.DEFAULT.directBuffer(length);
                buffers.add(buf.writeBytes(bytes, at, length));
                futures.add(random.nextBoolean() ? channel.write(buf) : channel.writeAndFlush(buf));
                at += length;
            }
            channel.flush();
            assertThat(client.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
            for (ChannelFuture future : futures) {
                assertThat(future.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
                assertThat(future.cause()).isNull();
            }
            await().atMost(LIMIT).untilAsserted(() -> assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0));
            assertThat(zeroCopySends()).isPositive();
        }
    }

    /** A byte in so many parts. Empty ones count, but the socket's memory is charged a page for each that is not. */
    private static ByteBuf inParts(byte value) {
        CompositeByteBuf buf = Unpooled.compositeBuffer(PARTS);
        for (int i = 1; i < PARTS; i++) {
            buf.addComponent(Unpooled.EMPTY_BUFFER);
        }
        return buf.addComponent(true, Unpooled.directBuffer(1).writeByte(value));
    }

    /** More than goes out in one request, and than the peer takes: the kernel answers, but has not done with it yet. */
    @Test
    void whatWasFlushedGoesBeforeTheChannelIsClosed() throws Exception {
        byte[] bytes = random(MORE_THAN_A_WINDOW + 10);
        try (Tcp tcp = Tcp.serve(server(ZeroCopy.ALWAYS), ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            channel.eventLoop()
                    .submit(() -> {
                        channel.write(Unpooled.directBuffer().writeBytes(bytes, 0, MORE_THAN_A_WINDOW));
                        for (int i = MORE_THAN_A_WINDOW; i < bytes.length; i++) {
                            channel.write(inParts(bytes[i]));
                        }
                        channel.flush();
                        channel.close();
                    })
                    .sync();
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void whatTheKernelHasNotReadYetStaysItsAfterTheChannelIsClosed() throws Exception {
        ByteBuf buf = Unpooled.directBuffer(8 << 20).writeBytes(random(8 << 20));
        try (Tcp tcp = Tcp.serve(server(ZeroCopy.ALWAYS), ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            channel.writeAndFlush(buf);
            assertThat(client.getInputStream().read()).isEqualTo(random(8 << 20)[0] & 0xff);
            channel.close().sync();
            client.close();
            await().atMost(LIMIT).until(() -> buf.refCnt() == 0);
        }
    }

    @Test
    void withinTheMachineItIsNotTriedUnlessAskedFor() throws Exception {
        byte[] bytes = random(1_000_000);
        try (Tcp tcp = Tcp.serve(server(ZeroCopy.AUTO), ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            tcp.accepted().writeAndFlush(Unpooled.directBuffer(bytes.length).writeBytes(bytes));
            assertThat(client.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
            assertThat(zeroCopySends()).isZero();
        }
    }

    @Test
    void aSlabIsRegisteredOnceForAllLoops() throws Exception {
        assumeTrue(Uring.features().contains(Feature.CLONE_BUFFERS), "sharing registered memory is switched off");
        byte[] bytes = random(100_000);
        UringByteBufAllocator slabs = UringByteBufAllocator.builder().build();
        try (Tcp tcp = Tcp.serve(server(ZeroCopy.ALWAYS), ChannelInboundHandlerAdapter::new)) {
            for (int i = 0; i < 4; i++) {
                try (Socket client = tcp.connect()) {
                    tcp.accepted()
                            .writeAndFlush(slabs.directBuffer(bytes.length).writeBytes(bytes));
                    assertThat(client.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
                }
            }
        }
        assertThat(metrics).extracting(UringMetrics::registeredMemory).containsExactly(1L << 20, 1L << 20);
        assertThat(UringMetrics.sharedRegisteredMemory()).as("locked once").isEqualTo(1L << 20);
    }

    @Test
    void severalPiecesOfASlabAreOneSendFromRegisteredMemory() throws Exception {
        assumeTrue(Uring.features().contains(Feature.FIXED_SENDMSG), "registered pieces are switched off");
        byte[] bytes = random(100_000);
        UringByteBufAllocator slabs = UringByteBufAllocator.builder().build();
        try (Tcp tcp = Tcp.serve(server(ZeroCopy.ALWAYS), ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            channel.eventLoop().submit(() -> {
                ByteBuf head = slabs.directBuffer(100).writeBytes(bytes, 0, 100);
                ByteBuf body = slabs.directBuffer(bytes.length).writeBytes(bytes, 100, bytes.length - 100);
                channel.write(head);
                channel.writeAndFlush(body);
            });
            assertThat(client.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
        }
        assertThat(UringMetrics.sharedRegisteredMemory()).isEqualTo(1L << 20);
    }

    @Test
    void piecesOfRegisteredAndOfOtherMemoryAreOneSend() throws Exception {
        byte[] bytes = random(100_000);
        UringByteBufAllocator slabs = UringByteBufAllocator.builder().build();
        try (Tcp tcp = Tcp.serve(server(ZeroCopy.ALWAYS), ChannelInboundHandlerAdapter::new);
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            channel.eventLoop().submit(() -> {
                channel.write(slabs.directBuffer(100).writeBytes(bytes, 0, 100));
                channel.writeAndFlush(Unpooled.directBuffer(bytes.length).writeBytes(bytes, 100, bytes.length - 100));
            });
            assertThat(client.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void badValuesAreRefused() {
        UringSocketChannel channel = new UringSocketChannel();
        try {
            assertThatThrownBy(() -> channel.config().setZeroCopyThreshold(0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bytes")
                    .hasMessageContaining("0");
            assertThatThrownBy(() -> channel.config().setZeroCopy(null)).isInstanceOf(NullPointerException.class);
            assertThat(channel.config().setOption(UringChannelOption.ZERO_COPY, ZeroCopy.NEVER))
                    .isTrue();
            assertThat(channel.config().getOption(UringChannelOption.ZERO_COPY)).isEqualTo(ZeroCopy.NEVER);
            assertThat(channel.config().getOptions())
                    .containsEntry(UringChannelOption.ZERO_COPY, ZeroCopy.NEVER)
                    .containsEntry(UringChannelOption.ZERO_COPY_THRESHOLD, 32 << 10);
        } finally {
            channel.unsafe().closeForcibly();
        }
    }
}
