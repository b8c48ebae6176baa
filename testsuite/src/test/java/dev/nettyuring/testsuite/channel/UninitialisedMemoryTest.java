// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Receive memory is given to the kernel as it is, and only what the kernel wrote can be read. The test brings the memory, one
 * slab, filled with a pattern; poison mode fills it with its own.
 */
@ExtendWith(TransportInvariants.class)
class UninitialisedMemoryTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final boolean POISONED = Boolean.getBoolean("dev.nettyuring.poison");
    private static final byte PATTERN = POISONED ? (byte) 0xA5 : 0x5A;
    private static final int BUFFER_SIZE = 16 << 10;
    private static final int BUFFERS = 4;
    private static final int SLAB_SIZE = BUFFERS * BUFFER_SIZE;

    /** Of the memory, what no piece lay in. */
    private final BitSet unwritten = new BitSet();

    private final BlockingQueue<ByteBuf> pieces = new LinkedBlockingQueue<>();
    private final ByteBuf slab = Unpooled.directBuffer(SLAB_SIZE, SLAB_SIZE);
    private EventLoopGroup group;
    private Tcp tcp;
    private Socket client;

    @BeforeEach
    void checkFeatures() {
        assumeTrue(Uring.features().contains(Feature.PBUF_RING), "the kernel's buffer rings are switched off");
    }

    private void connect(boolean scrubOnRelease) throws Exception {
        for (int i = 0; i < SLAB_SIZE; i++) {
            slab.setByte(i, PATTERN);
        }
        unwritten.set(0, SLAB_SIZE);
        UringConfig config = UringConfig.builder()
                .receiveBufferSize(BUFFER_SIZE)
                .receiveBuffers(BUFFERS)
                .receiveMemoryLimit(SLAB_SIZE)
                .scrubOnRelease(scrubOnRelease)
                .receivePool(bytes -> bytes == SLAB_SIZE ? slab.retain() : null)
                .build();
        group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory(config));
        tcp = Tcp.serve(new ServerBootstrap().group(group), () -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                pieces.add((ByteBuf) message);
            }
        });
        client = tcp.connect();
    }

    @AfterEach
    void close() throws Exception {
        if (client != null) {
            client.close();
            tcp.close();
            assertThat(group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }
        await().atMost(LIMIT).until(() -> slab.refCnt() == 1);
        slab.release();
    }

    private ByteBuf receive(byte[] sent) throws Exception {
        client.getOutputStream().write(sent);
        ByteBuf piece = pieces.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(piece).isNotNull();
        assertThat(ByteBufUtil.getBytes(piece)).isEqualTo(sent);
        int from = offset(piece);
        unwritten.clear(from, from + sent.length);
        return piece;
    }

    /** Where in the slab it lies. */
    private int offset(ByteBuf piece) {
        long offset = piece.memoryAddress() + piece.readerIndex() - slab.memoryAddress();
        assertThat(offset).isBetween(0L, (long) SLAB_SIZE - piece.readableBytes());
        return (int) offset;
    }

    private void assertNobodyElseWrote() {
        for (int i = unwritten.nextSetBit(0); i >= 0; i = unwritten.nextSetBit(i + 1)) {
            assertThat(slab.getByte(i)).as("byte %d of the memory", i).isEqualTo(PATTERN);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 1000, BUFFER_SIZE - 1})
    void pastAShortReadTheMemoryIsAsItWas(int length) throws Exception {
        connect(false);
        ByteBuf piece = receive(random(length));
        int end = offset(piece) + length;
        assertThat(slab.getByte(end)).as("the byte behind it").isEqualTo(PATTERN);
        assertNobodyElseWrote();
        piece.release();
    }

    @Test
    void aroundManyReadsTheMemoryIsAsItWas() throws Exception {
        connect(false);
        for (int i = 0; i < 3; i++) {
            ByteBuf kept = receive(random(100 + i));
            ByteBuf next = receive(random(2000 + i));
            assertNobodyElseWrote();
            kept.release();
            next.release();
        }
        assertThat(unwritten.cardinality()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasReceivedStaysInTheMemoryUnlessItIsScrubbed(boolean scrub) throws Exception {
        assumeFalse(POISONED, "poison mode writes its pattern");
        connect(scrub);
        byte[] sent = random(BUFFER_SIZE); // then the kernel is done with the buffer
        sent[0] = 1;
        client.getOutputStream().write(sent);
        int first = -1;
        for (int received = 0; received < sent.length; ) {
            ByteBuf piece = pieces.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(piece).isNotNull();
            first = received == 0 ? offset(piece) : first;
            received += piece.readableBytes();
            piece.release();
        }
        int at = first;
        await().atMost(LIMIT).until(() -> slab.getByte(at) == (scrub ? 0 : sent[0]));
    }

    /** The bound is the capacity, which is the number of bytes received. Beyond it there is other memory or nothing. */
    @Test
    void nothingButWhatWasReceivedCanBeRead() throws Exception {
        connect(false);
        byte[] sent = random(100);
        ByteBuf piece = receive(sent);
        assertThat(piece.capacity()).isEqualTo(100);
        assertThat(piece.writerIndex()).isEqualTo(100);
        refuses(() -> piece.getByte(100));
        refuses(() -> piece.getLong(93));
        refuses(() -> piece.writerIndex(101));
        refuses(() -> piece.setIndex(0, 101));
        refuses(() -> piece.getBytes(1, new byte[100]));
        refuses(() -> piece.getBytes(1, ByteBuffer.allocate(100)));
        refuses(() -> piece.getBytes(1, Unpooled.buffer(100), 0, 100));
        refuses(() -> piece.slice(1, 100));
        refuses(() -> piece.retainedSlice(1, 100));
        refuses(() -> piece.copy(1, 100));
        refuses(() -> piece.nioBuffer(1, 100));
        refuses(() -> piece.nioBuffers(1, 100));
        refuses(() -> piece.internalNioBuffer(1, 100));
        refuses(() -> piece.duplicate().getByte(100));
        refuses(() -> piece.asReadOnly().getByte(100));
        assertThat(piece.nioBuffer().capacity()).isEqualTo(100);
        assertThat(piece.nioBuffer(50, 10).capacity()).isEqualTo(10);
        assertThat(piece.nioBuffers()[0].capacity()).isEqualTo(100);
        piece.release();
    }

    private static void refuses(ThrowingCallable reader) {
        assertThatThrownBy(reader).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aBufferThatGrowsGoesElsewhere() throws Exception {
        connect(false);
        byte[] sent = random(100);
        ByteBuf piece = receive(sent);
        piece.writeZero(100);
        long address = piece.memoryAddress();
        assertThat(address < slab.memoryAddress() || address >= slab.memoryAddress() + SLAB_SIZE)
                .as("not in the slab")
                .isTrue();
        assertThat(ByteBufUtil.getBytes(piece, 0, 100)).isEqualTo(sent);
        assertNobodyElseWrote();
        piece.release();
    }
}
