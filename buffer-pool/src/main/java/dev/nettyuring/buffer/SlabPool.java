// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The slabs of an allocator, up to its memory limit, and the blocks in them that no arena has. Every arena fetches blocks
 * here and brings back what it has too many of. Any thread; under one lock.
 */
final class SlabPool {
    /** How much is fetched at once, of small blocks. */
    private static final int FETCH_BYTES = 16 << 10;
    /** The part of the limit that may be mapped without being used. */
    private static final int IDLE_PART = 4;

    private final int slabSize;
    private final long limit;
    private final boolean hugePages;
    private final List<PagedSlab> slabs = new ArrayList<>();
    /** By size class, those that have blocks left, the oldest first. */
    private final List<Set<Run>> runs = new ArrayList<>();

    private final List<Arena> arenas = new ArrayList<>();
    /** The one used last at the end. */
    private final List<HugeBlock> idleHuge = new ArrayList<>();

    private long idleBytes;
    private long bytesOut;
    private long mappedBytes;
    private volatile int shortages;

    SlabPool(int slabSize, long limit, boolean hugePages) {
        this.slabSize = slabSize;
        this.limit = limit;
        this.hugePages = hugePages;
        for (int sizeClass = 0; sizeClass <= SizeClasses.of(slabSize); sizeClass++) {
            runs.add(new LinkedHashSet<>());
        }
    }

    int sizeClasses() {
        return runs.size();
    }

    synchronized void add(Arena arena) {
        arenas.add(arena);
    }

    synchronized void remove(Arena arena) {
        arenas.remove(arena);
    }

    /** Calls upon all arenas to give what they have free: there was no memory left. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    synchronized void runShort() {
        shortages++;
    }

    /** How often it ran short so far. Without the lock. */
    int shortages() {
        return shortages;
    }

    /** Some blocks for an arena, linked; or {@code null} if the limit, or the machine's, is reached. */
    synchronized PooledBlock take(int sizeClass, Arena arena) {
        Run run = runWithBlocks(sizeClass);
        if (run == null) {
            return null;
        }
        PooledBlock head = null;
        int size = SizeClasses.bytes(sizeClass);
        for (int bytes = size; head == null || (bytes <= FETCH_BYTES && !run.isExhausted()); bytes += size) {
            PooledBlock block = run.take();
            block.arena = arena;
            block.next = head;
            head = block;
            bytesOut += size;
        }
        if (run.isExhausted()) {
            runs.get(sizeClass).remove(run);
        }
        return head;
    }

    private Run runWithBlocks(int sizeClass) {
        Set<Run> started = runs.get(sizeClass);
        if (!started.isEmpty()) {
            return started.iterator().next();
        }
        Run run = newRun(sizeClass);
        if (run != null) {
            started.add(run);
        }
        return run;
    }

    private Run newRun(int sizeClass) {
        for (PagedSlab slab : slabs) {
            boolean idle = slab.isIdle();
            Run run = Run.in(slab, sizeClass);
            if (run != null) {
                idleBytes -= idle ? slabSize : 0;
                return run;
            }
        }
        Slab mapped = map(slabSize);
        if (mapped == null) {
            return null;
        }
        PagedSlab slab = new PagedSlab(mapped);
        slabs.add(slab);
        return Run.in(slab, sizeClass);
    }

    /** Takes back blocks that are linked. */
    synchronized void giveBack(PooledBlock head) {
        for (PooledBlock block = head; block != null; ) {
            PooledBlock next = block.next;
            bytesOut -= block.size;
            giveBackOne(block);
            block = next;
        }
    }

    private void giveBackOne(PooledBlock block) {
        Run run = block.run;
        Set<Run> started = runs.get(run.sizeClass);
        if (run.isExhausted()) {
            started.add(run);
        }
        run.giveBack(block);
        if (run.isWhole()) {
            started.remove(run);
            run.dissolve();
            if (run.slab.isIdle()) {
                idle(run.slab);
            }
        }
    }

    private void idle(PagedSlab slab) {
        idleBytes += slabSize;
        if (idleBytes > limit / IDLE_PART) {
            unmapIdle(slab);
        }
    }

    /** A slab for one block, or {@code null} if the limit, or the machine's, is reached. */
    synchronized HugeBlock takeHuge(int bytes) {
        long length = hugeLength(bytes);
        if (length > Integer.MAX_VALUE) {
            return null;
        }
        HugeBlock block = takeIdleHuge((int) length);
        if (block == null) {
            Slab slab = map((int) length);
            if (slab == null) {
                return null;
            }
            block = new HugeBlock(slab, this);
        }
        bytesOut += length;
        return block;
    }

    /** That of the size class, so that the slab is of use to others, up to the largest. */
    private static long hugeLength(int bytes) {
        int classBytes = SizeClasses.bytes(SizeClasses.of(bytes));
        return (Math.max(bytes, classBytes) + PagedSlab.PAGE - 1L) & -PagedSlab.PAGE;
    }

    private HugeBlock takeIdleHuge(int length) {
        for (int i = idleHuge.size() - 1; i >= 0; i--) {
            if (idleHuge.get(i).size == length) {
                idleBytes -= length;
                return idleHuge.remove(i);
            }
        }
        return null;
    }

    void giveBackHuge(HugeBlock block) {
        synchronized (this) {
            bytesOut -= block.size;
            if (idleBytes + block.size <= limit / IDLE_PART) {
                idleBytes += block.size;
                idleHuge.add(block);
                return;
            }
        }
        block.slab.close(); // without the lock: it takes as long as the memory is large
        synchronized (this) {
            mappedBytes -= block.size;
        }
    }

    private Slab map(int length) {
        makeRoom(length);
        if (mappedBytes + length > limit) {
            return null;
        }
        try {
            Slab slab = Slab.map(length, Slab.Prefault.NEVER, hugePages);
            mappedBytes += length;
            return slab;
        } catch (IOException outOfMemory) {
            return null; // as at the limit
        }
    }

    private void makeRoom(int length) {
        while (!idleHuge.isEmpty() && mappedBytes + length > limit) {
            unmapIdle(idleHuge.remove(0));
        }
        for (int i = slabs.size() - 1; i >= 0 && mappedBytes + length > limit; i--) {
            if (slabs.get(i).isIdle()) {
                unmapIdle(slabs.get(i));
            }
        }
    }

    private void unmapIdle(HugeBlock block) {
        idleBytes -= block.size;
        mappedBytes -= block.size;
        block.slab.close();
    }

    private void unmapIdle(PagedSlab slab) {
        slabs.remove(slab);
        idleBytes -= slabSize;
        mappedBytes -= slabSize;
        slab.unmap();
    }

    synchronized long mappedBytes() {
        return mappedBytes;
    }

    synchronized long bytesInUse() {
        long bytes = bytesOut;
        for (Arena arena : arenas) {
            bytes -= arena.freeBytes();
        }
        return bytes;
    }
}
