// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A direct buffer is allocated and released on the same thread, an event loop's. */
@State(Scope.Thread)
public class AllocateBenchmark extends BufferBenchmark {
    /** Whose buffers. */
    @Param
    public Allocator allocator;

    /** The capacity asked for. */
    @Param({"64", "256", "1024", "8192", "65536", "1048576"})
    public int bytes;

    private ByteBufAllocator alloc;

    /** Picks the allocator. */
    @Setup
    public void setUp() {
        alloc = allocator.get();
    }

    /** One buffer. */
    @Benchmark
    public boolean allocateAndRelease() {
        ByteBuf buf = alloc.directBuffer(bytes);
        return buf.release();
    }
}
