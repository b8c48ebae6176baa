// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.DataInputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reading into, and writing from, buffers that stay the user's. */
@ExtendWith(TransportInvariants.class)
class OwnBufferTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ByteBuf buffer = Unpooled.directBuffer(100, 100);
    private final Collector collector = new Collector();
    private Tcp tcp;
    private Socket client;
    private UringSocketChannel channel;

    @BeforeEach
    void connect() throws Exception {
        tcp = Tcp.serve(
                new ServerBootstrap().group(Tcp.loops()).childOption(ChannelOption.AUTO_READ, false), () -> collector);
        client = tcp.connect();
        channel = (UringSocketChannel) tcp.accepted();
    }

    @AfterEach
    void close() throws Exception {
        if (channel.isOpen()) {
            channel.close().sync();
        }
        client.close();
        tcp.close();
        if (buffer.refCnt() > 0) {
            assertThat(buffer.release()).as("only the test has it").isTrue();
        }
    }

    private static <T> Future<T> done(Future<T> future) throws InterruptedException {
        assertThat(future.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return future;
    }

    private void send(int... bytes) throws Exception {
        for (int b : bytes) {
            client.getOutputStream().write(b);
        }
    }

    @Test
    void theKernelWritesToTheBufferFromItsWriterIndexOn() throws Exception {
        buffer.writeByte(9);
        Future<ByteBuf> read = channel.readInto(buffer);
        client.getOutputStream().write(new byte[] {1, 2, 3});
        assertThat(done(read).getNow()).isSameAs(buffer);
        assertThat(ByteBufUtil.getBytes(buffer)).containsExactly(9, 1, 2, 3);
        assertThat(collector.count()).isZero();
    }

    /** As pooled buffers are without Unsafe: a part of some memory, and Java cannot tell where that is. */
    @Test
    void theKernelWritesToTheRightPartOfAChunk() throws Exception {
        ByteBuffer chunk = ByteBuffer.allocateDirect(300);
        ByteBuf part = new UnpooledDirectByteBuf(UnpooledByteBufAllocator.DEFAULT, chunk.slice(100, 100), 100) {
            @Override
            public boolean hasMemoryAddress() {
                return false;
            }

            @Override
            public ByteBuffer internalNioBuffer(int index, int length) {
                return chunk.duplicate().position(100 + index).limit(100 + index + length);
            }
        };
        Future<ByteBuf> read = channel.readInto(part.setIndex(0, 10));
        client.getOutputStream().write(new byte[] {1, 2, 3});
        done(read).sync();
        ByteBuffer expected = ByteBuffer.allocate(300).put(110, new byte[] {1, 2, 3});
        assertThat(chunk).isEqualTo(expected);
        part.release();
    }

    @Test
    void readsFollowEachOtherAndLoseNothing() throws Exception {
        byte[] sent = random(1_000_000);
        Background sender = Background.run(() -> {
            client.getOutputStream().write(sent);
            client.shutdownOutput();
        });
        ByteBuf all = Unpooled.directBuffer(sent.length);
        while (true) {
            buffer.clear();
            done(channel.readInto(buffer)).sync();
            if (!buffer.isReadable()) {
                break; // the end
            }
            all.writeBytes(buffer);
        }
        sender.join();
        assertThat(ByteBufUtil.getBytes(all)).isEqualTo(sent);
        all.release();
        await().atMost(LIMIT).until(collector::isInactive);
        assertThat(collector.count()).isZero();
    }

    @Test
    void whatArrivedBeforeComesFirst() throws Exception {
        channel.read(); // leaves a receive armed that takes more than one message
        send(1);
        await().atMost(LIMIT).until(() -> collector.count() == 1);
        send(2);
        TimeUnit.MILLISECONDS.sleep(50);
        Future<ByteBuf> read = channel.readInto(buffer);
        done(read).sync();
        send(3);
        while (buffer.readableBytes() < 2) {
            done(channel.readInto(buffer)).sync();
        }
        assertThat(ByteBufUtil.getBytes(buffer)).containsExactly(2, 3);
    }

    /** The kernel has told of all of it when the read into the buffer begins, but the loop has not come to that yet. */
    @Test
    void whatTheBufferHasNoRoomForGoesToThePipelineIfThatWasAskedToReadMeanwhile() throws Exception {
        buffer.setIndex(99, 99); // room for one
        channel.read(); // leaves a receive armed that takes more than one message
        send(1);
        await().atMost(LIMIT).until(() -> collector.count() == 1);
        Future<ByteBuf> read = channel.eventLoop()
                .submit(() -> {
                    client.getOutputStream().write(new byte[] {2, 3, 4});
                    TimeUnit.MILLISECONDS.sleep(50);
                    channel.writeAndFlush(Udp.direct((byte) 0)); // the kernel gets that at once, and receives meanwhile
                    Future<ByteBuf> reading = channel.readInto(buffer);
                    channel.read();
                    return reading;
                })
                .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(done(read).getNow().readByte()).isEqualTo((byte) 2);
        await().atMost(LIMIT).until(() -> collector.count() == 3);
        assertThat(collector.bytes()).containsExactly(1, 3, 4);
    }

    @Test
    void cancellingGivesTheBufferBack() throws Exception {
        Future<ByteBuf> read = channel.readInto(buffer);
        assertThat(read.cancel(true)).isTrue();
        assertThat(done(read).isCancelled()).isTrue();
        assertThat(buffer.readableBytes()).isZero();
        assertThat(read.cancel(true)).as("a second time").isFalse();
        Future<ByteBuf> next = channel.readInto(buffer);
        send(7);
        assertThat(done(next).getNow().readByte()).isEqualTo((byte) 7);
    }

    @Test
    void cancellingWhileBytesArriveLosesNone() throws Exception {
        int expected = 0;
        for (int i = 0; i < 300; i++) {
            buffer.clear();
            Future<ByteBuf> read = channel.readInto(buffer);
            send(i);
            if (i % 2 == 0) {
                TimeUnit.MICROSECONDS.sleep(i);
            }
            read.cancel(true);
            done(read);
            assertThat(read.isCancelled()).isEqualTo(buffer.readableBytes() == 0);
            while (buffer.isReadable()) {
                assertThat(buffer.readByte()).isEqualTo((byte) expected++);
            }
        }
        while (expected < 300) {
            buffer.clear();
            done(channel.readInto(buffer)).sync();
            while (buffer.isReadable()) {
                assertThat(buffer.readByte()).isEqualTo((byte) expected++);
            }
        }
    }

    @Test
    void closingGivesTheBufferBackFailed() throws Exception {
        Future<ByteBuf> read = channel.readInto(buffer);
        channel.eventLoop().submit(() -> {}).sync();
        channel.close();
        assertThat(done(read).cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(buffer.refCnt()).isEqualTo(1);
        assertThat(done(channel.readInto(buffer)).cause()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void releasingTakesEffectWhenTheKernelIsDone() throws Exception {
        Future<ByteBuf> read = channel.readInto(buffer);
        buffer.release();
        assertThat(buffer.refCnt()).isEqualTo(1);
        send(1);
        done(read);
        await().atMost(LIMIT).until(() -> buffer.refCnt() == 0);
    }

    @Test
    void theReadGoesOnOnAnotherLoop() throws Exception {
        EventLoopGroup other = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        try {
            Future<ByteBuf> read = channel.readInto(buffer);
            channel.deregister().sync();
            other.register(channel).sync();
            send(4);
            assertThat(done(read).getNow().readByte()).isEqualTo((byte) 4);
            channel.close().sync();
        } finally {
            other.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void aReadThatGoesOnOnAnotherLoopIsCancelledThere() throws Exception {
        EventLoopGroup other = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        try {
            Future<ByteBuf> read = channel.readInto(buffer);
            channel.deregister().sync();
            other.register(channel).sync();
            CompletableFuture<Thread> told = new CompletableFuture<>();
            read.addListener(cancelled -> told.complete(Thread.currentThread()));
            Thread thread = other.submit(Thread::currentThread).get();
            assertThat(read.cancel(true)).isTrue();
            assertThat(told.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isSameAs(thread);
            assertThat(read.isCancelled()).isTrue();
            channel.close().sync();
        } finally {
            other.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void whileThePipelineReadsItIsRefused() throws Exception {
        channel.config().setAutoRead(true);
        assertThat(done(channel.readInto(buffer)).cause())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("setAutoRead(false)");
        channel.config().setAutoRead(false);
        Future<ByteBuf> read = channel.readInto(buffer);
        assertThat(done(channel.readInto(buffer)).cause())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another readInto()");
        channel.config().setAutoRead(true);
        send(1);
        assertThat(done(read).getNow().readableBytes()).isEqualTo(1);
        send(2);
        await().atMost(LIMIT).until(() -> collector.count() == 1);
    }

    @Test
    void buffersThatTheKernelCannotWriteToAreRefused() {
        ByteBuf heap = Unpooled.buffer(10);
        assertThatThrownBy(() -> channel.readInto(heap))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("direct");
        assertThatThrownBy(() -> channel.writeFrom(heap)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> channel.readInto(buffer.asReadOnly()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("room to write");
        buffer.writerIndex(buffer.capacity());
        assertThatThrownBy(() -> channel.readInto(buffer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("room to write");
        assertThat(buffer.refCnt()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenFromABufferIsSentFromWhereItIsAndTheBufferComesBack(ZeroCopy mode) throws Exception {
        channel.config().setOption(UringChannelOption.ZERO_COPY, mode);
        ByteBuf big = Unpooled.directBuffer(1_000_000);
        byte[] bytes = random(big.capacity());
        big.writeBytes(bytes);
        buffer.writeByte(42);
        Future<ByteBuf> first = channel.writeFrom(big);
        Future<ByteBuf> second = channel.writeFrom(buffer);
        DataInputStream in = new DataInputStream(client.getInputStream());
        byte[] received = new byte[bytes.length];
        in.readFully(received);
        assertThat(received).isEqualTo(bytes);
        assertThat(in.read()).isEqualTo(42);
        assertThat(done(first).getNow()).isSameAs(big);
        assertThat(done(second).getNow()).isSameAs(buffer);
        assertThat(big.isReadable()).isFalse();
        await().atMost(LIMIT).until(() -> big.refCnt() == 1 && buffer.refCnt() == 1);
        big.release();
    }

    @Test
    void aFailedWriteGivesTheBufferBack() throws Exception {
        channel.close().sync();
        buffer.writeByte(1);
        assertThat(done(channel.writeFrom(buffer)).cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(buffer.readableBytes()).isEqualTo(1);
        assertThat(buffer.refCnt()).isEqualTo(1);
    }

    /** Without a loop there is nobody to call listeners, nor to run what would give the buffer back. */
    @Test
    void whereTheLoopHasEndedTheBufferComesBackAsWell() throws Exception {
        EventLoopGroup other = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        channel.deregister().sync();
        other.register(channel).sync();
        Future<ByteBuf> read = channel.readInto(buffer);
        other.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        assertThat(done(read).cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(done(channel.readInto(buffer)).cause()).isInstanceOf(ClosedChannelException.class);
        buffer.writeByte(1);
        assertThat(done(channel.writeFrom(buffer)).cause()).isInstanceOf(RejectedExecutionException.class);
        assertThat(buffer.readableBytes()).isEqualTo(1);
        assertThat(buffer.refCnt()).isEqualTo(1);
    }
}
