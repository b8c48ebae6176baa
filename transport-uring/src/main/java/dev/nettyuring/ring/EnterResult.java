// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Errno;

/** What io_uring_enter(2) says when it fails. */
final class EnterResult {
    private boolean lost;
    private boolean lossUntold;
    /** {@code -errno}, or 0. */
    private int refusal;

    /** Takes in what a call returned. */
    void returned(int result) {
        if (result >= 0) {
            return;
        }
        switch (-result) {
            case Errno.ETIME:
            case Errno.EINTR:
            case Errno.EAGAIN:
            case Errno.EBUSY:
            case Errno.ENOMEM:
                return; // timed out, interrupted by a signal, or short of memory or room: the next turn goes on
            case Errno.EBADR:
                lost = true;
                lossUntold = true;
                return;
            default:
                refusal = result;
        }
    }

    /** Whether the kernel takes no more calls. */
    boolean isRefused() {
        return refusal != 0;
    }

    /** @throws IllegalStateException if the kernel takes no more calls */
    void ensureAccepted() {
        if (isRefused()) {
            throw new IllegalStateException(
                    Errno.message("the kernel takes no calls for this ring any more: io_uring_enter", refusal));
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
