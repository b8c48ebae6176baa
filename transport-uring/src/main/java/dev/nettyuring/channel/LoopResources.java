// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Feature;
import dev.nettyuring.ring.PatientSetup;
import dev.nettyuring.ring.Ring;
import dev.nettyuring.ring.Wakeup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What an event loop needs of the kernel before it can begin: its ring, its wake-up and its groups of receive buffers. */
final class LoopResources {
    private final Ring ring;
    private final Wakeup wakeup;
    private final BufferGroups groups;

    private LoopResources(Ring ring, Wakeup wakeup, BufferGroups groups) {
        this.ring = ring;
        this.wakeup = wakeup;
        this.groups = groups;
    }

    /**
     * Opens all of it, or leaves nothing. Not on an event loop.
     *
     * @throws IOException that says what the kernel refuses, and why
     */
    static LoopResources open(UringConfig config, Set<Feature> features) throws IOException {
        Ring ring = PatientSetup.open(config.submissionEntries(), config.completionEntries(), features);
        Wakeup wakeup = null;
        BufferGroups groups = null;
        try {
            wakeup = new Wakeup();
            groups = new BufferGroups(config, features.contains(Feature.PBUF_INC), wakeup::wake);
            if (features.contains(Feature.PBUF_RING)) {
                groups.register(ring.fd()); // here and not on the loop's thread, where nobody would learn of a failure
            }
            return new LoopResources(ring, wakeup, groups);
        } catch (IOException e) {
            close(ring, wakeup, groups);
            throw e;
        }
    }

    /**
     * Opens what so many loops need, all at once, and closes it again.
     *
     * @throws IOException if the kernel refuses any of it
     */
    static void tryOut(int loops, UringConfig config, Set<Feature> features) throws IOException {
        List<LoopResources> opened = new ArrayList<>();
        try {
            for (int i = 0; i < loops; i++) {
                opened.add(open(config, features));
            }
        } finally {
            opened.forEach(LoopResources::close);
        }
    }

    Ring ring() {
        return ring;
    }

    Wakeup wakeup() {
        return wakeup;
    }

    BufferGroups groups() {
        return groups;
    }

    /** Closes what no loop has begun to use. */
    private void close() {
        close(ring, wakeup, groups);
    }

    private static void close(Ring ring, Wakeup wakeup, BufferGroups groups) {
        if (groups != null) {
            groups.close();
        }
        if (wakeup != null) {
            wakeup.close();
        }
        ring.close();
    }
}
