// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random allocations, growth and releases next to a model of which addresses are in use. */
class UringAllocatorModelTest {
    private static final int STEPS = 50_000;
    private static final int MAX_LIVE_BYTES = 12 << 20;
    private static final int MEMORY_LIMIT = 32 << 20;

    private final UringByteBufAllocator alloc = UringByteBufAllocator.builder()
            .slabSize(1 << 18)
            .memoryLimit(MEMORY_LIMIT)
            .build();
    private final List<ByteBuf> live = new ArrayList<>();
    /** First address to the one behind the last. */
    private final TreeMap<Long, Long> used = new TreeMap<>();

    private long liveBytes;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void blocksInUseNeverOverlap(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int step = 0; step < STEPS; step++) {
            int choice = random.nextInt(100);
            if (live.isEmpty() || (choice < 50 && liveBytes < MAX_LIVE_BYTES)) {
                ByteBuf buf = alloc.directBuffer(size(random));
                live.add(buf);
                use(buf);
            } else if (choice < 60) {
                ByteBuf buf = live.get(random.nextInt(live.size()));
                unuse(buf);
                buf.capacity(size(random));
                use(buf);
            } else {
                release(random.nextInt(live.size()));
            }
            assertThat(alloc.metric().usedDirectMemory()).isLessThanOrEqualTo(MEMORY_LIMIT);
        }
        while (!live.isEmpty()) {
            release(live.size() - 1);
        }
        assertThat(alloc.buffersBeyondLimit()).isZero();
        alloc.trimCurrentThreadCache();
        assertThat(alloc.bytesInUse()).isZero();
        assertThat(alloc.metric().usedDirectMemory()).as("idle slabs").isLessThanOrEqualTo(MEMORY_LIMIT / 4);
    }

    /** As many of each order of magnitude. */
    private static int size(SplittableRandom random) {
        return random.nextInt(1 << random.nextInt(21)) + 1;
    }

    private void release(int index) {
        ByteBuf buf = live.set(index, live.get(live.size() - 1));
        live.remove(live.size() - 1);
        unuse(buf);
        buf.release();
    }

    private void use(ByteBuf buf) {
        long start = buf.memoryAddress();
        long end = start + buf.maxFastWritableBytes();
        Long before = used.lowerKey(end);
        assertThat(before == null || used.get(before) <= start).isTrue();
        used.put(start, end);
        liveBytes += end - start;
    }

    private void unuse(ByteBuf buf) {
        long start = buf.memoryAddress();
        liveBytes -= used.remove(start) - start;
    }
}
