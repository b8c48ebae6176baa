// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import io.netty.channel.IoOps;

/**
 * One request to the kernel: what it asks for, and the owner of every byte of memory that the kernel may touch on its
 * behalf. From {@linkplain Ring#submit submission} to its last completion it stands in the ring's table, and nothing but
 * that completion ends it: not closing the channel, not cancelling, not an exception. It may be submitted again afterwards.
 *
 * <p>It is the {@link IoOps} that an {@link io.netty.channel.IoRegistration} takes. Loop thread only.
 */
public abstract class Operation implements IoOps {
    /** No place in the stash of completions. */
    static final long NONE = -1;

    private static final long NOT_IN_FLIGHT = 0;

    private long userData = NOT_IN_FLIGHT;
    private Owner owner;
    private boolean cancelRequested;
    private boolean notificationAwaited;
    private long firstStashed = NONE;

    /** Who an operation was submitted for. */
    public interface Owner {
        /** The operation is no longer in flight. It may be again by now, if its completion submitted it anew. */
        void ended(Operation operation);

        /** Taking in a completion threw. */
        void threw(Operation operation, Throwable cause);
    }

    /** Writes the request. The memory it names must stay untouched until the last completion. */
    protected abstract void encode(Submission sqe);

    /**
     * Takes in a completion.
     *
     * @param result what the call would have returned, or {@code -errno}
     * @param flags IORING_CQE_F_*
     * @param last whether no more follow: the memory is ours again
     */
    protected abstract void complete(int result, int flags, boolean last);

    /** Whether the kernel may still touch what the operation owns. */
    public final boolean isInFlight() {
        return userData != NOT_IN_FLIGHT;
    }

    /** Whether it was asked to end early; it is in flight until it says so. */
    public final boolean isCancelRequested() {
        return cancelRequested;
    }

    /**
     * For a completion that is not the last: the operation is over but for the notification that the kernel no longer reads
     * its memory. That takes as long as the peer likes, and there is nothing left to cancel.
     */
    protected final void awaitNotification() {
        notificationAwaited = true;
    }

    /** Whether it is over but for the notification that the kernel no longer reads its memory. */
    public final boolean awaitsNotification() {
        return notificationAwaited;
    }

    final long userData() {
        return userData;
    }

    final void begin(long userData, Owner owner) {
        this.userData = userData;
        this.owner = owner;
        cancelRequested = false;
        notificationAwaited = false;
        firstStashed = NONE;
    }

    /** A completion of this operation is in the stash, at that place. */
    final void stashed(long place) {
        if (firstStashed == NONE) {
            firstStashed = place;
        }
    }

    /** Where the first of its completions is in the stash, or was; {@link #NONE} if none has been there since its submission. */
    final long firstStashed() {
        return firstStashed;
    }

    /** The kernel is done with it, or never got it. */
    final void leave() {
        userData = NOT_IN_FLIGHT;
        owner = null;
    }

    final boolean requestCancel() {
        if (!isInFlight() || cancelRequested || notificationAwaited) {
            return false;
        }
        cancelRequested = true;
        return true;
    }

    final void completed(int result, int flags, boolean last) {
        Owner owner = this.owner;
        if (last) {
            leave();
        }
        try {
            complete(result, flags, last);
        } catch (Throwable cause) {
            owner.threw(this, cause);
        }
        if (last) {
            owner.ended(this);
        }
    }
}
