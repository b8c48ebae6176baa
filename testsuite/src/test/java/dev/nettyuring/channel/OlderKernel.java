// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Feature;
import io.netty.channel.IoHandlerFactory;
import java.util.EnumSet;
import java.util.Set;

/** Event loops that run as on an older kernel, beside others that do not. */
public final class OlderKernel {
    private OlderKernel() {}

    /** As before 6.12: every message takes a whole receive buffer. */
    public static IoHandlerFactory withoutIncrementalRings(UringConfig config) {
        return without(config, EnumSet.of(Feature.PBUF_INC));
    }

    /** As before 5.19: what is received goes to memory of the channels' allocators. */
    public static IoHandlerFactory withoutBufferRings(UringConfig config) {
        return without(config, EnumSet.of(Feature.PBUF_INC, Feature.PBUF_RING));
    }

    /** As on a kernel that lacks those features, beside those that this one lacks. */
    public static IoHandlerFactory without(UringConfig config, Set<Feature> lacking) {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        features.addAll(Uring.features());
        features.removeAll(lacking);
        return UringIoHandler.newFactory(config, features);
    }
}
