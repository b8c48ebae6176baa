// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import java.io.IOException;

/** A small ring that the test's own thread has enabled, a wake-up, and an eventfd that is never readable by itself. */
final class OpenRing implements AutoCloseable {
    static final int SQ_ENTRIES = 8;
    static final int CQ_ENTRIES = 16;

    private static final long STEP_NANOS = 10_000_000;
    private static final int MAX_STEPS = 1_000;

    final Ring ring;
    final Wakeup wakeup = new Wakeup();
    final int silentFd = Native.eventfd(0, SocketAbi.EFD_CLOEXEC | SocketAbi.EFD_NONBLOCK);

    OpenRing() throws IOException {
        ring = Ring.open(SQ_ENTRIES, CQ_ENTRIES, Probe.run().features());
        ring.enable();
    }

    /** Lets the kernel work until no operation is in flight. */
    void finish() {
        finishAllBut(0);
    }

    void finishAllBut(int operations) {
        for (int step = 0; ring.operationsInFlight() > operations; step++) {
            if (step == MAX_STEPS) {
                throw new AssertionError(ring.operationsInFlight() + " operations are still in flight");
            }
            ring.enterAndWait(STEP_NANOS);
            ring.dispatchCompletions(wakeup);
        }
    }

    @Override
    public void close() {
        ring.forEachOperation(ring::cancel);
        finish();
        wakeup.close();
        ring.close();
        Native.close(silentFd);
    }
}
