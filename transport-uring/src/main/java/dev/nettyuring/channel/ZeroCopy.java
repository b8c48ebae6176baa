// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

/** Whether what is written is sent without the kernel copying it first. See {@link UringChannelOption#ZERO_COPY}. */
public enum ZeroCopy {
    /**
     * From the {@linkplain UringChannelOption#ZERO_COPY_THRESHOLD threshold} on, as long as it works: never over loopback or to
     * the channel's own address, where the kernel always copies, and to a peer where it reports that it had to copy after all
     * not again for a while.
     */
    AUTO,
    /** Never. */
    NEVER,
    /**
     * Always, whatever the size and whatever the kernel reports; but what it refuses to send so, as it does beyond
     * RLIMIT_MEMLOCK, goes out with a copy.
     */
    ALWAYS;

    /**
     * The default, which {@code -Ddev.nettyuring.zeroCopy} may set.
     *
     * @throws IllegalArgumentException if it is set to something else
     */
    static ZeroCopy preset() {
        return SystemDefaults.constant("zeroCopy", AUTO);
    }
}
