// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import java.util.concurrent.atomic.AtomicLong;

/** What a ring has done so far. Written by its thread alone, so ordered stores do; any thread may read. */
public final class RingCounters {
    private final AtomicLong enters = new AtomicLong();
    private final AtomicLong submissions = new AtomicLong();
    private final AtomicLong completions = new AtomicLong();
    private final AtomicLong overflows = new AtomicLong();

    RingCounters() {}

    /** Calls of io_uring_enter(2). */
    public long enters() {
        return enters.get();
    }

    /** Submission queue entries that the kernel was handed. */
    public long submissions() {
        return submissions.get();
    }

    /** Completions taken. */
    public long completions() {
        return completions.get();
    }

    /** How often the completion queue was found to have overflowed; nothing is lost, the kernel keeps the rest. */
    public long overflows() {
        return overflows.get();
    }

    void entered(int submitted) {
        add(enters, 1);
        add(submissions, submitted);
    }

    void completed(int count) {
        add(completions, count);
    }

    void overflowed() {
        add(overflows, 1);
    }

    private static void add(AtomicLong counter, long amount) {
        counter.lazySet(counter.getPlain() + amount);
    }
}
