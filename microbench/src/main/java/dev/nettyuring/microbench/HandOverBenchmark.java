// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import dev.nettyuring.buffer.UringByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.SpscArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Control;

/**
 * One event loop receives a piece ({@code provided}), or allocates a buffer ({@code allocated}), and hands it through a queue to
 * another, which releases it. The receiving loop takes back what was released once a turn of sixteen pieces. The slower of
 * the two threads sets the pace, so that both take the time of a buffer on its way.
 */
public class HandOverBenchmark extends BufferBenchmark {
    private static final int BUFFERS = 64;
    private static final int QUEUED = 128;

    /** From the one to the other. */
    @State(Scope.Group)
    public static class Lane {
        private final SpscArrayQueue<ByteBuf> queue = new SpscArrayQueue<>(QUEUED);
        private final AtomicLong released = new AtomicLong();

        /** Releases what is left. */
        @TearDown
        public void tearDown() {
            queue.drain(ByteBuf::release);
        }
    }

    /** The loop's receive buffers. */
    @State(Scope.Thread)
    public static class Provided {
        /** How much arrives at once: a power of two. */
        @Param({"64", "2048", "65536"})
        public int pieceBytes;

        /** Whether pieces share a buffer (IOU_PBUF_RING_INC). */
        @Param({"true", "false"})
        public boolean incremental;

        private Receiver receiver;
        private long received;
        private long knownReleased;
        private ByteBuf unsent;

        /** Opens a ring. */
        @Setup
        public void setUp() throws IOException {
            receiver = new Receiver(BUFFERS, pieceBytes, incremental);
        }

        private ByteBuf receive(Lane lane, Control control) {
            if (received % Receiver.TURN == 0) {
                turn(lane);
            }
            while (received - knownReleased >= receiver.capacity()) {
                if (control.stopMeasurement) {
                    return null;
                }
                Thread.onSpinWait();
                turn(lane);
            }
            received++;
            return receiver.take(UringByteBufAllocator.DEFAULT);
        }

        private void turn(Lane lane) {
            knownReleased = lane.released.get();
            receiver.refill();
        }

        /** Closes the ring. */
        @TearDown
        public void tearDown() {
            if (unsent != null) {
                unsent.release();
            }
            receiver.close();
        }
    }

    /** The allocators. */
    @State(Scope.Thread)
    public static class Allocating {
        /** Whose buffers. */
        @Param
        public Allocator allocator;

        /** The capacity asked for. */
        @Param({"64", "2048", "65536"})
        public int bytes;

        private ByteBufAllocator alloc;
        private ByteBuf unsent;

        /** Picks the allocator. */
        @Setup
        public void setUp() {
            alloc = allocator.get();
        }

        /** Releases what was not handed over. */
        @TearDown
        public void tearDown() {
            if (unsent != null) {
                unsent.release();
            }
        }
    }

    /** Receives a piece and hands it over. */
    @Benchmark
    @Group("provided")
    public void receive(Lane lane, Provided provided, Control control) {
        ByteBuf buf = provided.unsent != null ? provided.unsent : provided.receive(lane, control);
        provided.unsent = buf == null || offer(lane, buf, control) ? null : buf;
    }

    /** Releases a piece. */
    @Benchmark
    @Group("provided")
    public void releaseReceived(Lane lane, Control control) {
        release(lane, control);
    }

    /** Allocates a buffer and hands it over. */
    @Benchmark
    @Group("allocated")
    public void allocate(Lane lane, Allocating allocating, Control control) {
        ByteBuf buf = allocating.unsent != null ? allocating.unsent : allocating.alloc.directBuffer(allocating.bytes);
        allocating.unsent = offer(lane, buf, control) ? null : buf;
    }

    /** Releases a buffer. */
    @Benchmark
    @Group("allocated")
    public void releaseAllocated(Lane lane, Control control) {
        release(lane, control);
    }

    private static boolean offer(Lane lane, ByteBuf buf, Control control) {
        while (!lane.queue.offer(buf)) {
            if (control.stopMeasurement) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }

    private static void release(Lane lane, Control control) {
        ByteBuf buf = lane.queue.poll();
        while (buf == null) {
            if (control.stopMeasurement) {
                return;
            }
            Thread.onSpinWait();
            buf = lane.queue.poll();
        }
        buf.release();
        lane.released.lazySet(lane.released.getPlain() + 1);
    }
}
