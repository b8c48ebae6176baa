// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The event loops of one test class, and the NIO loops of its peers. */
public final class Loops {
    private static final int THREADS = 4;
    private static final int SHUTDOWN_LIMIT_SECONDS = 15;

    /** Those of all classes: a NIO server's socket may stay open for good if its loop ends right after it was closed. */
    private static final EventLoopGroup NIO =
            new MultiThreadIoEventLoopGroup(THREADS, new DefaultThreadFactory("nio", true), NioIoHandler.newFactory());

    private final EventLoopGroup uring = new MultiThreadIoEventLoopGroup(
            THREADS, new DefaultThreadFactory("uring", true), UringIoHandler.newFactory());
    /** Opens the NIO loops' descriptors, which then stay. */
    static void startNio() {
        NIO.next();
    }

    /** Loops on io_uring, in the default configuration. */
    public EventLoopGroup uring() {
        return uring;
    }

    /** Loops on NIO. */
    public EventLoopGroup nio() {
        return NIO;
    }

    /** The metrics of the loops on io_uring, which stay readable after their end. */
    public List<UringMetrics> metrics() {
        List<UringMetrics> metrics = new ArrayList<>();
        for (EventExecutor loop : uring) {
            metrics.add(UringMetrics.of(loop));
        }
        return metrics;
    }

    /** Ends the loops on io_uring; {@code false} if one does not end in time. */
    boolean shutdown() throws InterruptedException {
        uring.shutdownGracefully(0, SHUTDOWN_LIMIT_SECONDS, TimeUnit.SECONDS);
        return uring.awaitTermination(SHUTDOWN_LIMIT_SECONDS, TimeUnit.SECONDS);
    }
}
