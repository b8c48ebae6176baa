// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ReceiveBuffersTest {
    private static final int SIZE = 4096;

    private static ReceiveBuffer lend(ReceiveBuffers pool) {
        ReceiveBuffer buffer = pool.take();
        buffer.lend();
        return buffer;
    }

    @Test
    void buffersAreApartPageAlignedAndNoMoreThanTheLimit() {
        int limit = 300; // more than a slab of 1 MiB
        ReceiveBuffers pool = TestMemory.pool(SIZE, limit);
        List<Long> addresses = new ArrayList<>();
        for (ReceiveBuffer buffer = pool.take(); buffer != null; buffer = pool.take()) {
            assertThat(buffer.address % 4096).isZero();
            assertThat(buffer.capacity()).isEqualTo(SIZE);
            assertThat(pool.byId(buffer.id)).isSameAs(buffer);
            addresses.add(buffer.address);
            buffer.lend();
        }
        assertThat(addresses).hasSize(limit).doesNotHaveDuplicates();
        assertThat(pool.allocated()).isEqualTo(limit);
        for (int id = 0; id < limit; id++) {
            pool.byId(id).kernelDone();
        }
        pool.close();
    }

    @Test
    void memoryComesOnlyWhenItIsNeeded() {
        ReceiveBuffers pool = TestMemory.pool(SIZE, 1 << 15);
        assertThat(pool.allocated()).isZero();
        lend(pool).kernelDone();
        assertThat(pool.allocated()).as("buffers of one slab").isEqualTo((1 << 20) / SIZE);
        pool.close();
    }

    @Test
    void theOwnThreadGivesBackAtOnceAndOthersThroughTheQueue() throws Exception {
        ReceiveBuffers pool = TestMemory.pool(SIZE, 8);
        pool.ownedBy(Thread.currentThread());
        ReceiveBuffer own = lend(pool);
        own.kernelDone();
        assertThat(own.state()).isEqualTo(BufferState.FREE);
        assertThat(pool.take()).as("the hottest").isSameAs(own);

        ReceiveBuffer other = own;
        other.lend();
        Thread thread = new Thread(other::kernelDone);
        thread.start();
        thread.join();
        assertThat(other.state()).isEqualTo(BufferState.RETURNING);
        assertThat(pool.hasReturned()).isTrue();
        pool.collectReturned();
        assertThat(other.state()).isEqualTo(BufferState.FREE);
        pool.close();
    }

    @Test
    void releasingOnceTooOftenIsABug() {
        ReceiveBuffers pool = TestMemory.pool(SIZE, 8);
        ReceiveBuffer buffer = lend(pool);
        buffer.kernelDone();
        assertThatThrownBy(() -> buffer.release(0))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("too often");
    }

    @Test
    void aBufferMovesOnlyRoundItsCircle() {
        ReceiveBuffers pool = TestMemory.pool(SIZE, 8);
        ReceiveBuffer buffer = pool.take();
        for (BufferState wrong : new BufferState[] {BufferState.FREE, BufferState.PIPELINE, BufferState.RETURNING}) {
            assertThatThrownBy(() -> buffer.moveTo(wrong))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("FREE to " + wrong);
        }
        buffer.lend();
        assertThatThrownBy(buffer::lend).isInstanceOf(AssertionError.class);
        buffer.kernelDone();
        pool.close();
    }

    @Test
    void whatIsReleasedAfterTheLoopsEndIsScrubbedAsWell() throws Exception {
        assumeFalse(Poison.ENABLED, "released memory has the pattern instead");
        int size = 64;
        ByteBuf slab = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(2 * size));
        ReceiveMemory memory = new ReceiveMemory(size, 2, 2, 2, true, 2 * size, true, bytes -> slab.retain());
        ReceiveBuffers pool = new ReceiveBuffers(memory, () -> {});
        List<ReceiveBuffer> lent = List.of(lend(pool), lend(pool));
        for (ReceiveBuffer buffer : lent) {
            buffer.memory.put(0, (byte) 1).put(size - 1, (byte) 1);
            buffer.filled = size;
        }
        lent.get(0).kernelDone();
        pool.close();
        lent.get(1).kernelDone();
        assertThat(pool.isOver()).isTrue();
        assertThat(slab.refCnt()).isOne();
        for (int i = 0; i < 2 * size; i++) {
            assertThat(slab.getByte(i)).as("byte %s", i).isZero();
        }
        slab.release();
    }

    /** Direct memory of a user's, whose {@code fault} is thrown by what is overridden. */
    private static class FaultySlab extends UnpooledDirectByteBuf {
        private final Error fault = new AssertionError("the test's");

        FaultySlab(int bytes) {
            super(UnpooledByteBufAllocator.DEFAULT, bytes, bytes);
        }

        Error fault() {
            return fault;
        }
    }

    private static FaultySlab throwingWhenReleased(int bytes) {
        return new FaultySlab(bytes) {
            @Override
            protected void deallocate() {
                super.deallocate();
                throw fault();
            }
        };
    }

    private static FaultySlab throwingWhenCut(int bytes) {
        return new FaultySlab(bytes) {
            @Override
            public ByteBuffer nioBuffer(int index, int length) {
                throw fault();
            }
        };
    }

    private static ReceiveBuffers slabsOfOne(int limit, ReceivePool pool) {
        ReceiveBuffers buffers =
                new ReceiveBuffers(new ReceiveMemory(SIZE, 1, 1, limit, true, SIZE, false, pool), () -> {});
        buffers.ownedBy(Thread.currentThread());
        return buffers;
    }

    @Test
    void slabsGoBackThoughTheirReleaseThrows() {
        List<ByteBuf> slabs = new ArrayList<>();
        ReceiveBuffers pool = slabsOfOne(3, bytes -> {
            slabs.add(throwingWhenReleased(bytes));
            return slabs.get(slabs.size() - 1);
        });
        List<ReceiveBuffer> lent = List.of(lend(pool), lend(pool), lend(pool));
        lent.subList(0, 2).forEach(ReceiveBuffer::kernelDone);
        pool.trim(0);
        assertThat(pool.allocated()).isOne();
        assertThat(pool.census().in(BufferState.FREE)).isZero();
        lend(pool).kernelDone();
        pool.close();
        lent.get(2).kernelDone();
        assertThat(pool.isOver()).isTrue();
        assertThat(slabs).hasSize(4).allMatch(slab -> slab.refCnt() == 0);
    }

    @Test
    void aSlabThatCannotBeCutGoesBackAndThePoolIsAskedAgain() {
        List<ByteBuf> slabs = new ArrayList<>();
        ReceiveBuffers pool = slabsOfOne(1, bytes -> {
            slabs.add(slabs.isEmpty() ? throwingWhenCut(bytes) : Unpooled.directBuffer(bytes));
            return slabs.get(slabs.size() - 1);
        });
        assertThat(pool.take()).isNull();
        assertThat(pool.failures()).isOne();
        assertThat(pool.allocated()).isZero();
        lend(pool).kernelDone();
        pool.close();
        assertThat(slabs).hasSize(2).allMatch(slab -> slab.refCnt() == 0);
    }

    @Test
    void aPoolMayThrowErrorsAndIsAskedAgain() {
        AtomicInteger asked = new AtomicInteger();
        ReceiveBuffers pool = slabsOfOne(1, bytes -> {
            if (asked.getAndIncrement() == 0) {
                throw new AssertionError("the test's");
            }
            return Unpooled.directBuffer(bytes);
        });
        assertThat(pool.take()).isNull();
        lend(pool).kernelDone();
        pool.close();
    }

    /** Three threads release what the owner lends; every buffer is lent many times, and none is lost or handed out twice. */
    @Test
    @Timeout(60)
    void buffersReleasedElsewhereAllComeBack() throws Exception {
        int limit = 64;
        int rounds = 200_000;
        ReceiveBuffers pool = TestMemory.pool(SIZE, limit);
        pool.ownedBy(Thread.currentThread());
        BlockingQueue<ReceiveBuffer> out = new ArrayBlockingQueue<>(limit);
        List<Thread> releasers = new ArrayList<>();
        AtomicInteger released = new AtomicInteger();
        for (int t = 0; t < 3; t++) {
            Thread releaser = new Thread(() -> {
                try {
                    for (ReceiveBuffer b = out.poll(30, TimeUnit.SECONDS); b.filled == 0; ) {
                        b.kernelDone();
                        released.incrementAndGet();
                        b = out.poll(30, TimeUnit.SECONDS);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            releaser.start();
            releasers.add(releaser);
        }
        long stop = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        for (int lent = 0; lent < rounds && System.nanoTime() < stop; ) {
            pool.collectReturned();
            for (ReceiveBuffer b = pool.take(); b != null && lent < rounds; b = pool.take()) {
                assertThat(b.state()).isEqualTo(BufferState.FREE);
                b.lend();
                out.put(b);
                lent++;
            }
            Thread.yield(); // the releasers may have no other processor
        }
        assertThat(pool.census().in(BufferState.KERNEL)).isLessThanOrEqualTo(limit);
        for (Thread releaser : releasers) {
            ReceiveBuffer end = new ReceiveBuffer(null, (short) 0, 0, null);
            end.filled = 1;
            out.put(end);
        }
        for (Thread releaser : releasers) {
            releaser.join(TimeUnit.SECONDS.toMillis(30));
            assertThat(releaser.isAlive()).isFalse();
        }
        assertThat(released).hasValue(rounds);
        pool.close();
        assertThat(pool.census().in(BufferState.FREE)).isEqualTo(limit);
    }

    /** The loop ends while other threads release: every buffer is free afterwards, and the memory is unmapped once. */
    @Test
    @Timeout(60)
    void closingRacesWithReleases() throws Exception {
        for (int round = 0; round < 500; round++) {
            ReceiveBuffers pool = TestMemory.pool(SIZE, 32);
            pool.ownedBy(Thread.currentThread());
            List<ReceiveBuffer> lent = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                lent.add(lend(pool));
            }
            Thread releaser = new Thread(() -> lent.forEach(ReceiveBuffer::kernelDone));
            releaser.start();
            pool.collectReturned();
            pool.close();
            releaser.join();
            assertThat(pool.census().in(BufferState.FREE)).isEqualTo(32);
            assertThat(pool.isOver()).isTrue();
        }
    }

    @Test
    void releasedMemoryIsScrubbedIfThatIsAskedFor() {
        assumeFalse(Poison.ENABLED, "released memory has the pattern instead");
        ReceiveMemory memory = new ReceiveMemory(
                SIZE, 1, 1, 8, true, 1 << 20, true, new SlabReceivePool(Slab.Prefault.UP_FRONT, false));
        ReceiveBuffers pool = new ReceiveBuffers(memory, () -> {});
        pool.ownedBy(Thread.currentThread());
        ReceiveBuffer buffer = lend(pool);
        for (int i = 0; i < SIZE; i++) {
            buffer.memory.put(i, (byte) 7);
        }
        buffer.filled = SIZE - 1;
        buffer.kernelDone();
        for (int i = 0; i < SIZE - 1; i++) {
            assertThat(buffer.memory.get(i)).isZero();
        }
        assertThat(buffer.memory.get(SIZE - 1)).as("what was not received").isEqualTo((byte) 7);
        pool.close();
    }

    @Test
    void slabsThatNobodyNeedsGoBackAndComeAgain() {
        int aSlab = (1 << 20) / SIZE;
        ReceiveBuffers pool = TestMemory.pool(SIZE, 4 * aSlab);
        pool.ownedBy(Thread.currentThread());
        List<ReceiveBuffer> lent = new ArrayList<>();
        for (int i = 0; i < 4 * aSlab; i++) {
            lent.add(lend(pool));
        }
        ReceiveBuffer kept = lent.remove(aSlab + 3);
        lent.forEach(ReceiveBuffer::kernelDone);
        pool.trim(aSlab);
        assertThat(pool.allocated())
                .as("the slab that is in use, and one to keep")
                .isEqualTo(2 * aSlab);
        assertThat(pool.census().in(BufferState.FREE)).isEqualTo(2 * aSlab - 1);
        assertThat(pool.byId(kept.id)).isSameAs(kept);
        List<ReceiveBuffer> again = new ArrayList<>();
        for (ReceiveBuffer buffer = pool.take(); buffer != null; buffer = pool.take()) {
            assertThat(pool.byId(buffer.id)).isSameAs(buffer);
            buffer.lend();
            again.add(buffer);
        }
        assertThat(again).hasSize(4 * aSlab - 1).doesNotContain(kept);
        again.forEach(ReceiveBuffer::kernelDone);
        kept.kernelDone();
        pool.close();
        assertThat(pool.isOver()).isTrue();
    }
}
