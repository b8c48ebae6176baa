// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.buffer.ProvidedBuffers;
import dev.nettyuring.ring.FixedBuffers;
import dev.nettyuring.ring.Ring;
import dev.nettyuring.ring.RingCounters;
import dev.nettyuring.ring.Wakeup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one event loop has done since it was made, and what it holds now. Any thread may read, at no cost for the loop, which
 * counts in memory of its own; the figures of one moment need not fit each other. Counters never become less, and stay when
 * the loop has ended. {@code docs/observability.md} says what to make of them.
 */
public final class UringMetrics {
    private static final Map<ThreadAwareExecutor, UringMetrics> BY_LOOP =
            Collections.synchronizedMap(new WeakHashMap<>());

    private final Ring ring;
    private final RingCounters counters;
    private final Wakeup wakeup;
    private final BufferGroups groups;
    private final FixedBuffers fixedBuffers;
    /** Written by the loop alone, so ordered stores do. */
    private final AtomicLong turns = new AtomicLong();

    private final AtomicLong emptyRings = new AtomicLong();
    private final AtomicLong exhaustions = new AtomicLong();
    private final AtomicLong allocatedReceives = new AtomicLong();
    private final AtomicLong zeroCopySends = new AtomicLong();
    private final AtomicLong copiedSends = new AtomicLong();
    private final AtomicLong truncatedDatagrams = new AtomicLong();

    UringMetrics(Ring ring, Wakeup wakeup, BufferGroups groups, FixedBuffers fixedBuffers) {
        this.ring = ring;
        counters = ring.counters();
        this.wakeup = wakeup;
        this.groups = groups;
        this.fixedBuffers = fixedBuffers;
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
        increment(turns);
    }

    void ringEmpty() {
        increment(emptyRings);
    }

    void exhausted() {
        increment(exhaustions);
    }

    void receivedAllocated() {
        increment(allocatedReceives);
    }

    void sentZeroCopy(boolean copied) {
        increment(zeroCopySends);
        if (copied) {
            increment(copiedSends);
        }
    }

    void truncated() {
        increment(truncatedDatagrams);
    }

    private static void increment(AtomicLong counter) {
        counter.lazySet(counter.getPlain() + 1);
    }

    /** Turns of the loop: each takes what completed, runs tasks, and hands over and waits with a call of its own. */
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

    /** Completion queue entries taken. */
    public long completions() {
        return counters.completions();
    }

    /** With how many calls of io_uring_enter(2) the completion queue had overflowed; nothing is lost by that. */
    public long completionOverflows() {
        return counters.overflows();
    }

    /** System calls that other threads made to wake the loop. */
    public long wakeups() {
        return wakeup.writes();
    }

    /** How often the kernel found no buffer to receive into (-ENOBUFS): mostly until the loop's next turn. */
    public long emptyBufferRings() {
        return emptyRings.get();
    }

    /**
     * How often a channel's reading paused, or went on with allocated memory, since there was none to receive into: how many
     * {@link UringBufferExhausted} were fired.
     */
    public long bufferExhaustions() {
        return exhaustions.get();
    }

    /** How many reads went to memory of the channel's allocator: at the limit, or where the kernel has no buffer rings. */
    public long allocatedReceives() {
        return allocatedReceives.get();
    }

    /** How many datagrams were not read because they were too large for the buffers; see {@link UringDatagramTruncated}. */
    public long truncatedDatagrams() {
        return truncatedDatagrams.get();
    }

    /**
     * How often a receive buffer, of whichever size, was lent to the kernel to receive into. Less what was
     * {@linkplain #returnedReceiveBuffers() returned}, that is how many the kernel, handlers or those on their way back have.
     */
    public long lentReceiveBuffers() {
        return groups.sum(ProvidedBuffers::lent);
    }

    /** How often one came back, free to be lent again: all that was received into it had been released. */
    public long returnedReceiveBuffers() {
        return groups.sum(ProvidedBuffers::returned);
    }

    /** How many small pieces were copied, so that they do not keep a whole receive buffer from being used again. */
    public long copiedPieces() {
        return groups.sum(ProvidedBuffers::copies);
    }

    /** How many zero-copy sends have ended: the kernel reads their memory no longer. */
    public long zeroCopySends() {
        return zeroCopySends.get();
    }

    /** Of how many of those the kernel reported that it had to copy after all. */
    public long copiedZeroCopySends() {
        return copiedSends.get();
    }

    /** Bytes of memory that are registered with this loop's ring, for zero-copy sends. */
    public long registeredMemory() {
        return fixedBuffers.registeredBytes();
    }

    /**
     * Bytes of memory that are locked and charged to RLIMIT_MEMLOCK for all loops of the process together, where the kernel
     * lets them share what is registered (6.13).
     */
    public static long sharedRegisteredMemory() {
        return FixedBuffers.sharedBytes();
    }

    /** How often there was no memory for more receive buffers, although the limit was not reached. */
    public long receiveMemoryFailures() {
        return groups.sum(ProvidedBuffers::failures);
    }

    /**
     * With {@code -Ddev.nettyuring.poison=true}: how many receive buffers were written to after they were released; more than
     * 0 is a bug in a handler.
     */
    public long writesAfterReturn() {
        return groups.sum(ProvidedBuffers::writesAfterReturn);
    }

    /** Operations that the kernel has not completed yet; 0 once the loop has ended and zero-copy sends have been notified. */
    public int operationsInFlight() {
        return ring.operationsInFlight();
    }

    /** Receive buffers in a state, of whichever size. */
    public int receiveBuffers(BufferState state) {
        return (int) groups.sum(buffers -> buffers.count(state));
    }

    /** Bytes of memory that the receive buffers take, in whatever state. */
    public long receiveMemory() {
        return groups.sum(ProvidedBuffers::allocatedBytes);
    }
}
