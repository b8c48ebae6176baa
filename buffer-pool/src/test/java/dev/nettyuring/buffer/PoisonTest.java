// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.nettyuring.jni.Abi;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What poison mode finds, and what it leaves alone. The test is the kernel; buffer ids count up from 0. */
@Tag("poison")
@EnabledIfSystemProperty(named = "dev.nettyuring.poison", matches = "true")
class PoisonTest {
    private static final int SIZE = 10_000;
    private static final int DEPTH = 2;

    private final Logger logger = (Logger) LoggerFactory.getLogger(ReceiveBuffers.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private ProvidedBuffers buffers;

    @BeforeEach
    void fillTheRing() throws Exception {
        assertThat(Poison.ENABLED).isTrue();
        buffers = new ProvidedBuffers(0, TestMemory.of(SIZE, DEPTH, 2 * DEPTH), () -> {});
        buffers.buffers().ownedBy(Thread.currentThread());
        buffers.refill();
        logger.setAdditive(false);
        logger.addAppender(log);
        log.start();
    }

    @AfterEach
    void close() {
        buffers.close();
        assertThat(buffers.buffers().isOver()).isTrue();
        logger.detachAppender(log);
        logger.setAdditive(true);
    }

    /** The kernel writes ones. */
    private ByteBuf receive(int id, int bytes, boolean more) {
        ReceiveBuffer buffer = buffers.buffers().byId(id);
        for (int i = 0; i < bytes; i++) {
            buffer.memory.put(buffer.filled + i, (byte) 1);
        }
        int flags =
                id << Abi.IORING_CQE_BUFFER_SHIFT | Abi.IORING_CQE_F_BUFFER | (more ? Abi.IORING_CQE_F_BUF_MORE : 0);
        return buffers.take(flags, bytes, UnpooledByteBufAllocator.DEFAULT);
    }

    private static void release(ByteBuf piece, boolean elsewhere) {
        if (elsewhere) {
            Elsewhere.run(piece::release);
        } else {
            piece.release();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWriteThroughAViewOfWhatWasReleasedIsFound(boolean elsewhere) {
        ByteBuf piece = receive(0, 100, false);
        ByteBuffer view = piece.nioBuffer();
        release(piece, elsewhere);
        view.put(42, (byte) 0);
        buffers.refill();
        assertThat(buffers.writesAfterReturn()).isOne();
        assertThat(log.list)
                .singleElement()
                .asString()
                .contains("Receive buffer 0 was written to")
                .contains("at offset 42:");
        receive(0, 100, false).release();
        buffers.refill();
        assertThat(buffers.writesAfterReturn()).as("found once").isOne();
    }

    @Test
    void aWriteIsFoundWhereverItWent() {
        for (int at : new int[] {0, 4095, 4096, 8191, 8192, SIZE - 1}) {
            ByteBuf piece = receive(0, SIZE, false);
            ByteBuffer view = piece.nioBuffer();
            piece.release();
            view.put(at, (byte) ~Poison.PATTERN);
            long before = buffers.writesAfterReturn();
            buffers.refill();
            assertThat(buffers.writesAfterReturn()).as("write at %s", at).isEqualTo(before + 1);
            assertThat(log.list.get(log.list.size() - 1).getFormattedMessage()).contains("at offset " + at + ":");
        }
    }

    @Test
    void aWriteToASlabThatIsGivenBackIsFound() throws Exception {
        ReceiveMemory oneBufferASlab =
                new ReceiveMemory(SIZE, 1, 1, 2, true, SIZE, false, new SlabReceivePool(Slab.Prefault.UP_FRONT, false));
        ReceiveBuffers pool = new ReceiveBuffers(oneBufferASlab, () -> {});
        pool.ownedBy(Thread.currentThread());
        ReceiveBuffer trimmed = lent(pool);
        ReceiveBuffer leftAtClose = lent(pool);
        trimmed.kernelDone();
        trimmed.memory.put(SIZE - 1, (byte) 1);
        pool.trim(0);
        assertThat(pool.writesAfterReturn()).as("after trimming").isOne();
        assertThat(log.list.get(0).getFormattedMessage()).contains("at offset " + (SIZE - 1) + ":");

        ReceiveBuffer backAfterClose = lent(pool);
        leftAtClose.kernelDone();
        leftAtClose.memory.put(0, (byte) 1);
        pool.close();
        assertThat(pool.writesAfterReturn()).as("before the last is back").isOne();
        backAfterClose.kernelDone();
        assertThat(pool.isOver()).isTrue();
        assertThat(pool.writesAfterReturn()).as("after closing").isEqualTo(2);
    }

    private static ReceiveBuffer lent(ReceiveBuffers pool) {
        ReceiveBuffer buffer = pool.take();
        buffer.lend();
        return buffer;
    }

    @Test
    void aWriteToAPieceThatIsKeptIsNobodyElsesAffair() {
        ByteBuf kept = receive(0, 100, true);
        receive(0, 100, true).release();
        kept.setByte(99, 7);
        ByteBuf slice = receive(0, 100, false).retainedSlice(10, 10);
        slice.release();
        slice.setByte(3, 7).release();
        kept.setByte(0, 7).release();
        buffers.refill();
        assertThat(buffers.writesAfterReturn()).isZero();
        assertThat(log.list).isEmpty();
    }

    @Test
    void whatTheKernelAndTheHandlersWriteInTurnsIsNotMistaken() {
        for (int i = 0; i < 100; i++) {
            for (int id = 0; id < DEPTH; id++) {
                ByteBuf first = receive(id, 1 + i, true);
                ByteBuf second = receive(id, 4096 + i, false);
                first.setByte(0, i);
                second.setZero(0, second.capacity());
                first.capacity(200).setZero(0, 200);
                release(first, i % 2 == 0);
                release(second, i % 3 == 0);
            }
            buffers.refill();
        }
        assertThat(buffers.writesAfterReturn()).isZero();
        assertThat(log.list).isEmpty();
    }

    @Test
    void thePatternIsSeenPastWhatWasReceived() {
        ByteBuf piece = receive(0, 100, true);
        ByteBuffer memory = buffers.buffers().byId(0).memory;
        for (int i = 0; i < SIZE; i++) {
            assertThat(memory.get(i)).as("byte %s", i).isEqualTo(i < 100 ? 1 : Poison.PATTERN);
        }
        piece.release();
        receive(0, 0, false);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasReleasedReadsAsThePattern(boolean elsewhere) {
        ByteBuf piece = receive(0, 5000, false);
        ByteBuffer view = piece.nioBuffer();
        release(piece, elsewhere);
        for (int i = 0; i < 5000; i++) {
            assertThat(view.get(i)).as("byte %s", i).isEqualTo(Poison.PATTERN);
        }
        buffers.refill();
        assertThat(buffers.writesAfterReturn()).isZero();
    }
}
