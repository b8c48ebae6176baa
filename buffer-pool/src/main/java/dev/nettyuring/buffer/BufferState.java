// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Who may touch a receive buffer. A buffer is in exactly one state, and moves in a circle:
 * {@link #FREE} to {@link #KERNEL} to {@link #PIPELINE} to {@link #RETURNING} and back to {@link #FREE}.
 */
public enum BufferState {
    /** In the pool; nobody has it. */
    FREE,
    /**
     * Lent to the kernel, which may write to it at any moment, or whenever the loop {@linkplain ReceiveCalls calls} it. Pieces it
     * has filled may be in the pipeline already.
     */
    KERNEL,
    /** The kernel is done with it; pieces of it are in the pipeline. */
    PIPELINE,
    /** The last piece was released, maybe on another thread; on its way to the pool. */
    RETURNING;

    private boolean leadsTo(BufferState next) {
        switch (this) {
            case FREE:
                return next == KERNEL;
            case KERNEL:
                return next == PIPELINE;
            case PIPELINE:
                return next == RETURNING;
            default:
                return next == FREE;
        }
    }

    /** How many buffers of a pool are in each state, and how many went round. Any thread may read. */
    static final class Census {
        /** What the loop's thread counted, which alone writes it: without the cost of an atomic operation. */
        private final AtomicIntegerArray byLoop = new AtomicIntegerArray(values().length);
        /** What others counted. */
        private final AtomicIntegerArray byOthers = new AtomicIntegerArray(values().length);

        private final AtomicLong lentByLoop = new AtomicLong();
        private final AtomicLong returnedToLoop = new AtomicLong();
        /** Once the loop is gone. */
        private final AtomicLong returnedToOthers = new AtomicLong();

        /** New buffers come to the pool free. */
        void added(int buffers) {
            byOthers.addAndGet(FREE.ordinal(), buffers);
        }

        void moved(BufferState from, BufferState to, boolean onLoop) {
            assert from.leadsTo(to) : "a buffer cannot go from " + from + " to " + to;
            if (onLoop) {
                addByLoop(from, -1);
                addByLoop(to, 1);
            } else {
                byOthers.decrementAndGet(from.ordinal());
                byOthers.incrementAndGet(to.ordinal());
            }
            if (to == KERNEL) {
                increment(lentByLoop); // nobody else lends
            } else if (to == FREE && onLoop) {
                increment(returnedToLoop);
            } else if (to == FREE) {
                returnedToOthers.incrementAndGet();
            }
        }

        private static void increment(AtomicLong counter) {
            counter.setRelease(counter.getPlain() + 1);
        }

        private void addByLoop(BufferState state, int buffers) {
            byLoop.setRelease(state.ordinal(), byLoop.getPlain(state.ordinal()) + buffers);
        }

        /** How often a buffer was lent to the kernel. */
        long lent() {
            return lentByLoop.get();
        }

        /** How often one came back to the pool. */
        long returned() {
            return returnedToLoop.get() + returnedToOthers.get();
        }

        /** While buffers move this may be behind by those that do. */
        int in(BufferState state) {
            return Math.max(0, byLoop.get(state.ordinal()) + byOthers.get(state.ordinal()));
        }
    }
}
