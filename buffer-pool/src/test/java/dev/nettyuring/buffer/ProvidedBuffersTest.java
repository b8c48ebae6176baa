// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.jni.Abi;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The buffers of a loop, with the test as the kernel that fills them: buffer ids count up from 0 as they are first lent. */
class ProvidedBuffersTest {
    private static final int SIZE = 4096;
    private static final int DEPTH = 4;
    private static final int LIMIT = 12;

    private final AtomicInteger wakes = new AtomicInteger();

    private ProvidedBuffers filled() throws Exception {
        return filled(true);
    }

    private ProvidedBuffers filled(boolean incremental) throws Exception {
        ProvidedBuffers buffers =
                new ProvidedBuffers(0, TestMemory.of(SIZE, DEPTH, LIMIT, incremental), wakes::incrementAndGet);
        buffers.refill();
        return buffers;
    }

    private static ByteBuf receive(ProvidedBuffers buffers, int id, int bytes, boolean more) {
        int flags =
                id << Abi.IORING_CQE_BUFFER_SHIFT | Abi.IORING_CQE_F_BUFFER | (more ? Abi.IORING_CQE_F_BUF_MORE : 0);
        return buffers.take(flags, bytes, UnpooledByteBufAllocator.DEFAULT);
    }

    private static void assertCounts(ProvidedBuffers buffers, int kernel, int pipeline, int returning, int free) {
        assertThat(buffers.count(BufferState.KERNEL)).as("KERNEL").isEqualTo(kernel);
        assertThat(buffers.count(BufferState.PIPELINE)).as("PIPELINE").isEqualTo(pipeline);
        assertThat(buffers.count(BufferState.RETURNING)).as("RETURNING").isEqualTo(returning);
        assertThat(buffers.count(BufferState.FREE)).as("FREE").isEqualTo(free);
    }

    @Test
    void aBufferGoesRoundItsStates() throws Exception {
        ProvidedBuffers buffers = filled();
        assertCounts(buffers, DEPTH, 0, 0, LIMIT - DEPTH);
        ByteBuf piece = receive(buffers, 0, 100, false);
        assertCounts(buffers, DEPTH - 1, 1, 0, LIMIT - DEPTH);
        piece.release();
        assertCounts(buffers, DEPTH - 1, 0, 1, LIMIT - DEPTH);
        assertThat(buffers.hasReturned()).isTrue();
        buffers.refill();
        assertThat(buffers.hasReturned()).isFalse();
        assertCounts(buffers, DEPTH, 0, 0, LIMIT - DEPTH);
        buffers.close();
    }

    @Test
    void piecesOfOneBufferLieBehindEachOtherAndKeepIt() throws Exception {
        ProvidedBuffers buffers = filled();
        ByteBuf first = receive(buffers, 0, 100, true);
        ByteBuf second = receive(buffers, 0, 50, true);
        ByteBuf third = receive(buffers, 0, SIZE - 150, false);
        assertThat(second.memoryAddress() - first.memoryAddress()).isEqualTo(100);
        assertThat(third.memoryAddress() - first.memoryAddress()).isEqualTo(150);
        assertThat(List.of(first.readableBytes(), second.readableBytes(), third.readableBytes()))
                .containsExactly(100, 50, SIZE - 150);
        first.release();
        third.release();
        assertCounts(buffers, DEPTH - 1, 1, 0, LIMIT - DEPTH);
        second.release();
        assertCounts(buffers, DEPTH - 1, 0, 1, LIMIT - DEPTH);
        buffers.close();
    }

    @Test
    void aPieceThatIsReleasedWhileTheKernelStillFillsTheBufferChangesNothing() throws Exception {
        ProvidedBuffers buffers = filled();
        receive(buffers, 0, 100, true).release();
        assertCounts(buffers, DEPTH, 0, 0, LIMIT - DEPTH);
        assertThat(buffers.ready()).isEqualTo(DEPTH);
        receive(buffers, 0, 100, false).release();
        assertThat(buffers.ready()).isEqualTo(DEPTH - 1);
        buffers.close();
    }

    @Test
    void aBufferThatTheKernelGivesBackUnusedIsFreeAgain() throws Exception {
        ProvidedBuffers buffers = filled();
        assertThat(receive(buffers, 0, 0, false)).isNull();
        assertThat(receive(buffers, 1, 0, true)).isNull();
        assertCounts(buffers, DEPTH - 1, 0, 1, LIMIT - DEPTH);
        buffers.close();
    }

    @Test
    void moreBytesThanTheBufferHasAreRefused() throws Exception {
        ProvidedBuffers buffers = filled();
        ByteBuf piece = receive(buffers, 0, 4000, true);
        assertThatThrownBy(() -> receive(buffers, 0, 97, true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("97 bytes in buffer 0")
                .hasMessageContaining("96 left");
        piece.release();
        buffers.close();
    }

    @Test
    void theBufferReleasedLastIsLentFirst() throws Exception {
        ProvidedBuffers buffers = filled();
        List<ByteBuf> pieces = new ArrayList<>();
        for (int id = 0; id < DEPTH; id++) {
            pieces.add(receive(buffers, id, 1, false));
        }
        buffers.refill(); // lends 4 to 7
        long last = pieces.get(1).memoryAddress();
        for (int id : new int[] {3, 0, 2, 1}) {
            pieces.get(id).release();
            buffers.refill();
        }
        receive(buffers, DEPTH, 1, true).release();
        ByteBuf kept = receive(buffers, DEPTH, 1, false);
        buffers.refill();
        ByteBuf again = receive(buffers, 1, 1, false);
        assertThat(again.memoryAddress()).isEqualTo(last);
        again.release();
        kept.release();
        buffers.close();
    }

    @Test
    void aRingThatMayNotGrowStaysAsItIs() throws Exception {
        ProvidedBuffers buffers = filled();
        buffers.deepen();
        buffers.refill();
        assertThat(buffers.ready()).isEqualTo(DEPTH);
        assertThat(buffers.isGrown()).isFalse();
        buffers.close();
    }

    @Test
    void theRingGrowsWhenItWasEmptyUpToTheLimitAndShrinksWhenItIsQuiet() throws Exception {
        ProvidedBuffers buffers = filled(false);
        buffers.deepen();
        buffers.refill();
        assertThat(buffers.ready()).isEqualTo(2 * DEPTH);
        for (int i = 0; i < 10; i++) {
            buffers.deepen();
        }
        buffers.refill();
        assertThat(buffers.ready()).isEqualTo(LIMIT);

        Deque<Integer> ring = IntStream.range(0, LIMIT).boxed().collect(Collectors.toCollection(ArrayDeque::new));
        buffers.calm();
        assertThat(buffers.depth()).as("it was found empty not long ago").isEqualTo(LIMIT);
        for (int i = 0; i < 10 * LIMIT; i++) {
            buffers.calm();
            int id = ring.removeFirst();
            receive(buffers, id, 1, false).release();
            buffers.refill();
            if (buffers.ready() > ring.size()) {
                ring.addLast(id);
            }
        }
        assertThat(buffers.depth()).isEqualTo(DEPTH);
        assertThat(buffers.ready()).isEqualTo(DEPTH);
        buffers.close();
    }

    @Test
    void atTheLimitTheRingStaysShortUntilSomethingIsReleased() throws Exception {
        ProvidedBuffers buffers = new ProvidedBuffers(0, TestMemory.of(SIZE, 2, 3), wakes::incrementAndGet);
        buffers.refill();
        ByteBuf first = receive(buffers, 0, 1, false);
        ByteBuf second = receive(buffers, 1, 1, false);
        buffers.refill();
        assertThat(buffers.ready()).as("the third and last").isEqualTo(1);
        ByteBuf third = receive(buffers, 2, 1, false);
        buffers.refill();
        assertThat(buffers.ready()).isZero();
        buffers.awaitReturn(true);
        second.release();
        assertThat(wakes).hasValue(1);
        buffers.awaitReturn(false);
        buffers.refill();
        assertThat(buffers.ready()).isEqualTo(1);
        first.release();
        third.release();
        assertThat(wakes).as("nobody waits any more").hasValue(1);
        buffers.close();
    }

    /**
     * The worst that can be done: tiny pieces are kept, one a buffer, as long as whole buffers that are in use excuse it; those
     * are released, and pieces that are just large enough to keep a buffer take their place.
     */
    @Test
    void whatKeptPiecesWasteIsBounded() throws Exception {
        int whole = 20;
        int limit = 100 * whole;
        ProvidedBuffers buffers = new ProvidedBuffers(0, TestMemory.of(SIZE, 1, limit), wakes::incrementAndGet);
        TestKernel kernel = new TestKernel(buffers.ring());
        List<ByteBuf> inUse = new ArrayList<>();
        for (int i = 0; i < whole; i++) {
            inUse.add(receiveNext(buffers, kernel, SIZE));
        }
        List<ByteBuf> kept = new ArrayList<>();
        while (buffers.copies() == 0) {
            kept.add(receiveNext(buffers, kernel, 1));
        }
        assertThat(buffers.count(BufferState.PIPELINE)).isBetween(16 * whole, 18 * whole);
        inUse.forEach(ByteBuf::release);
        for (int i = 0; i < 16 * whole; i++) {
            kept.add(receiveNext(buffers, kernel, SIZE / 16));
            kept.add(receiveNext(buffers, kernel, 1));
        }
        assertThat(buffers.count(BufferState.PIPELINE)).isBetween(30 * whole, 34 * whole);
        kept.forEach(ByteBuf::release);
        buffers.close();
    }

    static List<ByteBufAllocator> failingAllocators() {
        return List.of(
                new Failing(capacity -> {
                    throw new OutOfMemoryError("the test's");
                }),
                new Failing(capacity -> {
                    throw new IllegalStateException("the test's");
                }),
                new Failing(capacity -> Unpooled.directBuffer(2, 2)),
                new Failing(capacity -> null));
    }

    @ParameterizedTest
    @MethodSource("failingAllocators")
    void aPieceThatTheAllocatorHasNoMemoryForKeepsItsBuffer(ByteBufAllocator failing) throws Exception {
        ProvidedBuffers buffers = new ProvidedBuffers(0, TestMemory.of(SIZE, 1, LIMIT), wakes::incrementAndGet);
        TestKernel kernel = new TestKernel(buffers.ring());
        List<ByteBuf> kept = new ArrayList<>();
        while (buffers.copies() == 0) {
            kept.add(receiveNext(buffers, kernel, 1));
        }
        buffers.refill();
        int id = kernel.accept().id;
        kernel.write(new byte[] {1, 2, 3});
        ByteBuf piece = buffers.take(id << Abi.IORING_CQE_BUFFER_SHIFT | Abi.IORING_CQE_F_BUFFER, 3, failing);
        assertThat(ByteBufUtil.getBytes(piece)).containsExactly(1, 2, 3);
        assertThat(buffers.copies()).isOne();
        assertThat(buffers.ready()).isZero();
        kept.add(piece);
        kept.forEach(ByteBuf::release);
        buffers.close();
        assertThat(buffers.buffers().isOver()).isTrue();
    }

    /** Has no direct memory, or not what it should have. */
    private static final class Failing extends AbstractByteBufAllocator {
        private final IntFunction<ByteBuf> direct;

        Failing(IntFunction<ByteBuf> direct) {
            this.direct = direct;
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            return direct.apply(initialCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }

    /** Receives into the only buffer of a ring, which is used up by that. */
    private static ByteBuf receiveNext(ProvidedBuffers buffers, TestKernel kernel, int bytes) {
        buffers.refill();
        assertThat(buffers.ready()).isOne();
        int id = kernel.accept().id;
        kernel.finish();
        return receive(buffers, id, bytes, false);
    }

    @Test
    void piecesOutliveTheirLoop() throws Exception {
        ProvidedBuffers buffers = filled();
        ByteBuf early = receive(buffers, 0, 8, false);
        ByteBuf late = receive(buffers, 1, 8, true);
        early.setLong(0, 0x1122334455667788L);
        late.setLong(0, 0x99AABBCCDDEEFF00L);
        buffers.close();
        assertThat(buffers.hasReturned()).isFalse();
        assertCounts(buffers, 0, 2, 0, LIMIT - 2);
        assertThat(early.readLong()).isEqualTo(0x1122334455667788L);
        assertThat(late.readLong()).isEqualTo(0x99AABBCCDDEEFF00L);
        early.release();
        Thread elsewhere = new Thread(late::release);
        elsewhere.start();
        elsewhere.join();
        assertCounts(buffers, 0, 0, 0, LIMIT);
    }
}
