// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.nettyuring.jni.Abi;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * With {@code scrubOnRelease}, whichever way a buffer comes back, and whatever the kernel said of it, nothing that it wrote is
 * there when the buffer is lent again, or its slab given back. The test is the kernel; memory that was never lent is zero.
 */
class ScrubTest {
    private static final int SIZE = 256;
    private static final int LIMIT = 32;
    private static final byte SECRET = 0x5E;

    private final ByteBuf slab = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(LIMIT * SIZE));
    private final List<ByteBuf> pieces = new ArrayList<>();
    private ProvidedBuffers buffers;
    private TestKernel kernel;

    @BeforeEach
    void open() throws Exception {
        assumeFalse(Poison.ENABLED, "released memory has the pattern instead");
        ReceiveMemory memory = new ReceiveMemory(SIZE, 1, 1, LIMIT, true, LIMIT * SIZE, true, bytes -> slab.retain());
        buffers = new ProvidedBuffers(0, memory, () -> {});
        buffers.ownedBy(Thread.currentThread());
        kernel = new TestKernel(buffers.ring());
        refill();
    }

    @AfterEach
    void giveBack() {
        if (buffers == null) {
            return;
        }
        pieces.forEach(ByteBuf::release);
        if (!buffers.buffers().isOver()) {
            buffers.close();
        }
        assertThat(buffers.buffers().isOver()).isTrue();
        assertThat(slab.refCnt()).isOne();
        assertClean();
        slab.release();
    }

    private void refill() {
        buffers.refill();
        while (kernel.hasPublished()) {
            assertThat(memory(kernel.accept().id)).as("what is lent").containsOnly(0);
        }
    }

    private byte[] memory(int id) {
        byte[] content = new byte[SIZE];
        buffers.buffers().byId(id).memory.get(0, content);
        return content;
    }

    private void assertClean() {
        byte[] content = new byte[LIMIT * SIZE];
        slab.getBytes(0, content);
        assertThat(content).containsOnly(0);
    }

    private static byte[] secret(int length) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, SECRET);
        return bytes;
    }

    /** What was written to the first buffer, and the flags of its completion. */
    private int write(int bytes, boolean more) {
        int id = kernel.first().id;
        kernel.write(secret(bytes));
        if (!more) {
            kernel.finish();
        }
        return id << Abi.IORING_CQE_BUFFER_SHIFT | Abi.IORING_CQE_F_BUFFER | (more ? Abi.IORING_CQE_F_BUF_MORE : 0);
    }

    private ByteBuf receive(int bytes, boolean more) {
        return buffers.take(write(bytes, more), bytes, UnpooledByteBufAllocator.DEFAULT);
    }

    @Test
    void onTheLoopsOwnThread() {
        ByteBuf piece = receive(SIZE, false);
        assertThat(slab.getByte(0)).isEqualTo(SECRET);
        piece.release();
        assertClean();
        refill();
    }

    @Test
    void onAnotherThreadBeforeTheLoopCanSeeIt() {
        ByteBuf piece = receive(100, false);
        Elsewhere.run(() -> {
            piece.release();
            assertClean();
        });
        refill();
    }

    @Test
    void piecesOfOneBufferWhenTheLastIsReleasedAndNotBefore() {
        ByteBuf first = receive(100, true);
        ByteBuf second = receive(50, true);
        first.release();
        assertThat(slab.getByte(0)).as("no other may receive there yet").isEqualTo(SECRET);
        ByteBuf third = receive(SIZE - 150, false);
        Elsewhere.run(third::release);
        assertThat(buffers.count(BufferState.PIPELINE)).isOne();
        second.release();
        assertClean();
    }

    @Test
    void ofWhatAPieceWasReadOrShrunkOrWrittenAnew() {
        ByteBuf piece = receive(100, false);
        piece.skipBytes(60).discardReadBytes().capacity(30);
        piece.clear().writeLong(-1);
        piece.release();
        assertClean();
    }

    @Test
    void whenAPieceGrowsOutOfIt() {
        ByteBuf piece = receive(100, false);
        piece.writeZero(1000);
        assertThat(piece.getByte(99)).isEqualTo(SECRET);
        assertClean();
        pieces.add(piece);
    }

    @Test
    void whenAPieceIsCopiedSoThatItKeepsNothing() {
        while (buffers.copies() == 0) {
            pieces.add(receive(1, false));
            refill();
        }
        assertThat(buffers.count(BufferState.FREE)).isPositive();
        assertThat(memory(kernel.first().id)).containsOnly(0);
    }

    @Test
    void ofADatagramItsHeaderAsWell() {
        ByteBuf payload = buffers.take(write(200, false), 150, 50, UnpooledByteBufAllocator.DEFAULT);
        payload.release();
        assertClean();
    }

    @Test
    void ofADatagramWithoutPayload() {
        assertThat(buffers.take(write(200, false), 200, 0, UnpooledByteBufAllocator.DEFAULT))
                .isNull();
        assertClean();
    }

    @Test
    void whenTheCompletionDoesNotTellWhatWasWritten() {
        buffers.discard(write(200, false));
        assertClean();
    }

    @Test
    void whenOnlyTheFirstCompletionDoes() {
        ByteBuf piece = receive(10, true);
        buffers.discard(write(200, false));
        assertThat(slab.getByte(0)).as("it is kept").isEqualTo(SECRET);
        piece.release();
        assertClean();
    }

    @Test
    void whenTheNextIsLentItIsAnewToBeToldWhatWasWritten() {
        buffers.discard(write(200, false));
        refill();
        int id = kernel.first().id;
        ByteBuf piece = receive(10, false);
        assertThat(buffers.buffers().byId(id).written()).isEqualTo(10);
        piece.release();
    }

    @Test
    void whenTheMemoryIsExhausted() {
        while (buffers.count(BufferState.FREE) > 0 || buffers.ready() > 0) {
            pieces.add(receive(SIZE, false));
            refill();
        }
        assertThat(buffers.ready()).isZero();
        pieces.remove(7).release();
        refill(); // which looks at what is lent
        assertThat(buffers.ready()).isOne();
    }

    @Test
    void afterTheLoopsEnd() {
        ByteBuf piece = receive(100, true);
        pieces.add(receive(20, false));
        buffers.close();
        assertThat(slab.refCnt()).as("still held").isEqualTo(2);
        Elsewhere.run(piece::release);
    }

    /** The ring is gone before the completion was looked at. */
    @Test
    void whatWasWrittenUnheardOf() {
        write(SIZE, true);
        buffers.close();
    }

    @Test
    void whatWasWrittenUnheardOfBehindAPiece() {
        pieces.add(receive(16, true));
        write(200, true);
        buffers.close();
        assertThat(slab.refCnt()).isEqualTo(2);
    }
}
