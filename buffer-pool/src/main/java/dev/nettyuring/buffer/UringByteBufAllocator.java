// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.NettyRuntime;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.internal.MathUtil;
import java.util.concurrent.atomic.LongAdder;

/**
 * Allocates direct buffers in {@linkplain Slab slabs}, so that what they hold can be sent from registered memory. Heap buffers
 * are those of {@link PooledByteBufAllocator#DEFAULT}.
 *
 * <p>A buffer has exactly the capacity that was asked for, and grows without a copy into the rest of its block, which is at
 * least 64 bytes and at most a quarter more than was asked for. What is in a new buffer is undefined. Larger buffers than a
 * slab have one of their own. Up to a quarter of the memory limit stays mapped when nobody has it.
 *
 * <p>Any thread may use it, and may release what another allocated. Threads of Netty's, as event loops are, have their own
 * free blocks and take no lock while those last; a thread whose end Netty does not see ({@link FastThreadLocalThread}) uses
 * some that a part of such threads shares, under a lock.
 *
 * <p>At the memory limit the calling thread, and those without blocks of their own, do without free blocks, and every other
 * thread as soon as it releases a buffer.
 *
 * <p>Its memory belongs to it as long as the process runs; make few of them.
 */
public final class UringByteBufAllocator extends AbstractByteBufAllocator implements ByteBufAllocatorMetricProvider {
    private static final int MIN_SLAB_SIZE = 1 << 16;
    private static final int MAX_SLAB_SIZE = 1 << 26;
    /** Netty's default number of event loops, two a processor, keep half of the limit free at most. */
    private static final int SHARES_A_PROCESSOR = 4;
    /** So many that threads which run at the same time seldom meet. */
    private static final int SHARED_A_PROCESSOR = 2;

    /** All defaults: slabs of 1 MiB, at most 512 MiB of them, no huge pages. */
    public static final UringByteBufAllocator DEFAULT = builder().build();

    private final SlabPool pool;
    /** Of the threads that have no arena of their own: by a part of their id, each under its own lock. */
    private final Arena[] shared;

    private final FastThreadLocal<Arena> arenas;
    private final LongAdder buffersBeyondLimit = new LongAdder();
    private final ByteBufAllocatorMetric metric = new Metric();

    private UringByteBufAllocator(Builder builder) {
        super(true);
        pool = new SlabPool(builder.slabSize, builder.memoryLimit, builder.hugePages);
        int processors = NettyRuntime.availableProcessors();
        long arenaShare = builder.memoryLimit / SHARES_A_PROCESSOR / processors;
        long maxFreeBytes = Math.max(builder.slabSize, arenaShare);
        shared = new Arena[MathUtil.findNextPositivePowerOfTwo(SHARED_A_PROCESSOR * processors)];
        for (int i = 0; i < shared.length; i++) {
            shared[i] = new Arena(pool, null, Math.max(builder.slabSize, arenaShare / shared.length));
        }
        arenas = new FastThreadLocal<>() {
            @Override
            protected Arena initialValue() {
                return new Arena(pool, Thread.currentThread(), maxFreeBytes);
            }

            @Override
            protected void onRemoval(Arena arena) {
                arena.close();
            }
        };
    }

    /** A builder that holds the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    // Netty's own allocators prefer heap buffers where the JVM does not let Netty free direct ones: ours are always
    // freed.

    @Override
    public ByteBuf buffer() {
        return directBuffer();
    }

    @Override
    public ByteBuf buffer(int initialCapacity) {
        return directBuffer(initialCapacity);
    }

    @Override
    public ByteBuf buffer(int initialCapacity, int maxCapacity) {
        return directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public CompositeByteBuf compositeBuffer() {
        return compositeDirectBuffer();
    }

    @Override
    public CompositeByteBuf compositeBuffer(int maxNumComponents) {
        return compositeDirectBuffer(maxNumComponents);
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return PooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return toLeakAwareBuffer(AllocatedByteBuf.newInstance(this, initialCapacity, maxCapacity));
    }

    @Override
    public boolean isDirectBufferPooled() {
        return true;
    }

    /** At least so many bytes, of undefined content. */
    Block allocate(int bytes) {
        Block block = tryAllocate(bytes);
        if (block == null) {
            pool.runShort();
            trimCurrentThreadCache();
            trimShared();
            block = tryAllocate(bytes);
        }
        if (block == null) {
            block = UnpooledBlock.allocate(bytes);
            buffersBeyondLimit.increment();
        }
        return block;
    }

    /** {@code null} at the limit. */
    private Block tryAllocate(int bytes) {
        int sizeClass = SizeClasses.of(bytes);
        if (sizeClass >= pool.sizeClasses()) {
            return pool.takeHuge(bytes);
        }
        if (FastThreadLocalThread.currentThreadWillCleanupFastThreadLocals()) {
            return arenas.get().allocate(sizeClass);
        }
        Arena arena = shared[(int) Thread.currentThread().getId() & (shared.length - 1)];
        synchronized (arena) {
            return arena.allocate(sizeClass);
        }
    }

    /**
     * Makes the blocks that the calling thread has free available to all others. A thread does so by itself when they are
     * many, and when it ends.
     */
    public void trimCurrentThreadCache() {
        if (FastThreadLocalThread.currentThreadWillCleanupFastThreadLocals()) {
            arenas.get().giveAll();
        } else {
            trimShared();
        }
    }

    private void trimShared() {
        for (Arena arena : shared) {
            synchronized (arena) {
                arena.giveAll();
            }
        }
    }

    /** Direct memory is that of the slabs that are mapped, heap memory that of {@link PooledByteBufAllocator#DEFAULT}. */
    @Override
    public ByteBufAllocatorMetric metric() {
        return metric;
    }

    /**
     * The bytes that buffers occupy in slabs. Those of a buffer that another thread released than the one that allocated it
     * are counted until the latter needs memory again.
     */
    public long bytesInUse() {
        for (Arena arena : shared) {
            synchronized (arena) {
                arena.collectReturned();
            }
        }
        return pool.bytesInUse();
    }

    /** How many times, so far, a buffer's memory came from Netty's unpooled allocator, since the limit was reached. */
    public long buffersBeyondLimit() {
        return buffersBeyondLimit.sum();
    }

    private final class Metric implements ByteBufAllocatorMetric {
        @Override
        public long usedHeapMemory() {
            return PooledByteBufAllocator.DEFAULT.metric().usedHeapMemory();
        }

        @Override
        public long usedDirectMemory() {
            return pool.mappedBytes();
        }

        @Override
        public String toString() {
            return "(usedHeapMemory: " + usedHeapMemory() + "; usedDirectMemory: " + usedDirectMemory()
                    + "; bytesInUse: " + bytesInUse() + "; buffersBeyondLimit: " + buffersBeyondLimit() + ')';
        }
    }

    /** Collects the settings of a {@link UringByteBufAllocator}. */
    public static final class Builder {
        private int slabSize = 1 << 20;
        private long memoryLimit = 512L << 20;
        private boolean hugePages;

        private Builder() {}

        /**
         * How much memory is mapped at once, and the largest buffer that shares its slab with others.
         *
         * @param bytes a power of two from 65,536 to 67,108,864; default 1,048,576
         */
        public Builder slabSize(int bytes) {
            if (bytes < MIN_SLAB_SIZE || bytes > MAX_SLAB_SIZE || Integer.bitCount(bytes) != 1) {
                throw new IllegalArgumentException("slabSize: " + bytes + " (expected: a power of two from "
                        + MIN_SLAB_SIZE + " to " + MAX_SLAB_SIZE + ")");
            }
            slabSize = bytes;
            return this;
        }

        /**
         * The most memory that is mapped. Beyond it, direct buffers have memory of Netty's unpooled allocator.
         *
         * @param bytes not less than a slab; default 536,870,912 (512 MiB)
         */
        public Builder memoryLimit(long bytes) {
            if (bytes < MIN_SLAB_SIZE) {
                throw new IllegalArgumentException(
                        "memoryLimit: " + bytes + " (expected: " + MIN_SLAB_SIZE + " or more)");
            }
            memoryLimit = bytes;
            return this;
        }

        /**
         * Whether transparent huge pages are asked for. They spare page-table look-ups when much memory is in use, and take
         * effect only with slabs of 2 MiB and more, and where
         * {@code /sys/kernel/mm/transparent_hugepage/enabled} is {@code always} or {@code madvise}.
         *
         * @param hugePages default {@code false}
         */
        public Builder hugePages(boolean hugePages) {
            this.hugePages = hugePages;
            return this;
        }

        /**
         * An allocator that has no memory yet.
         *
         * @throws IllegalArgumentException if the settings contradict each other
         */
        public UringByteBufAllocator build() {
            if (hugePages && slabSize < Slab.HUGE_PAGE) {
                throw new IllegalArgumentException("slabSize: " + slabSize + " (expected: at least the "
                        + Slab.HUGE_PAGE + " bytes of a huge page, since hugePages is set)");
            }
            if (memoryLimit < slabSize) {
                throw new IllegalArgumentException(
                        "memoryLimit: " + memoryLimit + " (expected: at least the " + slabSize + " bytes of a slab)");
            }
            return new UringByteBufAllocator(this);
        }
    }
}
