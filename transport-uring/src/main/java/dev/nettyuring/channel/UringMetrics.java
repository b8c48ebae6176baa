// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.buffer.ProvidedBuffers;
import dev.nettyuring.ring.Ring;
import dev.nettyuring.ring.RingCounters;
import dev.nettyuring.ring.Wakeup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What one event loop has done and holds. Any thread may read; the figures of one moment need not fit each other. */
public final class UringMetrics {
    private static final Map<ThreadAwareExecutor, UringMetrics> BY_LOOP =
            Collections.synchronizedMap(new WeakHashMap<>());

    private final Ring ring;
    private final RingCounters counters;
    private final Wakeup wakeup;
    private final ProvidedBuffers buffers;
    /** Written by the loop alone, so ordered stores do. */
    private final AtomicLong turns = new AtomicLong();

    private final AtomicLong exhaustions = new AtomicLong();

    UringMetrics(Ring ring, Wakeup wakeup, ProvidedBuffers buffers) {
        this.ring = ring;
        counters = ring.counters();
        this.wakeup = wakeup;
        this.buffers = buffers;
    }

    static void publish(ThreadAwareExecutor loop, UringMetrics metrics) {
        BY_LOOP.put(loop, metrics);
    }

    /**
     * The metrics of an event loop; they can still be read when it is gone.
     *
     * @throws IllegalArgumentException if the loop is not one of a {@link UringIoHandler}
     */
    public static UringMetrics of(EventExecutor loop) {
        UringMetrics metrics = BY_LOOP.get(loop);
        if (metrics == null) {
            throw new IllegalArgumentException("loop: " + loop + " (expected: an event loop on io_uring)");
        }
        return metrics;
    }

    void turn() {
        turns.lazySet(turns.getPlain() + 1);
    }

    void exhausted() {
        exhaustions.lazySet(exhaustions.getPlain() + 1);
    }

    /** Turns of the loop. */
    public long turns() {
        return turns.get();
    }

    /** Calls of io_uring_enter(2). */
    public long enters() {
        return counters.enters();
    }

    /** Submission queue entries handed to the kernel. */
    public long submissions() {
        return counters.submissions();
    }

    /** Completions taken. */
    public long completions() {
        return counters.completions();
    }

    /** How often the completion queue overflowed; nothing is lost by that. */
    public long completionOverflows() {
        return counters.overflows();
    }

    /** System calls that other threads made to wake the loop. */
    public long wakeups() {
        return wakeup.writes();
    }

    /** How often the kernel had no buffer to receive into (-ENOBUFS). */
    public long bufferExhaustions() {
        return exhaustions.get();
    }

    /** Operations that the kernel has not completed yet. */
    public int operationsInFlight() {
        return ring.operationsInFlight();
    }

    /** Receive buffers in a state. */
    public int receiveBuffers(BufferState state) {
        return buffers.count(state);
    }

    /** Bytes of memory that the receive buffers take, in whatever state. */
    public long receiveMemory() {
        return buffers.allocatedBytes();
    }
}
