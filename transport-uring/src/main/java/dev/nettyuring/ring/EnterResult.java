// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Errno;

/** What io_uring_enter(2) says when it fails. */
final class EnterResult {
    private boolean lost;
    private boolean lossUntold;

    /**
     * Returns if the next turn may go on where this one stopped.
     *
     * @throws IllegalStateException if the ring cannot be used any more
     */
    void check(int result) {
        if (result >= 0) {
            return;
        }
        switch (-result) {
            case Errno.ETIME:
            case Errno.EINTR:
            case Errno.EAGAIN:
            case Errno.EBUSY:
            case Errno.ENOMEM:
                return; // timed out, interrupted by a signal, or short of memory or room
            case Errno.EBADR:
                lost = true;
                lossUntold = true;
                return;
            default:
                throw new IllegalStateException(Errno.message("io_uring_enter", result));
        }
    }

    /** Whether the kernel ever had no memory for completions that the queue had no room for. They never come. */
    boolean hasLost() {
        return lost;
    }

    /** Whether that happened, and was not told by {@link #takeLoss} yet. */
    boolean hasUntoldLoss() {
        return lossUntold;
    }

    /** The same, which tells it. */
    boolean takeLoss() {
        boolean untold = lossUntold;
        lossUntold = false;
        return untold;
    }
}
