// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.ProvidedBuffers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Supplies the kernel with the receive buffers of one group. The receivers that it had none for wait in line here until there are
 * some again, or allocate, if so configured. Loop thread only.
 */
final class BufferSupply {
    /** How long the loop sleeps at most when it lacks memory that the pool may have by then. */
    private static final long MEMORY_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** How often memory that was needed for a while is looked at. */
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** At most so many receivers are given a buffer together, where they share it. */
    private static final int SHARING = 8;

    /** Who receives from the group, as it looks from here. */
    interface Receiver {
        /** There are buffers again. */
        void resume();

        /** How much it is likely to take: what it took last. */
        int expectedBytes();

        /** There is no buffer, and may be none until something is released. This may have been told before. */
        void exhausted(UringBufferExhausted event);

        /** There is no buffer, and the receiver need not wait for one: it may allocate. */
        void resumeAllocating();
    }

    private final ProvidedBuffers buffers;
    private final boolean allocatesAtLimit;
    /** What a receiver is counted for that takes less. */
    private final int leastBytes;

    private final Deque<Receiver> starved = new ArrayDeque<>();
    /** So many at the end of the line, at the most, came since those that waited were told. */
    private int untold;

    private long calmedNanos = System.nanoTime();

    BufferSupply(ProvidedBuffers buffers, UringConfig.Exhaustion exhaustion) {
        this.buffers = buffers;
        leastBytes = buffers.isShared() ? buffers.bufferSize() / SHARING : buffers.bufferSize();
        allocatesAtLimit = exhaustion == UringConfig.Exhaustion.ALLOCATE;
    }

    ProvidedBuffers buffers() {
        return buffers;
    }

    /** Once a turn: fills the kernel's ring up, and wakes those that wait for that. */
    void provide() {
        buffers.awaitReturn(!starved.isEmpty());
        buffers.refill();
        // as many as there are buffers for, so that those who come away empty-handed do not keep the loop busy
        long bytes = (long) buffers.ready() * buffers.bufferSize();
        while (bytes > 0 && !starved.isEmpty()) {
            Receiver next = starved.pollFirst();
            bytes -= Math.min(Math.max(leastBytes, next.expectedBytes()), buffers.bufferSize());
            next.resume();
        }
        if (buffers.ready() == 0 && !starved.isEmpty()) {
            exhausted();
        }
        if (buffers.isGrown()) {
            calmBuffers();
        }
    }

    private void exhausted() {
        UringBufferExhausted event = new UringBufferExhausted(buffers.allocatedBytes());
        for (Receiver receiver : takeUntold()) {
            receiver.exhausted(event);
        }
        if (allocatesAtLimit) {
            for (int count = starved.size(); count > 0 && !starved.isEmpty(); count--) {
                starved.pollFirst().resumeAllocating();
            }
        }
    }

    /** A copy: handlers that are told may close their channels, which then leave the line. */
    private List<Receiver> takeUntold() {
        List<Receiver> receivers = new ArrayList<>();
        Iterator<Receiver> latestFirst = starved.descendingIterator();
        for (; untold > 0 && latestFirst.hasNext(); untold--) {
            receivers.add(latestFirst.next());
        }
        untold = 0;
        return receivers;
    }

    private void calmBuffers() {
        long now = System.nanoTime();
        if (now - calmedNanos > CALM_NANOS) {
            calmedNanos = now;
            buffers.calm();
        }
    }

    /** The kernel had no buffer for a receiver: it goes on as soon as there is one, after those who wait already. */
    void starve(Receiver receiver) {
        starved.addLast(receiver);
        untold++;
        buffers.deepen();
    }

    /** Whether receivers wait for buffers. */
    boolean isAwaited() {
        return !starved.isEmpty();
    }

    /** The loop must not touch the receiver any more. */
    void forget(ReadLoop<?> receiver) {
        starved.remove(receiver);
    }

    /** Whether {@link #provide} would wake somebody. */
    boolean canFeedStarved() {
        return !starved.isEmpty() && (buffers.ready() > 0 || buffers.hasReturned());
    }

    /** How long the loop may sleep: not until something happens, negative, while trying again can bring memory. */
    long limitSleep(long timeoutNanos) {
        if (starved.isEmpty() || (buffers.isReturnExpected() && !buffers.isRefused())) {
            return timeoutNanos;
        }
        return timeoutNanos < 0 ? MEMORY_RETRY_NANOS : Math.min(timeoutNanos, MEMORY_RETRY_NANOS);
    }
}
