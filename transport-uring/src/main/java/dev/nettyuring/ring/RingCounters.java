// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jfr.FlightEvents;
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

    /** The completion queue, of so many entries, did, with so many operations in flight. */
    void overflowed(int entries, int operations) {
        add(overflows, 1);
        FlightEvents.completionOverflow(entries, operations);
    }

    private static void add(AtomicLong counter, long amount) {
        counter.lazySet(counter.getPlain() + amount);
    }
}
