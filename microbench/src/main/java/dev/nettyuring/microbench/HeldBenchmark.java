// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * An event loop that holds 64 direct buffers all the while: a random one is released, and one of a random size allocated
 * in its place. As many sizes of each order of magnitude.
 */
@State(Scope.Thread)
public class HeldBenchmark extends BufferBenchmark {
    private static final int HELD = 64;
    private static final int CHOICES = 1 << 14;
    private static final int MIN_SHIFT = 4;
    private static final long SEED = 42;

    /** Whose buffers. */
    @Param
    public Allocator allocator;

    /** No buffer has so many bytes. */
    @Param({"4096", "131072", "1048576"})
    public int bound;

    private final ByteBuf[] held = new ByteBuf[HELD];
    private final int[] sizes = new int[CHOICES];
    private final byte[] slots = new byte[CHOICES];
    private ByteBufAllocator alloc;
    private int choice;

    /** Makes the choices, and allocates the first buffers. */
    @Setup
    public void setUp() {
        alloc = allocator.get();
        SplittableRandom random = new SplittableRandom(SEED);
        int doublings = Integer.numberOfTrailingZeros(bound) - MIN_SHIFT;
        for (int i = 0; i < CHOICES; i++) {
            int least = 1 << (MIN_SHIFT + random.nextInt(doublings));
            sizes[i] = least + random.nextInt(least);
            slots[i] = (byte) random.nextInt(HELD);
        }
        for (int i = 0; i < HELD; i++) {
            held[i] = alloc.directBuffer(sizes[i]);
        }
    }

    /** One for another. */
    @Benchmark
    public void releaseAndAllocate() {
        int next = choice++ & (CHOICES - 1);
        int slot = slots[next];
        held[slot].release();
        held[slot] = alloc.directBuffer(sizes[next]);
    }

    /** Releases what is left. */
    @TearDown
    public void tearDown() {
        for (ByteBuf buf : held) {
            buf.release();
        }
    }
}
