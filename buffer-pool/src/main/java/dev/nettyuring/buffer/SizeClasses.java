// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

/** The sizes that memory is handed out in: 64 bytes and then four to a doubling, so that no more than a quarter is added. */
final class SizeClasses {
    /** The smallest, in bytes. */
    static final int MIN_BYTES = 64;

    private static final int MIN_SHIFT = Integer.numberOfTrailingZeros(MIN_BYTES);
    private static final int STEPS_SHIFT = 2;
    private static final int STEPS = 1 << STEPS_SHIFT;

    private SizeClasses() {}

    /** The smallest class that holds so many bytes. */
    static int of(int bytes) {
        if (bytes <= MIN_BYTES) {
            return 0;
        }
        int last = bytes - 1;
        int doubling = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(last);
        int step = (last >>> (doubling - STEPS_SHIFT)) & (STEPS - 1);
        return (doubling - MIN_SHIFT) * STEPS + step + 1;
    }

    /** How many bytes a class holds. */
    static int bytes(int sizeClass) {
        if (sizeClass == 0) {
            return MIN_BYTES;
        }
        int doubling = MIN_SHIFT + (sizeClass - 1) / STEPS;
        int step = (sizeClass - 1) % STEPS + 1;
        return (STEPS + step) << (doubling - STEPS_SHIFT);
    }
}
