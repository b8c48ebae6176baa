// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.AbstractByteBufAllocatorTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.NettyRuntime;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.internal.MathUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** What Netty demands of every allocator, and what this one promises besides. */
class UringByteBufAllocatorTest extends AbstractByteBufAllocatorTest<UringByteBufAllocator> {
    private static final int SLAB = 1 << 20;
    private static final int SMALL_SLAB = 1 << 16;

    @Override
    protected UringByteBufAllocator newAllocator(boolean preferDirect) {
        return UringByteBufAllocator.builder().build();
    }

    @Override
    protected UringByteBufAllocator newUnpooledAllocator() {
        return newAllocator(true);
    }

    @Override
    protected boolean isDirectExpected(boolean preferDirect) {
        return true;
    }

    @Override
    protected long expectedUsedMemory(UringByteBufAllocator allocator, int capacity) {
        return SLAB;
    }

    @Override
    protected long expectedUsedMemoryAfterRelease(UringByteBufAllocator allocator, int capacity) {
        return SLAB;
    }

    @Override
    @Test
    public void testUnsafeHeapBufferAndUnsafeDirectBuffer() {
        UringByteBufAllocator alloc = newAllocator(true);
        ByteBuf direct = alloc.directBuffer();
        assertInstanceOf(direct, AllocatedByteBuf.class);
        direct.release();
        ByteBuf heap = alloc.heapBuffer();
        assertThat(heap.alloc()).isSameAs(PooledByteBufAllocator.DEFAULT);
        heap.release();
    }

    /** Not zero to begin with: other tests use the heap buffers of the same allocator. */
    @Override
    @Test
    public void testUsedHeapMemory() {
        ByteBufAllocatorMetric metric = newAllocator(true).metric();
        ByteBuf buf = newAllocator(true).heapBuffer(1024, 4096);
        assertThat(metric.usedHeapMemory())
                .isEqualTo(PooledByteBufAllocator.DEFAULT.metric().usedHeapMemory());
        buf.release();
    }

    @Override
    @Test
    public void testUsedHeapMemoryHuge() {
        ByteBufAllocatorMetric metric = newAllocator(true).metric();
        long before = metric.usedHeapMemory();
        int size = 32 << 20;
        ByteBuf buf = newAllocator(true).heapBuffer(size, size);
        assertThat(metric.usedHeapMemory()).isEqualTo(before + size);
        buf.release();
    }

    @Override
    @Test
    public void testUsedDirectMemoryHuge() {
        UringByteBufAllocator alloc = newAllocator(true);
        int size = 32 << 20;
        ByteBuf buf = alloc.directBuffer(size, size);
        assertThat(alloc.metric().usedDirectMemory()).isEqualTo(size);
        assertThat(alloc.bytesInUse()).isEqualTo(size);
        long lastByte = buf.memoryAddress() + size - 1;
        assertThat(Slab.at(lastByte)).isNotNull();
        buf.setByte(size - 1, 1);
        buf.release();
        assertThat(alloc.bytesInUse()).isZero();
        assertThat(alloc.metric().usedDirectMemory()).as("kept for the next").isEqualTo(size);
    }

    @Test
    void hugeSlabsAreUsedAgainAndAQuarterOfTheLimitIsKept() {
        UringByteBufAllocator alloc = UringByteBufAllocator.builder()
                .slabSize(SMALL_SLAB)
                .memoryLimit(64 * SMALL_SLAB)
                .build();
        int size = 5 * SMALL_SLAB;
        List<ByteBuf> bufs = buffers(alloc, 10, size);
        List<Long> addresses = bufs.stream().map(ByteBuf::memoryAddress).toList();
        bufs.forEach(ByteBuf::release);
        assertThat(alloc.metric().usedDirectMemory()).isEqualTo(15 * SMALL_SLAB);
        assertThat(addresses).map(Slab::at).filteredOn(slab -> slab != null).hasSize(3);
        List<ByteBuf> again = buffers(alloc, 3, size - SMALL_SLAB / 2);
        assertThat(addresses)
                .containsAll(again.stream().map(ByteBuf::memoryAddress).toList());
        assertThat(alloc.metric().usedDirectMemory()).isEqualTo(15 * SMALL_SLAB);
        assertThat(alloc.bytesInUse()).isEqualTo(15 * SMALL_SLAB);
        again.forEach(ByteBuf::release);

        ByteBuf all = alloc.directBuffer(64 * SMALL_SLAB);
        assertThat(alloc.buffersBeyondLimit()).as("idle ones make room").isZero();
        all.release();
        assertThat(alloc.metric().usedDirectMemory()).as("too much to keep").isZero();
        assertThat(alloc.bytesInUse()).isZero();
    }

    @Test
    void everyBufferLiesInASlab() {
        UringByteBufAllocator alloc = newAllocator(true);
        for (int bytes = 0; bytes < 3 << 20; bytes = bytes * 2 + 1) {
            ByteBuf buf = alloc.directBuffer(bytes);
            Slab slab = Slab.at(buf.memoryAddress());
            assertThat(slab).isNotNull();
            assertThat(Slab.at(buf.memoryAddress() + Math.max(0, bytes - 1))).isSameAs(slab);
            buf.release();
        }
    }

    @Test
    void hugePagesAreAskedForInAlignedSlabs() {
        UringByteBufAllocator alloc = UringByteBufAllocator.builder()
                .hugePages(true)
                .slabSize(4 << 20)
                .build();
        ByteBuf buf = alloc.directBuffer(100);
        assertThat(Slab.at(buf.memoryAddress()).address() % Slab.HUGE_PAGE).isZero();
        buf.setByte(0, 1);
        buf.release();
    }

    @Test
    void capacityIsWhatWasAskedForAndAQuarterIsTheMostThatIsWasted() {
        UringByteBufAllocator alloc = newAllocator(true);
        for (int bytes = 64; bytes <= SLAB; bytes += 1 + bytes / 37) {
            ByteBuf buf = alloc.directBuffer(bytes);
            assertThat(buf.capacity()).isEqualTo(bytes);
            assertThat(alloc.bytesInUse()).isBetween((long) bytes, bytes + bytes / 4L);
            buf.release();
            assertThat(alloc.bytesInUse()).isZero();
        }
    }

    @Test
    void whatWasReleasedLastIsAllocatedNext() {
        UringByteBufAllocator alloc = newAllocator(true);
        onNettyThread(() -> {
            List<ByteBuf> bufs = buffers(alloc, 10, 1000);
            List<Long> released = new ArrayList<>();
            for (ByteBuf buf : bufs) {
                released.add(0, buf.memoryAddress());
                buf.release();
            }
            bufs = buffers(alloc, 10, 1000);
            assertThat(bufs).extracting(ByteBuf::memoryAddress).isEqualTo(released);
            bufs.forEach(ByteBuf::release);
            return null;
        });
    }

    @Test
    void aBufferGrowsInPlaceInItsBlockOnly() {
        UringByteBufAllocator alloc = newAllocator(true);
        ByteBuf buf = alloc.directBuffer(1025);
        int blockSize = 1280;
        long address = buf.memoryAddress();
        buf.setLong(1017, 42);
        assertThat(buf.maxFastWritableBytes()).isEqualTo(blockSize);
        buf.capacity(blockSize);
        assertThat(buf.memoryAddress()).isEqualTo(address);
        buf.capacity(blockSize + 1);
        assertThat(buf.memoryAddress()).isNotEqualTo(address);
        assertThat(buf.getLong(1017)).isEqualTo(42);
        assertThat(alloc.bytesInUse()).isBetween((long) blockSize + 1, (blockSize + 1) * 5L / 4);
        buf.release();
        alloc.trimCurrentThreadCache();
        assertThat(alloc.bytesInUse()).isZero();
    }

    @Test
    void aNewBufferIsNotLongerThanItsMaximum() {
        ByteBuf buf = newAllocator(true).directBuffer(1000, 1010);
        assertThat(buf.maxFastWritableBytes()).isEqualTo(1010);
        buf.release();
    }

    @Test
    void beyondTheLimitBuffersAreUnpooledAndCounted() {
        UringByteBufAllocator alloc = UringByteBufAllocator.builder()
                .slabSize(SMALL_SLAB)
                .memoryLimit(4 * SMALL_SLAB)
                .build();
        List<ByteBuf> within = buffers(alloc, 4, SMALL_SLAB);
        assertThat(alloc.buffersBeyondLimit()).isZero();
        assertThat(alloc.metric().usedDirectMemory()).isEqualTo(4 * SMALL_SLAB);
        ByteBuf beyond = alloc.directBuffer(100);
        ByteBuf huge = alloc.directBuffer(SMALL_SLAB + 1);
        assertThat(alloc.buffersBeyondLimit()).isEqualTo(2);
        assertThat(alloc.metric().usedDirectMemory()).isEqualTo(4 * SMALL_SLAB);
        assertThat(beyond.hasMemoryAddress() && Slab.at(beyond.memoryAddress()) != null)
                .isFalse();
        beyond.setLong(92, 42);
        within.forEach(ByteBuf::release);
        beyond.capacity(1000);
        assertThat(Slab.at(beyond.memoryAddress())).as("there is room again").isNotNull();
        assertThat(beyond.getLong(92)).isEqualTo(42);
        beyond.release();
        huge.release();
        assertThat(alloc.buffersBeyondLimit()).isEqualTo(2);
    }

    @Test
    void aBufferMayGrowBeyondTheLimit() {
        UringByteBufAllocator alloc = UringByteBufAllocator.builder()
                .slabSize(SMALL_SLAB)
                .memoryLimit(SMALL_SLAB)
                .build();
        ByteBuf buf = alloc.directBuffer(SMALL_SLAB);
        buf.setLong(1000, 42);
        buf.capacity(SMALL_SLAB * 2);
        assertThat(alloc.buffersBeyondLimit()).isEqualTo(1);
        assertThat(buf.getLong(1000)).isEqualTo(42);
        buf.release();
    }

    private static UringByteBufAllocator ofFourSlabs() {
        return UringByteBufAllocator.builder()
                .slabSize(SMALL_SLAB)
                .memoryLimit(4 * SMALL_SLAB)
                .build();
    }

    private static Void useOneSizeAfterAnother(UringByteBufAllocator alloc) {
        for (int bytes = 64; bytes <= 4 * SMALL_SLAB; bytes *= 2) {
            buffers(alloc, 4 * SMALL_SLAB / bytes, bytes).forEach(ByteBuf::release);
        }
        assertThat(alloc.buffersBeyondLimit()).isZero();
        return null;
    }

    @Test
    void memoryOfOneSizeIsUsedForAnother() {
        useOneSizeAfterAnother(ofFourSlabs());
        UringByteBufAllocator alloc = ofFourSlabs();
        onNettyThread(() -> useOneSizeAfterAnother(alloc));
    }

    @Test
    void atTheLimitThreadsThatEndUnseenKeepNothingFree() {
        UringByteBufAllocator alloc = ofFourSlabs();
        for (int i = 0; i < 16; i++) {
            onPlainThread(() -> buffers(alloc, 1, SMALL_SLAB / 4).forEach(ByteBuf::release));
        }
        onNettyThread(() -> {
            buffers(alloc, 4, SMALL_SLAB).forEach(ByteBuf::release);
            return null;
        });
        assertThat(alloc.buffersBeyondLimit()).isZero();
    }

    @Test
    void atTheLimitAThreadGivesWhatItHasFreeWhenItNextReleases() {
        UringByteBufAllocator alloc = ofFourSlabs();
        onNettyThread(() -> {
            ByteBuf kept = alloc.directBuffer(SMALL_SLAB / 4);
            buffers(alloc, 3, SMALL_SLAB / 4).forEach(ByteBuf::release);
            onNettyThread(() -> {
                buffers(alloc, 4, SMALL_SLAB).forEach(ByteBuf::release);
                return null;
            });
            assertThat(alloc.buffersBeyondLimit()).as("before").isOne();
            kept.release();
            onNettyThread(() -> {
                buffers(alloc, 4, SMALL_SLAB).forEach(ByteBuf::release);
                return null;
            });
            assertThat(alloc.buffersBeyondLimit()).as("after").isOne();
            return null;
        });
    }

    @Test
    void idleSlabsMakeRoomForAHugeBuffer() {
        int limit = 16 * SMALL_SLAB;
        UringByteBufAllocator alloc = UringByteBufAllocator.builder()
                .slabSize(SMALL_SLAB)
                .memoryLimit(limit)
                .build();
        buffers(alloc, 16, SMALL_SLAB).forEach(ByteBuf::release);
        alloc.trimCurrentThreadCache();
        assertThat(alloc.metric().usedDirectMemory()).as("a quarter stays").isEqualTo(limit / 4);
        ByteBuf huge = alloc.directBuffer(limit);
        assertThat(alloc.buffersBeyondLimit()).isZero();
        assertThat(alloc.metric().usedDirectMemory()).isEqualTo(limit);
        huge.release();
        assertThat(alloc.metric().usedDirectMemory()).isZero();
    }

    @Test
    void whatAnotherThreadReleasesComesBackToTheOwner() {
        UringByteBufAllocator alloc = newAllocator(true);
        onNettyThread(() -> {
            List<ByteBuf> bufs = buffers(alloc, 1000, 4096);
            List<Long> addresses = bufs.stream().map(ByteBuf::memoryAddress).toList();
            onNettyThread(() -> {
                bufs.forEach(ByteBuf::release);
                return null;
            });
            long mapped = alloc.metric().usedDirectMemory();
            List<ByteBuf> again = buffers(alloc, 1000, 4096);
            assertThat(again).extracting(ByteBuf::memoryAddress).containsExactlyInAnyOrderElementsOf(addresses);
            assertThat(alloc.metric().usedDirectMemory()).isEqualTo(mapped);
            again.forEach(ByteBuf::release);
            alloc.trimCurrentThreadCache();
            assertThat(alloc.bytesInUse()).isZero();
            return null;
        });
    }

    @Test
    void whenAThreadEndsItsMemoryIsForOthers() {
        UringByteBufAllocator alloc = newAllocator(true);
        List<ByteBuf> outlive = onNettyThread(() -> {
            buffers(alloc, 100, 4096).forEach(ByteBuf::release);
            return buffers(alloc, 50, 4096);
        });
        assertThat(alloc.bytesInUse()).isEqualTo(50 * 4096);
        long mapped = alloc.metric().usedDirectMemory();
        List<ByteBuf> others = onNettyThread(() -> buffers(alloc, 50, 4096));
        assertThat(alloc.metric().usedDirectMemory()).isEqualTo(mapped);
        outlive.forEach(ByteBuf::release);
        assertThat(alloc.bytesInUse()).as("at once, without an owner").isEqualTo(50 * 4096);
        others.forEach(ByteBuf::release);
        assertThat(alloc.bytesInUse()).isZero();
    }

    @Test
    void threadsThatEndUnseenLeaveNothingBehind() throws Exception {
        UringByteBufAllocator alloc = newAllocator(true);
        for (int i = 0; i < 100; i++) {
            onPlainThread(() -> buffers(alloc, 10, 1 << 16).forEach(ByteBuf::release));
            Thread unseen = new FastThreadLocalThread("never cleans up") {
                @Override
                public void run() {
                    buffers(alloc, 10, 1 << 16).forEach(ByteBuf::release);
                }
            };
            unseen.start();
            unseen.join();
        }
        int sharedArenas = MathUtil.findNextPositivePowerOfTwo(2 * NettyRuntime.availableProcessors());
        assertThat(alloc.metric().usedDirectMemory()).isLessThanOrEqualTo(sharedArenas * (long) SLAB);
        alloc.trimCurrentThreadCache();
        assertThat(alloc.bytesInUse()).isZero();
    }

    @Test
    void badSettingsAreRefusedByName() {
        UringByteBufAllocator.Builder builder = UringByteBufAllocator.builder();
        for (int slabSize : new int[] {-1, 0, 1 << 15, 100_000, 1 << 27}) {
            assertThatThrownBy(() -> builder.slabSize(slabSize))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("slabSize: " + slabSize + " (expected: a power of two from 65536 to 67108864)");
        }
        assertThatThrownBy(() -> builder.memoryLimit(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("memoryLimit: -1 (expected: 65536 or more)");
        assertThatThrownBy(() -> builder.memoryLimit(SLAB - 1).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("memoryLimit: 1048575 (expected: at least the 1048576 bytes of a slab)");
        assertThatThrownBy(() -> builder.memoryLimit(SLAB).hugePages(true).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("slabSize: 1048576 (expected: at least the 2097152 bytes of a huge page");
    }

    private static List<ByteBuf> buffers(UringByteBufAllocator alloc, int count, int bytes) {
        List<ByteBuf> bufs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            bufs.add(alloc.directBuffer(bytes));
        }
        return bufs;
    }

    /** Runs something on a thread that shares its arena with others. */
    private static void onPlainThread(Runnable body) {
        Thread thread = new Thread(body);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs something on a thread that has an arena, which is closed afterwards. */
    private static <T> T onNettyThread(Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        Thread thread = new FastThreadLocalThread(task);
        thread.start();
        try {
            T result = task.get();
            thread.join();
            return result;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
