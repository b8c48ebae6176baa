// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Feature;
import dev.nettyuring.ring.Probe;
import java.util.Set;

/** Whether this transport works here, and with which of the kernel's features. Nothing here throws but {@link #ensureAvailability()}. */
public final class Uring {
    private static final Probe PROBE = Probe.run();

    private Uring() {}

    /** Whether io_uring can be used: Linux 6.1 or newer, not forbidden, and the native library loads. */
    public static boolean isAvailable() {
        return PROBE.failure() == null;
    }

    /** Why not, with what would mend it; {@code null} if it can be used. */
    public static Throwable unavailabilityCause() {
        return PROBE.failure();
    }

    /**
     * Throws unless io_uring can be used.
     *
     * @throws UnsupportedOperationException with the {@linkplain #unavailabilityCause() cause}
     */
    public static void ensureAvailability() {
        if (!isAvailable()) {
            throw new UnsupportedOperationException(
                    "io_uring is not available: " + PROBE.failure().getMessage(), PROBE.failure());
        }
    }

    /** The features of newer kernels that are in use; empty if io_uring is not available. */
    public static Set<Feature> features() {
        return PROBE.features();
    }
}
