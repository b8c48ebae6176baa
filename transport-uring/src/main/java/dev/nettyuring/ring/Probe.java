// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.buffer.ProvidedBuffers;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.MappedMemory;
import dev.nettyuring.jni.Native;
import java.io.IOException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What works here, found out by trying it on a small ring. */
public final class Probe {
    private static final int SQ_ENTRIES = 8;
    private static final int CQ_ENTRIES = 16;
    private static final int BUFFER_RING_ENTRIES = 2;

    private final Throwable failure;
    private final Set<Feature> features;

    private Probe(Throwable failure, Set<Feature> features) {
        this.failure = failure;
        this.features = Collections.unmodifiableSet(features);
    }

    /** Tries everything; never throws. */
    public static Probe run() {
        Set<Feature> found = EnumSet.noneOf(Feature.class);
        if (Native.loadFailure() != null) {
            return new Probe(Native.loadFailure(), found);
        }
        try {
            tryFeatures(Feature.allowed(), found);
            return new Probe(null, found);
        } catch (IOException | RuntimeException e) {
            return new Probe(e, EnumSet.noneOf(Feature.class));
        }
    }

    private static void tryFeatures(Set<Feature> allowed, Set<Feature> found) throws IOException {
        if (allowed.contains(Feature.NO_SQARRAY) && opensWith(Feature.NO_SQARRAY)) {
            found.add(Feature.NO_SQARRAY);
        }
        try (Ring ring = Ring.open(
                SQ_ENTRIES,
                CQ_ENTRIES,
                allowed.contains(Feature.REGISTERED_RING)
                        ? EnumSet.of(Feature.REGISTERED_RING)
                        : EnumSet.noneOf(Feature.class))) {
            ring.enable();
            if (ring.entersThroughRegisteredFd()) {
                found.add(Feature.REGISTERED_RING);
            }
            if (allowed.contains(Feature.PBUF_RING) && registerBufferRing(ring, false) >= 0) {
                found.add(Feature.PBUF_RING);
                if (allowed.contains(Feature.PBUF_INC) && registerBufferRing(ring, true) >= 0) {
                    found.add(Feature.PBUF_INC);
                }
            }
        }
    }

    private static boolean opensWith(Feature feature) throws IOException {
        try {
            Ring.open(SQ_ENTRIES, CQ_ENTRIES, EnumSet.of(feature)).close();
            return true;
        } catch (RingSetupException e) {
            if (e.errno() == Errno.EINVAL) {
                return false;
            }
            throw e;
        }
    }

    private static int registerBufferRing(Ring ring, boolean incremental) throws IOException {
        int group = incremental ? 1 : 0;
        try (MappedMemory memory = MappedMemory.anonymous(BUFFER_RING_ENTRIES * Abi.BUF_SIZE, true)) {
            int result = ProvidedBuffers.register(ring.fd(), memory.address(), BUFFER_RING_ENTRIES, group, incremental);
            if (result >= 0) {
                ProvidedBuffers.unregister(ring.fd(), group);
            }
            return result;
        }
    }

    /** Why nothing works; {@code null} if it does. */
    public Throwable failure() {
        return failure;
    }

    /** The features of newer kernels that work and are not switched off. */
    public Set<Feature> features() {
        return features;
    }
}
