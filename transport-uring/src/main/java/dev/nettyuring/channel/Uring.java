// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Feature;
import dev.nettyuring.ring.Probe;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Whether this transport works here, and with which of the kernel's features. Nothing here throws but {@link #ensureAvailability()}. */
public final class Uring {
    /** Between attempts after one that failed for want of something. */
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static volatile Probe probe = Probe.run();
    private static long probedAt = System.nanoTime();

    private Uring() {}

    private static Probe probe() {
        return probe.mayPass() ? probeAgain() : probe;
    }

    private static synchronized Probe probeAgain() {
        if (probe.mayPass() && System.nanoTime() - probedAt >= RETRY_NANOS) {
            probe = Probe.run();
            probedAt = System.nanoTime();
        }
        return probe;
    }

    /**
     * Whether io_uring can be used: Linux 6.1 or newer, not forbidden, and the native library loads. Found out once; but if
     * file descriptors or memory were wanting, again when somebody asks a second or more later.
     */
    public static boolean isAvailable() {
        return probe().failure() == null;
    }

    /** Why not, with what would mend it; {@code null} if it can be used. */
    public static Throwable unavailabilityCause() {
        return probe().failure();
    }

    /**
     * Throws unless io_uring can be used.
     *
     * @throws UnsupportedOperationException with the {@linkplain #unavailabilityCause() cause}
     */
    public static void ensureAvailability() {
        Throwable cause = unavailabilityCause();
        if (cause != null) {
            throw new UnsupportedOperationException("io_uring is not available: " + cause.getMessage(), cause);
        }
    }

    /** The features of newer kernels that are in use; empty if io_uring is not available. */
    public static Set<Feature> features() {
        return probe().features();
    }
}
