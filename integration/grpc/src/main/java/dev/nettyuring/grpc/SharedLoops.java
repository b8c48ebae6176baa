// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.grpc;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringIoHandler;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.NettyRuntime;
import io.netty.util.concurrent.DefaultThreadFactory;

/** The event loops of those who bring none of their own. gRPC's builders do not say when they are done with theirs. */
final class SharedLoops {
    /** {@code null} before the first use that went well. */
    private static IoEventLoopGroup loops;

    private SharedLoops() {}

    /** Makes them if there are none; if that fails, the next call tries again. */
    static synchronized IoEventLoopGroup get() {
        Uring.ensureAvailability();
        if (loops == null) {
            loops = new MultiThreadIoEventLoopGroup(
                    NettyRuntime.availableProcessors(),
                    new DefaultThreadFactory("grpc-uring", true),
                    UringIoHandler.newFactory());
        }
        return loops;
    }
}
