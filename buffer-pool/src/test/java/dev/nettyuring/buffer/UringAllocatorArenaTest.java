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
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class UringAllocatorArenaTest {
    private static final int SLAB = 1 << 16;
    private static final int SIZE_CLASS = SizeClasses.of(4096);

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
    void memoryThatIsFreeInAnotherClassIsUsedAtTheLimit() {
        Arena arena = arena(Long.MAX_VALUE);
        blocks(arena, 64 * SLAB / 4096).forEach(Block::free);
        assertThat(arena.freeBytes()).isEqualTo(64 * SLAB);
        assertThat(arena.allocate(SizeClasses.of(SLAB))).isNotNull();
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
