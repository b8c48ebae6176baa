// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;

/** How much memory a ring takes. */
public final class RingSize {
    private static final int PAGE = 4096;
    /** The kernel's struct io_rings, in whole cache lines. */
    private static final int HEADS = 128;

    private RingSize() {}

    /** What the kernel takes for a ring, in bytes: its submission entries, and its two queues behind their heads. */
    public static long bytes(int sqEntries, int cqEntries) {
        return pages((long) sqEntries * Abi.SQE_SIZE)
                + pages(HEADS + (long) cqEntries * Abi.CQE_SIZE + (long) sqEntries * Integer.BYTES);
    }

    private static long pages(long bytes) {
        return (bytes + PAGE - 1) / PAGE * PAGE;
    }
}
