// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import java.time.Duration;
import java.util.Random;

/** How long a test waits at most, and how much it sends. */
final class Limits {
    static final long SECONDS = 60;
    static final Duration DURATION = Duration.ofSeconds(SECONDS);
    private static final int LARGE_BYTES = 8 << 20;

    private Limits() {}

    /** The same 8 MiB at each call. */
    static byte[] large() {
        byte[] bytes = new byte[LARGE_BYTES];
        new Random(1).nextBytes(bytes);
        return bytes;
    }
}
