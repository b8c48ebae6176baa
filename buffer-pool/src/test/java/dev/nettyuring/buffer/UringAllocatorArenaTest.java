// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class UringAllocatorArenaTest {
    private static final int SLAB = 1 << 16;
    private static final int SIZE_CLASS = SizeClasses.of(4096);

    private static final long NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long LIMIT_MILLIS = 30_000;

    private final SlabPool pool = new SlabPool(SLAB, 64 * SLAB, false);

    private Arena arena(long maxFreeBytes) {
        return new Arena(pool, Thread.currentThread(), maxFreeBytes);
    }

    private static List<PooledBlock> blocks(Arena arena, int count) {
        List<PooledBlock> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(arena.allocate(SIZE_CLASS));
        }
        return blocks;
    }

    @Test
    void theSteadyPathMakesNoGarbage() {
        assumeTrue(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Arena arena = arena(Long.MAX_VALUE);
        Deque<PooledBlock> held = new ArrayDeque<>(128);
        long before = 0;
        int rounds = 100_000;
        for (int round = 0; round < 2 * rounds; round++) {
            if (round == rounds) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            held.add(arena.allocate(round % 40));
            if (held.size() == 100) {
                while (!held.isEmpty()) {
                    held.poll().free();
                }
            }
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(rounds);
    }

    @Test
    void anArenaKeepsNoMoreThanItsShare() {
        Arena arena = arena(4 * SLAB);
        List<PooledBlock> blocks = blocks(arena, 40 * SLAB / 4096);
        for (PooledBlock block : blocks) {
            block.free();
            assertThat(arena.freeBytes()).isLessThanOrEqualTo(4 * SLAB);
        }
        assertThat(arena.freeBytes()).isGreaterThanOrEqualTo(2 * SLAB);
        assertThat(pool.mappedBytes()).isLessThanOrEqualTo((4 + 64 / 4 + 1) * SLAB);
    }

    @Test
    void afterAShortageAnArenaGivesAllThatIsFree() {
        Arena arena = arena(Long.MAX_VALUE);
        List<PooledBlock> blocks = blocks(arena, 64 * SLAB / 4096);
        PooledBlock last = blocks.remove(0);
        blocks.forEach(Block::free);
        assertThat(arena.freeBytes()).isEqualTo(64 * SLAB - 4096);
        assertThat(arena.allocate(SizeClasses.of(SLAB))).isNull();
        pool.runShort();
        last.free();
        assertThat(arena.freeBytes()).isZero();
        assertThat(arena.allocate(SizeClasses.of(SLAB))).isNotNull();
    }

    /** Two threads release what the owner allocates, which empties the stack all the time: no block is lost. */
    @Test
    @Timeout(60)
    void blocksReleasedElsewhereAllComeBack() throws Exception {
        Arena arena = arena(Long.MAX_VALUE);
        BlockingQueue<PooledBlock> out = new ArrayBlockingQueue<>(16);
        PooledBlock end = new PooledBlock();
        List<Thread> releasers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Thread releaser = new Thread(() -> {
                for (PooledBlock block = poll(out); block != end; block = poll(out)) {
                    block.free();
                }
                out.add(end);
            });
            releaser.start();
            releasers.add(releaser);
        }
        for (long stop = System.nanoTime() + NANOS; System.nanoTime() < stop; ) {
            PooledBlock block = arena.allocate(SIZE_CLASS);
            assertThat(block).isNotNull();
            while (!out.offer(block)) {
                assertThat(releasers).allMatch(Thread::isAlive);
                Thread.yield();
            }
        }
        out.put(end);
        for (Thread releaser : releasers) {
            releaser.join(LIMIT_MILLIS);
            assertThat(releaser.isAlive()).isFalse();
        }
        arena.giveAll();
        assertThat(pool.bytesInUse()).isZero();
    }

    private static PooledBlock poll(BlockingQueue<PooledBlock> queue) {
        long stop = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MILLIS);
        PooledBlock block = queue.poll();
        while (block == null && System.nanoTime() < stop) {
            Thread.yield();
            block = queue.poll();
        }
        return Objects.requireNonNull(block, "neither a block nor the end in time");
    }

    /** The owner ends while another thread releases: nothing is lost, and no block is free twice. */
    @Test
    @Timeout(60)
    void closingRacesWithReleases() throws Exception {
        for (int round = 0; round < 2000; round++) {
            Arena arena = arena(Long.MAX_VALUE);
            List<PooledBlock> blocks = blocks(arena, 64);
            CyclicBarrier start = new CyclicBarrier(2);
            Thread releaser = new Thread(() -> {
                await(start);
                blocks.forEach(Block::free);
            });
            releaser.start();
            await(start);
            blocks(arena, 8).forEach(Block::free);
            arena.close();
            releaser.join();
            assertThat(pool.bytesInUse()).isZero();
        }
        Arena arena = arena(Long.MAX_VALUE);
        assertThat(blocks(arena, 64 * SLAB / 4096)).doesNotHaveDuplicates().doesNotContainNull();
        assertThat(arena.allocate(SIZE_CLASS)).isNull();
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
