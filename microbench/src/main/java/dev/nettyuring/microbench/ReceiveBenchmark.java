// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import dev.nettyuring.buffer.UringByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A piece is received and released on the loop's own thread, sixteen a turn. Ours: {@code ProvidedBuffers.take} makes a buffer
 * of what the kernel wrote, its release gives it back, and {@code refill} lends it again, once a turn; the ring is a real one,
 * and the completions are made up ({@link Receiver}). Netty's transports allocate a buffer before each read instead, and so
 * does {@link #allocated}.
 */
public class ReceiveBenchmark extends BufferBenchmark {
    private static final int BUFFERS = 16;

    /** How much arrives at once. */
    @State(Scope.Thread)
    public static class Piece {
        /** A power of two. */
        @Param({"64", "2048", "65536"})
        public int bytes;
    }

    /** The loop's receive buffers. */
    @State(Scope.Thread)
    public static class Provided {
        /** Whether pieces share a buffer (IOU_PBUF_RING_INC). */
        @Param({"true", "false"})
        public boolean incremental;

        private Receiver receiver;

        /** Opens a ring. */
        @Setup
        public void setUp(Piece piece) throws IOException {
            receiver = new Receiver(BUFFERS, piece.bytes, incremental);
        }

        /** Closes it. */
        @TearDown
        public void tearDown() {
            receiver.close();
        }
    }

    /** Netty's allocators. */
    @State(Scope.Thread)
    public static class Allocating {
        /** Whose buffers. */
        @Param({"POOLED", "ADAPTIVE"})
        public Allocator allocator;

        private ByteBufAllocator alloc;

        /** Picks the allocator. */
        @Setup
        public void setUp() {
            alloc = allocator.get();
        }
    }

    /** Ours. */
    @Benchmark
    @OperationsPerInvocation(Receiver.TURN)
    public void provided(Provided provided) {
        Receiver receiver = provided.receiver;
        receiver.refill();
        for (int i = 0; i < Receiver.TURN; i++) {
            receiver.take(UringByteBufAllocator.DEFAULT).release();
        }
    }

    /** Netty's. */
    @Benchmark
    @OperationsPerInvocation(Receiver.TURN)
    public void allocated(Allocating allocating, Piece piece) {
        ByteBufAllocator alloc = allocating.alloc;
        for (int i = 0; i < Receiver.TURN; i++) {
            ByteBuf buf = alloc.directBuffer(piece.bytes);
            buf.writerIndex(piece.bytes);
            buf.release();
        }
    }
}
