// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A direct buffer is allocated and released on the same thread, an event loop's. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {LoopThreads.EXECUTOR, LoopThreads.EXECUTOR_CLASS, LoopThreads.NO_LEAK_DETECTION})
public class AllocateBenchmark {
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
